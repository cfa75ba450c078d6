"""What both sides ask of a conversation's messages by REST."""

from collections.abc import Mapping
from typing import Any  # parsed bodies
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from chats import services
from chats.api.operator import query_of
from chats.rules import Person
from chats.selectors import message_page_of
from chats.serializers import MessagesQuery


def listed(actor: Person, conversation_id: UUID, request: Request) -> Response:
    """Answer a page of messages before a position, by position; raises `InvalidError` and `NotFoundError`."""
    page = message_page_of(actor, conversation_id, **query_of(request, MessagesQuery))
    return Response({"results": page.results, "has_earlier": page.has_earlier})


def sent(actor: Person, conversation_id: UUID, data: Mapping[str, Any]) -> Response:
    """Store the message of a parsed `MessageBody`: 201 when it is new, 200 when this client_id has stored it before.

    Raises as `send_message`.
    """
    stored = services.send_message(
        actor=actor,
        conversation_id=conversation_id,
        client_id=data["client_id"],
        body=data["body"],
        attachment_ids=data["attachments"],
    )
    return Response({"message": stored.payload()}, status=201 if stored.is_new else 200)

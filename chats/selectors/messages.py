"""Messages and notes of one conversation, page by page."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from chats import payloads
from chats.models import Attachment, Message, Note
from chats.payloads import Payload
from chats.rules import Person
from chats.selectors.conversations import get_conversation
from livecaller.core.actors import OperatorActor

PAGE = 50
PAGE_MOST = 100


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages by seq; `has_earlier`: older ones exist."""

    results: list[Payload]
    has_earlier: bool


@dataclass(frozen=True, slots=True)
class NotePage:
    """Notes by seq; `next` is the cursor of the page of older ones, or None."""

    results: list[Payload]
    next: str | None


def message_page_of(
    actor: Person, conversation_id: UUID, *, before_seq: int | None = None, limit: int = PAGE
) -> MessagePage:
    """Return the newest `limit` messages before `before_seq`; raises `NotFoundError` for a foreign conversation."""
    conversation = get_conversation(actor, conversation_id)
    rows = with_attachments(Message.objects.filter(conversation=conversation))
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    found = list(rows.order_by("-seq")[: limit + 1])
    return MessagePage(message_payloads(reversed_to(found, limit)), has_earlier=len(found) > limit)


def notes_of(actor: OperatorActor, conversation_id: UUID, *, before_seq: int | None = None) -> NotePage:
    """Return the newest notes before `before_seq`, by seq; raises `NotFoundError`."""
    conversation = get_conversation(actor, conversation_id)
    rows = Note.objects.filter(conversation=conversation)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    found = list(rows.order_by("-seq")[: PAGE_MOST + 1])
    shown = found[:PAGE_MOST][::-1]
    return NotePage(
        [payloads.note_payload(note) for note in shown], str(shown[0].seq) if len(found) > PAGE_MOST else None
    )


def with_attachments(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Return the messages with their files loaded in one further query, in the order of their upload."""
    return rows.prefetch_related(Prefetch("attachments", queryset=Attachment.objects.order_by("pk")))


def message_payloads(messages: list[Message]) -> list[Payload]:
    """Return the payloads of messages whose files are loaded."""
    return [payloads.message_payload(message, message.attachments.all()) for message in messages]


def reversed_to(newest_first: list[Message], limit: int) -> list[Message]:
    """Return the first `limit` of a list read backwards, in reading order."""
    return newest_first[:limit][::-1]

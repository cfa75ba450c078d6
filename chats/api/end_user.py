"""End-users: sessions, their threads and messages."""

from typing import Any  # forms are JSON
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from chats import services, shapes
from chats.admission import issue_end_user_ticket
from chats.api import messages
from chats.api.conversations import Nothing
from chats.api.operator import query_of
from chats.payloads import thread_payload
from chats.selectors import Cursor, available_in, payload_of, sync_of, threads_of
from chats.serializers import MessageBody, MessagesQuery, ReadBody, StartBody, SyncQuery
from chats.transcript import transcript_of
from widget.api import EndUserApiView, OpeningData, SessionApiView


@extend_schema_view(delete=extend_schema(responses={204: None}))
class SessionView(SessionApiView):
    """`session` of the widget."""

    @extend_schema(request=OpeningData, responses={200: shapes.Session})
    def post(self, request: Request, public_key: str) -> Response:
        """Start or continue the browser's session; the first thing that stores anything."""
        session = self.start()
        available = available_in(session.actor.organization_id)
        return self.started(session, {"threads": threads_of(session.actor), "available": available})


class EndUserSocketTicketsView(EndUserApiView):
    """`socket-tickets` of the widget."""

    @extend_schema(request=None, responses={201: shapes.Ticket})
    def post(self, request: Request, public_key: str) -> Response:
        """Issue a one-use ticket of 60 seconds for this browser."""
        return Response({"ticket": issue_end_user_ticket(self.actor, self.token)}, status=201)


class ThreadsView(EndUserApiView):
    """`conversations` of the widget."""

    @extend_schema(responses=shapes.Thread(many=True))
    def get(self, request: Request, public_key: str) -> Response:
        """List the person's threads, newest first."""
        return Response(threads_of(self.actor))

    @extend_schema(request=StartBody, responses={200: shapes.Started, 201: shapes.Started})
    def post(self, request: Request, public_key: str) -> Response:
        """Start a conversation: 201 when it is new, 200 when this client_id has started it before."""
        started = services.start_conversation(actor=self.actor, opening=_opening(self.read(StartBody)))
        content = {"thread": thread_payload(started.conversation), "message": started.first.payload()}
        return Response(content, status=201 if started.first.is_new else 200)


class ThreadMessagesView(EndUserApiView):
    """`conversations/<id>/messages` of the widget."""

    @extend_schema(parameters=[MessagesQuery], responses=shapes.MessagePage)
    def get(self, request: Request, public_key: str, conversation_id: UUID) -> Response:
        """List messages before a position, by position."""
        return messages.listed(self.actor, conversation_id, request)

    @extend_schema(request=MessageBody, responses={200: shapes.MessageAnswer, 201: shapes.MessageAnswer})
    def post(self, request: Request, public_key: str, conversation_id: UUID) -> Response:
        """Send a message: 201 when it is new, 200 when this client_id has stored it before."""
        return messages.sent(self.actor, conversation_id, self.read(MessageBody))


class ThreadSyncView(EndUserApiView):
    """`conversations/<id>/sync` of the widget."""

    @extend_schema(parameters=[SyncQuery], responses=shapes.ThreadSync)
    def get(self, request: Request, public_key: str, conversation_id: UUID) -> Response:
        """Catch up on a thread."""
        return Response(sync_of(self.actor, conversation_id, Cursor(query_of(request, SyncQuery)["after_version"])))


class ThreadReadView(EndUserApiView):
    """`conversations/<id>/read` of the widget."""

    @extend_schema(request=ReadBody, responses={200: shapes.VersionAnswer})
    def post(self, request: Request, public_key: str, conversation_id: UUID) -> Response:
        """Move the person's read mark forward."""
        seq = self.read(ReadBody)["seq"]
        conversation = services.mark_read(actor=self.actor, conversation_id=conversation_id, seq=seq)
        return Response({"version": conversation.version})


class ThreadCloseView(EndUserApiView):
    """`conversations/<id>/close` of the widget."""

    @extend_schema(request=Nothing, responses={200: shapes.ThreadAnswer})
    def post(self, request: Request, public_key: str, conversation_id: UUID) -> Response:
        """End a conversation."""
        self.read(Nothing)
        conversation = services.close_conversation(actor=self.actor, conversation_id=conversation_id)
        return Response({"thread": payload_of(self.actor, conversation)})


class TranscriptView(EndUserApiView):
    """`conversations/<id>/transcript` of the widget."""

    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, public_key: str, conversation_id: UUID) -> HttpResponse:
        """Download the thread as text."""
        text = transcript_of(self.actor, conversation_id)
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        name = quote(f"conversation-{conversation_id}.txt")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


def _opening(data: dict[str, Any]) -> services.Opening:
    return services.Opening(
        client_id=data["client_id"],
        body=data["body"],
        attachment_ids=tuple(data["attachments"]),
        form=data["form"],
        is_notice_accepted=data["notice_accepted"],
    )

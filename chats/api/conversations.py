"""Operators: conversations, their messages and notes."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chats import services, shapes
from chats.api import messages
from chats.api.operator import OperatorApiView, query_of
from chats.selectors import (
    Cursor,
    Section,
    counts_of,
    get_conversation,
    inbox_of,
    notes_of,
    payload_of,
    sync_of,
)
from chats.serializers import (
    AssignBody,
    EditBody,
    InboxQuery,
    MessageBody,
    MessagesQuery,
    NoteBody,
    NotesQuery,
    ReadBody,
    SyncQuery,
)
from livecaller.core.api import StrictSerializer


class Nothing(StrictSerializer):
    """An empty body."""


class ConversationsView(OperatorApiView):
    """`conversations`."""

    @extend_schema(operation_id="conversations_list", parameters=[InboxQuery], responses=shapes.ConversationPage)
    def get(self, request: Request) -> Response:
        """List a section of the inbox, newest activity first."""
        query = query_of(request, InboxQuery)
        page = inbox_of(self.actor, Section(query["section"]), query["cursor"])
        return Response({"results": page.results, "next": page.next})


class CountsView(OperatorApiView):
    """`conversations/counts`."""

    @extend_schema(responses=shapes.Counts)
    def get(self, request: Request) -> Response:
        """Count what the badges show."""
        counts = counts_of(self.actor)
        return Response({"you": counts.you, "open": counts.open, "spam": counts.spam, "unread": counts.unread})


class ConversationView(OperatorApiView):
    """`conversations/<id>`."""

    @extend_schema(responses=shapes.Conversation)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Show a conversation."""
        return Response(payload_of(self.actor, get_conversation(self.actor, conversation_id)))


class SyncView(OperatorApiView):
    """`conversations/<id>/sync`."""

    @extend_schema(parameters=[SyncQuery], responses=shapes.Sync)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """Catch up on a conversation."""
        query = query_of(request, SyncQuery)
        cursor = Cursor(query["after_version"], query["after_note_version"])
        return Response(sync_of(self.actor, conversation_id, cursor))


class MessagesView(OperatorApiView):
    """`conversations/<id>/messages`."""

    @extend_schema(parameters=[MessagesQuery], responses=shapes.MessagePage)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """List messages before a position, by position."""
        return messages.listed(self.actor, conversation_id, request)

    @extend_schema(request=MessageBody, responses={200: shapes.MessageAnswer, 201: shapes.MessageAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Send a message: 201 when it is new, 200 when this client_id has stored it before."""
        return messages.sent(self.actor, conversation_id, self.read(MessageBody))


class MessageView(OperatorApiView):
    """`conversations/<id>/messages/<id>`."""

    @extend_schema(request=EditBody, responses=shapes.MessageAnswer)
    def patch(self, request: Request, conversation_id: UUID, message_id: UUID) -> Response:
        """Change one's own message."""
        body = self.read(EditBody)["body"]
        stored = services.edit_message(
            actor=self.actor, conversation_id=conversation_id, message_id=message_id, body=body
        )
        return Response({"message": stored.payload()})

    @extend_schema(responses={200: shapes.MessageAnswer})
    def delete(self, request: Request, conversation_id: UUID, message_id: UUID) -> Response:
        """Empty one's own message; its place stays."""
        stored = services.delete_message(actor=self.actor, conversation_id=conversation_id, message_id=message_id)
        return Response({"message": stored.payload()})


class NotesView(OperatorApiView):
    """`conversations/<id>/notes`."""

    @extend_schema(parameters=[NotesQuery], responses=shapes.NotePage)
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """List the newest notes, by position; `next` leads to older ones."""
        page = notes_of(self.actor, conversation_id, before_seq=query_of(request, NotesQuery)["cursor"])
        return Response({"results": page.results, "next": page.next})

    @extend_schema(request=NoteBody, responses={200: shapes.NoteAnswer, 201: shapes.NoteAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Write a note: 201 when it is new, 200 when this client_id has stored it before."""
        data = self.read(NoteBody)
        stored = services.write_note(
            actor=self.actor, conversation_id=conversation_id, client_id=data["client_id"], body=data["body"]
        )
        return Response({"note": stored.payload()}, status=201 if stored.is_new else 200)


class ReadView(OperatorApiView):
    """`conversations/<id>/read`."""

    @extend_schema(request=ReadBody, responses={200: shapes.VersionAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Move the team's read mark forward."""
        seq = self.read(ReadBody)["seq"]
        conversation = services.mark_read(actor=self.actor, conversation_id=conversation_id, seq=seq)
        return Response({"version": conversation.version})


class AssignView(OperatorApiView):
    """`conversations/<id>/assign`."""

    @extend_schema(request=AssignBody, responses={200: shapes.ConversationAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Put an operator in charge, or nobody."""
        assignee_id = self.read(AssignBody)["assignee"]
        return Response(
            self.changed(services.assign_conversation, conversation_id=conversation_id, assignee_id=assignee_id)
        )


class CloseView(OperatorApiView):
    """`conversations/<id>/close`."""

    @extend_schema(request=Nothing, responses={200: shapes.ConversationAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """End a conversation."""
        self.read(Nothing)
        return Response(self.changed(services.close_conversation, conversation_id=conversation_id))


class ReopenView(OperatorApiView):
    """`conversations/<id>/reopen`."""

    @extend_schema(request=Nothing, responses={200: shapes.ConversationAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Open a conversation again."""
        self.read(Nothing)
        return Response(self.changed(services.reopen_conversation, conversation_id=conversation_id))


class MarkSpamView(OperatorApiView):
    """`conversations/<id>/mark-spam`."""

    @extend_schema(request=Nothing, responses={200: shapes.ConversationAnswer})
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Put a conversation aside."""
        self.read(Nothing)
        return Response(self.changed(services.mark_spam, conversation_id=conversation_id))

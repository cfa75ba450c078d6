"""Addresses of the operators' API; below `api/v1/` of the site's host."""

from django.urls import path

from chats.api import conversations, files, people
from chats.api.schema import SchemaView

urlpatterns = [
    path("socket-tickets", people.SocketTicketsView.as_view(), name="api_socket_tickets"),
    path("members", people.MembersView.as_view(), name="api_members"),
    path("presence", people.PresenceView.as_view(), name="api_presence"),
    path("end-users/<uuid:end_user_id>", people.EndUserProfileView.as_view(), name="api_end_user"),
    path("conversations", conversations.ConversationsView.as_view(), name="api_conversations"),
    path("conversations/counts", conversations.CountsView.as_view(), name="api_counts"),
    path("conversations/<uuid:conversation_id>", conversations.ConversationView.as_view(), name="api_conversation"),
    path("conversations/<uuid:conversation_id>/sync", conversations.SyncView.as_view(), name="api_sync"),
    path("conversations/<uuid:conversation_id>/messages", conversations.MessagesView.as_view(), name="api_messages"),
    path(
        "conversations/<uuid:conversation_id>/messages/<uuid:message_id>",
        conversations.MessageView.as_view(),
        name="api_message",
    ),
    path("conversations/<uuid:conversation_id>/notes", conversations.NotesView.as_view(), name="api_notes"),
    path("conversations/<uuid:conversation_id>/read", conversations.ReadView.as_view(), name="api_read"),
    path("conversations/<uuid:conversation_id>/assign", conversations.AssignView.as_view(), name="api_assign"),
    path("conversations/<uuid:conversation_id>/close", conversations.CloseView.as_view(), name="api_close"),
    path("conversations/<uuid:conversation_id>/reopen", conversations.ReopenView.as_view(), name="api_reopen"),
    path("conversations/<uuid:conversation_id>/mark-spam", conversations.MarkSpamView.as_view(), name="api_mark_spam"),
    path("attachments", files.UploadView.as_view(), name="api_attachments"),
    path("attachments/<uuid:attachment_id>", files.AttachmentView.as_view(), name="api_attachment"),
    path("schema", SchemaView.as_view(), name="api_schema"),
]

"""Addresses of the end-users' API; below `api/v1/widget/<public key>/` of the widget host."""

from django.urls import path

from chats.api import end_user, files

urlpatterns = [
    path("session", end_user.SessionView.as_view(), name="widget_session"),
    path("socket-tickets", end_user.EndUserSocketTicketsView.as_view(), name="widget_socket_tickets"),
    path("conversations", end_user.ThreadsView.as_view(), name="widget_conversations"),
    path(
        "conversations/<uuid:conversation_id>/messages", end_user.ThreadMessagesView.as_view(), name="widget_messages"
    ),
    path("conversations/<uuid:conversation_id>/sync", end_user.ThreadSyncView.as_view(), name="widget_sync"),
    path("conversations/<uuid:conversation_id>/read", end_user.ThreadReadView.as_view(), name="widget_read"),
    path("conversations/<uuid:conversation_id>/close", end_user.ThreadCloseView.as_view(), name="widget_close"),
    path(
        "conversations/<uuid:conversation_id>/transcript", end_user.TranscriptView.as_view(), name="widget_transcript"
    ),
    path("attachments", files.EndUserUploadView.as_view(), name="widget_attachments"),
    path("attachments/<uuid:attachment_id>", files.EndUserAttachmentView.as_view(), name="widget_attachment"),
]

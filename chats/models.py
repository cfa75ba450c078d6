"""Nouns of the chats app. All of it is end-users' data: LiveCaller is processor."""

from django.db import models
from django.utils import timezone

from accounts.models import Membership
from chats.enums import AuthorKind, ConversationState, MessageKind
from livecaller.core.tenancy.models import EndUserDataModel, TenantForeignKey
from widget.models import EndUser, Visit, Widget


class Conversation(EndUserDataModel):
    """A thread between one end-user and the organization.

    `last_seq`/`version` number the public lane, `note_seq`/`note_version` the notes; both are raised under
    this row's lock, in the transaction of the change they number. Cursors below a floor must reload.
    """

    widget = TenantForeignKey(Widget, on_delete=models.CASCADE, related_name="conversations")
    end_user = TenantForeignKey(EndUser, on_delete=models.CASCADE, related_name="conversations")
    visit = TenantForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    assignee = TenantForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=ConversationState.choices, default=ConversationState.OPEN)
    channel = models.CharField(max_length=16, default="widget")
    topic = models.CharField(max_length=120, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    page_title = models.CharField(max_length=200, blank=True)

    last_seq = models.PositiveBigIntegerField(default=0)
    version = models.PositiveBigIntegerField(default=0)
    floor_version = models.PositiveBigIntegerField(default=0)
    note_seq = models.PositiveBigIntegerField(default=0)
    note_version = models.PositiveBigIntegerField(default=0)
    end_user_read_seq = models.PositiveBigIntegerField(default=0)
    operator_read_seq = models.PositiveBigIntegerField(default=0)
    # Messages the other side has not read; kept beside the read marks so that lists need no count.
    operator_unread = models.PositiveIntegerField(default=0)
    end_user_unread = models.PositiveIntegerField(default=0)

    # The end of the list row, kept here so that a page of the inbox is one query.
    last_kind = models.CharField(max_length=8, choices=MessageKind.choices, blank=True)
    last_author_kind = models.CharField(max_length=8, choices=AuthorKind.choices, blank=True)
    last_author_id = models.UUIDField(null=True, blank=True)
    last_author_name = models.CharField(max_length=120, blank=True)
    last_body = models.CharField(max_length=140, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(EndUserDataModel.Meta):
        indexes = [
            models.Index(fields=["organization", "state", "-updated_at", "-id"], name="chats_conv_by_state"),
            models.Index(fields=["organization", "assignee", "state", "-updated_at"], name="chats_conv_by_assignee"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="chats_conv_by_activity"),
            models.Index(fields=["organization", "end_user", "-updated_at"], name="chats_conv_by_end_user"),
        ]

    def __str__(self) -> str:
        return f"Conversation {self.pk}"


class Message(EndUserDataModel):
    """One message of the public lane; `author_name` is kept as it was shown when it was written."""

    # No index of its own: every reader comes by (organization, conversation, …).
    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    version = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=MessageKind.choices, default=MessageKind.TEXT)
    author_kind = models.CharField(max_length=8, choices=AuthorKind.choices)
    author_id = models.UUIDField(null=True, blank=True)
    author_name = models.CharField(max_length=120, blank=True)
    client_id = models.UUIDField(null=True, blank=True)
    body = models.TextField(max_length=4000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(EndUserDataModel.Meta):
        constraints = [
            *EndUserDataModel.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "conversation", "seq"], name="chats_message_position"),
            models.UniqueConstraint(fields=["organization", "conversation", "client_id"], name="chats_message_client"),
        ]
        indexes = [
            models.Index(fields=["organization", "conversation", "version"], name="chats_message_by_version"),
        ]

    def __str__(self) -> str:
        return f"Message {self.conversation_id}#{self.seq}"


class Note(EndUserDataModel):
    """A remark that only the team sees; a table of its own, so that no query for an end-user can reach it."""

    conversation = TenantForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    seq = models.PositiveBigIntegerField()
    version = models.PositiveBigIntegerField()
    author = TenantForeignKey(Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=120, blank=True)
    client_id = models.UUIDField()
    body = models.TextField(max_length=4000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(EndUserDataModel.Meta):
        constraints = [
            *EndUserDataModel.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "conversation", "seq"], name="chats_note_position"),
            models.UniqueConstraint(fields=["organization", "conversation", "client_id"], name="chats_note_client"),
        ]
        indexes = [models.Index(fields=["organization", "conversation", "version"], name="chats_note_by_version")]

    def __str__(self) -> str:
        return f"Note {self.conversation_id}#{self.seq}"


class Attachment(EndUserDataModel):
    """A file sent by one side; it has no message until the message that names it is stored."""

    conversation = TenantForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    message = TenantForeignKey(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    uploader_kind = models.CharField(max_length=8, choices=AuthorKind.choices)
    uploader_id = models.UUIDField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    storage_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"Attachment {self.pk}"

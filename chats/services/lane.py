"""Numbering: what every change of a conversation has in common. For the services of this package only."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils import timezone

from accounts.models import Membership
from chats import events
from chats.enums import AuthorKind, ConversationState, MessageKind
from chats.events import Change
from chats.models import Conversation, Message
from chats.rules import retention_end
from livecaller.core.errors import NotFoundError

PREVIEW_CHARACTERS = 140


def lock_conversation(conversation_id: UUID, *, end_user_id: UUID | None) -> Conversation:
    """Return the conversation, all that its payloads need loaded, its row locked until the transaction ends.

    `end_user_id`: only if it is theirs; None for operators. Raises `NotFoundError`. Every change of a
    conversation begins here, so changes of one conversation have one order.
    """
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).select_related(
        "organization", "widget", "end_user", "assignee"
    )
    if end_user_id is not None:
        rows = rows.filter(end_user_id=end_user_id)
    conversation = rows.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def append(conversation: Conversation, message: Message) -> Message:
    """Store `message` as the next of the locked conversation; the conversation itself is saved by the caller."""
    place(conversation, message)
    message.save(force_insert=True)
    return message


def place(conversation: Conversation, message: Message) -> Message:
    """Give `message` the next place in the locked conversation; the caller stores both."""
    conversation.last_seq += 1
    conversation.version += 1
    message.organization_id = conversation.organization_id
    message.conversation = conversation
    message.seq, message.version = conversation.last_seq, conversation.version
    message.expires_at = retention_end(conversation, message.created_at)
    touch(conversation, message.created_at)
    return message


def append_system_line(conversation: Conversation, code: str, at: datetime) -> Change:
    """Store a line by LiveCaller, such as "closed", and return its event."""
    line = Message(kind=MessageKind.SYSTEM, author_kind=AuthorKind.SYSTEM, body=code, created_at=at)
    return events.message_created(append(conversation, line), [])


def change_state(conversation: Conversation, state: ConversationState, at: datetime) -> Change:
    """Move the locked conversation to `state` and return the event; the caller saves.

    One that opens again stays with whoever was in charge, unless they have left.
    """
    conversation.version += 1
    conversation.state = state
    if state == ConversationState.OPEN and conversation.assignee_id is not None:
        # Asked anew: what was loaded beside the lock may be older than the lock.
        conversation.assignee = Membership.objects.filter(pk=conversation.assignee_id, is_active=True).first()
    conversation.closed_at = at if state == ConversationState.CLOSED else None
    if state != ConversationState.OPEN:
        conversation.waiting_since = None
    touch(conversation, at)
    return events.conversation_changed(conversation)


def touch(conversation: Conversation, at: datetime) -> None:
    """Note activity: it moves the conversation up the list and its deletion further away, never back."""
    conversation.updated_at = max(conversation.updated_at, at)
    conversation.expires_at = max(conversation.expires_at, retention_end(conversation, at))


def save(conversation: Conversation) -> None:
    """Store every column of the locked conversation that a change may have moved."""
    conversation.save(update_fields=MOVING)


def unread_after(conversation: Conversation, seq: int, reader: AuthorKind) -> int:
    """Return how many messages of the other side lie beyond `seq` and are not deleted."""
    if seq >= conversation.last_seq:
        return 0
    writer = AuthorKind.OPERATOR if reader == AuthorKind.END_USER else AuthorKind.END_USER
    rows = Message.objects.filter(conversation=conversation, seq__gt=seq, deleted_at__isnull=True)
    return rows.filter(author_kind=writer).count()


def now() -> datetime:
    """Return the time of a change."""
    return timezone.now()


_FIXED = {"id", "organization", "widget", "end_user", "visit", "channel", "topic", "created_at", "restricted_at"}
MOVING = [
    field.name
    for field in Conversation._meta.concrete_fields
    if isinstance(field, models.Field) and field.name not in _FIXED | {"page_url", "page_title", "floor_version"}
]

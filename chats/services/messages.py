"""Writing, changing and deleting messages: one way in for every door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from chats import events
from chats.enums import AuthorKind, ConversationState, MessageKind
from chats.events import Change
from chats.models import Attachment, Conversation, Message
from chats.payloads import Payload, message_payload
from chats.rules import (
    Author,
    Person,
    author_of,
    is_author,
    message_takes,
    require_changeable,
    require_content,
    require_writer,
)
from chats.services import lane
from chats.services.files import claim_files, forget_files
from livecaller.core import metrics
from livecaller.core.actors import EndUserActor
from livecaller.core.errors import ConflictError, NotFoundError
from livecaller.core.limits import take_all
from widget.rules import require_live
from widget.selectors import get_widget

# Extending a person's row at every message would be a write more each.
_PERSON_STEP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message whose author and amount have been checked: plain values, ready to be written.

    `end_user_id`: write only if the conversation is theirs; None for operators. `is_counted`: it has been counted
    against the limits.
    """

    organization_id: UUID
    conversation_id: UUID
    end_user_id: UUID | None
    author: Author
    client_id: UUID
    body: str
    attachment_ids: tuple[UUID, ...] = ()
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it stands in the database; `is_new` is False when a resend found it there."""

    message: Message
    attachments: list[Attachment]
    is_new: bool
    # The payload, where it has been built already.
    prepared: Payload | None = None

    def payload(self) -> Payload:
        """Return the `Message` as it travels."""
        return self.prepared or message_payload(self.message, self.attachments)


def send_message(
    *, actor: Person, conversation_id: UUID, client_id: UUID, body: str, attachment_ids: Sequence[UUID] = ()
) -> Stored:
    """Store a message, or return the one that a former try with this `client_id` has stored.

    Raises `NotFoundError`, `InvalidError` (nothing in it, too much, a file that is not there), `NotLiveError`,
    `RateLimitedError`, and `ConflictError` when `client_id` stands for another content or author. An end-user's
    message reopens a closed conversation. Locks the conversation.
    """
    draft = check_draft(
        actor=actor, conversation_id=conversation_id, client_id=client_id, body=body, attachment_ids=attachment_ids
    )
    return send_draft(actor=actor, draft=draft)


def send_draft(*, actor: Person, draft: Draft) -> Stored:
    """Store a draft of `check_draft`; raises as `send_message`. Locks the conversation."""
    admit_draft(actor=actor, draft=draft)
    return write_message(draft)


def admit_draft(*, actor: Person, draft: Draft) -> None:
    """Count a draft against the limits, unless that was done, and see that the door is open.

    Raises `RateLimitedError` and `NotLiveError`.
    """
    if not draft.is_counted:
        take_all(*message_takes(draft.organization_id, draft.author))
    require_open_door(actor)


def check_draft(
    *, actor: Person, conversation_id: UUID, client_id: UUID, body: str, attachment_ids: Sequence[UUID] = ()
) -> Draft:
    """Return a draft by somebody who may write, with something in it; asks neither limits nor the database."""
    require_writer(actor)
    files = tuple(dict.fromkeys(attachment_ids))
    require_content(body, len(files))
    return Draft(
        organization_id=actor.organization_id,
        conversation_id=conversation_id,
        end_user_id=end_user_id_of(actor),
        author=author_of(actor),
        client_id=client_id,
        body=body,
        attachment_ids=files,
    )


def write_message(draft: Draft) -> Stored:
    """Number and store one draft and announce it after commit; asks nothing about rights or limits.

    Together with `chats.services.batch`, which does the same for many plain ones, the only place that inserts what
    people write. Locks the conversation.
    """
    conversation = lane.lock_conversation(draft.conversation_id, end_user_id=draft.end_user_id)
    known = _stored_before(conversation, draft)
    if known is not None:
        return known
    at = lane.now()
    changes = _reopened_by(conversation, draft, at)
    message = lane.append(conversation, new_message(conversation, draft, at))
    files = claim_files(draft.author, message, draft.attachment_ids)
    show_last(conversation, message)
    lane.save(conversation)
    _keep_person(conversation)
    events.announce(conversation, [*changes, events.message_created(message, files)])
    transaction.on_commit(lambda: metrics.message_stored(str(draft.author.kind)), robust=True)
    return Stored(message, files, is_new=True)


def edit_message(*, actor: Person, conversation_id: UUID, message_id: UUID, body: str) -> Stored:
    """Replace the text of one's own message and return it.

    Operators may at any time, end-users for 15 minutes. Raises `NotFoundError`, `ForbiddenError`, `InvalidError`,
    and `ConflictError` for a deleted message. Locks the conversation.
    """
    require_writer(actor)
    require_open_door(actor)
    conversation, message = _locked_message(actor, conversation_id, message_id)
    require_changeable(actor, message)
    files = _files_of(message)
    require_content(body, len(files))
    if body != message.body:
        message.body, message.edited_at = body, lane.now()
        _store_change(conversation, message, files)
    return Stored(message, files, is_new=False)


def delete_message(*, actor: Person, conversation_id: UUID, message_id: UUID) -> Stored:
    """Empty one's own message, erase its files and return what is left: its place in the order.

    As `edit_message`, but deleting again changes nothing.
    """
    require_writer(actor)
    conversation, message = _locked_message(actor, conversation_id, message_id)
    if message.deleted_at is not None and is_author(actor, message):
        return Stored(message, [], is_new=False)
    require_changeable(actor, message)
    forget_files(_files_of(message))
    message.body, message.deleted_at = "", lane.now()
    _store_change(conversation, message, [])
    return Stored(message, [], is_new=False)


def require_open_door(actor: Person) -> None:
    """Raise `NotLiveError` when an end-user's widget may not take anything now."""
    if isinstance(actor, EndUserActor):
        require_live(get_widget(actor, actor.widget_id))


def end_user_id_of(actor: Person) -> UUID | None:
    """Return whose conversations the actor is confined to, or None for operators."""
    return actor.end_user_id if isinstance(actor, EndUserActor) else None


def _stored_before(conversation: Conversation, draft: Draft) -> Stored | None:
    message = Message.objects.filter(conversation=conversation, client_id=draft.client_id).first()
    if message is None:
        return None
    files = _files_of(message)
    # What was edited or deleted since no longer shows what was sent first: the number alone decides.
    is_same = message.edited_at is not None or message.deleted_at is not None
    is_same = is_same or (message.body == draft.body and {file.pk for file in files} == set(draft.attachment_ids))
    if not is_same or message.author_kind != draft.author.kind or not _is_by(message, draft.author):
        raise ConflictError("This client_id already stands for another message.")
    return Stored(message, files, is_new=False)


def _is_by(message: Message, author: Author) -> bool:
    return author.kind == AuthorKind.END_USER or message.author_id == author.id


def new_message(conversation: Conversation, draft: Draft, at: datetime) -> Message:
    """Return the message of a draft, without a place and not stored. For the services of this package."""
    author = draft.author
    is_end_user = author.kind == AuthorKind.END_USER
    return Message(
        kind=MessageKind.FILES if draft.attachment_ids else MessageKind.TEXT,
        author_kind=author.kind,
        author_id=author.id,
        # A socket keeps the name it was opened with; the person's row has the present one.
        author_name=conversation.end_user.display_name if is_end_user else author.name,
        client_id=draft.client_id,
        body=draft.body,
        created_at=at,
    )


def _reopened_by(conversation: Conversation, draft: Draft, at: datetime) -> list[Change]:
    if conversation.state != ConversationState.CLOSED or draft.author.kind != AuthorKind.END_USER:
        return []
    line = lane.append_system_line(conversation, "reopened", at)
    return [line, lane.change_state(conversation, ConversationState.OPEN, at)]


def show_last(conversation: Conversation, message: Message) -> None:
    """Let a new message be the conversation's last: preview, unread, waiting. For the services of this package."""
    conversation.last_kind = message.kind
    conversation.last_author_kind = message.author_kind
    conversation.last_author_id = message.author_id
    conversation.last_author_name = message.author_name
    conversation.last_body = message.body[: lane.PREVIEW_CHARACTERS]
    conversation.last_message_at = message.created_at
    if message.author_kind == AuthorKind.OPERATOR:
        conversation.end_user_unread += 1
        conversation.waiting_since = None
    else:
        conversation.operator_unread += 1
        if conversation.state == ConversationState.OPEN and conversation.waiting_since is None:
            conversation.waiting_since = message.created_at


def is_person_kept(conversation: Conversation) -> bool:
    """Say whether the end-user's row lives as long as what is said with them, give or take a day."""
    kept_until: datetime = conversation.end_user.expires_at
    return kept_until >= conversation.expires_at - _PERSON_STEP


def _keep_person(conversation: Conversation) -> None:
    """Let the end-user's row live as long as what is said with them."""
    if not is_person_kept(conversation):
        person = conversation.end_user
        person.expires_at = conversation.expires_at
        person.save(update_fields=["expires_at"])


def _locked_message(actor: Person, conversation_id: UUID, message_id: UUID) -> tuple[Conversation, Message]:
    conversation = lane.lock_conversation(conversation_id, end_user_id=end_user_id_of(actor))
    message = Message.objects.filter(conversation=conversation, pk=message_id).first()
    if message is None:
        raise NotFoundError
    return conversation, message


def _store_change(conversation: Conversation, message: Message, files: list[Attachment]) -> None:
    conversation.version += 1
    message.version = conversation.version
    message.save(update_fields=["body", "version", "edited_at", "deleted_at"])
    if message.created_at == conversation.last_message_at and _is_last(message):
        conversation.last_body = message.body[: lane.PREVIEW_CHARACTERS]
    if message.deleted_at is not None:
        _recount(conversation, message)
    lane.save(conversation)
    events.announce(conversation, [events.message_updated(message, files)])


def _is_last(message: Message) -> bool:
    """Say whether nobody has written since; messages of one batch have one time."""
    later = Message.objects.filter(conversation_id=message.conversation_id, seq__gt=message.seq)
    return not later.exclude(kind=MessageKind.SYSTEM).exists()


def _recount(conversation: Conversation, message: Message) -> None:
    """Stop counting a deleted message as unread."""
    if message.author_kind == AuthorKind.OPERATOR:
        mark = conversation.end_user_read_seq
        conversation.end_user_unread = lane.unread_after(conversation, mark, AuthorKind.END_USER)
    else:
        mark = conversation.operator_read_seq
        conversation.operator_unread = lane.unread_after(conversation, mark, AuthorKind.OPERATOR)


def _files_of(message: Message) -> list[Attachment]:
    return list(message.attachments.order_by("pk"))

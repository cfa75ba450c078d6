"""Remarks that only the team sees."""

from dataclasses import dataclass
from uuid import UUID

from chats import events
from chats.models import Conversation, Note
from chats.payloads import Payload, note_payload
from chats.rules import author_of, message_takes, require_content, require_writer, retention_end
from chats.services import lane
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ConflictError
from livecaller.core.limits import take_all


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note as it stands in the database; `is_new` is False when a resend found it there."""

    note: Note
    is_new: bool

    def payload(self) -> Payload:
        """Return the `Note` as it travels."""
        return note_payload(self.note)


def write_note(*, actor: OperatorActor, conversation_id: UUID, client_id: UUID, body: str) -> StoredNote:
    """Store a note, or return the one that a former try with this `client_id` has stored.

    Raises `NotFoundError`, `InvalidError`, `RateLimitedError`, and `ConflictError` when `client_id` stands for
    another text or author. Locks the conversation.
    """
    require_writer(actor)
    require_content(body, 0)
    take_all(*message_takes(actor.organization_id, author_of(actor)))
    conversation = lane.lock_conversation(conversation_id, end_user_id=None)
    known = Note.objects.filter(conversation=conversation, client_id=client_id).first()
    if known is not None:
        if known.author_id != actor.membership_id or known.body != body:
            raise ConflictError("This client_id already stands for another note.")
        return StoredNote(known, is_new=False)
    return StoredNote(_append(conversation, actor, client_id, body), is_new=True)


def _append(conversation: Conversation, actor: OperatorActor, client_id: UUID, body: str) -> Note:
    at = lane.now()
    conversation.note_seq += 1
    conversation.note_version += 1
    note = Note.objects.create(
        organization_id=conversation.organization_id,
        conversation=conversation,
        seq=conversation.note_seq,
        version=conversation.note_version,
        author_id=actor.membership_id,
        author_name=actor.name,
        client_id=client_id,
        body=body,
        created_at=at,
        expires_at=retention_end(conversation, at),
    )
    lane.touch(conversation, at)
    lane.save(conversation)
    events.note_created(conversation, note)
    return note

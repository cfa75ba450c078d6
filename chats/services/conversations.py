"""What happens to a conversation as a whole: read, assigned, closed, reopened, put aside as spam.

Each returns the conversation, loaded for its payloads. Asking for what is so already changes nothing.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Membership
from chats import events
from chats.enums import AuthorKind, ConversationState
from chats.models import Conversation
from chats.rules import Person, author_of, require_reader, require_writer
from chats.services import lane
from chats.services.messages import end_user_id_of
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ConflictError, InvalidError


def mark_read(*, actor: Person, conversation_id: UUID, seq: int) -> Conversation:
    """Note that the actor's side has read up to `seq`. Marks only move forward, and a version marks each move.

    Operators share one mark. Raises `NotFoundError`. Locks the conversation.
    """
    require_reader(actor)
    conversation = lane.lock_conversation(conversation_id, end_user_id=end_user_id_of(actor))
    side = author_of(actor).kind
    name = "end_user" if side == AuthorKind.END_USER else "operator"
    mark = min(seq, conversation.last_seq)
    if mark > getattr(conversation, f"{name}_read_seq"):
        setattr(conversation, f"{name}_read_seq", mark)
        setattr(conversation, f"{name}_unread", lane.unread_after(conversation, mark, side))
        conversation.version += 1
        lane.save(conversation)
        events.announce(conversation, [events.conversation_read(conversation, name)])
    return conversation


def assign_conversation(*, actor: OperatorActor, conversation_id: UUID, assignee_id: UUID | None) -> Conversation:
    """Put an operator in charge, or nobody.

    Raises `InvalidError` unless `assignee_id` is an active member, and `ConflictError` when the actor takes a
    conversation that a colleague has taken meanwhile: transfers and releases are said as such. Locks the
    assignee's membership, then the conversation.
    """
    require_writer(actor)
    assignee = _lock_member(assignee_id)
    conversation = lane.lock_conversation(conversation_id, end_user_id=None)
    if conversation.assignee_id == assignee_id:
        return conversation
    if assignee is None and assignee_id is not None:
        raise InvalidError(fields={"assignee": [_("Choose an active member of your organization.")]})
    current = conversation.assignee
    if current is not None and current.is_active and assignee_id == actor.membership_id:
        raise ConflictError(_("%(name)s has taken this conversation.") % {"name": current.display_name})
    return _put_in_charge(conversation, assignee)


def _put_in_charge(conversation: Conversation, assignee: Membership | None) -> Conversation:
    conversation.assignee = assignee
    conversation.version += 1
    lane.touch(conversation, lane.now())
    lane.save(conversation)
    events.announce(conversation, [events.conversation_changed(conversation)])
    return conversation


def release_conversations(*, actor: OperatorActor, membership_id: UUID) -> None:
    """Take every open conversation from a member who is one no more: nobody is in charge of it, and all hear so.

    Whoever ends a membership (`actor`) may do this; call it in that transaction, the membership already ended and
    locked. Closed ones keep the name of who was in charge until they open again. Locks all of the member's.
    """
    rows = Conversation.objects.filter(assignee_id=membership_id)
    # Those that are closed, too: one that is being reopened now is among the open ones once its lock is ours.
    locked = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", "state"))
    for pk, state in locked:
        if state == ConversationState.OPEN:
            _put_in_charge(lane.lock_conversation(pk, end_user_id=None), None)
    Conversation.all_states.filter(assignee_id=membership_id, state=ConversationState.OPEN).update(assignee=None)


def close_conversation(*, actor: Person, conversation_id: UUID) -> Conversation:
    """End a conversation with a line that both sides see; an end-user's next message reopens it.

    Raises `NotFoundError`. Locks the conversation.
    """
    return _move(actor, conversation_id, ConversationState.CLOSED)


def reopen_conversation(*, actor: OperatorActor, conversation_id: UUID) -> Conversation:
    """Open a closed conversation again, with a line that both sides see, or take one back from spam."""
    return _move(actor, conversation_id, ConversationState.OPEN)


def mark_spam(*, actor: OperatorActor, conversation_id: UUID) -> Conversation:
    """Put a conversation aside; its end-user sees it as closed and is not told why."""
    return _move(actor, conversation_id, ConversationState.SPAM)


# Only what both sides may know leaves a line; coming from or going to spam does not.
_LINES = {
    (ConversationState.OPEN, ConversationState.CLOSED): "closed",
    (ConversationState.CLOSED, ConversationState.OPEN): "reopened",
}


def _move(actor: Person, conversation_id: UUID, state: ConversationState) -> Conversation:
    require_writer(actor)
    conversation = lane.lock_conversation(conversation_id, end_user_id=end_user_id_of(actor))
    before = ConversationState(conversation.state)
    if before == state or not _may_move(actor, before):
        return conversation
    at = lane.now()
    code = _LINES.get((before, state))
    changes = [lane.append_system_line(conversation, code, at)] if code else []
    changes.append(lane.change_state(conversation, state, at))
    lane.save(conversation)
    events.announce(conversation, changes)
    return conversation


def _may_move(actor: Person, before: ConversationState) -> bool:
    # To its end-user a conversation in spam looks closed; closing it must not take it out of spam.
    return isinstance(actor, OperatorActor) or before != ConversationState.SPAM


def _lock_member(pk: UUID | None) -> Membership | None:
    # Whoever removes the member waits, and then finds the conversation among those to be released.
    members = Membership.objects.select_for_update(no_key=True).filter(is_active=True)
    return None if pk is None else members.filter(pk=pk).first()

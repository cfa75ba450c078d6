"""What the chats app announces. Topics are built here and nowhere else, and the two sides never share one.

A change of a conversation has one version and goes to both sides, each in the form it may see; snapshots
follow it. Notes have a topic of their own, so that nothing an end-user hears can carry one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Membership
from chats import payloads
from chats.models import Attachment, Conversation, Message, Note
from chats.payloads import Payload
from chats.presence import online_end_users
from livecaller.core.realtime import Announcement, frame, publish, publish_all, publish_now, signal

OPERATORS, END_USER = "operators", "end_user"


def conversation_topic(organization_id: UUID, conversation_id: UUID, side: str) -> str:
    """Return the topic of one conversation's public lane for one side: `OPERATORS` or `END_USER`."""
    return f"conversation.{organization_id}.{conversation_id}.{side}"


def notes_topic(organization_id: UUID, conversation_id: UUID) -> str:
    """Return the topic of one conversation's notes: for operators only."""
    return f"conversation.{organization_id}.{conversation_id}.notes"


def inbox_topic(organization_id: UUID) -> str:
    """Return the topic of all conversations of an organization, for its operators' lists."""
    return f"inbox.{organization_id}"


def presence_topic(organization_id: UUID) -> str:
    """Return the topic of who is there, for an organization's operators."""
    return f"presence.{organization_id}"


def availability_topic(organization_id: UUID) -> str:
    """Return the topic of whether somebody can answer, for an organization's end-users."""
    return f"availability.{organization_id}"


def end_user_topic(end_user_id: UUID) -> str:
    """Return the topic of one end-user in all their browsers."""
    return f"end_user.{end_user_id}"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the public lane: its version, and its data for each side."""

    type: str
    version: int
    for_operators: Payload
    for_end_user: Payload


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happened: what topics are made of."""

    organization_id: UUID
    conversation_id: UUID
    end_user_id: UUID


@dataclass(frozen=True, slots=True)
class Shown:
    """What lists show of a conversation: its `Conversation` for operators and its `Thread` for its end-user."""

    conversation: Payload
    thread: Payload


def message_created(message: Message, attachments: Iterable[Attachment]) -> Change:
    """A message was stored."""
    return _message_change("message.created", message, attachments)


def message_updated(message: Message, attachments: Iterable[Attachment]) -> Change:
    """A message was edited, deleted or erased."""
    return _message_change("message.updated", message, attachments)


def conversation_read(conversation: Conversation, reader: str) -> Change:
    """The read mark of one side (`end_user` or `operator`) moved."""
    seq = conversation.end_user_read_seq if reader == "end_user" else conversation.operator_read_seq
    data: Payload = {"reader": reader, "seq": seq}
    return Change("conversation.read", conversation.version, data, data)


def conversation_changed(conversation: Conversation) -> Change:
    """State or operator of a conversation changed."""
    operator = payloads.assignee_payload(conversation)
    return Change(
        "conversation.changed",
        conversation.version,
        {"state": str(conversation.state), "operator": operator},
        {"state": payloads.public_state(conversation), "operator": operator},
    )


def announce(conversation: Conversation, changes: Sequence[Change]) -> None:
    """Send changes of a conversation, in order, and then the snapshots that show them, after commit.

    Widget, end-user and assignee of the conversation must be loaded.
    """
    shown = Shown(_listed(conversation), payloads.thread_payload(conversation))
    place = Place(conversation.organization_id, conversation.pk, conversation.end_user_id)
    publish_all(announcement_of(place, changes, shown))


def announcement_of(place: Place, changes: Sequence[Change], shown: Shown) -> list[Announcement]:
    """Return what `announce` sends."""
    id_ = place.conversation_id
    to_operators = conversation_topic(place.organization_id, id_, OPERATORS)
    to_end_user = conversation_topic(place.organization_id, id_, END_USER)
    frames: list[Announcement] = []
    for change in changes:
        sent = frame(change.type, change.for_operators, conversation=id_, version=change.version)
        frames.append((to_operators, sent))
        if change.for_end_user is not change.for_operators:
            sent = frame(change.type, change.for_end_user, conversation=id_, version=change.version)
        frames.append((to_end_user, sent))
    updated = frame("conversation.updated", {"conversation": shown.conversation})
    frames.append((inbox_topic(place.organization_id), updated))
    frames.append((end_user_topic(place.end_user_id), frame("thread.updated", {"thread": shown.thread})))
    return frames


def note_created(conversation: Conversation, note: Note) -> None:
    """Send a new note to the operators who have the conversation open, after commit; nobody else hears of it."""
    topic = notes_topic(conversation.organization_id, conversation.pk)
    data = {"note": payloads.note_payload(note)}
    event = frame("note.created", data, conversation=conversation.pk, version=note.version)
    publish_all([(topic, event), _snapshot(conversation)])


def conversations_updated(conversations: Sequence[Conversation], *, is_online: bool) -> None:
    """Send snapshots to operators, after commit, when the end-users of conversations came or went."""
    if conversations:
        publish_all([_snapshot(conversation, is_online=is_online) for conversation in conversations])


def members_changed(members: Iterable[Membership], live: set[UUID]) -> None:
    """Send who is there now, for members who came, went or chose another status."""
    for member in members:
        data = {"member": payloads.member_payload(member, is_live=member.pk in live)}
        publish(presence_topic(member.organization_id), frame("presence.changed", data))


def availability_changed(organization_id: UUID, *, is_available: bool) -> None:
    """Tell the organization's widgets at once whether somebody can answer now."""
    publish_now(availability_topic(organization_id), frame("availability.changed", {"available": is_available}))


async def typing_changed(organization_id: UUID, conversation_id: UUID, author: Payload, *, is_typing: bool) -> None:
    """Tell both sides that somebody types or has stopped; not stored, and it lapses in browsers after 6 s."""
    event = frame(
        "typing.started" if is_typing else "typing.stopped", {"conversation": str(conversation_id), "author": author}
    )
    await signal(
        [(conversation_topic(organization_id, conversation_id, side), event) for side in (OPERATORS, END_USER)]
    )


def _message_change(type_: str, message: Message, attachments: Iterable[Attachment]) -> Change:
    data = {"message": payloads.message_payload(message, attachments)}
    return Change(type_, message.version, data, data)


def _snapshot(conversation: Conversation, *, is_online: bool | None = None) -> Announcement:
    data = {"conversation": _listed(conversation, is_online=is_online)}
    return inbox_topic(conversation.organization_id), frame("conversation.updated", data)


def _listed(conversation: Conversation, *, is_online: bool | None = None) -> Payload:
    if is_online is None:
        is_online = bool(online_end_users(conversation.organization_id, [conversation.end_user_id]))
    return payloads.conversation_payload(conversation, is_online=is_online)

"""What travels: the one place where rows become the shapes of docs/realtime.md.

REST answers, socket answers and events all come from here, so a browser needs one parser. Every function
expects the rows it reads to be loaded and asks nothing of the database.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any  # JSON
from uuid import UUID

from accounts.models import Membership
from chats.enums import AuthorKind, ConversationState
from chats.models import Attachment, Conversation, Message, Note
from widget.models import EndUser, Visit

Payload = dict[str, Any]


def moment(at: datetime) -> str:
    """Return a time as it travels: ISO 8601, UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_or_null(at: datetime | None) -> str | None:
    """Return a time as it travels, or None."""
    return None if at is None else moment(at)


def author_payload(kind: str, id_: UUID | None, name: str) -> Payload:
    """Return an `Author`; LiveCaller itself has neither id nor name."""
    return {"kind": str(kind), "id": str(id_) if id_ else None, "name": name}


def attachment_payload(attachment: Attachment) -> Payload:
    """Return an `Attachment`."""
    return {
        "id": str(attachment.pk),
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
    }


def message_payload(message: Message, attachments: Iterable[Attachment]) -> Payload:
    """Return a `Message`; `attachments` in the order in which they are shown."""
    return {
        "id": str(message.pk),
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "version": message.version,
        "kind": str(message.kind),
        "author": author_payload(message.author_kind, message.author_id, message.author_name),
        "client_id": str(message.client_id) if message.client_id else None,
        "body": message.body,
        "attachments": [attachment_payload(attachment) for attachment in attachments],
        "created_at": moment(message.created_at),
        "edited_at": moment_or_null(message.edited_at),
        "deleted_at": moment_or_null(message.deleted_at),
    }


def note_payload(note: Note) -> Payload:
    """Return a `Note`: for operators only."""
    return {
        "id": str(note.pk),
        "conversation": str(note.conversation_id),
        "seq": note.seq,
        "version": note.version,
        "author": author_payload(AuthorKind.OPERATOR, note.author_id, note.author_name),
        "client_id": str(note.client_id),
        "body": note.body,
        "created_at": moment(note.created_at),
        "edited_at": moment_or_null(note.edited_at),
        "deleted_at": moment_or_null(note.deleted_at),
    }


def member_payload(member: Membership, *, is_live: bool) -> Payload:
    """Return a `Member`: offline is whoever has no live socket, whatever they have chosen."""
    return {
        "id": str(member.pk),
        "name": member.display_name,
        "role": str(member.role),
        "status": str(member.status) if is_live and member.is_active else "offline",
    }


def assignee_payload(conversation: Conversation) -> Payload | None:
    """Return `{id, name}` of the operator in charge, or None."""
    assignee = conversation.assignee
    return None if assignee is None else {"id": str(assignee.pk), "name": assignee.display_name}


def public_state(conversation: Conversation) -> str:
    """Return the state as the end-user may know it: nobody is told that they are spam."""
    return "open" if conversation.state == ConversationState.OPEN else "closed"


def thread_payload(conversation: Conversation) -> Payload:
    """Return a `Thread`: the conversation as its end-user sees it."""
    return {
        "id": str(conversation.pk),
        "version": conversation.version,
        "floor_version": conversation.floor_version,
        "state": public_state(conversation),
        "last_seq": conversation.last_seq,
        "unread": conversation.end_user_unread,
        "end_user_read_seq": conversation.end_user_read_seq,
        "operator_read_seq": conversation.operator_read_seq,
        "operator": assignee_payload(conversation),
        "created_at": moment(conversation.created_at),
        "expires_at": moment(conversation.expires_at),
    }


def conversation_payload(conversation: Conversation, *, is_online: bool) -> Payload:
    """Return a `Conversation` for operators; widget, end-user and assignee must be loaded."""
    return {
        "id": str(conversation.pk),
        "version": conversation.version,
        "note_version": conversation.note_version,
        "floor_version": conversation.floor_version,
        "state": str(conversation.state),
        "channel": conversation.channel,
        "widget": {"id": str(conversation.widget_id), "name": conversation.widget.name},
        "end_user": end_user_brief(conversation.end_user, is_online=is_online),
        "assignee": assignee_payload(conversation),
        "last_seq": conversation.last_seq,
        "unread": conversation.operator_unread,
        "last_message": _last_message(conversation),
        "end_user_read_seq": conversation.end_user_read_seq,
        "operator_read_seq": conversation.operator_read_seq,
        "waiting_since": moment_or_null(conversation.waiting_since),
        "page_url": conversation.page_url or None,
        "page_title": conversation.page_title or None,
        "created_at": moment(conversation.created_at),
        "updated_at": moment(conversation.updated_at),
        "closed_at": moment_or_null(conversation.closed_at),
        "expires_at": moment(conversation.expires_at),
    }


def end_user_brief(person: EndUser, *, is_online: bool) -> Payload:
    """Return an `EndUserBrief`."""
    return {
        "id": str(person.pk),
        "name": person.display_name,
        "email": person.email or None,
        "is_verified": person.is_verified,
        "is_online": is_online,
    }


def end_user_payload(
    person: EndUser, visits: Iterable[Visit], conversations: Iterable[Conversation], *, is_online: bool
) -> Payload:
    """Return an `EndUser` with their visits and conversations, newest first."""
    return {
        **end_user_brief(person, is_online=is_online),
        "first_name": person.first_name or None,
        "last_name": person.last_name or None,
        "phone": person.phone or None,
        "external_id": person.external_id or None,
        "attributes": person.attributes,
        "locale": person.locale,
        "created_at": moment(person.created_at),
        "expires_at": moment(person.expires_at),
        "notice_accepted_at": moment_or_null(person.notice_accepted_at),
        "visits": [_visit(visit) for visit in visits],
        "conversations": [_earlier_conversation(conversation) for conversation in conversations],
    }


def _visit(visit: Visit) -> Payload:
    return {
        "id": str(visit.pk),
        "started_at": moment(visit.started_at),
        "last_seen_at": moment(visit.last_seen_at),
        "browser": visit.browser or None,
        "device": visit.device or None,
        "referrer_host": visit.referrer_host or None,
        "pages": visit.pages,
    }


def _earlier_conversation(conversation: Conversation) -> Payload:
    return {
        "id": str(conversation.pk),
        "state": str(conversation.state),
        "last_message_body": conversation.last_body or None,
        "created_at": moment(conversation.created_at),
    }


def _last_message(conversation: Conversation) -> Payload | None:
    if conversation.last_message_at is None:
        return None
    return {
        "kind": str(conversation.last_kind),
        "author": author_payload(
            conversation.last_author_kind, conversation.last_author_id, conversation.last_author_name
        ),
        "body": conversation.last_body,
        "created_at": moment(conversation.last_message_at),
    }

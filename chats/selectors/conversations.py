"""Conversations as lists and one by one."""

import base64
import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from chats import payloads
from chats.enums import ConversationState
from chats.models import Conversation
from chats.payloads import Payload
from chats.presence import online_end_users
from chats.rules import Person, require_reader
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import InvalidError, NotFoundError

PAGE = 30
THREADS_MOST = 50

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = struct.Struct(">q16s")


class Section(StrEnum):
    """The parts of the inbox."""

    YOU = "you"
    OPEN = "open"
    ALL = "all"
    CLOSED = "closed"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the inbox; `next` is the cursor of the following one, or None at the end."""

    results: list[Payload]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Badges of the inbox: open conversations of mine, of all, spam, and unread ones that wait for this operator.

    `unread` counts open conversations with something unread that are the operator's own or nobody's.
    """

    you: int
    open: int
    spam: int
    unread: int


def visible_conversations(actor: Person) -> QuerySet[Conversation]:
    """Return what the actor may see, with all that payloads need: an end-user's own, or the organization's."""
    require_reader(actor)
    rows = Conversation.objects.select_related("widget", "end_user", "assignee")
    if isinstance(actor, EndUserActor):
        rows = rows.filter(end_user_id=actor.end_user_id)
    return rows


def get_conversation(actor: Person, pk: UUID) -> Conversation:
    """Return one conversation with widget, end-user and assignee; raises `NotFoundError`."""
    conversation = visible_conversations(actor).filter(pk=pk).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def inbox_of(actor: OperatorActor, section: Section, cursor: str | None = None) -> Page:
    """Return a page of a section, newest activity first; one query. Raises `InvalidError` for a made-up cursor."""
    rows = _section(actor, visible_conversations(actor), section)
    if cursor:
        at, pk = _position(cursor)
        # The first half lets the index find the place, the second settles equal times.
        rows = rows.filter(updated_at__lte=at).exclude(updated_at=at, pk__gte=pk)
    found = list(rows.order_by("-updated_at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    return Page(payloads_of(actor, shown), _cursor(shown[-1]) if len(found) > PAGE else None)


def counts_of(actor: OperatorActor) -> Counts:
    """Return the badges of the inbox; one query over open and spam conversations."""
    require_reader(actor)
    is_open = Q(state=ConversationState.OPEN)
    is_mine = Q(assignee_id=actor.membership_id)
    concerns_me = Q(assignee_id=actor.membership_id) | Q(assignee__isnull=True)
    counted = Conversation.objects.filter(state__in=[ConversationState.OPEN, ConversationState.SPAM]).aggregate(
        you=Count("pk", filter=is_open & is_mine),
        open=Count("pk", filter=is_open),
        spam=Count("pk", filter=Q(state=ConversationState.SPAM)),
        unread=Count("pk", filter=is_open & concerns_me & Q(operator_unread__gt=0)),
    )
    return Counts(**counted)


def threads_of(actor: EndUserActor) -> list[Payload]:
    """Return the end-user's newest threads; one query."""
    return payloads_of(actor, visible_conversations(actor).order_by("-updated_at", "-pk")[:THREADS_MOST])


def payload_of(actor: Person, conversation: Conversation) -> Payload:
    """Return the snapshot that the actor may see: a `Conversation` or a `Thread`."""
    return payloads_of(actor, [conversation])[0]


def payloads_of(actor: Person, conversations: Iterable[Conversation]) -> list[Payload]:
    """Return snapshots as the actor may see them; who is online is asked once for all."""
    rows: Sequence[Conversation] = list(conversations)
    if isinstance(actor, EndUserActor):
        return [payloads.thread_payload(row) for row in rows]
    online = online_end_users(actor.organization_id, [row.end_user_id for row in rows])
    return [payloads.conversation_payload(row, is_online=row.end_user_id in online) for row in rows]


def _section(actor: OperatorActor, rows: QuerySet[Conversation], section: Section) -> QuerySet[Conversation]:
    match section:
        case Section.YOU:
            return rows.filter(assignee_id=actor.membership_id, state=ConversationState.OPEN)
        case Section.OPEN:
            return rows.filter(state=ConversationState.OPEN)
        case Section.CLOSED:
            return rows.filter(state=ConversationState.CLOSED)
        case Section.SPAM:
            return rows.filter(state=ConversationState.SPAM)
        case Section.ALL:
            return rows.exclude(state=ConversationState.SPAM)


def _cursor(last: Conversation) -> str:
    microseconds = (last.updated_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_CURSOR.pack(microseconds, last.pk.bytes)).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        microseconds, pk = _CURSOR.unpack(raw)
        return _EPOCH + timedelta(microseconds=microseconds), UUID(bytes=pk)
    except (ValueError, binascii.Error, struct.error, OverflowError):
        raise InvalidError(fields={"cursor": ["Take the cursor from the page before."]}) from None

"""End-users who come back, many at once: after a deploy or a broken line thousands say hello in the same second.

All that ask while the last answer is fetched share the next.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any  # rows are JSON
from uuid import UUID

import orjson
from django.db import connection

from accounts.models import Membership
from chats.admission import EndUserPass, stranger_error
from chats.models import Conversation
from chats.payloads import Payload
from chats.presence import Beat, live_operators_of, take_leases
from chats.rows import instance_of
from chats.selectors import Cursor, epoch, must_reload
from chats.selectors.missed import Reading, thread_syncs
from chats.services import note_beats
from livecaller.core.actors import EndUserActor
from livecaller.core.errors import LiveCallerError, NotLiveError, UnauthenticatedError
from livecaller.core.tenancy.context import organizations_in_turn
from livecaller.core.tickets import Ticket, use_up, used_ticket_error
from widget.models import EndUser, Widget
from widget.rules import is_live


@dataclass(frozen=True, slots=True)
class HelloAsked:
    """One hello: its ticket and whom that was given to, the socket, and how far the browser has read."""

    ticket: Ticket
    held: EndUserPass
    socket: str
    cursors: Mapping[UUID, Cursor]
    epoch: str | None


@dataclass(frozen=True, slots=True)
class HelloAnswer:
    """Who came in, and what they are told."""

    actor: EndUserActor
    epoch: str
    is_available: bool
    syncs: list[Payload]


@dataclass(slots=True)
class _Read:
    """What was found: living people by token, conversations by id, who chose to be online, where somebody is."""

    epoch: str
    people: dict[UUID, EndUserActor | LiveCallerError] = field(default_factory=dict)
    conversations: dict[UUID, Conversation] = field(default_factory=dict)
    online: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    available: dict[UUID, bool] = field(default_factory=lambda: defaultdict(bool))


def answer_hellos(asked: Sequence[HelloAsked]) -> list[HelloAnswer | LiveCallerError]:
    """Return the answer to each hello, or why it is refused, in their order.

    Uses the tickets up, takes a lease for each socket that comes in, and tells operators who has come: three round
    trips to PostgreSQL and three to Valkey, however many there are, and one more of each where somebody has come.
    """
    read = _read(asked)
    firsts = use_up([one.ticket for one in asked])
    people = [
        _person(one, read) if is_first else used_ticket_error() for one, is_first in zip(asked, firsts, strict=True)
    ]
    coming = [(one, person) for one, person in zip(asked, people, strict=True) if isinstance(person, EndUserActor)]
    syncs = _syncs(coming, read)
    leases = take_leases([(actor, one.socket) for one, actor in coming])
    note_beats((actor, lease) for (_, actor), lease in zip(coming, leases, strict=True) if isinstance(lease, Beat))
    welcomed = iter(
        lease
        if isinstance(lease, LiveCallerError)
        else HelloAnswer(actor, read.epoch, read.available[actor.organization_id], mine)
        for (_, actor), lease, mine in zip(coming, leases, syncs, strict=True)
    )
    return [next(welcomed) if isinstance(person, EndUserActor) else person for person in people]


def _person(asked: HelloAsked, read: _Read) -> EndUserActor | LiveCallerError:
    held, person = asked.held, read.people.get(asked.held.token_id)
    if isinstance(person, EndUserActor):
        is_theirs = (person.organization_id, person.end_user_id) == (held.organization_id, held.end_user_id)
        return person if is_theirs else stranger_error()
    return person or stranger_error()


def _syncs(coming: Sequence[tuple[HelloAsked, EndUserActor]], read: _Read) -> list[list[Payload]]:
    """Return what each has missed."""
    readings = [_readings(one, actor, read) for one, actor in coming]
    with organizations_in_turn():
        found = iter(thread_syncs([reading for mine in readings for reading in mine], read.epoch))
    return [[next(found) for _ in mine] for mine in readings]


def _readings(asked: HelloAsked, actor: EndUserActor, read: _Read) -> list[Reading]:
    """Return where somebody stopped in conversations of theirs; those of others are left out."""
    rows = [(read.conversations.get(pk), cursor) for pk, cursor in asked.cursors.items()]
    return [
        (row, None if asked.epoch != read.epoch or must_reload(actor, row, cursor) else cursor.version)
        for row, cursor in rows
        if row is not None and row.end_user_id == actor.end_user_id
    ]


def _find_available(read: _Read) -> None:
    live = live_operators_of([id_ for id_, online in read.online.items() if online])
    for id_, operators in live.items():
        read.available[id_] = bool(operators & read.online[id_])


def _read(asked: Sequence[HelloAsked]) -> _Read:
    wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"tokens": [], "conversations": []})
    for one in asked:
        want = wanted[str(one.held.organization_id)]
        want["tokens"].append(str(one.held.token_id))
        want["conversations"] += map(str, one.cursors)
    with organizations_in_turn(), connection.cursor() as cursor:
        read = _Read(epoch())
        cursor.execute("SELECT kind, content::text FROM chats_hellos(%s::jsonb)", [orjson.dumps(wanted).decode()])
        for kind, content in cursor.fetchall():
            _take(read, kind, orjson.loads(content))
    _find_available(read)
    return read


def _take(read: _Read, kind: str, row: Mapping[str, Any]) -> None:
    if kind == "token":
        read.people[UUID(row["id"])] = _actor(row)
    elif kind == "conversation":
        conversation = instance_of(Conversation, row["conversation"])
        conversation.assignee = instance_of(Membership, row["assignee"]) if row["assignee"] else None
        read.conversations[conversation.pk] = conversation
    else:
        read.online[UUID(row["organization_id"])].add(UUID(row["id"]))


def _actor(row: Mapping[str, Any]) -> EndUserActor | LiveCallerError:
    widget, person = instance_of(Widget, row["widget"]), instance_of(EndUser, row["end_user"])
    if not is_live(widget):
        return UnauthenticatedError(NotLiveError.default)
    visit = UUID(row["visit_id"]) if row["visit_id"] else None
    return EndUserActor(widget.organization_id, widget.pk, person.pk, person.display_name, visit)

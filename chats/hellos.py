"""End-users who come back, many at once: after a deploy or a broken line thousands say hello in the same second.

All that ask while the last answer is fetched share the next. What is common is read together; who has missed
messages is left over for `syncs_of`, which knows all cases.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any  # rows are JSON
from uuid import UUID

import orjson
from django.db import connection

from accounts.models import Membership
from chats.admission import EndUserPass, stranger_error
from chats.models import Conversation
from chats.payloads import Payload, thread_payload
from chats.presence import Beat, live_operators_of, take_leases
from chats.rows import instance_of
from chats.selectors import Cursor, epoch, sync_at_head
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
    """Who came in, and what they are told. `syncs`: None where something was missed and has to be read."""

    actor: EndUserActor
    beat: Beat
    epoch: str
    is_available: bool
    syncs: list[Payload] | None


@dataclass(slots=True)
class _Read:
    """What the database said: living people by token, conversations by id, who chose to be online."""

    epoch: str
    people: dict[UUID, EndUserActor | LiveCallerError] = field(default_factory=dict)
    conversations: dict[UUID, Conversation] = field(default_factory=dict)
    online: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))


def answer_hellos(asked: Sequence[HelloAsked]) -> list[HelloAnswer | LiveCallerError]:
    """Return the answer to each hello, or why it is refused, in their order.

    Uses the tickets up, takes a lease for each socket that comes in, and tells operators who has come: two round
    trips to PostgreSQL and four to Valkey at most, however many there are.
    """
    read = _read(asked)
    firsts = use_up([one.ticket for one in asked])
    people = [
        _person(one, read) if is_first else used_ticket_error() for one, is_first in zip(asked, firsts, strict=True)
    ]
    coming = [(actor, one.socket) for actor, one in zip(people, asked, strict=True) if isinstance(actor, EndUserActor)]
    leases = iter(take_leases(coming))
    available = _available(read, {actor.organization_id for actor, _ in coming})
    answers = [
        _answer(one, person, next(leases), read, available) if isinstance(person, EndUserActor) else person
        for one, person in zip(asked, people, strict=True)
    ]
    note_beats((answer.actor, answer.beat) for answer in answers if isinstance(answer, HelloAnswer))
    return answers


def _person(asked: HelloAsked, read: _Read) -> EndUserActor | LiveCallerError:
    person = read.people.get(asked.held.token_id)
    if isinstance(person, EndUserActor) and person.end_user_id != asked.held.end_user_id:
        return stranger_error()
    return person or stranger_error()


def _answer(
    asked: HelloAsked,
    actor: EndUserActor,
    lease: Beat | LiveCallerError,
    read: _Read,
    available: Mapping[UUID, bool],
) -> HelloAnswer | LiveCallerError:
    if isinstance(lease, LiveCallerError):
        return lease
    return HelloAnswer(actor, lease, read.epoch, available[actor.organization_id], _syncs(asked, actor, read))


def _syncs(asked: HelloAsked, actor: EndUserActor, read: _Read) -> list[Payload] | None:
    """Return what somebody gets who has missed nothing; conversations that are not theirs are left out."""
    syncs = []
    for pk, cursor in asked.cursors.items():
        row = read.conversations.get(pk)
        if row is None or row.end_user_id != actor.end_user_id:
            continue
        if asked.epoch != read.epoch or cursor.version != row.version:
            return None
        syncs.append(sync_at_head(row, read.epoch, thread_payload(row)))
    return syncs


def _available(read: _Read, organization_ids: Iterable[UUID]) -> dict[UUID, bool]:
    ids = [id_ for id_ in organization_ids if read.online[id_]]
    live = live_operators_of(ids)
    return defaultdict(bool, {id_: bool(live[id_] & read.online[id_]) for id_ in ids})


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

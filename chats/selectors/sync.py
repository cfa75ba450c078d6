"""Catching up by number: what a reader who stopped at a cursor has missed (docs/realtime.md, "Sync")."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Q

from chats import payloads
from chats.models import Conversation, Message, Note
from chats.payloads import Payload
from chats.rules import Person
from chats.selectors.conversations import payloads_of, visible_conversations
from chats.selectors.messages import message_payloads, reversed_to, with_attachments
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import NotFoundError

RELOADED = 50
MISSED_MOST = 200

Row = TypeVar("Row", Message, Note)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stopped. None: nothing is known of that lane."""

    version: int | None
    note_version: int | None = None


def epoch() -> str:
    """Return the name of the history that versions count in; it changes when the database is restored.

    Made of PostgreSQL's cluster (another one after a restore elsewhere), its timeline (the next one after a
    point-in-time recovery or a failover) and the table's file (a new one when a dump is loaded).
    """
    # Asked each time: a dump can be loaded under the connections of running processes.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), "
            "pg_relation_filenode('chats_conversation') FROM pg_control_system()"
        )
        parts = cursor.fetchone()
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def sync_of(actor: Person, conversation_id: UUID, cursor: Cursor) -> Payload:
    """Return the `Sync` of one conversation; raises `NotFoundError` for a foreign one."""
    syncs = syncs_of(actor, {conversation_id: cursor})
    if not syncs:
        raise NotFoundError
    return syncs[0]


def syncs_of(actor: Person, cursors: Mapping[UUID, Cursor], *, client_epoch: str | None = None) -> list[Payload]:
    """Return a `Sync` for each conversation that the actor may see; the others are left out.

    Two queries when nothing was missed, however many conversations there are. `client_epoch`: the epoch that the
    cursors are of, None for the present one. Subscribe before calling: what is committed meanwhile comes as events.
    """
    if not cursors:
        return []
    present = epoch()
    is_of_epoch = client_epoch in {None, present}
    rows = {row.pk: row for row in visible_conversations(actor).filter(pk__in=list(cursors))}
    reading = {
        pk: (cursors[pk] if is_of_epoch and not must_reload(actor, row, cursors[pk]) else None)
        for pk, row in rows.items()
    }
    messages, notes = _messages(rows, reading), _notes(actor, rows, reading)
    snapshots = payloads_of(actor, rows.values())
    return [
        {
            **sync_at_head(row, present, snapshot),
            "note_version": row.note_version if isinstance(actor, OperatorActor) else None,
            "mode": "reload" if reading[pk] is None else "delta",
            "has_earlier": has_earlier(row, [m.seq for m in messages[pk]], is_reload=reading[pk] is None),
            "messages": message_payloads(messages[pk][-RELOADED:] if reading[pk] is None else messages[pk]),
            "notes": [payloads.note_payload(note) for note in notes[pk]],
        }
        for (pk, row), snapshot in zip(rows.items(), snapshots, strict=True)
    ]


def sync_at_head(row: Conversation, present: str, snapshot: Payload) -> Payload:
    """Return the `Sync` of an end-user who has missed nothing; `present` is the epoch. Asks nothing."""
    return {
        "conversation": str(row.pk),
        "epoch": present,
        "version": row.version,
        "note_version": None,
        "floor_version": row.floor_version,
        "mode": "delta",
        "has_earlier": row.last_seq > 0,
        "messages": [],
        "notes": [],
        "snapshot": snapshot,
    }


def must_reload(actor: Person, row: Conversation, cursor: Cursor) -> bool:
    """Say whether a reader at `cursor` has to throw away what they have: unknown, below the floor, ahead, too far."""
    if cursor.version is None or cursor.version < row.floor_version or _is_off(row.version, cursor.version):
        return True
    if not isinstance(actor, OperatorActor):
        return False
    return cursor.note_version is None or _is_off(row.note_version, cursor.note_version)


def heads_of(actor: Person, conversation_ids: Iterable[UUID]) -> Payload:
    """Return the newest versions of conversations by id; one query. Those no longer visible are missing."""
    shows_notes = isinstance(actor, OperatorActor)
    rows = visible_conversations(actor).filter(pk__in=list(conversation_ids)).select_related(None)
    return {
        str(pk): {"version": version, "note_version": note_version if shows_notes else None}
        for pk, version, note_version in rows.values_list("pk", "version", "note_version")
    }


def _is_off(head: int, mine: int) -> bool:
    return mine > head or head - mine > MISSED_MOST


def has_earlier(row: Conversation, positions: Sequence[int], *, is_reload: bool) -> bool:
    """Say whether there are older messages than those at `positions`, which are read one beyond what is shown."""
    if is_reload:
        return len(positions) > RELOADED
    return positions[0] > 1 if positions else row.last_seq > 0


def _messages(rows: Mapping[UUID, Conversation], reading: Mapping[UUID, Cursor | None]) -> dict[UUID, list[Message]]:
    """Return what each reader gets: changes by seq, or the newest 51 (one more, to know of earlier ones).

    Nothing beyond the row's last position: what was stored since the row was read comes as an event of its own, with
    a version that the reader does not have yet, and would be applied twice.
    """
    found: dict[UUID, list[Message]] = defaultdict(list)
    behind = [
        Q(conversation_id=pk, version__gt=cursor.version, seq__lte=rows[pk].last_seq)
        for pk, cursor in reading.items()
        if cursor is not None and cursor.version != rows[pk].version
    ]
    if behind:
        for message in with_attachments(Message.objects.filter(reduce(or_, behind))).order_by("seq"):
            found[message.conversation_id].append(message)
    for pk, cursor in reading.items():
        if cursor is None:
            upto = Message.objects.filter(conversation_id=pk, seq__lte=rows[pk].last_seq)
            newest = with_attachments(upto).order_by("-seq")[: RELOADED + 1]
            found[pk] = reversed_to(list(newest), RELOADED + 1)
    return found


def _notes(
    actor: Person, rows: Mapping[UUID, Conversation], reading: Mapping[UUID, Cursor | None]
) -> dict[UUID, list[Note]]:
    found: dict[UUID, list[Note]] = defaultdict(list)
    if not isinstance(actor, OperatorActor):
        return found
    behind = [
        Q(conversation_id=pk, version__gt=cursor.note_version, seq__lte=rows[pk].note_seq)
        for pk, cursor in reading.items()
        if cursor is not None and cursor.note_version != rows[pk].note_version
    ]
    if behind:
        for note in Note.objects.filter(reduce(or_, behind)).order_by("seq"):
            found[note.conversation_id].append(note)
    for pk, cursor in reading.items():
        if cursor is None and rows[pk].note_version:
            upto = Note.objects.filter(conversation_id=pk, seq__lte=rows[pk].note_seq)
            found[pk] = list(upto.order_by("-seq")[:RELOADED])[::-1]
    return found

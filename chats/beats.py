"""Heartbeats of many end-users at once: who may stay, and the newest versions of what they have open.

Thousands of quiet sockets ask this three times a minute; all that ask while the last answer is fetched share the next.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any  # rows and heads are JSON
from uuid import UUID

import orjson
from django.db import connection

from chats.presence import renew_leases
from chats.rows import instance_of
from chats.services import note_beats
from livecaller.core.actors import EndUserActor
from livecaller.core.tenancy.context import organizations_in_turn
from widget.models import Widget
from widget.rules import is_live

Heads = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class BeatAsked:
    """One heartbeat: whose it is, by which token and socket, and what is open."""

    actor: EndUserActor
    token_id: UUID
    socket: str
    conversations: tuple[UUID, ...]


def answer_beats(asked: Sequence[BeatAsked]) -> list[Heads | None]:
    """Return the newest versions of what each has open; None where the token or its widget lives no more.

    Renews the leases of the others and tells operators what that brings to light. One round trip to PostgreSQL and
    one to Valkey, however many there are, as long as nobody has come or gone unannounced.
    """
    alive, heads = _read(asked)
    staying = [one for one in asked if alive.get(one.token_id) == one.actor.end_user_id]
    beats = renew_leases([(one.actor, one.socket) for one in staying])
    note_beats((one.actor, beat) for one, beat in zip(staying, beats, strict=True))
    return [_heads_of(one, heads) if alive.get(one.token_id) == one.actor.end_user_id else None for one in asked]


def _heads_of(asked: BeatAsked, heads: Mapping[UUID, tuple[UUID, int]]) -> Heads:
    mine = ((pk, *heads[pk]) for pk in asked.conversations if pk in heads)
    return {
        str(pk): {"version": version, "note_version": None}
        for pk, end_user_id, version in mine
        if end_user_id == asked.actor.end_user_id
    }


def _read(asked: Sequence[BeatAsked]) -> tuple[dict[UUID, UUID], dict[UUID, tuple[UUID, int]]]:
    """Return end-users by their living tokens, and end-users and versions by conversation."""
    wanted: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"tokens": [], "conversations": []})
    for one in asked:
        want = wanted[str(one.actor.organization_id)]
        want["tokens"].append(str(one.token_id))
        want["conversations"] += map(str, one.conversations)
    alive: dict[UUID, UUID] = {}
    heads: dict[UUID, tuple[UUID, int]] = {}
    with organizations_in_turn(), connection.cursor() as cursor:
        cursor.execute("SELECT kind, content::text FROM chats_beats(%s::jsonb)", [orjson.dumps(wanted).decode()])
        for kind, content in cursor.fetchall():
            row = orjson.loads(content)
            if kind == "head":
                heads[UUID(row["id"])] = UUID(row["end_user_id"]), row["version"]
            elif is_live(instance_of(Widget, row["widget"])):
                alive[UUID(row["id"])] = UUID(row["end_user_id"])
    return alive, heads

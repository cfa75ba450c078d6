"""Many plain messages in one statement: what a process's sockets write while the last COMMIT runs.

Only the ordinary case goes here: text, into an open conversation that nobody else holds, at the first try or as an
exact resend. Everything else is left over for `write_message`, which knows all cases and waits for locks; so the
batch never waits for one conversation. The function of the database that stores them (migration 0005) does what
`write_message` would do; tests hold both together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any  # rows
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models.base import ModelState

from chats import events
from chats.enums import AuthorKind, MessageKind
from chats.events import Change, Place, Shown
from chats.models import Message
from chats.presence import online_among
from chats.rows import instance_of
from chats.rules import message_takes
from chats.services import lane
from chats.services.messages import Draft, Stored
from livecaller.core import metrics
from livecaller.core.errors import LiveCallerError
from livecaller.core.ids import uuid7
from livecaller.core.limits import take_each
from livecaller.core.realtime import Announcement, publish_all
from privacy.rules import may_process


class NotNow(Enum):
    """Why a draft was left over."""

    HELD = "held"  # somebody else has the conversation locked at this moment, or it is not there
    NOT_PLAIN = "not plain"


Outcome = Stored | LiveCallerError | NotNow

_NOBODY = UUID(int=0)


@dataclass(slots=True)
class _Thread:
    """What a conversation got in this batch; `person` and `shown` come with its last message."""

    conversation_id: UUID
    changes: list[Change] = field(default_factory=list)
    is_by_end_user: bool = False
    person: tuple[UUID, UUID] = (_NOBODY, _NOBODY)
    shown: tuple[str, str] = ("", "")


def write_batch(drafts: Sequence[Draft]) -> list[Outcome]:
    """Store what can be stored of drafts of any organizations, and return the outcome of each, in their order.

    An outcome is the stored message, a `RateLimitedError`, or why `write_message` has to decide. The drafts were
    checked by `check_draft`; limits are counted here. Takes the locks of conversations, waiting for none.
    """
    refusals = _count_against_limits(drafts)
    admitted = [draft for draft in drafts if id(draft) not in refusals]
    written = iter(_write(admitted) if admitted else [])
    return [refusals[id(draft)] if id(draft) in refusals else next(written) for draft in drafts]


def _count_against_limits(drafts: Sequence[Draft]) -> dict[int, LiveCallerError]:
    """Return the refusals by the identity of the draft."""
    uncounted = [draft for draft in drafts if not draft.is_counted]
    if not uncounted:
        return {}
    outcomes = take_each([message_takes(draft.organization_id, draft.author) for draft in uncounted])
    return {id(draft): refusal for draft, refusal in zip(uncounted, outcomes, strict=True) if refusal is not None}


def _write(drafts: Sequence[Draft]) -> list[Outcome]:
    """Store drafts; of two with one `client_id` the first, which is then the second's outcome, too."""
    at, firsts = lane.now(), _firsts(drafts)
    outcomes: list[Outcome] = [NotNow.HELD if _may_be_plain(draft) else NotNow.NOT_PLAIN for draft in drafts]
    asked = [place for place, first in enumerate(firsts) if place == first and outcomes[place] is NotNow.HELD]
    ids = {place: uuid7() for place in asked}
    threads: dict[UUID, _Thread] = {}
    for place, outcome, seq, version, name, known, *last in _stored(at, drafts, ids) if asked else ():
        if outcome == "stored":
            message = _message(drafts[place], ids[place], at, (seq, version, name))
            outcomes[place] = _noted(threads, message, last)
        elif outcome == "known":
            outcomes[place] = Stored(instance_of(Message, orjson.loads(known)), [], is_new=False)
        else:
            outcomes[place] = NotNow.NOT_PLAIN
    if threads:
        _announce(list(threads.values()))
        stored = [outcome.message for outcome in outcomes if isinstance(outcome, Stored) and outcome.is_new]
        transaction.on_commit(lambda: _count(stored), robust=True)
    return [_as_first(outcomes[first], drafts[first], drafts[place], is_first=place == first)
            for place, first in enumerate(firsts)]  # fmt: skip


def _may_be_plain(draft: Draft) -> bool:
    return draft.end_user_id is None or may_process(draft.organization_id)


def _firsts(drafts: Sequence[Draft]) -> list[int]:
    """Return for each draft the place of the first that has its `client_id` in its conversation."""
    found: dict[tuple[UUID, UUID], int] = {}
    return [found.setdefault((draft.conversation_id, draft.client_id), place) for place, draft in enumerate(drafts)]


def _as_first(outcome: Outcome, first: Draft, draft: Draft, *, is_first: bool) -> Outcome:
    if is_first or not isinstance(outcome, Stored):
        return outcome
    if (first.body, first.author, first.end_user_id) != (draft.body, draft.author, draft.end_user_id):
        return NotNow.NOT_PLAIN
    return Stored(outcome.message, [], is_new=False)


def _stored(at: datetime, drafts: Sequence[Draft], ids: Mapping[int, UUID]) -> list[tuple[Any, ...]]:
    """Call the function of the database for the drafts at the places that have an id. It is one transaction."""
    asked = [
        {
            "place": place,
            "id": pk,
            "organization": drafts[place].organization_id,
            "conversation": drafts[place].conversation_id,
            "end_user": drafts[place].end_user_id,
            "client": drafts[place].client_id,
            "author_kind": drafts[place].author.kind,
            "author": drafts[place].author.id,
            "name": drafts[place].author.name,
            "body": drafts[place].body,
        }
        for place, pk in ids.items()
    ]
    organizations = ",".join({str(drafts[place].organization_id) for place in ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM chats_write(%s, %s, %s::jsonb)", [at, organizations, orjson.dumps(asked).decode()]
        )
        return list(cursor.fetchall())


def _noted(threads: dict[UUID, _Thread], message: Message, last: Sequence[Any]) -> Stored:
    """Gather what the readers of a conversation hear. `last`: what the row of its last message brings."""
    change = events.message_created(message, [])
    thread = threads.setdefault(message.conversation_id, _Thread(message.conversation_id))
    thread.changes.append(change)
    thread.is_by_end_user |= message.author_kind == AuthorKind.END_USER
    end_user_id, conversation, seen_by_end_user = last
    if conversation is not None:
        thread.person = message.organization_id, end_user_id
        thread.shown = conversation, seen_by_end_user
    return Stored(message, [], is_new=True, prepared=change.for_operators["message"])


def _message(draft: Draft, pk: UUID, at: datetime, given: tuple[int, int, str]) -> Message:
    """Return the message as it was stored; without `__init__`, which costs more than storing it."""
    message = Message.__new__(Message)
    state = ModelState()
    state.db, state.adding = "default", False
    seq, version, name = given
    message.__dict__.update(
        _state=state, id=pk, organization_id=draft.organization_id, conversation_id=draft.conversation_id, seq=seq,
        version=version, kind=MessageKind.TEXT, author_kind=draft.author.kind, author_id=draft.author.id,
        author_name=name, client_id=draft.client_id, body=draft.body, created_at=at, edited_at=None, deleted_at=None,
        restricted_at=None,
    )  # fmt: skip
    return message


def _announce(threads: Sequence[_Thread]) -> None:
    """Prepare what sockets hear after commit. Who writes is there; for the others presence is asked once."""
    online = online_among(thread.person for thread in threads if not thread.is_by_end_user)
    announcements: list[Announcement] = []
    for thread in threads:
        conversation, seen_by_end_user = (orjson.loads(text) for text in thread.shown)
        conversation["end_user"]["is_online"] = thread.is_by_end_user or thread.person in online
        place = Place(thread.person[0], thread.conversation_id, thread.person[1])
        announcements += events.announcement_of(place, thread.changes, Shown(conversation, seen_by_end_user))
    publish_all(announcements)


def _count(stored: Sequence[Message]) -> None:
    for message in stored:
        metrics.message_stored(str(message.author_kind))

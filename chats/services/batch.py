"""Many plain messages in one transaction: what a process's sockets write while the last COMMIT runs.

Only the ordinary case goes here: text, into an open conversation that nobody else holds, at the first try or as an
exact resend. Everything else is left over for `write_message`, which knows all cases and waits for locks; so the
rules stand in one place and the batch never waits for one conversation.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar  # Any: rows are JSON
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Membership, Organization
from chats import events
from chats.enums import AuthorKind, ConversationState, MessageKind
from chats.models import Conversation, Message
from chats.presence import online_among
from chats.rows import instance_of, row_of
from chats.rules import message_takes
from chats.services import lane
from chats.services.messages import Draft, Stored, is_person_kept, new_message, show_last
from livecaller.core import metrics
from livecaller.core.errors import LiveCallerError
from livecaller.core.limits import take_each
from livecaller.core.realtime import Announcement, publish_all
from livecaller.core.tenancy.context import organizations_in_turn
from widget.models import EndUser, Widget
from widget.rules import is_live


@dataclass(slots=True)
class _Thread:
    """A conversation that this batch holds, and what it gets."""

    conversation: Conversation
    known: dict[UUID, Message] = field(default_factory=dict)
    written: list[Message] = field(default_factory=list)


class NotNow(Enum):
    """Why a draft was left over."""

    HELD = "held"  # somebody else has the conversation locked at this moment, or it is not there
    NOT_PLAIN = "not plain"


M = TypeVar("M", bound=Model)
# What the function of the database stores of a conversation.
_STORED = frozenset({"id", *lane.MOVING})

Outcome = Stored | LiveCallerError | NotNow


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
    at = lane.now()
    with organizations_in_turn():
        threads = _take(drafts)
        outcomes = [_placed(threads.get(draft.conversation_id), draft, at) for draft in drafts]
        busy = [thread for thread in threads.values() if thread.written]
        if busy:
            _store(busy)
            _announce(busy)
            transaction.on_commit(lambda: _count(busy), robust=True)
    return outcomes


def _take(drafts: Sequence[Draft]) -> dict[UUID, _Thread]:
    asked: dict[str, dict[str, list[UUID]]] = defaultdict(lambda: {"conversations": [], "clients": []})
    for draft in drafts:
        want = asked[str(draft.organization_id)]
        want["conversations"].append(draft.conversation_id)
        want["clients"].append(draft.client_id)
    threads: dict[UUID, _Thread] = {}
    messages: list[Message] = []
    common: dict[str, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, content::text FROM chats_take(%s::jsonb)", [orjson.dumps(asked).decode()])
        for kind, content in cursor.fetchall():
            row = orjson.loads(content)
            if kind == "conversation":
                conversation = _conversation(row, common)
                threads[conversation.pk] = _Thread(conversation)
            else:
                messages.append(instance_of(Message, row))
    for message in messages:
        thread = threads.get(message.conversation_id)
        if thread is not None and message.client_id is not None:
            thread.known[message.client_id] = message
    return threads


def _placed(thread: _Thread | None, draft: Draft, at: datetime) -> Outcome:
    """Give the draft its place, or say why not."""
    if thread is None:
        return NotNow.HELD
    if not _is_ordinary(thread.conversation, draft):
        return NotNow.NOT_PLAIN
    known = thread.known.get(draft.client_id)
    if known is not None:
        return Stored(known, [], is_new=False) if _is_same(known, draft) else NotNow.NOT_PLAIN
    conversation = thread.conversation
    message = lane.place(conversation, new_message(conversation, draft, at))
    show_last(conversation, message)
    thread.known[draft.client_id] = message
    thread.written.append(message)
    return Stored(message, [], is_new=True)


def _is_ordinary(conversation: Conversation, draft: Draft) -> bool:
    if draft.end_user_id is None:
        return True
    return (
        conversation.end_user_id == draft.end_user_id
        and conversation.state != ConversationState.CLOSED
        and is_live(conversation.widget)
        # Extending a person's row is left over for `write_message`, which does it once a day.
        and is_person_kept(conversation)
    )


def _is_same(known: Message, draft: Draft) -> bool:
    return (
        known.kind == MessageKind.TEXT
        and (known.body, known.author_kind) == (draft.body, draft.author.kind)
        and known.edited_at is None
        and known.deleted_at is None
        and (draft.author.kind == AuthorKind.END_USER or known.author_id == draft.author.id)
    )


def _store(threads: Iterable[_Thread]) -> None:
    work: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"messages": [], "conversations": []})
    for thread in threads:
        rows = work[str(thread.conversation.organization_id)]
        rows["messages"] += [row_of(message) for message in thread.written]
        rows["conversations"].append(row_of(thread.conversation, _STORED))
    with connection.cursor() as cursor:
        cursor.execute("SELECT chats_store(%s::jsonb)", [orjson.dumps(work).decode()])


def _announce(threads: Sequence[_Thread]) -> None:
    """Prepare what sockets hear after commit. Who writes is there; for the others presence is asked once."""
    people = {
        (thread.conversation.organization_id, thread.conversation.end_user_id)
        for thread in threads
        if all(message.author_kind != AuthorKind.END_USER for message in thread.written)
    }
    online = online_among(people)
    announcements: list[Announcement] = []
    for thread in threads:
        person = (thread.conversation.organization_id, thread.conversation.end_user_id)
        changes = [events.message_created(message, []) for message in thread.written]
        is_online = person not in people or person in online
        announcements += events.announcement_of(thread.conversation, changes, is_online=is_online)
    publish_all(announcements)


def _count(threads: Iterable[_Thread]) -> None:
    for thread in threads:
        for message in thread.written:
            metrics.message_stored(str(message.author_kind))


def _conversation(row: Mapping[str, Any], common: dict[str, Any]) -> Conversation:
    """Return a conversation with all that payloads need; `common` keeps the rows that many of them share."""
    conversation = instance_of(Conversation, row["conversation"])
    assignee = row["assignee"]
    conversation.organization = _shared(Organization, row["organization"], common)
    conversation.widget = _shared(Widget, row["widget"], common)
    conversation.end_user = instance_of(EndUser, row["end_user"])
    conversation.assignee = _shared(Membership, assignee, common) if assignee else None
    return conversation


def _shared(model: type[M], row: Mapping[str, Any], common: dict[str, Any]) -> M:
    found: M | None = common.get(row["id"])
    if found is None:
        found = common[row["id"]] = instance_of(model, row)
    return found

"""The group commit: many drafts of two organizations in one transaction, row security on, and what it leaves over."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chats import services
from chats.events import OPERATORS, conversation_topic
from chats.models import Conversation, Message
from chats.rules import PERSON_MESSAGES, Person
from chats.services import Draft, NotNow, Stored
from chats.services.lane import MOVING
from livecaller.core.errors import RateLimitedError
from livecaller.core.tenancy.context import organizations_in_turn
from tests.cast import Cast, Side
from tests.chats import story
from tests.conftest import DATABASE, superuser
from tests.ears import Heard


def draft(actor: Person, pk: UUID, body: str = "Hello", client_id: UUID | None = None) -> Draft:
    return services.check_draft(actor=actor, conversation_id=pk, client_id=client_id or uuid4(), body=body)


def bodies(side: Side, pk: UUID) -> list[tuple[int, int, str]]:
    return [(message.seq, message.version, message.body) for message in story.messages(side, pk)]


def columns(side: Side, pk: UUID) -> dict[str, object]:
    """Return what a message leaves in the row of its conversation, but for times and names of this one."""
    row = story.reread(side, pk)
    names = ["last_seq", "version", "operator_unread", "end_user_unread", "last_kind", "last_author_kind", "last_body"]
    return {name: getattr(row, name) for name in names} | {
        "waits": row.waiting_since is not None,
        "last_is_activity": row.last_message_at == row.updated_at,
        "keeps": row.expires_at - row.updated_at,
    }


def test_two_organizations_are_written_in_one_transaction(committed_cast: Cast, heard: Heard) -> None:
    a, b = committed_cast.a, committed_cast.b
    mine, other, theirs = story.started(a), story.started(a), story.started(b)
    listen = heard.on(*(conversation_topic(s.organization.pk, pk, OPERATORS) for s, pk in ((a, mine), (b, theirs))))
    drafts = [
        draft(a.end_user, mine, "one"), draft(b.operator, theirs, "two"), draft(a.operator, mine, "three"),
        draft(a.end_user, other, "four"),
    ]  # fmt: skip

    with CaptureQueriesContext(connection) as queries:
        outcomes = services.write_batch(drafts)

    assert [type(outcome) for outcome in outcomes] == [Stored] * 4
    # BEGIN, take, store, COMMIT: the same for any number of messages and organizations.
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 2
    assert bodies(a, mine) == [(1, 1, "Hello"), (2, 2, "one"), (3, 3, "three")]
    assert bodies(a, other) == [(1, 1, "Hello"), (2, 2, "four")]
    assert bodies(b, theirs) == [(1, 1, "Hello"), (2, 2, "two")]
    heard_versions = [(notice["conversation"], notice["version"]) for notice in listen()]
    assert heard_versions == [(str(mine), 2), (str(mine), 3), (str(theirs), 2)]


@pytest.mark.parametrize("side", ["end_user", "operator"])
def test_a_batch_leaves_what_a_message_alone_leaves(committed_cast: Cast, side: str) -> None:
    a = committed_cast.a
    actor: Person = getattr(a, side)
    alone, together = story.started(a), story.started(a)

    for body in ("first", "x" * 300):
        story.send(actor, alone, body)
    outcomes = services.write_batch([draft(actor, together, body) for body in ("first", "x" * 300)])

    assert [type(outcome) for outcome in outcomes] == [Stored, Stored]
    assert columns(a, together) == columns(a, alone)
    pairs = zip(story.messages(a, together), story.messages(a, alone), strict=True)
    for ours, theirs in pairs:
        own = {"id", "conversation_id", "client_id", "created_at", "expires_at", "_state"}
        assert {k: v for k, v in vars(ours).items() if k not in own} == {
            k: v for k, v in vars(theirs).items() if k not in own
        }
        assert ours.expires_at - ours.created_at == theirs.expires_at - theirs.created_at


def test_the_database_stores_every_column_that_a_message_moves(committed_cast: Cast) -> None:
    """`chats_store` names the columns; one that `lane.save` moves and the function forgets would be lost."""
    # What only other changes move: state, assignment, read marks, notes.
    others = {"assignee", "state", "closed_at", "end_user_read_seq", "operator_read_seq", "note_seq", "note_version"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'chats_store'")
        source = str(cursor.fetchone()[0])

    assert [name for name in MOVING if name not in others and f" {name} = r.{name}" not in f" {source}"] == []


def test_a_resend_gets_the_place_of_the_first_try(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = story.started(a)
    once = draft(a.end_user, pk, "once")

    first, second = services.write_batch([once, replace(once)])
    (third,) = services.write_batch([once])

    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert isinstance(third, Stored)
    assert (first.is_new, second.is_new, third.is_new) == (True, False, False)
    assert first.payload() == second.payload() == third.payload()
    assert bodies(a, pk) == [(1, 1, "Hello"), (2, 2, "once")]


def test_what_is_not_plain_is_left_over(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    pk, closed, foreign = story.started(a), story.started(a), story.started(b)
    known = draft(a.end_user, pk, "first")
    services.write_batch([known])
    a.inside(lambda: services.close_conversation(actor=a.operator, conversation_id=closed))
    stranger = replace(draft(a.end_user, pk), end_user_id=uuid4())
    before = bodies(a, pk), bodies(a, closed), bodies(b, foreign)

    outcomes = services.write_batch([
        draft(a.operator, foreign),
        draft(a.operator, uuid4()),
        draft(a.end_user, closed),
        stranger,
        replace(known, body="another text under the same id"),
        replace(draft(a.operator, pk), client_id=known.client_id, body="first"),
    ])  # fmt: skip

    assert outcomes == [NotNow.HELD, NotNow.HELD, *[NotNow.NOT_PLAIN] * 4]
    assert (bodies(a, pk), bodies(a, closed), bodies(b, foreign)) == before


def test_a_conversation_that_somebody_holds_is_not_waited_for(committed_cast: Cast) -> None:
    a = committed_cast.a
    held, free = story.started(a), story.started(a)

    with closing(superuser(DATABASE)) as server, server.cursor() as cursor:
        cursor.execute("BEGIN; SELECT 1 FROM chats_conversation WHERE id = %s FOR UPDATE", [str(held)])
        outcomes = services.write_batch([draft(a.end_user, held), draft(a.end_user, free, "goes on")])
        cursor.execute("ROLLBACK")

    assert outcomes[0] is NotNow.HELD
    assert bodies(a, free)[-1][2] == "goes on"
    assert [type(outcome) for outcome in services.write_batch([draft(a.end_user, held)])] == [Stored]


def test_limits_count_in_a_batch_and_refuse_only_whom_they_concern(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    pk, theirs = story.started(a), story.started(b)
    flood = [draft(a.end_user, pk, str(number)) for number in range(PERSON_MESSAGES.burst + 5)]

    *flooded, neighbour = services.write_batch([*flood, draft(b.end_user, theirs, "calm")])

    stored = [outcome for outcome in flooded if isinstance(outcome, Stored)]
    refused = [outcome for outcome in flooded if isinstance(outcome, RateLimitedError)]
    # One token went for the first message of the conversation; time may have given some back.
    assert PERSON_MESSAGES.burst - 1 <= len(stored) < len(flood)
    assert len(stored) + len(refused) == len(flood)
    assert all(refusal.retry_after for refusal in refused)
    assert isinstance(neighbour, Stored)
    assert bodies(a, pk)[-1][0] == len(stored) + 1
    # Who has been counted once is not counted again.
    assert isinstance(services.write_batch([replace(flood[-1], is_counted=True)])[0], Stored)


def test_the_function_writes_no_row_of_another_organization(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    mine, theirs = story.started(a), story.started(b)
    message = story.messages(a, mine)[0]

    def store(organization_id: UUID) -> None:
        row = {column.column: str(getattr(message, column.attname) or "") for column in Message._meta.concrete_fields}
        row |= {"id": str(uuid4()), "conversation_id": str(theirs), "client_id": str(uuid4()), "seq": "9", "body": "in"}
        work = {str(organization_id): {"messages": [{k: v or None for k, v in row.items()}], "conversations": []}}
        with organizations_in_turn(), connection.cursor() as cursor:
            cursor.execute("SELECT chats_store(%s::jsonb)", [orjson.dumps(work).decode()])

    # A neighbour's conversation under one's own name, and one's own name under a neighbour's tenant.
    with pytest.raises(IntegrityError):
        store(a.organization.pk)
    with pytest.raises(Exception, match="row-level security"):
        store(b.organization.pk)
    connection.close()
    assert len(bodies(b, theirs)) == len(bodies(a, mine)) == 1


def test_batches_of_many_threads_leave_one_order(committed_cast: Cast) -> None:
    a = committed_cast.a
    pks = [story.started(a) for _ in range(3)]

    def write(number: int) -> list[object]:
        drafts = [replace(draft(a.operator, pk, f"{number}"), is_counted=True) for pk in pks for _ in range(4)]
        left: list[Draft] = drafts
        stored: list[object] = []
        while left:
            outcomes = services.write_batch(left)
            stored += [outcome for outcome in outcomes if isinstance(outcome, Stored)]
            left = [one for one, outcome in zip(left, outcomes, strict=True) if outcome is NotNow.HELD]
        connection.close()
        return stored

    with ThreadPoolExecutor(4) as pool:
        counts = [len(stored) for stored in pool.map(write, range(6))]

    assert counts == [12] * 6
    for pk in pks:
        rows = bodies(a, pk)
        assert [(seq, version) for seq, version, _ in rows] == [(number, number) for number in range(1, 26)]
        assert story.reread(a, pk).last_seq == 25


def test_nothing_is_announced_of_a_batch_that_is_rolled_back(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = story.started(a)
    listen = heard.on(conversation_topic(a.organization.pk, pk, OPERATORS))

    with transaction.atomic():
        services.write_batch([draft(a.end_user, pk, "gone")])
        transaction.set_rollback(True)

    assert listen() == []
    assert a.inside(lambda: Conversation.objects.get(pk=pk).last_seq) == 1
    services.write_batch([draft(a.end_user, pk, "stays")])
    assert len(listen()) == 1

"""The group commit: many drafts of two organizations in one transaction, row security on, and what it leaves over."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from uuid import UUID, uuid4

import orjson
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chats import services
from chats.events import OPERATORS, conversation_topic, end_user_topic, inbox_topic
from chats.models import Conversation, Message
from chats.payloads import conversation_payload, message_payload, thread_payload
from chats.rules import PERSON_MESSAGES, Person
from chats.services import Draft, NotNow, Stored
from chats.services.lane import MOVING
from livecaller.core.actors import EndUserActor
from livecaller.core.errors import RateLimitedError
from tests.cast import Cast, Side
from tests.chats import story
from tests.conftest import DATABASE, superuser
from tests.ears import Heard
from widget.models import EndUser


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


def test_two_organizations_are_written_in_one_statement(committed_cast: Cast, heard: Heard) -> None:
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
    # One statement, which is its own transaction: the same for any number of messages and organizations.
    assert len(queries) == 1
    assert bodies(a, mine) == [(1, 1, "Hello"), (2, 2, "one"), (3, 3, "three")]
    assert bodies(a, other) == [(1, 1, "Hello"), (2, 2, "four")]
    assert bodies(b, theirs) == [(1, 1, "Hello"), (2, 2, "two")]
    heard_versions = [(notice["conversation"], notice["version"]) for notice in listen()]
    assert heard_versions == [(str(mine), 2), (str(mine), 3), (str(theirs), 2)]


LONG = "x" * 300
STORIES = [
    ("end_user", "end_user"),
    ("operator", "operator"),
    ("end_user", "operator"),
    ("operator", "end_user"),
    ("end_user", "operator", "end_user"),
    ("operator", "end_user", "operator"),
    ("operator",),
]


@pytest.mark.parametrize("is_closed", [False, True])
@pytest.mark.parametrize("is_answered", [False, True])
@pytest.mark.parametrize("authors", STORIES, ids="-".join)
def test_a_batch_leaves_what_messages_alone_leave(
    committed_cast: Cast, authors: tuple[str, ...], *, is_answered: bool, is_closed: bool
) -> None:
    a = committed_cast.a
    alone, together = story.started(a), story.started(a)
    for pk in (alone, together):
        if is_answered:
            story.send(a.operator, pk, "Yes?")
        if is_closed:
            a.inside(lambda pk=pk: services.close_conversation(actor=a.operator, conversation_id=pk))  # type: ignore[misc]
    said = [(getattr(a, side), f"{number} {LONG}") for number, side in enumerate(authors)]

    outcomes = services.write_batch([draft(actor, together, body) for actor, body in said])
    if is_closed and "end_user" in authors:
        # Opening again is not for the batch: only the operators' are stored.
        assert [outcome is NotNow.NOT_PLAIN for outcome in outcomes] == [side == "end_user" for side in authors]
        return
    for actor, body in said:
        story.send(actor, alone, body)

    assert [type(outcome) for outcome in outcomes] == [Stored] * len(said)
    assert columns(a, together) == columns(a, alone)
    pairs = zip(story.messages(a, together), story.messages(a, alone), strict=True)
    for ours, theirs in pairs:
        own = {"id", "conversation_id", "client_id", "created_at", "expires_at", "_state"}
        assert {k: v for k, v in vars(ours).items() if k not in own} == {
            k: v for k, v in vars(theirs).items() if k not in own
        }
        assert ours.expires_at - ours.created_at == theirs.expires_at - theirs.created_at
    for outcome, row in zip(outcomes, story.messages(a, together)[-len(said) :], strict=True):
        assert isinstance(outcome, Stored)
        assert outcome.payload() == message_payload(row, [])


@pytest.mark.parametrize("names", [("", ""), ("Ana", ""), ("", "Kakhiani"), ("A" * 80, "B" * 80)])
@pytest.mark.parametrize("is_assigned", [False, True])
def test_a_batch_shows_what_the_rows_say(
    committed_cast: Cast, heard: Heard, names: tuple[str, str], *, is_assigned: bool
) -> None:
    a = committed_cast.a
    pk = story.started(a)

    def dress() -> None:
        changes = {"first_name": names[0], "last_name": names[1], "email": "ana@shop.example" if names[0] else ""}
        EndUser.objects.filter(pk=a.end_user.end_user_id).update(is_verified=bool(names[0]), **changes)
        Conversation.objects.filter(pk=pk).update(
            page_url="https://shop.example/?a=1" if names[0] else "", page_title='"Cart" \\ ქართული', note_version=3
        )
        if is_assigned:
            services.assign_conversation(
                actor=a.operator, conversation_id=pk, assignee_id=a.operator.membership_id
            )  # fmt: skip

    a.inside(dress)
    listen = heard.on(inbox_topic(a.organization.pk), end_user_topic(a.end_user.end_user_id))
    for actor in (a.end_user, a.operator):
        (stored,) = services.write_batch([draft(actor, pk, 'a "quoted" \\ line')])
        frames = [orjson.loads(notice["text"]) for notice in listen()]
        row = a.inside(
            lambda: Conversation.objects.select_related("widget", "end_user", "assignee").get(pk=pk)
        )  # fmt: skip
        is_online = isinstance(actor, EndUserActor)
        assert [(frame["type"], frame["data"]) for frame in frames] == [
            ("conversation.updated", {"conversation": conversation_payload(row, is_online=is_online)}),
            ("thread.updated", {"thread": thread_payload(row)}),
        ]
        assert isinstance(stored, Stored)
        assert stored.message.author_name == (row.end_user.display_name if is_online else a.operator.name)


def test_the_database_stores_every_column_that_a_message_moves(committed_cast: Cast) -> None:
    """`chats_write` names the columns; one that `lane.save` moves and the function forgets would be lost."""
    # What only other changes move: state, assignment, read marks, notes.
    others = {"assignee", "state", "closed_at", "end_user_read_seq", "operator_read_seq", "note_seq", "note_version"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'chats_write'")
        source = str(cursor.fetchone()[0])
    moved, stored = source.split("UPDATE chats_conversation c SET")[1].split("INSERT INTO chats_message")[:2]

    assert [name for name in MOVING if name not in others and f" {name} =" not in moved.replace("\n", " ")] == []
    named = {name.strip() for name in stored.split("(")[1].split(")")[0].split(",")}
    assert named == {column.column for column in Message._meta.concrete_fields}


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


def call(organizations: list[UUID], organization: UUID, conversation: UUID) -> list[object]:
    asked = {
        "place": 0, "id": str(uuid4()), "organization": str(organization), "conversation": str(conversation),
        "end_user": None, "client": str(uuid4()), "author_kind": "operator", "author": str(uuid4()), "name": "Mallory",
        "body": "in",
    }  # fmt: skip
    with connection.cursor() as cursor:
        entered = ",".join(map(str, organizations))
        cursor.execute(
            "SELECT outcome FROM chats_write(now(), %s, %s::jsonb)", [entered, orjson.dumps([asked]).decode()]
        )
        return [outcome for (outcome,) in cursor.fetchall()]


def test_the_function_writes_no_row_of_another_organization(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    mine, theirs = story.started(a), story.started(b)
    ours, other = a.organization.pk, b.organization.pk

    # Entered, and one's own: it is the way in that is tried.
    assert call([ours], ours, mine) == ["stored"]
    # A neighbour's conversation under one's own name, or under theirs without entering; one's own under theirs.
    refused = [call([ours], ours, theirs), call([ours], other, theirs), call([ours, other], ours, theirs),
               call([ours, other], other, mine), call([], ours, mine)]  # fmt: skip

    assert refused == [[]] * 5
    assert (len(bodies(a, mine)), len(bodies(b, theirs))) == (2, 1)


def test_the_function_opens_nothing_else(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = story.started(a)

    with transaction.atomic(), connection.cursor() as cursor:
        assert call([a.organization.pk], a.organization.pk, pk) == ["stored"]
        # The setting is there until the transaction ends, and means nothing to the application.
        cursor.execute("SELECT current_setting('app.tenants', true)")
        assert cursor.fetchone() == (str(a.organization.pk),)
        for table in ("chats_message", "chats_conversation", "widget_enduser", "widget_widget", "accounts_membership"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table

    with closing(superuser(DATABASE)) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolname FROM pg_roles r WHERE NOT r.rolsuper "
            "AND has_function_privilege(r.oid, 'chats_write(timestamptz, text, jsonb)', 'EXECUTE')"
        )
        assert {name for (name,) in cursor.fetchall()} == {"livecaller_app", "livecaller_owner"}


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

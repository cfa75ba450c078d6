"""Reading, assigning, closing, reopening, spam, notes."""

import json
from functools import partial
from uuid import uuid4

import pytest

from accounts.models import Membership
from chats import services
from chats.enums import ConversationState
from chats.selectors import notes_of, payload_of
from livecaller.core.errors import ConflictError, InvalidError, NotFoundError, RateLimitedError
from tests.cast import Cast
from tests.chats import story
from tests.ears import Heard


def test_read_marks_only_move_forward(cast: Cast) -> None:
    pk = story.started(cast.a)
    story.send(cast.a.operator, pk)
    story.send(cast.a.operator, pk)

    def read(seq: int) -> tuple[int, int, int]:
        row = cast.a.inside(lambda: services.mark_read(actor=cast.a.end_user, conversation_id=pk, seq=seq))
        return row.end_user_read_seq, row.end_user_unread, row.version

    assert read(2) == (2, 1, 4)
    assert read(1) == (2, 1, 4)
    assert read(2) == (2, 1, 4)
    # No further than there is something to read.
    assert read(99) == (3, 0, 5)
    row = story.reread(cast.a, pk)
    assert (row.operator_read_seq, row.operator_unread) == (0, 1)


def test_the_team_shares_one_read_mark(cast: Cast) -> None:
    pk = story.started(cast.a)

    cast.a.inside(lambda: services.mark_read(actor=cast.a.operator, conversation_id=pk, seq=1))
    row = cast.a.inside(lambda: services.mark_read(actor=cast.a.owner, conversation_id=pk, seq=1))

    assert (row.operator_read_seq, row.operator_unread, row.version) == (1, 0, 2)


def test_an_operator_takes_transfers_and_releases(cast: Cast) -> None:
    pk, mine, other = story.started(cast.a), cast.a.operator.membership_id, cast.a.owner.membership_id

    def assign(to: object) -> object:
        row = cast.a.inside(
            lambda: services.assign_conversation(actor=cast.a.operator, conversation_id=pk, assignee_id=to)  # type: ignore[arg-type]
        )
        return row.assignee_id

    assert assign(mine) == mine
    assert assign(mine) == mine
    assert story.reread(cast.a, pk).version == 2
    assert assign(other) == other
    assert assign(None) is None
    assert story.reread(cast.a, pk).version == 4


def test_taking_what_a_colleague_has_taken_is_a_conflict(cast: Cast) -> None:
    pk = story.started(cast.a)
    owner, operator = cast.a.owner, cast.a.operator
    cast.a.inside(
        lambda: services.assign_conversation(actor=owner, conversation_id=pk, assignee_id=owner.membership_id)
    )

    with pytest.raises(ConflictError, match="Olga"):
        cast.a.inside(
            lambda: services.assign_conversation(actor=operator, conversation_id=pk, assignee_id=operator.membership_id)
        )

    assert story.reread(cast.a, pk).assignee_id == owner.membership_id
    cast.a.inside(lambda: Membership.objects.filter(pk=owner.membership_id).update(is_active=False))
    row = cast.a.inside(
        lambda: services.assign_conversation(actor=operator, conversation_id=pk, assignee_id=operator.membership_id)
    )
    assert row.assignee_id == operator.membership_id


def test_only_an_active_member_of_the_organization_is_put_in_charge(cast: Cast) -> None:
    pk = story.started(cast.a)
    cast.a.inside(lambda: Membership.objects.filter(pk=cast.a.owner.membership_id).update(is_active=False))

    assign = partial(services.assign_conversation, actor=cast.a.operator, conversation_id=pk)
    for stranger in (cast.b.operator.membership_id, cast.a.owner.membership_id, uuid4()):
        with pytest.raises(InvalidError):
            cast.a.inside(partial(assign, assignee_id=stranger))

    row = story.reread(cast.a, pk)
    assert (row.assignee_id, row.version) == (None, 1)


def test_closing_and_reopening_leave_a_line_and_happen_once(cast: Cast) -> None:
    pk = story.started(cast.a)

    for _ in range(2):
        row = cast.a.inside(lambda: services.close_conversation(actor=cast.a.operator, conversation_id=pk))
    assert (row.state, row.last_seq, row.version) == (ConversationState.CLOSED, 2, 3)
    assert (row.closed_at is not None, row.waiting_since) == (True, None)

    for _ in range(2):
        row = cast.a.inside(lambda: services.reopen_conversation(actor=cast.a.operator, conversation_id=pk))
    assert (row.state, row.last_seq, row.version, row.closed_at) == (ConversationState.OPEN, 3, 5, None)
    assert [message.body for message in story.messages(cast.a, pk)] == ["Hello", "closed", "reopened"]


def test_an_end_user_closes_their_own_conversation_only(cast: Cast) -> None:
    pk = story.started(cast.a)
    for actor in (cast.b.end_user, story.another_end_user(cast.a)):
        with pytest.raises(NotFoundError):
            cast.a.inside(partial(services.close_conversation, actor=actor, conversation_id=pk))

    row = cast.a.inside(lambda: services.close_conversation(actor=cast.a.end_user, conversation_id=pk))

    assert row.state == ConversationState.CLOSED


def test_nobody_is_told_that_they_are_spam(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = story.started(a)
    to_end_user = heard.on(f"conversation.{a.organization.pk}.{pk}.end_user", f"end_user.{a.end_user.end_user_id}")

    row = a.inside(lambda: services.mark_spam(actor=a.operator, conversation_id=pk))

    assert row.state == ConversationState.SPAM
    assert a.inside(lambda: payload_of(a.end_user, row))["state"] == "closed"
    assert a.inside(lambda: payload_of(a.operator, row))["state"] == "spam"
    texts = [message["text"] for message in to_end_user()]
    assert [json.loads(text)["type"] for text in texts] == ["conversation.changed", "thread.updated"]
    assert "spam" not in "".join(texts)
    # To its end-user it is closed already; closing it must not take it out of spam.
    row = a.inside(lambda: services.close_conversation(actor=a.end_user, conversation_id=pk))
    assert row.state == ConversationState.SPAM


def test_notes_have_numbers_of_their_own(cast: Cast) -> None:
    pk, client_id = story.started(cast.a), uuid4()
    first = story.note(cast.a.operator, pk, "one", client_id=client_id)
    again = story.note(cast.a.operator, pk, "one", client_id=client_id)
    second = story.note(cast.a.owner, pk, "two")

    assert first.pk == again.pk
    assert [(note.seq, note.version) for note in (first, second)] == [(1, 1), (2, 2)]
    row = story.reread(cast.a, pk)
    assert (row.note_seq, row.note_version, row.version, row.last_seq) == (2, 2, 1, 1)
    with pytest.raises(ConflictError):
        story.note(cast.a.operator, pk, "other", client_id=client_id)
    with pytest.raises(ConflictError):
        story.note(cast.a.owner, pk, "one", client_id=client_id)


def test_notes_are_read_page_by_page(cast: Cast) -> None:
    pk = story.started(cast.a)
    for number in range(1, 102):
        story.forget_limits()
        story.note(cast.a.operator, pk, str(number))

    newest = cast.a.inside(lambda: notes_of(cast.a.operator, pk))
    assert [note["seq"] for note in newest.results] == list(range(2, 102))
    assert newest.next is not None
    oldest = cast.a.inside(lambda: notes_of(cast.a.operator, pk, before_seq=int(newest.next or 0)))
    assert ([note["seq"] for note in oldest.results], oldest.next) == ([1], None)


def test_an_end_user_hears_nothing_of_a_note(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = story.started(a)
    to_end_user = heard.on(f"conversation.{a.organization.pk}.{pk}.end_user", f"end_user.{a.end_user.end_user_id}")
    to_operators = heard.on(f"conversation.{a.organization.pk}.{pk}.notes", f"inbox.{a.organization.pk}")

    story.note(a.operator, pk, "difficult")

    frames = to_operators()
    # What was heard until now holds all topics of these ears: the note and the snapshot, nothing else.
    assert [(message["topic"].split(".")[-1], json.loads(message["text"])["type"]) for message in frames] == [
        ("notes", "note.created"),
        (str(a.organization.pk), "conversation.updated"),
    ]
    story.send(a.operator, pk, "hello")
    assert {message["topic"].split(".")[0] for message in to_end_user()} >= {"end_user"}


def test_ten_conversations_a_day(cast: Cast) -> None:
    for _ in range(10):
        story.forget_limits()
        story.started(cast.a)

    story.forget_limits()
    with pytest.raises(RateLimitedError) as refusal:
        story.started(cast.a)

    assert 86_000 < (refusal.value.retry_after or 0) <= 86_400
    # Another person has their own allowance.
    assert story.start(cast.a, actor=story.another_end_user(cast.a)).first.is_new

"""Clocks that jump: what was said has its order from the database, whatever time a process believes it is."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chats import services
from chats.selectors import sync_of
from chats.selectors.sync import Cursor
from chats.services import Stored
from tests.cast import Cast
from tests.chats import story
from tests.chats.test_batch import draft

JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=2), timedelta(0), timedelta(days=-2), timedelta(0)]


def test_the_order_does_not_follow_the_clock(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a = committed_cast.a
    pk, real = story.started(a, "0"), timezone.now

    for number, jump in enumerate(JUMPS, 1):

        def now(jump: timedelta = jump) -> datetime:
            return real() + jump

        monkeypatch.setattr(timezone, "now", now)
        if number % 2:
            story.send(a.operator, pk, str(number))
        else:
            assert isinstance(services.write_batch([draft(a.end_user, pk, str(number))])[0], Stored)
    monkeypatch.setattr(timezone, "now", real)

    written = story.messages(a, pk)
    assert [(message.seq, message.version, message.body) for message in written] == [
        (number + 1, number + 1, str(number)) for number in range(len(JUMPS) + 1)
    ]
    times = [message.created_at for message in written]
    assert times != sorted(times)
    for actor in (a.end_user, a.operator):
        caught_up = a.inside(lambda actor=actor: sync_of(actor, pk, Cursor(3, 0)))  # type: ignore[misc]
        assert [message["body"] for message in caught_up["messages"]] == ["3", "4", "5", "6"]
        assert caught_up["mode"] == "delta"
    row = story.reread(a, pk)
    assert (row.last_body, row.last_seq) == ("6", 7)


def test_two_messages_of_one_moment_are_two(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = story.started(a)
    first, last = services.write_batch([draft(a.end_user, pk, "first"), draft(a.end_user, pk, "last")])
    assert isinstance(first, Stored)
    assert isinstance(last, Stored)
    assert first.message.created_at == last.message.created_at

    a.inside(
        lambda: services.edit_message(
            actor=a.end_user, conversation_id=pk, message_id=first.message.pk, body="first, better"
        )
    )
    assert story.reread(a, pk).last_body == "last"
    a.inside(
        lambda: services.edit_message(
            actor=a.end_user, conversation_id=pk, message_id=last.message.pk, body="last, better"
        )
    )
    assert story.reread(a, pk).last_body == "last, better"

"""A reader's copy of a conversation: in order, once, and aware of what is missing."""

from tests.bench.chat.log import ConversationLog
from tests.bench.peer import created, message, sync

A = "a"


def opened(version: int = 0) -> ConversationLog:
    log = ConversationLog(A)
    log.take_sync(sync(A, version, last_seq=version))
    return log


def positions(log: ConversationLog) -> list[int]:
    return [seq for seq, _, _ in log.received]


def test_events_are_applied_in_turn_and_old_ones_dropped() -> None:
    log = opened(7)

    assert log.take(created(A, 8, "x")) == "x"
    assert log.take(created(A, 8, "x")) is None
    assert log.take(created(A, 7, "w")) is None
    assert log.received == [(8, 8, "x")]
    assert (log.version, log.dropped, log.jumps) == (8, 2, 0)


def test_an_early_event_waits_for_the_one_before_it() -> None:
    log = opened()

    assert log.take(created(A, 2, "y")) is None
    assert log.is_behind()
    assert log.take(created(A, 1, "x")) == "x"
    assert log.release() == ["y"]
    assert positions(log) == [1, 2]
    assert (log.is_behind(), log.jumps) == (False, 1)


def test_a_sync_brings_what_is_missing_and_nothing_twice() -> None:
    log = opened()
    log.take(created(A, 1, "x"))
    log.take(created(A, 4, "w"))

    brought = log.take_sync(sync(A, 3, message(A, 1, "x"), message(A, 2, "y"), message(A, 3, "z"), last_seq=3))

    assert brought == ["y", "z", "w"]
    assert positions(log) == [1, 2, 3, 4]


def test_a_late_answer_does_not_turn_the_clock_back() -> None:
    log = opened()
    for seq in (1, 2, 3):
        log.take(created(A, seq, str(seq)))

    assert log.take_sync(sync(A, 2, message(A, 1, "1"), message(A, 2, "2"), last_seq=2)) == []
    assert log.version == 3


def test_a_reader_answers_only_for_what_came_after_it() -> None:
    log = ConversationLog(A)

    assert log.take_sync({**sync(A, 60, message(A, 59, "old"), last_seq=59), "mode": "reload"}) == []
    assert (log.since, log.version, log.received, log.reloads) == (60, 60, [], 0)


def test_a_reload_on_the_way_is_counted_and_leaves_a_hole() -> None:
    log = opened()
    log.take(created(A, 1, "1"))

    log.take_sync({**sync(A, 300, message(A, 299, "p"), message(A, 300, "q"), last_seq=300), "mode": "reload"})

    assert (log.reloads, positions(log)) == (1, [1, 299, 300])


def test_changes_without_a_message_move_the_version_alone() -> None:
    log = opened()
    read = {"type": "conversation.read", "conversation": A, "version": 1, "data": {"reader": "operator", "seq": 0}}

    assert log.take(read) is None
    assert log.take({**created(A, 1, "x"), "version": 2}) == "x"
    assert (log.version, positions(log)) == (2, [1])


def test_notes_are_numbered_apart() -> None:
    log = opened()

    log.take({"type": "note.created", "conversation": A, "version": 1, "data": {"note": {}}})

    assert (log.version, log.note_version, log.received) == (0, 1, [])


def test_a_server_without_versions_is_taken_at_its_word() -> None:
    log = ConversationLog(A)
    event = created(A, 900, "x")

    assert log.take({key: value for key, value in event.items() if key != "version"}) == "x"
    assert positions(log) == [900]


def test_a_head_that_is_further_on_is_noticed() -> None:
    log = opened(5)

    assert log.is_behind(6)
    assert not log.is_behind(5)

"""The verdict finds what a broken server would do: each fault is planted, and found, and nothing else is."""

from collections.abc import Callable

import pytest

from tests.bench.chat.log import ConversationLog
from tests.bench.chat.verdict import Verdict, judge

A, B = "a", "b"


class World:
    """Two conversations of three messages, two readers of each, everything in order."""

    def __init__(self) -> None:
        self.stored = {room: [(seq, f"{room}{seq}") for seq in (1, 2, 3)] for room in (A, B)}
        self.acknowledged = {name: (room, seq) for room, rows in self.stored.items() for seq, name in rows}
        self.readers = [self.reader(room) for room in (A, A, B, B)]

    def reader(self, room: str) -> ConversationLog:
        log = ConversationLog(room)
        log.since = 1
        log.received = [(seq, seq, name) for seq, name in self.stored[room]]
        return log

    def judge(self, *, is_numbered: bool = True) -> Verdict:
        return judge(self.stored, self.acknowledged, self.readers, is_numbered=is_numbered)


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.duplicated, verdict.gaps


def lose_the_last(world: World) -> None:
    world.stored[A].pop()
    for reader in world.readers[:2]:
        reader.received.pop()


def lose_all_of_a_conversation(world: World) -> None:
    del world.stored[B]
    del world.readers[2:]


def store_another_number(world: World) -> None:
    world.acknowledged["a2"] = (A, 3)


def store_in_another_conversation(world: World) -> None:
    world.acknowledged["a2"] = (B, 2)


def store_twice(world: World) -> None:
    world.stored[A].append((4, "a3"))
    world.acknowledged["a3"] = (A, 4)
    for reader in world.readers[:2]:
        reader.received.append((4, 4, "a3"))


def number_twice(world: World) -> None:
    world.stored[A][2] = (2, "a3")
    world.acknowledged["a3"] = (A, 2)
    for reader in world.readers[:2]:
        reader.received[2] = (2, 3, "a3")


def leave_a_number_out(world: World) -> None:
    world.stored[A][2] = (4, "a3")
    world.acknowledged["a3"] = (A, 4)
    for reader in world.readers[:2]:
        reader.received[2] = (4, 3, "a3")


def forget_a_reader(world: World) -> None:
    del world.readers[1].received[1]


def show_twice(world: World) -> None:
    world.readers[0].received.append(world.readers[0].received[0])


def show_what_is_not_there(world: World) -> None:
    world.readers[0].received.append((4, 4, "ghost"))


PLANTED: list[tuple[Callable[[World], None], tuple[int, int, int]]] = [
    (lose_the_last, (1, 0, 0)),
    (lose_all_of_a_conversation, (3, 0, 0)),
    (store_another_number, (1, 0, 0)),
    (store_in_another_conversation, (1, 0, 0)),
    (store_twice, (0, 1, 0)),
    (number_twice, (0, 1, 0)),
    (leave_a_number_out, (0, 0, 1)),
    (forget_a_reader, (0, 0, 1)),
    (show_twice, (0, 1, 0)),
    (show_what_is_not_there, (1, 0, 0)),
]


def test_a_kept_promise_is_clean() -> None:
    verdict = World().judge()

    assert (counts(verdict), verdict.is_clean, verdict.messages) == ((0, 0, 0), True, 6)


@pytest.mark.parametrize(("plant", "expected"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_a_fault_is_found(plant: Callable[[World], None], expected: tuple[int, int, int]) -> None:
    world = World()
    plant(world)
    verdict = world.judge()

    assert counts(verdict) == expected
    assert not verdict.is_clean
    assert verdict.examples


def test_numbers_with_holes_are_allowed_to_who_promises_none() -> None:
    world = World()
    leave_a_number_out(world)

    assert world.judge(is_numbered=False).is_clean


def test_a_reader_is_not_asked_for_what_was_there_before() -> None:
    world = World()
    late = world.reader(A)
    late.since, late.received = 3, late.received[2:]
    world.readers.append(late)

    assert world.judge().is_clean


def test_what_was_never_acknowledged_may_be_stored_or_not() -> None:
    world = World()
    del world.acknowledged["a3"]

    assert world.judge().is_clean

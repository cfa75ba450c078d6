"""How sockets are let go when a process ends: all of them, one after another, and nobody who stays holds it back."""

import asyncio
from dataclasses import dataclass, field

import pytest

from livecaller.core import draining
from livecaller.core.draining import let_sockets_go
from livecaller.core.hub import Event, hub


@dataclass(eq=False)
class Listener:
    """Somebody on two topics, who goes when asked unless they are stubborn."""

    order: list["Listener"]
    is_stubborn: bool = False
    codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for topic in ("one", "two"):
            hub().listen(topic, self)

    def hear(self, event: Event) -> None:
        raise AssertionError(event)

    def revoke(self, code: int) -> None:
        raise AssertionError(code)

    def retire(self, code: int) -> None:
        self.codes.append(code)
        self.order.append(self)
        if not self.is_stubborn:
            self.leave()

    def leave(self) -> None:
        for topic in ("one", "two"):
            hub().leave(topic, self)


async def test_everybody_is_asked_once_and_by_chance() -> None:
    order: list[Listener] = []
    people = [Listener(order) for _ in range(50)]

    await let_sockets_go(is_urgent=lambda: False)

    assert [person.codes for person in people] == [[1012]] * 50
    assert order != people
    assert hub().ears() == set()


async def test_somebody_who_does_not_go_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "ANSWER_SECONDS", 0.1)
    stubborn = Listener([], is_stubborn=True)

    await let_sockets_go(is_urgent=lambda: False)

    assert (stubborn.codes, hub().ears()) == ([1012], {stubborn})
    stubborn.leave()


async def test_a_second_signal_ends_the_courtesy() -> None:
    order: list[Listener] = []
    people = [Listener(order, is_stubborn=True) for _ in range(5)]

    # As a second Ctrl-C after the second socket.
    await let_sockets_go(is_urgent=lambda: len(order) == 2)

    assert len(order) == 2
    assert sum(map(len, (person.codes for person in people))) == 2
    for person in people:
        person.leave()


async def test_thousands_are_spread_over_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "SPREAD_SECONDS", 0.2)
    monkeypatch.setattr(draining, "SOCKETS_A_SECOND", 100)
    order: list[Listener] = []
    for _ in range(200):
        Listener(order)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await let_sockets_go(is_urgent=lambda: False)

    # Two seconds at that rate, but no longer than the spread: 199 pauses of a millisecond.
    assert loop.time() - began >= 0.19
    assert len(order) == 200

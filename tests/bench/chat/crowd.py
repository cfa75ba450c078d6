"""Thousands of people who only sit there: what they cost, whether they are kept, and how fast they come back."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from time import perf_counter

from tests.bench.chat.line import Hub
from tests.bench.chat.seats import Seat, issuing
from tests.bench.chat.servers import memory_kb
from tests.bench.chat.target import Target
from tests.bench.chat.wire import Person, browser_delay

AT_ONCE = 100
COME_SECONDS = 120
STORM_SECONDS = 180


@dataclass(frozen=True, slots=True)
class CrowdOutcome:
    """What a crowd cost: kB of the web processes for each socket (None: not all were let in), lines that ended
    while all were idle (None: not measured), seconds until all were back after a cut (None: not within three minutes).
    """

    people: int
    kb_per_socket: float | None = None
    idle_drops: int | None = None
    storm_s: float | None = None

    def line(self) -> str:
        """Return it for people."""
        if self.kb_per_socket is None:
            return f"not all of {self.people} were let in within {COME_SECONDS} s"
        drops = "idle not measured" if self.idle_drops is None else f"{self.idle_drops} idle drops"
        storm = "not all came back" if self.storm_s is None else f"all back after {self.storm_s:.1f} s"
        return f"{self.people} sockets: {self.kb_per_socket:.1f} kB each, {drops}, {storm}"


class Crowd:
    """End-users who have said hello and do nothing."""

    def __init__(self, hub: Hub, seats: Sequence[Seat], delay: Callable[[int], float] | None = None) -> None:
        self._seats = seats
        delay = delay or _at_once
        self.people = [Person(hub, seat.address, seat.new_ticket, seat.conversations, delay=delay) for seat in seats]

    async def come(self) -> None:
        """Let everybody in, some at a time; raises `TimeoutError` when that takes more than two minutes."""
        async with asyncio.timeout(COME_SECONDS):
            for first in range(0, len(self.people), AT_ONCE):
                some = self.people[first : first + AT_ONCE]
                for person in some:
                    person.connect()
                await asyncio.gather(*(person.arrival() for person in some))

    async def idle(self, seconds: float) -> int:
        """Sit there, with heartbeats; return how many lines have ended: closed, or given up for want of an answer."""
        began = perf_counter()
        await asyncio.sleep(seconds)
        return sum(close.at >= began for person in self.people for close in person.memory.closes)

    async def storm(self) -> float | None:
        """Cut everybody at once; return the seconds until all have the answer to their hello again."""
        await asyncio.get_running_loop().run_in_executor(issuing, self._give_tickets)
        began = perf_counter()
        for person in self.people:
            person.cut()
        try:
            async with asyncio.timeout(STORM_SECONDS):
                await asyncio.gather(*(person.arrival() for person in self.people))
        except TimeoutError:
            return None
        return max(person.arrived_at for person in self.people) - began

    def leave(self) -> None:
        """Go home."""
        for person in self.people:
            person.leave()

    def _give_tickets(self) -> None:
        """Browsers that hold a fresh ticket need no other; those that do not get one, which is not measured."""
        for seat, person in zip(self._seats, self.people, strict=True):
            if not person.has_ticket:
                person.hold_ticket(seat.ticket())


async def measure_crowd(
    hub: Hub,
    target: Target,
    seats: Sequence[Seat],
    *,
    idle_seconds: float,
    storming: Callable[[], AbstractAsyncContextManager[None]],
) -> CrowdOutcome:
    """Let `seats` come, sit, be cut and come back inside `storming`; `idle_seconds` 0 leaves the idle part out."""
    warm = Crowd(hub, random.sample(seats, min(100, len(seats))))
    await warm.come()
    warm.leave()
    await asyncio.sleep(1)
    before = memory_kb(target.web())
    crowd = Crowd(hub, seats)
    try:
        await crowd.come()
        await asyncio.sleep(2)
        memory = (memory_kb(target.web()) - before) / len(seats)
        drops = await crowd.idle(idle_seconds) if idle_seconds else None
        async with storming():
            storm = await crowd.storm()
        return CrowdOutcome(len(seats), memory, drops, storm)
    except TimeoutError:
        return CrowdOutcome(len(seats))
    finally:
        crowd.leave()
        # The server says goodbye to all of them before the next part begins.
        await asyncio.sleep(3)


def _at_once(attempt: int) -> float:
    return 0 if attempt == 0 else browser_delay(attempt - 1)

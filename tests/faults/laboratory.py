"""Where faults happen: a running product, people who write, and what is asked of them afterwards."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar  # Any: options of Traffic; coroutines

from django.db import connections

from tests.bench.chat.line import Hub
from tests.bench.chat.people import make_team
from tests.bench.chat.seats import Team
from tests.bench.chat.wire import browser_delay
from tests.faults.installation import Installation
from tests.faults.outcome import Outcome
from tests.faults.traffic import Traffic

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Size:
    """How much load, and how long. `is_short`: for `make test`, where times are not judged."""

    rate: float
    teams: int
    before: float
    after: float
    is_short: bool = False

    def pick(self, full: float, short: float) -> float:
        """Return what fits this size."""
        return short if self.is_short else full


FULL = Size(rate=300, teams=5, before=10, after=10)
SHORT = Size(rate=60, teams=2, before=0.5, after=1, is_short=True)


@dataclass
class Laboratory:
    """A running product and the size of what is done to it."""

    installation: Installation
    size: Size

    async def teams(self, number: int) -> list[Team]:
        """Store so many new organizations."""
        return await apart(self._make_teams, number)

    @asynccontextmanager
    async def under_load(self, outcome: Outcome, **options: Any) -> AsyncIterator[Traffic]:
        """Let people write before, during and after the block, and judge by the table what came of it."""
        hub = Hub()
        teams = await self.teams(options.pop("teams", self.size.teams))
        traffic = Traffic(hub, teams, options.pop("rate", self.size.rate), delay=self.delay, **options)
        try:
            await traffic.come()
            traffic.begin()
            await asyncio.sleep(self.size.before)
            yield traffic
            await asyncio.sleep(self.size.after)
            await traffic.end()
            await self.settle(traffic, outcome)
        finally:
            await traffic.end()
            traffic.leave()
            hub.close()

    async def settle(self, traffic: Traffic, outcome: Outcome) -> None:
        """Wait until everything is where it belongs, and judge."""
        outcome.require(await traffic.converge(), "not everything was acknowledged and received in 90 s")
        outcome.judge(await apart(lambda: traffic.verdict(self.installation.connect())))
        for oddity in traffic.oddities()[:3]:
            outcome.fail(oddity)
        resent = sum(person.memory.resends for person in traffic.people())
        nacks = ", ".join(f"{number} {code}" for code, number in traffic.nacks.items()) or "none"
        outcome.note(f"resent {resent}, refused for now: {nacks}")

    @property
    def delay(self) -> Callable[[int], float]:
        """How long a browser waits before it comes back; in a short run shorter than a browser's."""
        return _short_delay if self.size.is_short else browser_delay

    def _make_teams(self, number: int) -> list[Team]:
        try:
            return [make_team(self.installation.port) for _ in range(number)]
        finally:
            # The next fault may break it.
            connections.close_all()


Fault = Callable[[Laboratory, Outcome], Coroutine[Any, Any, None]]


def _short_delay(attempt: int) -> float:
    return random.uniform(0.05, 0.3) * (attempt + 1)  # noqa: S311 spreads load


async def apart(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await a blocking function; the people go on meanwhile."""
    return await asyncio.to_thread(function, *args, **kwargs)

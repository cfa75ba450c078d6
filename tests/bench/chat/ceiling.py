"""The highest rate that a server keeps up with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.bench.chat.load import Outcome

LOWEST, HIGHEST = 10, 24_000
CONFIRMATIONS, STEP_DOWN = 6, 0.93


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for a ceiling: `probe(rate, seconds)` tries one rate.

    `short` and `long` are the seconds of a search's probe and of the one that confirms, `steps` is the number of
    bisections, `tries` how often a rate may be missed in the search: the machine has other programs, too.
    """

    probe: Callable[[float, float], Awaitable[Outcome]]
    short: float
    long: float
    steps: int
    tries: int

    async def find(self, first: float) -> Outcome | None:
        """Return the outcome of the highest rate that was held for `long` seconds, or None when none was.

        Doubles from `first` while it is held, or halves until it is, closes in, and confirms; a rate that is not
        confirmed is lowered by 7 % and tried again.
        """
        good, bad = await self._bracket(first)
        for _ in range(self.steps if good and bad else 0):
            middle = (good * bad) ** 0.5
            if await self._holds(middle):
                good = middle
            else:
                bad = middle
        return await self._confirmed(good)

    async def _bracket(self, rate: float) -> tuple[float, float]:
        """Return a rate that was held and twice as much, which was not; 0 for one that was not found."""
        if await self._holds(rate):
            while rate * 2 <= HIGHEST:
                if not await self._holds(rate * 2):
                    return rate, rate * 2
                rate *= 2
            return rate, 0
        while rate / 2 >= LOWEST:
            rate /= 2
            if await self._holds(rate):
                return rate, rate * 2
        return 0, rate

    async def _holds(self, rate: float) -> bool:
        for _ in range(self.tries):
            if (await self.probe(round(rate), self.short)).is_held:
                return True
        return False

    async def _confirmed(self, rate: float) -> Outcome | None:
        for number in range(CONFIRMATIONS if rate else 0):
            outcome = await self.probe(round(rate * STEP_DOWN**number), self.long)
            if outcome.is_held:
                return outcome
        return None

"""What only time shows: memory that is never given back, and lines that end though nothing happened."""

import asyncio
import random
from collections.abc import Sequence
from time import perf_counter

from tests.bench.chat.crowd import Crowd
from tests.bench.chat.line import Hub
from tests.bench.chat.schedule import teams_for
from tests.bench.chat.seats import END_USERS, Team
from tests.faults.laboratory import Laboratory
from tests.faults.outcome import Outcome
from tests.faults.traffic import Traffic

WARM_MINUTES = 5
SAMPLE_SECONDS = 5


async def leak_soak(lab: Laboratory, outcome: Outcome) -> None:
    """F25: 1,000 messages a second and people who come and go, for half an hour."""
    rate = lab.size.pick(1000, 60)
    teams = await lab.teams(max(teams_for(rate) + 4, lab.size.teams))
    samples: list[tuple[float, float]] = []
    began = perf_counter()
    watching = asyncio.create_task(_watch(lab, samples))
    while perf_counter() - began < lab.size.pick(30 * 60, 3):
        await _shift(lab, outcome, teams, rate)
    watching.cancel()
    outcome.note(f"memory of the web processes from {samples[0][1]:.0f} to {samples[-1][1]:.0f} MB")
    warm = [(minute, size) for minute, size in samples if minute >= WARM_MINUTES]
    if not lab.size.is_short:
        outcome.within("memory grew a minute by", slope(warm), 1, "MB")


async def _shift(lab: Laboratory, outcome: Outcome, teams: Sequence[Team], rate: float) -> None:
    """Let everybody come, write for a minute with some leaving and returning all the time, go, and judge."""
    hub = Hub()
    traffic = Traffic(hub, teams, rate, delay=lab.delay)
    try:
        await traffic.come()
        traffic.begin()
        for _ in range(int(lab.size.pick(60, 3))):
            for person in random.sample(traffic.people(), 5):
                person.cut()
            await asyncio.sleep(1)
        await traffic.end()
        codes = traffic.codes(0)
        outcome.require(set(codes) <= {-1}, f"lines ended by themselves: {dict(codes)}")
        await lab.settle(traffic, outcome)
    finally:
        await traffic.end()
        traffic.leave()
        hub.close()


async def _watch(lab: Laboratory, samples: list[tuple[float, float]]) -> None:
    began = perf_counter()
    while True:
        samples.append(((perf_counter() - began) / 60, lab.installation.web_megabytes()))
        await asyncio.sleep(SAMPLE_SECONDS)


def slope(samples: Sequence[tuple[float, float]]) -> float:
    """Return by how much the second value grows for each one of the first: the straight line with the least squares."""
    count = len(samples)
    if count < 2:
        return 0.0
    middle = sum(at for at, _ in samples) / count
    height = sum(value for _, value in samples) / count
    spread = sum((at - middle) ** 2 for at, _ in samples)
    return sum((at - middle) * (value - height) for at, value in samples) / spread if spread else 0.0


async def idle_soak(lab: Laboratory, outcome: Outcome) -> None:
    """F26: 300 sockets that only send heartbeats, for ten minutes."""
    number = int(lab.size.pick(300, 40))
    teams = await lab.teams(-(-number // END_USERS))
    seats = [seat for team in teams for seat in (*team.operators, *team.end_users)][:number]
    hub = Hub()
    crowd = Crowd(hub, seats)
    try:
        await crowd.come()
        drops = await crowd.idle(lab.size.pick(600, 6))
        here = sum(person.is_here for person in crowd.people)
    finally:
        crowd.leave()
        hub.close()
    outcome.require(not drops, f"{drops} lines ended")
    outcome.require(here == number, f"only {here} of {number} were there in the end")
    outcome.note(f"{drops} of {number} lines ended")

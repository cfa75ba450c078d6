"""Too many at once: a storm of reconnects, and a flood into one conversation."""

import asyncio
import math
from collections import Counter
from time import perf_counter

from tests.bench.chat.crowd import Crowd
from tests.bench.chat.line import Hub
from tests.bench.chat.seats import END_USERS, Seat
from tests.bench.chat.wire import Person, browser_delay
from tests.faults.laboratory import Laboratory
from tests.faults.outcome import Outcome
from tests.faults.traffic import Traffic

# A person may have five sockets, and one of them takes part in the traffic.
FLOOD_SOCKETS = 4
FLOOD_RATE = 2000


class _Manner:
    """How those who were cut come back: as browsers do, or all at once."""

    def __init__(self) -> None:
        self.is_patient = False

    def __call__(self, attempt: int) -> float:
        if self.is_patient:
            return browser_delay(attempt)
        return 0.0 if attempt == 0 else browser_delay(attempt - 1)


async def storm(lab: Laboratory, outcome: Outcome) -> None:
    """F13: thousands of quiet sockets are cut and come back while others talk."""
    hub, manner = Hub(), _Manner()
    crowd = Crowd(hub, await _seats(lab, int(lab.size.pick(5000, 200))), manner)
    try:
        await crowd.come()
        async with lab.under_load(outcome) as traffic:
            manners = (("as browsers come", True), ("all at once", False))
            for what, is_patient in manners[lab.size.is_short :]:
                manner.is_patient = is_patient
                began = perf_counter()
                took = await crowd.storm()
                outcome.within(f"{what}: all back", math.inf if took is None else took, 10)
                ended = perf_counter()
                outcome.note(f"{what}: {_troubles(crowd, began)}")
                await asyncio.sleep(lab.size.pick(5, 0.5))
                outcome.within(f"{what}: p99 of those who talk", traffic.p99(began, ended), 500, "ms")
                outcome.require(not traffic.codes(began), f"{what}: lines of those who talk ended")
    finally:
        crowd.leave()
        hub.close()


def _troubles(crowd: Crowd, since: float) -> str:
    """Say what the crowd met on its way back, and forget it."""
    met: Counter[str] = Counter()
    for person in crowd.people:
        met.update(person.memory.faults)
        met.update(f"closed {end.code}" for end in person.memory.closes if end.at >= since and not end.is_ours)
        person.memory.faults.clear()
    return ", ".join(f"{number} times {what}" for what, number in met.most_common()) or "nobody was turned away"


async def _seats(lab: Laboratory, number: int) -> list[Seat]:
    teams = await lab.teams(-(-number // END_USERS))
    return [seat for team in teams for seat in team.end_users][:number]


async def flood(lab: Laboratory, outcome: Outcome) -> None:
    """F18: 2,000 messages a second into one conversation, by somebody who never waits."""
    async with lab.under_load(outcome) as traffic:
        calm = perf_counter()
        await asyncio.sleep(lab.size.pick(20, 1))
        windows = await _flooders(traffic)
        began = perf_counter()
        sent = await _flood(traffic, windows, lab.size.pick(20, 1))
        ended = perf_counter()
    hot, *others = traffic.conversations()
    base = traffic.p99(calm, began, others)
    outcome.note(f"p99 before: {base:.1f} ms")
    outcome.within("p99 of the others", traffic.p99(began, ended, others), max(2 * base, 20), "ms")
    outcome.note(f"{sent} messages of the flood, {traffic.nacks['rate_limited']} refused for now")
    outcome.require(traffic.nacks["rate_limited"] > sent / 2, "the limit did not answer")
    refused = [one for one in traffic.between(began, ended) if one.conversation != hot and one.acknowledged == math.inf]
    outcome.require(not refused, f"{len(refused)} messages of others were not stored")
    outcome.require(not traffic.codes(began), f"lines ended: {dict(traffic.codes(began))}")


async def _flooders(traffic: Traffic) -> list[Person]:
    windows = [traffic.open_window(traffic.teams[0].end_users[0]) for _ in range(FLOOD_SOCKETS)]
    traffic.careless.update(windows)
    for window in windows:
        window.connect()
    await asyncio.gather(*(window.arrival() for window in windows))
    return windows


async def _flood(traffic: Traffic, windows: list[Person], seconds: float) -> int:
    """Write at the rate, whatever is answered; return how many."""
    office, began, sent = traffic.offices[0], perf_counter(), 0
    while (now := perf_counter() - began) < seconds:
        while sent < now * FLOOD_RATE:
            window = windows[sent % len(windows)]
            traffic.send(window, office.in_charge_of(0), office.conversations[0], began + sent / FLOOD_RATE)
            sent += 1
        await asyncio.sleep(0.005)
    return sent

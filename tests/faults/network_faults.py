"""Bad lines, and readers who do not read."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter

from tests.bench.chat.wire import Person
from tests.faults.installation import Installation
from tests.faults.laboratory import Laboratory, apart
from tests.faults.outcome import Outcome
from tests.faults.proxy import Road, SlowProxy
from tests.faults.traffic import Traffic

CLOSE_SLOW = 4008
_SLOW_READERS = "livecaller_slow_readers_total"


async def bad_lines(lab: Laboratory, outcome: Outcome) -> None:
    """F12: half a second more or less, 20 kB a second, lines that are half open, and all lines cut."""
    async with SlowProxy(lab.installation.port) as proxy, lab.under_load(outcome, port=proxy.port) as traffic:
        for what, spoil in _BAD_LINES.items():
            # The server hears nothing for 45 s before it lets go of a half-open line.
            if what == "half open" and lab.size.is_short:
                continue
            began = perf_counter()
            await spoil(lab, proxy, traffic, outcome)
            outcome.require(await traffic.back(began) < math.inf, f"{what}: not everybody came back")
            outcome.within(f"{what}: away", traffic.longest_absence(began), 5)
            outcome.note(f"{what}: {traffic.acknowledged_between(began, math.inf)} messages were acknowledged")


async def _slow(lab: Laboratory, proxy: SlowProxy, traffic: Traffic, outcome: Outcome) -> None:
    proxy.delay, proxy.jitter = 0.5, 0.2
    began = perf_counter()
    await asyncio.sleep(lab.size.pick(20, 2))
    outcome.require(not traffic.codes(began), f"slow: lines ended: {dict(traffic.codes(began))}")
    proxy.delay = proxy.jitter = 0.0


async def _narrow(lab: Laboratory, proxy: SlowProxy, traffic: Traffic, outcome: Outcome) -> None:
    proxy.rate = 20_000
    began = perf_counter()
    await asyncio.sleep(lab.size.pick(20, 1))
    outcome.require(traffic.acknowledged_between(began, math.inf), "narrow: nothing was acknowledged")
    proxy.rate = None


async def _half_open(lab: Laboratory, proxy: SlowProxy, traffic: Traffic, outcome: Outcome) -> None:
    roads = proxy.stall()
    began = perf_counter()
    people = traffic.people()
    noticed = await _until(lambda: all(_was_lost(person, began) for person in people), 60)
    outcome.within("half open: people noticed", noticed, 45)
    await _until(lambda: not _held(lab.installation, roads), 40)
    let_go = math.inf if _held(lab.installation, roads) else perf_counter() - began
    # Up to 10 s more, in which a server waits for the answer to its goodbye.
    outcome.within("half open: the servers let go", let_go, 57)
    await asyncio.gather(*(road.cut() for road in roads))


async def _cut(lab: Laboratory, proxy: SlowProxy, traffic: Traffic, outcome: Outcome) -> None:
    began = perf_counter()
    await proxy.cut()
    lost = await _until(lambda: all(_was_lost(person, began) for person in traffic.people()), 10)
    outcome.require(lost < math.inf, "cut: somebody did not notice")


_BAD_LINES: dict[str, Callable[[Laboratory, SlowProxy, Traffic, Outcome], Awaitable[None]]] = {
    "slow": _slow,
    "narrow": _narrow,
    "half open": _half_open,
    "cut": _cut,
}


async def silent_readers(lab: Laboratory, outcome: Outcome) -> None:
    """F17: a window of a busy operator takes nothing off its line, and reads on later; another one never does."""
    load = _MUCH if lab.size.is_short else {}
    async with SlowProxy(lab.installation.port, narrow=True) as proxy, lab.under_load(outcome, **load) as traffic:
        calm = perf_counter()
        await asyncio.sleep(lab.size.pick(10, 0.5))
        memory, began = lab.installation.web_megabytes(), perf_counter()
        await _stop_reading(lab, proxy, traffic, outcome)
        ended = perf_counter()
        outcome.within("memory of the web processes grew by", lab.installation.web_megabytes() - memory, 20, "MB")
        outcome.require(await traffic.back(began) < math.inf, "not everybody came back")
    base = traffic.p99(calm, began)
    outcome.note(f"p99 before: {base:.0f} ms")
    others = traffic.offices[-1].conversations
    outcome.within("p99 of another organization", traffic.p99(began, ended, others), max(2 * base, 50), "ms")
    codes = traffic.codes(began, [person for person in traffic.people() if person not in traffic.windows])
    outcome.require(not codes, f"others lost their lines: {dict(codes)}")


async def _stop_reading(lab: Laboratory, proxy: SlowProxy, traffic: Traffic, outcome: Outcome) -> None:
    late, late_roads = await _opened_window(proxy, traffic)
    never, never_roads = await _opened_window(proxy, traffic)
    before = await apart(lab.installation.counted, _SLOW_READERS)
    proxy.stall()
    began = perf_counter()
    outcome.within("given up", await _until(lambda: lab.installation.counted(_SLOW_READERS) >= before + 2, 60), 30)
    proxy.release(late_roads)
    outcome.require(await _until(lambda: _was_lost(late, began), 30) < math.inf, "a late reader was not told")
    codes = [close.code for close in late.memory.closes if close.at >= began]
    outcome.require(codes == [CLOSE_SLOW], f"a late reader found {codes} instead of 4008")
    await _until(lambda: not _held(lab.installation, never_roads), 60)
    torn = math.inf if _held(lab.installation, never_roads) else perf_counter() - began
    outcome.within("line of one who never reads torn", torn, 30)
    await asyncio.gather(*(road.cut() for road in never_roads))
    outcome.require(await _until(lambda: _was_lost(never, began), 10) < math.inf, "a lost line was not noticed")


async def _opened_window(proxy: SlowProxy, traffic: Traffic) -> tuple[Person, set[Road]]:
    """Return a window through the proxy, connected, and its road."""
    before = set(proxy.roads)
    window = traffic.open_window(traffic.teams[0].operators[0], proxy.port)
    window.connect()
    await window.arrival()
    return window, proxy.roads - before


# Fills the memory that is allowed for one reader within seconds.
_MUCH = {"teams": 1, "rate": 90, "body": "A long story. ".ljust(4000, ".")}


def _was_lost(person: Person, since: float) -> bool:
    return any(close.at >= since for close in person.memory.closes)


def _held(installation: Installation, roads: Iterable[Road]) -> set[int]:
    """Return those of the roads whose other end a web process still has open."""
    peers = {peer for part in installation.web for peer in part.peers(installation.port)}
    return peers & {road.server_port for road in roads}


async def _until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait until the condition holds; return the seconds that it took, `inf` when it did not come true in time."""
    began = perf_counter()
    while perf_counter() - began < seconds:
        if await apart(condition):
            return perf_counter() - began
        await asyncio.sleep(0.1)
    return math.inf

"""One system from the first hello to the verdict."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.chat.ceiling import Search
from tests.bench.chat.crowd import CrowdOutcome, measure_crowd
from tests.bench.chat.line import Hub
from tests.bench.chat.load import Load, Outcome
from tests.bench.chat.seats import END_USERS, Team
from tests.bench.chat.servers import family, usage
from tests.bench.chat.target import Target
from tests.bench.chat.verdict import Verdict

STEADY_RATE = 1000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How thoroughly to measure. `parts`: crowd, ceiling and steady, or some of them.

    `teams`: over how many organizations, of 20 conversations each, messages are spread at least. `tries`: how often
    a rate of the search may be missed before it counts as too high.
    `profile`: where profiles are written, if anywhere.
    """

    parts: frozenset[str]
    teams: int
    crowd: int
    idle_seconds: float
    short: float
    long: float
    steps: int
    tries: int
    steady_seconds: float
    profile: Path | None = None


@dataclass(slots=True)
class Findings:
    """What was measured of one system; None: not measured, or not reached.

    `steady` is the probe at 1,000 messages a second, or at half of the ceiling where that is not held;
    `cpu_s_per_1000` belongs to it and counts the server's processes with PostgreSQL and Valkey.
    """

    name: str
    crowd: CrowdOutcome | None = None
    steady: Outcome | None = None
    cpu_s_per_1000: float | None = None
    ceiling: Outcome | None = None
    verdict: Verdict | None = None
    jumps: int = 0
    resends: int = 0
    faults: int = 0


async def measure(target: Target, plan: Plan, say: Say) -> Findings:
    """Measure one running system; `say` hears of each step."""
    say(f"{target.name}:")
    findings = Findings(target.name)
    teams = await asyncio.to_thread(_make_teams, target, plan)
    # What is made from here on lives until the verdict: looking through it again and again would be lateness.
    gc.freeze()
    gc.disable()
    hub = Hub()
    try:
        if "crowd" in plan.parts:
            seats = [seat for team in teams for seat in team.end_users][: plan.crowd]
            idle_seconds = plan.idle_seconds if target.is_ours else 0
            storming = partial(profiled, plan.profile, target, say)
            findings.crowd = await measure_crowd(hub, target, seats, idle_seconds=idle_seconds, storming=storming)
            say(f"  {findings.crowd.line()}")
        load = Load(hub, teams[: plan.teams], target.make_team)
        try:
            await _measure_load(load, target, plan, findings, say)
        except TimeoutError:
            say("  NOT measured further: people were not let in")
        load.close()
    finally:
        hub.close()
        gc.enable()
    return findings


@asynccontextmanager
async def profiled(folder: Path | None, target: Target, say: Say) -> AsyncIterator[None]:
    """Say where the web processes spend their time meanwhile; see profiling/sitecustomize.py."""
    if folder is None:
        yield
        return
    (folder / "on").touch()
    yield
    (folder / "on").unlink()
    # Each process notices within a tenth of a second.
    await asyncio.sleep(1)
    for process in (process for root in target.web() for process in family(root)):
        report = folder / f"{process.pid}.txt"
        if report.exists():
            say(report.read_text())


def _make_teams(target: Target, plan: Plan) -> list[Team]:
    crowd = -(-plan.crowd // END_USERS) if "crowd" in plan.parts else 0
    return [target.make_team() for _ in range(max(plan.teams, crowd))]


async def _measure_load(load: Load, target: Target, plan: Plan, findings: Findings, say: Say) -> None:
    async def probe(rate: float, seconds: float) -> Outcome:
        outcome = await load.probe(rate, seconds)
        say(f"  {outcome.line()}")
        return outcome

    async def steady(rate: float) -> None:
        await load.open_offices(plan.teams)
        async with profiled(plan.profile, target, say):
            before = usage(target.everything())
            findings.steady = await probe(rate, plan.steady_seconds)
            spent = usage(target.everything()).since(before)
        findings.cpu_s_per_1000 = spent / max(1, findings.steady.sent) * 1000

    if "ceiling" in plan.parts:
        search = Search(probe, plan.short, plan.long, plan.steps, plan.tries)
        findings.ceiling = await search.find(target.first_rate)
    if "steady" in plan.parts:
        held = findings.ceiling.rate if findings.ceiling else STEADY_RATE
        await steady(STEADY_RATE if held >= STEADY_RATE or target.is_ours else held / 2)
    await load.converge()
    findings.verdict = await asyncio.to_thread(target.verdict, load)
    for person in load.people():
        findings.jumps += sum(log.jumps for log in person.logs.values())
        findings.resends += person.memory.resends
        findings.faults += len(person.memory.faults)
    say(f"  {findings.verdict.line()}; {findings.jumps} jumps were healed, {findings.resends} messages were resent")

"""Valkey killed, emptied and absent: it only carries hints."""

import asyncio
import math
from time import perf_counter

import redis

from livecaller.embedded import valkey
from tests.bench.chat.load import percentile
from tests.faults.laboratory import Laboratory, apart
from tests.faults.outcome import Outcome
from tests.faults.traffic import Traffic

# What needs longer than this to the other party was not announced to it, but fetched.
LIVE_SECONDS = 1.0
HEARTBEAT_SECONDS = 20


async def valkey_killed(lab: Laboratory, outcome: Outcome) -> None:
    """F5: `kill -9` of Valkey and a start at once."""
    async with lab.under_load(outcome) as traffic:
        began = perf_counter()
        await apart(lab.installation.cache.end)
        await apart(lab.installation.start_cache)
        started = perf_counter()
        await asyncio.sleep(lab.size.pick(10, 2))
    _judge_delivery(outcome, traffic, began, started)
    outcome.require(not traffic.codes(began), f"lines ended: {dict(traffic.codes(began))}")


async def valkey_emptied(lab: Laboratory, outcome: Outcome) -> None:
    """F6: FLUSHALL under load."""
    async with lab.under_load(outcome) as traffic:
        began = perf_counter()
        await apart(_empty, lab)
        await asyncio.sleep(lab.size.pick(10, 0.5))
    _judge_delivery(outcome, traffic, began, began)
    outcome.require(not traffic.codes(began), f"lines ended: {dict(traffic.codes(began))}")


async def valkey_absent(lab: Laboratory, outcome: Outcome) -> None:
    """F7: no Valkey for a minute."""
    seconds = lab.size.pick(60, 2)
    async with lab.under_load(outcome) as traffic:
        began = perf_counter()
        await apart(lab.installation.cache.end)
        await asyncio.sleep(seconds)
        started = perf_counter()
        await apart(lab.installation.start_cache)
        await asyncio.sleep(lab.size.pick(10, 2))
    away = traffic.between(began, started)
    live = [flight for flight in away if flight.delivered - flight.due <= LIVE_SECONDS]
    outcome.require(live, "nothing was delivered at once while Valkey was away, not even within one process")
    outcome.note(f"{len(live)} of {len(away)} messages were delivered at once without Valkey")
    late = max((flight.delivered - flight.due for flight in away), default=math.inf)
    # The answer to the heartbeat has to be fetched, too.
    outcome.within("the others had it by their heartbeat", late, HEARTBEAT_SECONDS + 2)
    waits = sorted(flight.acknowledged - flight.due for flight in away)
    outcome.within("acknowledged without Valkey, 99 of 100", percentile(waits, 99) / 1000, 1)
    outcome.require(not traffic.codes(began), f"lines ended: {dict(traffic.codes(began))}")


def _judge_delivery(outcome: Outcome, traffic: Traffic, began: float, started: float) -> None:
    late = traffic.late_deliveries(began, LIVE_SECONDS)
    outcome.within("delivery back", max((flight.due - started for flight in late), default=0.0), 5)
    outcome.within("healed", max((flight.delivered - started for flight in late), default=0.0), HEARTBEAT_SECONDS)
    outcome.note(f"{len(late)} messages were not announced and fetched")


def _empty(lab: Laboratory) -> None:
    installation = lab.installation
    with redis.Redis.from_url(valkey.url(installation.cache_server.port, installation.credentials)) as client:
        client.flushall()

"""Web processes that are killed, and replaced."""

import asyncio
import http.client
import math
from signal import SIGTERM
from threading import Event, Thread
from time import perf_counter
from typing import Self

from tests.faults.installation import Part
from tests.faults.laboratory import Laboratory, apart
from tests.faults.outcome import Outcome

CLOSE_RESTART = 1012


async def web_killed(lab: Laboratory, outcome: Outcome) -> None:
    """F1: `kill -9` of one web process; it is started again a second later."""
    victim = lab.installation.web[0]
    async with lab.under_load(outcome) as traffic:
        began = perf_counter()
        await apart(victim.end)
        await asyncio.sleep(1)
        await apart(lab.installation.start_web, victim)
        outcome.within("all sockets back", await traffic.back(began), 10)
        lost = traffic.codes(began)
        outcome.require(lost, "the process that was killed served nobody")
        outcome.note(f"{lost.total()} lines were lost")
        outcome.within("accepted by all conversations", await traffic.accepted(began), 10)


async def rolling_restart(lab: Laboratory, outcome: Outcome) -> None:
    """F15: every web process gets SIGTERM and is replaced, one after another, as a deploy does it."""
    ended: list[float] = []
    with _Visitor(lab.installation.port) as visitor:
        async with lab.under_load(outcome) as traffic:
            began = perf_counter()
            for part in list(lab.installation.web):
                ended.append(await _replace(lab, part))
                outcome.require(await traffic.back(began) < math.inf, "not everybody came back")
            codes = traffic.codes(began)
    outcome.require(codes, "nobody was asked to go")
    outcome.require(set(codes) <= {CLOSE_RESTART}, f"lines ended with {dict(codes)} instead of 1012")
    outcome.within("ended after SIGTERM", max(ended), 10)
    outcome.within("longest time without an answer over HTTP", visitor.longest, 1)
    outcome.require(not visitor.errors, f"HTTP answered {sorted(visitor.errors)}")
    outcome.note(f"{codes.total()} lines ended with 1012, {visitor.asked} requests, {visitor.failed} failed")


async def _replace(lab: Laboratory, part: Part) -> float:
    """Return the seconds that the process needed to end."""
    began = perf_counter()
    await apart(part.end, SIGTERM)
    took = perf_counter() - began
    await apart(lab.installation.start_web, part)
    await asyncio.sleep(lab.size.pick(5, 0.5))
    return took


class _Visitor:
    """Somebody who asks for a page again and again; `longest`: seconds in a row without a good answer."""

    def __init__(self, port: int) -> None:
        self.asked = self.failed = 0
        self.longest = 0.0
        self.errors: set[int] = set()
        self._port = port
        self._stop = Event()
        self._thread = Thread(target=self._ask_again_and_again)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask_again_and_again(self) -> None:
        good = perf_counter()
        while not self._stop.wait(0.02):
            self.asked += 1
            if self._ask():
                good = perf_counter()
            else:
                self.failed += 1
                self.longest = max(self.longest, perf_counter() - good)

    def _ask(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            line.request("GET", "/", headers={"Host": f"localhost:{self._port}"})
            status = line.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        if status >= 400:
            self.errors.add(status)
        return status < 400

"""Group commit: what waits while the last batch runs goes together into the next one.

Nothing is delayed to be collected. While one batch is with PostgreSQL the next one gathers, so under load one COMMIT
serves many, and a lone request goes at once. Bounded in number and time, and fair between lanes (organizations).
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.utils.translation import gettext as _

from livecaller.core.database import HANGING_SECONDS, guarded, is_hanging
from livecaller.core.errors import LiveCallerError, UnavailableError

log = structlog.get_logger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")

# Longer than this nobody is left waiting, whatever PostgreSQL does; a browser itself gives up after ten seconds.
ANSWER_SECONDS = 8.0
TOGETHER_MOST = 500
WAITING_MOST = 5_000
# Of one lane: a flood of one organization is refused before it fills the queue of all.
LANE_WAITING_MOST = 1_000


class Batches(Generic[Q, A]):
    """One queue of one event loop and one thread that serves it.

    `serve` gets up to 500 requests and returns the outcome of each, in their order; it runs on the thread, with a
    connection of its own.
    """

    def __init__(self, serve: Callable[[Sequence[Q]], Sequence[A | LiveCallerError]], name: str) -> None:
        self._serve = serve
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._lanes: OrderedDict[UUID, deque[tuple[Q, asyncio.Future[A | LiveCallerError]]]] = OrderedDict()
        self._waiting = 0
        self._running: asyncio.Task[None] | None = None
        # When the batch that is being served was begun, by the loop's clock.
        self._began: float | None = None

    async def ask(self, lane: UUID, request: Q) -> A:
        """Return the answer to a request; requests of one lane are served in their order.

        Raises what `serve` refused it with, and `UnavailableError` when too many wait or no answer came within 8 s:
        then it may still be served, so a request must bear to be repeated. While PostgreSQL hangs, everybody else is
        refused at once.
        """
        if self._is_stuck() or is_hanging():
            raise UnavailableError(retry_after=2)
        queue = self._lanes.setdefault(lane, deque())
        if self._waiting >= WAITING_MOST or len(queue) >= LANE_WAITING_MOST:
            raise UnavailableError(_("We are very busy. Try again in a moment."), retry_after=2)
        future: asyncio.Future[A | LiveCallerError] = asyncio.get_running_loop().create_future()
        queue.append((request, future))
        self._waiting += 1
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                outcome = await future
        except TimeoutError:
            raise UnavailableError(retry_after=2) from None
        if isinstance(outcome, LiveCallerError):
            raise outcome
        return outcome

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = self._next()
                if batch:
                    self._began = loop.time()
                    outcomes = await loop.run_in_executor(self._thread, self._served, [ask for ask, _ in batch])
                    for (_request, future), outcome in zip(batch, outcomes, strict=True):
                        if not future.done():
                            future.set_result(outcome)
                    self._began = None
        finally:
            self._running = self._began = None

    def _is_stuck(self) -> bool:
        return self._began is not None and asyncio.get_running_loop().time() - self._began > HANGING_SECONDS

    def _next(self) -> list[tuple[Q, "asyncio.Future[A | LiveCallerError]"]]:
        """Take one request of each lane in turn; whoever has given up is left out."""
        batch: list[tuple[Q, asyncio.Future[A | LiveCallerError]]] = []
        while self._lanes and len(batch) < TOGETHER_MOST:
            lane, queue = self._lanes.popitem(last=False)
            if not queue:
                continue
            request, future = queue.popleft()
            self._waiting -= 1
            if not future.done():
                batch.append((request, future))
            if queue:
                self._lanes[lane] = queue
        return batch

    def _served(self, requests: list[Q]) -> Sequence[A | LiveCallerError]:
        try:
            return guarded(lambda: self._serve(requests))
        except LiveCallerError as refusal:
            return [refusal] * len(requests)
        except Exception:
            log.exception("batch.failed", size=len(requests))
            return [LiveCallerError()] * len(requests)


class PerLoop(Generic[Q, A]):
    """The batches of the running event loop, made on first use."""

    def __init__(self, serve: Callable[[Sequence[Q]], Sequence[A | LiveCallerError]], name: str) -> None:
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, Batches[Q, A]] = WeakKeyDictionary()
        self._serve, self._name = serve, name

    async def ask(self, lane: UUID, request: Q) -> A:
        """Ask as `Batches.ask` does."""
        loop = asyncio.get_running_loop()
        found = self._made.get(loop)
        if found is None:
            found = self._made[loop] = Batches(self._serve, self._name)
        return await found.ask(lane, request)

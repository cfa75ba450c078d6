"""How a web process ends without harm: its sockets go one after another, each with the answer it waits for."""

import asyncio
import random
from collections.abc import Callable

import structlog

from livecaller.core.consumers import CLOSE_COME_BACK
from livecaller.core.hub import hub

# Thousands must not come back at one moment: neither here nor, since browsers wait 0.2-4 s more, anywhere else.
SOCKETS_A_SECOND = 1000
SPREAD_SECONDS = 4.0
# What is being served may be answered for so long.
ANSWER_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 0.05

log = structlog.get_logger(__name__)


async def let_sockets_go(*, is_urgent: Callable[[], bool]) -> None:
    """Close the sockets of this event loop with 1012, spread over at most four seconds, and wait until they are gone.

    A socket that is being served is closed after its answer. Returns after nine seconds at most, whatever is left
    then, and early once `is_urgent` says so. Call it when no new connection is taken any more.
    """
    ears = list(hub().ears())
    random.shuffle(ears)
    log.info("sockets.leaving", size=len(ears))
    pause = min(SPREAD_SECONDS / max(1, len(ears)), 1 / SOCKETS_A_SECOND)
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, ear in enumerate(ears):
        if is_urgent():
            return
        ear.retire(CLOSE_COME_BACK)
        ahead = began + number * pause - loop.time()
        if ahead > 0:
            await asyncio.sleep(ahead)
    deadline = loop.time() + ANSWER_SECONDS
    while hub().ears() and loop.time() < deadline and not is_urgent():  # noqa: ASYNC110 who leaves tells nobody
        await asyncio.sleep(_LOOK_EVERY_SECONDS)

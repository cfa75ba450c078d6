"""Running synchronous database work from a socket, on a few threads that keep their connections."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import local
from time import monotonic
from typing import ParamSpec, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from livecaller.core.errors import UnavailableError

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)

# A browser gives up after ten seconds; before that it is told to come back.
ANSWER_SECONDS = 8.0
# Bounded: a process never holds more connections than this for its sockets.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="socket-database")
# Beyond this a caller is told to come back: waiting longer would only be answered after it has given up.
MOST_WAITING = 1000
_waiting: set[object] = set()

# When each call that runs now was begun, and when the last one ended. While PostgreSQL has answered nobody for so long,
# nobody else is let wait: a socket asks one thing after another, and would wait eight seconds for each.
HANGING_SECONDS = 4.0
_running: dict[object, float] = {}
_ended_at = [0.0]

# Counts the times that a connection was found broken. A thread that has not seen the newest one drops its own
# connection before it is used: a restart of PostgreSQL then costs one refusal, not one of each thread.
_breakages = [0]
_seen = local()
# A connection that has rested for longer is asked before it is used: PostgreSQL may have been restarted meanwhile, and
# nobody's command has to be refused to find out.
RESTED_SECONDS = 1.0


async def in_database_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await `function` on a database thread.

    Raises `UnavailableError` when too many are waiting or PostgreSQL hangs, and as `guarded`; also after eight seconds,
    when the work may still be done.
    """
    if is_hanging():
        raise UnavailableError(retry_after=2)
    if len(_waiting) >= MOST_WAITING:
        raise UnavailableError(_("We are very busy. Try again in a moment."), retry_after=2)
    place = object()
    _waiting.add(place)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            language = translation.get_language()

            def spoken() -> R:
                with translation.override(language):
                    return function(*args, **kwargs)

            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(_threads, copy_context().run, guarded, spoken)
    except TimeoutError:
        raise UnavailableError(retry_after=2) from None
    finally:
        _waiting.discard(place)


def is_hanging() -> bool:
    """Say whether PostgreSQL has answered nobody for some seconds, though two asked: one may have asked for much."""
    limit = monotonic() - HANGING_SECONDS
    return _ended_at[0] < limit and sum(began < limit for began in list(_running.values())) >= 2


def guarded(function: Callable[[], R]) -> R:
    """Call `function` on the present thread; raises `UnavailableError` when PostgreSQL does not answer.

    A broken connection is dropped and the next call opens a new one, so a restart of PostgreSQL heals without ours.
    """
    call = object()
    _running[call] = monotonic()
    try:
        _drop_if_broken()
        return function()
    except (OperationalError, InterfaceError) as error:
        code = _code_of(error)
        log.warning("database.unavailable", sqlstate=code or "none")
        if _is_lost(code):
            _breakages[0] += 1
        connection.close()
        raise UnavailableError(retry_after=2) from None
    finally:
        del _running[call]
        _ended_at[0] = monotonic()
        _drop_if_unfinished()
        _seen.used_at = monotonic()


def _code_of(error: Exception) -> str | None:
    return getattr(error.__cause__, "pgcode", None)


def _is_lost(code: str | None) -> bool:
    """Say whether the connection itself broke: asking it is no use, since psycopg2 silently opens another."""
    return code is None or code.startswith(("08", "57P"))


def _drop_if_unfinished() -> None:
    """Give up a connection that was left in the middle of a transaction: it would keep its locks until it times out."""
    if not connection.autocommit and not connection.in_atomic_block:
        connection.close()


def _drop_if_broken() -> None:
    if getattr(_seen, "breakages", 0) != _breakages[0]:
        _seen.breakages = _breakages[0]
        connection.close()
    elif (
        connection.connection is not None
        and monotonic() - getattr(_seen, "used_at", 0.0) > RESTED_SECONDS
        and not connection.is_usable()
    ):
        connection.close()

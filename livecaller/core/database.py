"""Running synchronous database work from a socket, on a few threads that keep their connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from livecaller.core.errors import UnavailableError

P = ParamSpec("P")
R = TypeVar("R")

# Bounded: a process never holds more connections than this for its sockets.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="socket-database")
# Beyond this a caller is told to come back: waiting longer would only be answered after it has given up.
MOST_WAITING = 1000
_waiting: set[object] = set()

# Counts the times that a connection was found broken. A thread that has not seen the newest one drops its own
# connection before it is used: a restart of PostgreSQL then costs one refusal, not one of each thread.
_breakages = [0]
_seen = local()


async def in_database_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Await `function` on a database thread.

    Raises `UnavailableError` when too many are waiting, or when PostgreSQL does not answer; the broken
    connection is dropped and the next call opens a new one, so a restart of PostgreSQL heals without ours.
    """

    def guarded() -> R:
        _drop_if_broken()
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            if _is_lost(error):
                _breakages[0] += 1
            connection.close()
            raise UnavailableError(retry_after=2) from None

    if len(_waiting) >= MOST_WAITING:
        raise UnavailableError(_("We are very busy. Try again in a moment."), retry_after=2)
    place = object()
    _waiting.add(place)
    try:
        return await sync_to_async(guarded, thread_sensitive=False, executor=_threads)()
    finally:
        _waiting.discard(place)


def _is_lost(error: Exception) -> bool:
    """Say whether the connection itself broke: asking it is no use, since psycopg2 silently opens another."""
    code: str | None = getattr(error.__cause__, "pgcode", None)
    return code is None or code.startswith(("08", "57P"))


def _drop_if_broken() -> None:
    if getattr(_seen, "breakages", 0) != _breakages[0]:
        _seen.breakages = _breakages[0]
        connection.close()

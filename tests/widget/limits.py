"""Meeting a limit on purpose, however slow the machine is."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any  # responses of the test client

from livecaller.core.errors import RateLimitedError
from livecaller.core.limits import Limit


def answer_beyond(limit: Limit, subject: str, send: Callable[[], Any]) -> Any:
    """Return the answer to a request that comes when nothing of `limit` is left for `subject`.

    A bucket refills while it is emptied: a request that slips in is sent again.
    """
    for _ in range(100):
        use_up(limit, subject)
        response = send()
        if response.status_code == 429:
            return response
    raise AssertionError(f"Nothing was refused beyond {limit.name}.")


def use_up(limit: Limit, subject: object) -> None:
    """Leave nothing of `limit` for `subject`, until the bucket refills."""
    with suppress(RateLimitedError):
        while True:
            limit.take(subject)

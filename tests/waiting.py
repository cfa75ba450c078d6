"""Waiting for what becomes true, instead of for a time."""

from collections.abc import Callable
from threading import Event


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return once the condition holds; fail when it does not within the time."""
    pause = Event()
    for _ in range(int(seconds * 20)):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError(f"This did not come true within {seconds:.0f} seconds: {condition}")

"""What waits while PostgreSQL does not answer: for a while, and then not at all."""

import asyncio
from collections.abc import Sequence
from threading import Event
from uuid import UUID

import pytest

from livecaller.core import batches
from livecaller.core.batches import Batches
from livecaller.core.errors import UnavailableError

LANE = UUID(int=1)


async def test_nobody_is_left_waiting_behind_a_batch_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "ANSWER_SECONDS", 0.2)
    frozen, served = Event(), list[str]()

    def serve(requests: Sequence[str]) -> list[str]:
        frozen.wait()
        served.extend(requests)
        return [request.upper() for request in requests]

    queue: Batches[str, str] = Batches(serve, "frozen")
    try:
        with pytest.raises(UnavailableError) as waited:
            await queue.ask(LANE, "first")
        refused = asyncio.create_task(queue.ask(LANE, "refused"))
        await asyncio.sleep(0)
        assert refused.done()
        with pytest.raises(UnavailableError):
            await refused
    finally:
        frozen.set()
    monkeypatch.setattr(batches, "ANSWER_SECONDS", 30)

    assert await queue.ask(LANE, "afterwards") == "AFTERWARDS"
    assert waited.value.retry_after == 2
    assert served == ["first", "afterwards"]

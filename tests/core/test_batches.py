"""Who waits while PostgreSQL does not answer: the first for a while, and those who come later not at all."""

import asyncio
from collections.abc import Sequence
from threading import Event
from uuid import UUID

import pytest

from livecaller.core import batches, database
from livecaller.core.batches import Batches
from livecaller.core.database import in_database_thread
from livecaller.core.errors import UnavailableError

LANE = UUID(int=1)


async def test_nobody_is_left_waiting_behind_a_batch_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(batches, "HANGING_SECONDS", 0.1)
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
    monkeypatch.setattr(batches, "HANGING_SECONDS", 30)

    assert await queue.ask(LANE, "afterwards") == "AFTERWARDS"
    assert waited.value.retry_after == 2
    assert served == ["first", "afterwards"]


@pytest.mark.parametrize("asking", [1, 2])
async def test_nobody_is_left_waiting_behind_threads_that_do_not_end(
    monkeypatch: pytest.MonkeyPatch, asking: int
) -> None:
    monkeypatch.setattr(database, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(database, "HANGING_SECONDS", 0.1)
    frozen = Event()
    try:
        first = [in_database_thread(frozen.wait) for _ in range(asking)]
        waited = await asyncio.gather(*first, return_exceptions=True)
        monkeypatch.setattr(database, "ANSWER_SECONDS", 30)
        later = asyncio.create_task(in_database_thread(str.upper, "later"))
        await asyncio.sleep(0)
        # One that asks something long is no reason to refuse another.
        assert later.done() == (asking > 1)
    finally:
        frozen.set()
    monkeypatch.setattr(database, "HANGING_SECONDS", 30)

    assert [type(refusal) for refusal in waited] == [UnavailableError] * asking
    if asking > 1:
        assert isinstance(later.exception(), UnavailableError)
    else:
        assert await later == "LATER"
    assert await in_database_thread(str.upper, "afterwards") == "AFTERWARDS"

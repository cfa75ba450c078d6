"""The base of every socket, on its own: lines that nobody reads, lines that fall silent, a Valkey that is away."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any  # ASGI's messages

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from prometheus_client import REGISTRY
from redis.exceptions import ConnectionError as ValkeyAwayError

from livecaller.core import consumers, database
from livecaller.core import hub as hub_module
from livecaller.core.actors import SystemActor
from livecaller.core.consumers import Answer, Command, CommandConsumer, NoData
from livecaller.core.errors import RateLimitedError, UnavailableError
from livecaller.core.hub import Event, hub
from livecaller.core.ids import uuid7
from livecaller.core.limits import Limit, take_all
from livecaller.core.realtime import frame, signal
from livecaller.core.valkey import client
from tests.chats.sockets import SECONDS, frames_of

CONVERSATION = uuid7()


class Probe(CommandConsumer[SystemActor]):
    """A socket that anybody may open and that hears one topic."""

    door = "probe"
    left: asyncio.Event

    @property
    def origin(self) -> str:
        return "https://probe.example"

    async def welcome(self, data: dict[str, Any]) -> Answer:
        await self._hub.ready()
        self.actor = SystemActor(uuid7())
        self.subscribe("probe.topic")
        self.subscribe("probe.other")
        return {}

    hello = Command(NoData, welcome)

    async def still_welcome(self) -> bool:
        return True

    async def farewell(self) -> None:
        self.left.set()

    async def heartbeat(self, data: dict[str, Any]) -> Answer:
        return {}

    async def leave(self, data: dict[str, Any]) -> Answer:
        self.unsubscribe("probe.topic")
        return {}

    async def enter(self, data: dict[str, Any]) -> Answer:
        self.subscribe("probe.topic")
        return {}

    async def sync(self, data: dict[str, Any]) -> Answer:
        self.outbox.given[str(CONVERSATION), "public"] = 5
        return {}

    commands = {
        "heartbeat": Command(NoData, heartbeat),
        "leave": Command(NoData, leave),
        "enter": Command(NoData, enter),
        "sync": Command(NoData, sync),
    }


@asynccontextmanager
async def probe(*, reads: bool = True) -> AsyncIterator[tuple[Any, asyncio.Event]]:
    """Open a probe's socket; yields the line and what is set when the server has cleaned up."""
    left, takes = asyncio.Event(), asyncio.Event()
    takes.set()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def send_if_read(message: Any) -> None:
            await takes.wait()
            await send(message)

        consumer = Probe()
        consumer.left = left
        await consumer(scope, receive, send_if_read)

    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", b"https://probe.example")]}
    line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await line.send_input({"type": "websocket.connect"})
    assert (await line.receive_output(SECONDS))["type"] == "websocket.accept"
    await ask(line, "hello")
    if not reads:
        takes.clear()
    yield line, left
    await line.send_input({"type": "websocket.disconnect", "code": 1000})
    await line.wait(SECONDS)


async def ask(line: Any, type_: str) -> dict[str, Any]:
    await line.send_input({"type": "websocket.receive", "text": json.dumps({"id": 1, "type": type_, "data": {}})})
    return dict(json.loads((await line.receive_output(SECONDS))["text"]))


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def say(number: int) -> None:
    await signal([("probe.topic", frame("probe.said", {"number": number}))])


async def test_a_reader_that_does_not_read_is_let_go(valkey: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "SLOW_SECONDS", 0.2)
    before = counted("livecaller_slow_readers_total", door="probe")

    async with probe(reads=False) as (_, left):
        await say(1)
        async with asyncio.timeout(SECONDS):
            await left.wait()

    assert counted("livecaller_slow_readers_total", door="probe") == before + 1
    assert counted("livecaller_sockets", door="probe") == 0


async def test_a_line_that_falls_silent_is_closed(valkey: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(consumers, "HELLO_SECONDS", 0.2)

    async with probe() as (line, _):
        assert (await line.receive_output(SECONDS))["code"] == 4408


async def test_a_line_that_never_says_hello_is_closed(valkey: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HELLO_SECONDS", 0.2)
    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", b"https://probe.example")]}
    consumer = Probe()
    consumer.left = asyncio.Event()
    line: Any = ApplicationCommunicator(consumer, scope)  # type: ignore[no-untyped-call]
    await line.send_input({"type": "websocket.connect"})
    await line.receive_output(SECONDS)

    assert (await line.receive_output(SECONDS))["code"] == 4401
    await line.send_input({"type": "websocket.disconnect", "code": 1000})
    await line.wait(SECONDS)


async def test_a_line_that_breaks_while_it_is_written_leaves_nothing_behind(valkey: None) -> None:
    left = asyncio.Event()
    breaks = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def send_or_break(message: Any) -> None:
            if breaks.is_set():
                raise OSError("The browser is gone.")
            await send(message)

        consumer = Probe()
        consumer.left = left
        await consumer(scope, receive, send_or_break)

    scope = {"type": "websocket", "path": "/", "headers": [(b"origin", b"https://probe.example")]}
    line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await line.send_input({"type": "websocket.connect"})
    await line.receive_output(SECONDS)
    await ask(line, "hello")
    assert hub().hears("probe.topic")

    breaks.set()
    await say(1)
    async with asyncio.timeout(SECONDS):
        await left.wait()

    assert not hub().hears("probe.topic")
    assert counted("livecaller_sockets", door="probe") == 0
    await line.wait(SECONDS)


def said(number: int, version: int | None = None) -> Event:
    """Return one event."""
    content = frame("probe.said", {"number": number}, conversation=CONVERSATION, version=version)
    return Event("probe.topic", json.dumps(content), str(CONVERSATION), version)


LAST = 99


async def heard_of(line: Any, *events: Event) -> list[int]:
    """Announce events in this process and return the numbers of those that come out of the only open socket.

    The last one has no version and so always comes: whatever is missing before it was held back.
    """
    hub().tell([*events, said(LAST)._replace(topic="probe.other")])
    numbers: list[int] = []
    while LAST not in numbers:
        frames = frames_of((await line.receive_output(SECONDS))["text"])
        numbers += [heard["data"]["number"] for heard in frames]
    return numbers[:-1]


async def test_what_waits_behind_a_leave_is_not_sent(valkey: None) -> None:
    async with probe() as (line, _):
        assert await heard_of(line, said(1)) == [1]

        await ask(line, "leave")
        assert await heard_of(line, said(2), said(3)) == []

        await ask(line, "enter")
        assert await heard_of(line, said(4)) == [4]


async def test_what_a_sync_has_given_is_not_sent_again_and_what_overtakes_waits(valkey: None) -> None:
    async with probe() as (line, _):
        await ask(line, "sync")

        # 4 and 5 are in the sync; 8 has overtaken 7.
        assert await heard_of(line, *(said(version, version) for version in (4, 5, 6, 8, 7, 9))) == [6, 7, 8, 9]
        assert await heard_of(line, said(5, 5), said(7, 7), said(10, 10)) == [10]


async def test_what_waits_for_an_event_that_does_not_come_goes_without_it(
    valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "EARLY_SECONDS", 0.02)
    async with probe() as (line, _):
        await ask(line, "sync")

        hub().tell([said(8, 8), said(7, 7)])
        late = frames_of((await line.receive_output(SECONDS))["text"])
        assert [heard["version"] for heard in late] == [7, 8]

        # The one that was missing comes after all, once, and nothing that was sent comes again.
        assert await heard_of(line, said(6, 6), said(6, 6)) == [6]


async def test_one_process_goes_on_without_the_layer_and_hears_the_others_when_it_is_back(
    valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer: Any = get_channel_layer()
    shard = layer._shards[0]

    async def away(*_: object) -> None:
        raise ValkeyAwayError

    monkeypatch.setattr(hub_module, "LISTEN_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(shard, "subscribe", away)
    monkeypatch.setattr(shard, "publish", away)
    async with probe() as (line, _):
        await say(1)
        assert json.loads((await line.receive_output(SECONDS))["text"])["data"] == {"number": 1}

        monkeypatch.undo()
        async with asyncio.timeout(SECONDS):
            await hub()._is_listening.wait()
        await layer.group_send(hub_module.GROUP, {"from": "another process", "notices": [list(said(2))]})

        assert json.loads((await line.receive_output(SECONDS))["text"])["data"] == {"number": 2}


async def test_what_cannot_be_announced_is_counted_and_harms_nobody(
    valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer: Any = get_channel_layer()

    async def away(channel: str, message: bytes) -> None:
        raise ValkeyAwayError

    monkeypatch.setattr(layer._shards[0], "publish", away)
    before = counted("livecaller_publish_failures_total")

    await say(1)
    sending = hub()._sending
    assert sending is not None
    await sending

    assert counted("livecaller_publish_failures_total") == before + 1


async def test_more_work_than_can_be_waited_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "MOST_WAITING", 2)
    loop = asyncio.get_running_loop()
    go = asyncio.Event()

    def work() -> int:
        asyncio.run_coroutine_threadsafe(go.wait(), loop).result(SECONDS)
        return 7

    busy = [asyncio.create_task(database.in_database_thread(work)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError) as refusal:
        await database.in_database_thread(work)

    assert refusal.value.retry_after == 2
    go.set()
    assert await asyncio.gather(*busy) == [7, 7]
    assert await database.in_database_thread(lambda: 1) == 1


def test_limits_take_all_their_tokens_or_none(valkey: None) -> None:
    narrow, wide = Limit("narrow", burst=2, seconds=1000), Limit("wide", burst=5, seconds=1000)

    for _ in range(2):
        take_all((narrow, "me"), (wide, "all"))
    for _ in range(10):
        with pytest.raises(RateLimitedError) as refusal:
            take_all((narrow, "me"), (wide, "all"))
    assert 490 <= (refusal.value.retry_after or 0) <= 500

    # The ten refusals have cost the others nothing: three are left.
    for number in range(3):
        take_all((narrow, number), (wide, "all"))
    with pytest.raises(RateLimitedError):
        take_all((narrow, "fourth"), (wide, "all"))
    assert all(b"me" not in key for key in map(str.encode, client().keys("limit:*")))  # type: ignore[arg-type]

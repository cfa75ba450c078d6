"""Who hears what in this process, and how it goes on to the others.

Sockets listen here. What this process announces reaches its own sockets at once; the channel layer carries it to
the other processes, one message for all that waited. So a conversation goes on in one process while Valkey is away,
and Valkey carries a message per batch instead of several per event.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol  # Any: messages of the channel layer
from uuid import uuid4
from weakref import WeakKeyDictionary

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from livecaller.core import metrics

GROUP = "notices"
# A hung Valkey must not hold back what is already stored.
SEND_SECONDS = 2
LISTEN_SECONDS = 2
_RETRY_SECONDS = 1
# Beyond this the others have to fetch: what nobody can take must not fill the memory.
OUTGOING_MOST = 10_000

log = structlog.get_logger(__name__)

# What comes back over the channel layer from this very process has been delivered already.
_PROCESS = uuid4().hex


class Event(NamedTuple):
    """One frame for everybody on `topic`; `conversation` and `version` number an event of a conversation's log."""

    topic: str
    text: str
    conversation: str | None = None
    version: int | None = None


class Closing(NamedTuple):
    """The end of every socket on `topic`, with a close code of docs/realtime.md."""

    topic: str
    code: int


Notice = Event | Closing


class Ear(Protocol):
    """What listens: a socket. All return at once; called on the event loop."""

    def hear(self, event: Event) -> None:
        """Take an event."""

    def revoke(self, code: int) -> None:
        """Close."""

    def retire(self, code: int) -> None:
        """Close after the answer that is being worked on."""


class Hub:
    """The topics of one event loop. Not thread-safe: everything but `post` is called on that loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ears: dict[str, set[Ear]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()
        self._outgoing: list[Notice] = []
        self._sending: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Wait until other processes are heard, at most two seconds: numbers tell what to fetch."""
        if self._listening is None:
            self._listening = self._loop.create_task(self._listen())
        if not self._is_listening.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LISTEN_SECONDS):
                    await self._is_listening.wait()

    def listen(self, topic: str, ear: Ear) -> None:
        """Let `ear` hear `topic`."""
        self._ears.setdefault(topic, set()).add(ear)

    def leave(self, topic: str, ear: Ear) -> None:
        """Let `ear` hear `topic` no more."""
        ears = self._ears.get(topic)
        if ears is not None:
            ears.discard(ear)
            if not ears:
                del self._ears[topic]

    def hears(self, topic: str) -> bool:
        """Say whether anybody in this process listens to `topic`."""
        return topic in self._ears

    def ears(self) -> set[Ear]:
        """Return everybody who listens to anything."""
        return {ear for ears in self._ears.values() for ear in ears}

    def post(self, notices: Sequence[Notice]) -> None:
        """Announce from any thread, in this order; returns at once."""
        with suppress(RuntimeError):  # the loop has ended, and its sockets with it
            self._loop.call_soon_threadsafe(self.announce, notices)

    def announce(self, notices: Sequence[Notice]) -> None:
        """Hand notices to the ears of this process and on to the other processes."""
        self.tell(notices)
        if len(self._outgoing) > OUTGOING_MOST:
            metrics.publish_failed()
            self._outgoing.clear()
        self._outgoing.extend(notices)
        if self._sending is None:
            self._sending = self._loop.create_task(self._send())

    def tell(self, notices: Iterable[Notice]) -> None:
        """Hand notices to the ears of this process."""
        for notice in notices:
            ears = self._ears.get(notice.topic)
            if ears is None:
                continue
            for ear in tuple(ears):
                if isinstance(notice, Event):
                    ear.hear(notice)
                else:
                    ear.revoke(notice.code)

    async def _send(self) -> None:
        try:
            while self._outgoing:
                notices, self._outgoing = self._outgoing, []
                await _send_each(notices)
        finally:
            self._sending = None

    async def _listen(self) -> None:
        layer = get_channel_layer()
        channel = await _joined(layer)
        self._is_listening.set()
        while True:
            try:
                message = await layer.receive(channel)
            except Exception as error:  # noqa: BLE001 whatever breaks the layer, the next try may find it whole
                log.warning("layer.unreadable", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                if message["from"] != _PROCESS:
                    self.tell(unpacked(message["notices"]))


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        found = _hubs[loop] = Hub(loop)
    return found


def post(notices: Sequence[Notice]) -> None:
    """Announce from synchronous code, in this order; never raises.

    A process without sockets (a worker, a command) waits until Valkey has the notices, at most two seconds.
    """
    hubs = [found for loop, found in list(_hubs.items()) if loop.is_running()]
    for found in hubs:
        found.post(notices)
    if not hubs:
        async_to_sync(_send_each)(notices)


async def _joined(layer: Any) -> str:
    """Return a channel of the layer that hears all processes, as soon as Valkey lets it."""
    while True:
        try:
            channel: str = await layer.new_channel()
            await layer.group_add(GROUP, channel)
        except Exception as error:  # noqa: BLE001 as above
            log.warning("layer.away", error=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return channel


async def _send_each(notices: Sequence[Notice]) -> None:
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await layer.group_send(GROUP, {"from": _PROCESS, "notices": [list(notice) for notice in notices]})
    except Exception as error:  # noqa: BLE001 any failure of the layer means the same: the clients fetch later
        metrics.publish_failed()
        log.warning("publish.failed", topic_kind=notices[0].topic.split(".", 1)[0], error=type(error).__name__)


def unpacked(notices: Iterable[list[Any]]) -> list[Notice]:
    """Return notices as they were before the channel layer made lists of them."""
    return [Closing(*notice) if len(notice) == len(Closing._fields) else Event(*notice) for notice in notices]

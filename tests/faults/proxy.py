"""A bad network between people and the product: slow, narrow, silent, cut. Every direction keeps its order."""

import asyncio
import random
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

READ_BYTES = 16 * 1024
# So many pieces may be on their way in one direction; what comes after them waits where it is.
ON_THE_WAY = 64
_RESET = struct.pack("ii", 1, 0)
# What a reader takes that hardly has memory, so that the sender soon notices that it does not read.
_NARROW_BYTES, _NARROW_SEGMENT = 4096, 536


class _Piece(NamedTuple):
    """Bytes, and when they arrive by the loop's clock; no bytes: the end."""

    due: float
    data: bytes


class Road:
    """One connection through the proxy: the person's side and the server's side."""

    def __init__(self, proxy: "SlowProxy", person: socket.socket, server: socket.socket) -> None:
        self._proxy, self._person, self._server = proxy, person, server
        self.server_port: int = server.getsockname()[1]
        self.flows = asyncio.Event()
        self.flows.set()
        self._tasks = [
            asyncio.create_task(task)
            for queue, source, target in (
                (asyncio.Queue[_Piece](ON_THE_WAY), person, server),
                (asyncio.Queue[_Piece](ON_THE_WAY), server, person),
            )
            for task in (self._take(queue, source), self._bring(queue, target))
        ]
        self._end = asyncio.create_task(self._finish())

    async def cut(self) -> None:
        """Reset both sides."""
        for sock in (self._person, self._server):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait([self._end])

    async def _take(self, queue: asyncio.Queue[_Piece], source: socket.socket) -> None:
        """Read what one side sends and say when it arrives at the other."""
        loop = asyncio.get_running_loop()
        due, data = 0.0, b"-"
        while data:
            await self.flows.wait()
            data = await loop.sock_recv(source, READ_BYTES)
            due = max(due, loop.time() + self._proxy.travel())
            if self._proxy.rate is not None:
                due += len(data) / self._proxy.rate
            await queue.put(_Piece(due, data))

    async def _bring(self, queue: asyncio.Queue[_Piece], target: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await queue.get()
            await asyncio.sleep(due - loop.time())
            await self.flows.wait()
            if not data:
                with suppress(OSError):
                    target.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(target, data)

    async def _finish(self) -> None:
        """Wait until both directions have ended, or one has broken, and let go."""
        _, left = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in left:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._person.close()
        self._server.close()
        self._proxy.roads.discard(self)


class SlowProxy:
    """Takes connections on `port` and leads them to `target`, under conditions that may change at any time.

    `delay` and `jitter`: seconds that each piece needs, plus or minus. `rate`: bytes a second of each direction of
    each connection. `narrow`: hardly anything fits between the server and a reader that has stopped.
    """

    def __init__(self, target: int, *, narrow: bool = False) -> None:
        self.target, self.narrow = target, narrow
        self.delay = self.jitter = 0.0
        self.rate: float | None = None
        self.roads: set[Road] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._listener.setblocking(False)  # noqa: FBT003 the standard library's signature
        self.port: int = self._listener.getsockname()[1]
        self._accepting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        self._listener.close()
        await self.cut()

    def travel(self) -> float:
        """Return the seconds that the next piece needs."""
        return max(0.0, self.delay + random.uniform(-self.jitter, self.jitter))  # noqa: S311 a network's whim

    def stall(self) -> list[Road]:
        """Let nothing pass on the roads of now, and tell nobody: half-open. New ones are free. Returns them."""
        for road in self.roads:
            road.flows.clear()
        return list(self.roads)

    def release(self, roads: Iterable[Road]) -> None:
        """Let everything pass on them again."""
        for road in roads:
            road.flows.set()

    async def cut(self) -> None:
        """Reset all connections on both sides."""
        await asyncio.gather(*(road.cut() for road in list(self.roads)))

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            person, _ = await loop.sock_accept(self._listener)
            server = socket.socket()
            if self.narrow:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW_BYTES)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _NARROW_SEGMENT)
            for sock in (person, server):
                sock.setblocking(False)  # noqa: FBT003 the standard library's signature
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await loop.sock_connect(server, ("127.0.0.1", self.target))
            except OSError:
                person.close()
                server.close()
            else:
                self.roads.add(Road(self, person, server))

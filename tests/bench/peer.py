"""A server for the tests of the client library: it does what each test tells it, right or wrong."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any  # frames are JSON

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.bench.chat.line import Address

Frame = dict[str, Any]


class Call:
    """One socket on the server's side, with what the client has said on it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()

    async def next(self, type_: str) -> Frame:
        """Return the next command, which must be of a kind."""
        async with asyncio.timeout(10):
            frame = await self.frames.get()
        assert frame["type"] == type_, frame
        return frame

    async def send(self, *frames: Frame) -> None:
        """Send one frame: an object, or an array when there are several."""
        await self.socket.send(json.dumps(frames[0] if len(frames) == 1 else frames))

    async def answer(self, frame: Frame, **data: Any) -> None:
        """Say yes to a command."""
        await self.send(yes(frame, **data))

    async def refuse(self, frame: Frame, code: str, **more: Any) -> None:
        """Say no to a command."""
        error = {"code": code, "message": "No.", **more}
        await self.send({"re": frame["id"], "ok": False, "error": error})

    async def welcome(self, **more: Any) -> Frame:
        """Take a hello and let the person in; return what they said."""
        hello = await self.next("hello")
        await self.answer(hello, **{"epoch": "e", "heartbeat_seconds": 20, "syncs": [], **more})
        return hello


async def greet(socket: ServerConnection) -> None:
    """Let in whoever comes, and say nothing more."""
    call = Call(socket)
    async for text in socket:
        await call.answer(json.loads(text), heartbeat_seconds=20)


def yes(frame: Frame, **data: Any) -> Frame:
    """Return the answer to a command."""
    return {"re": frame["id"], "ok": True, "data": data}


def message(conversation: str, seq: int, client_id: str, **more: Any) -> Frame:
    """Return a message as it travels; its version is its number."""
    return {"conversation": conversation, "seq": seq, "version": seq, "client_id": client_id, "body": "x", **more}


def created(conversation: str, seq: int, client_id: str) -> Frame:
    """Return the event of a message."""
    data = {"message": message(conversation, seq, client_id)}
    return {"type": "message.created", "conversation": conversation, "version": seq, "data": data}


def sync(conversation: str, version: int, *messages: Frame, last_seq: int = 0) -> Frame:
    """Return a `Sync` of changes."""
    return {
        "conversation": conversation,
        "epoch": "e",
        "version": version,
        "note_version": 0,
        "floor_version": 0,
        "mode": "delta",
        "has_earlier": False,
        "messages": list(messages),
        "notes": [],
        "snapshot": {"last_seq": last_seq},
    }


@asynccontextmanager
async def peer() -> AsyncIterator[tuple[Address, Callable[[], Awaitable[Call]]]]:
    """Serve; yields the address and a function that waits for the next socket."""
    calls: asyncio.Queue[Call] = asyncio.Queue()

    async def handle(socket: ServerConnection) -> None:
        call = Call(socket)
        calls.put_nowait(call)
        try:
            async for text in socket:
                call.frames.put_nowait(json.loads(text))
        except ConnectionClosed:
            # The tests cut lines; what matters is what the client makes of it.
            return

    async def next_call() -> Call:
        async with asyncio.timeout(10):
            return await calls.get()

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Address(port, f"127.0.0.1:{port}", "/ws"), next_call

"""Web processes as they run in production, and browsers on a real line."""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any  # frames are JSON
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.cast import Side
from tests.chats.sockets import SECONDS, Frame, apart, frames_of, operator_ticket, session_of, visitor_ticket
from tests.servers import ROOT, free_port
from tests.waiting import wait_for


@dataclass
class Web:
    """One web process."""

    port: int
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def web_process() -> Iterator[Web]:
    """Run one web process on this worker's database until the block ends."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "default"})
    web = Web(port, process)
    try:
        wait_for(lambda: _answers(web))
        yield web
    finally:
        process.terminate()
        process.wait()


def _answers(web: Web) -> bool:
    if web.process.poll() is not None:
        raise AssertionError("The web process ended while it started; see above.")
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=5)
    try:
        line.request("GET", "/health/live")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


@dataclass
class Line:
    """A browser's socket to one web process."""

    socket: ClientConnection
    number: int = 0
    joined: list[Frame] = field(default_factory=list)

    async def do(self, type_: str, **data: Any) -> Frame:
        """Send a command that must succeed and return its data; events before the answer are dropped."""
        self.number += 1
        plain = {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
        await self.socket.send(json.dumps({"id": self.number, "type": type_, "data": plain}))
        while True:
            frame = await self.frame()
            if frame.get("re") == self.number:
                assert frame["ok"], frame
                return dict(frame["data"])

    async def frame(self) -> Frame:
        """Return the next frame."""
        if not self.joined:
            async with asyncio.timeout(SECONDS):
                self.joined = frames_of(str(await self.socket.recv()))
        return self.joined.pop(0)

    async def answer(self) -> Frame:
        """Return the next answer, passing events over."""
        while "re" not in (frame := await self.frame()):
            continue
        return frame

    async def event(self, type_: str) -> Frame:
        """Return the next event of a kind, passing others over."""
        while (frame := await self.frame()).get("type") != type_:
            continue
        return frame


@asynccontextmanager
async def inbox_line(web: Web, client: Client, **hello: Any) -> AsyncIterator[tuple[Line, Frame]]:
    """Open an operator's socket on a web process."""
    ticket = await apart(lambda: operator_ticket(client))
    async with _line(web, settings.SITE_URL, "/ws/inbox", {"Cookie": session_of(client)}) as line:
        yield line, await line.do("hello", **{"ticket": ticket, "epoch": None, "cursors": {}, **hello})


@asynccontextmanager
async def widget_line(web: Web, side: Side, **hello: Any) -> AsyncIterator[tuple[Line, Frame]]:
    """Open an end-user's socket on a web process."""
    ticket = await apart(lambda: visitor_ticket(side))
    async with _line(web, settings.WIDGET_URL, "/ws/widget", {}) as line:
        yield line, await line.do("hello", **{"ticket": ticket, "epoch": None, "cursors": {}, **hello})


@asynccontextmanager
async def _line(web: Web, origin: str, path: str, headers: dict[str, str]) -> AsyncIterator[Line]:
    address = f"ws://{urlsplit(origin).netloc}{path}"
    async with connect(
        address,
        host="127.0.0.1",
        port=web.port,
        origin=Origin(origin),
        additional_headers=headers,
        max_size=None,
        proxy=None,
    ) as socket:
        yield Line(socket)

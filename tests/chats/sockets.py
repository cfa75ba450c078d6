"""Sockets as browsers open them: a ticket over HTTP, then the first frame."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar  # Any: frames are JSON
from uuid import UUID

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.conf import settings
from django.db import connection
from django.test import Client

from livecaller.routing import websocket_routes
from tests.cast import Side

R = TypeVar("R")
Frame = dict[str, Any]

# Far longer than anything takes, since it is waited out only by a test that fails.
SECONDS = 20


def frames_of(text: str) -> list[Frame]:
    """Return the frames in what the server has sent: one, or several joined in an array."""
    content = json.loads(text)
    return [dict(frame) for frame in (content if isinstance(content, list) else [content])]


async def apart(function: Callable[[], R]) -> R:
    """Run what speaks to the database beside the event loop, in a thread that hangs up afterwards."""

    def run() -> R:
        try:
            return function()
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()


@dataclass
class Socket:
    """One open socket; `events` are the frames that came while an answer was waited for."""

    path: str
    origin: str | None
    cookie: str = ""
    events: list[Frame] = field(default_factory=list)
    number: int = 0
    # What came joined in one frame of the line and has not been asked for yet.
    joined: list[Frame] = field(default_factory=list)
    # asgiref leaves its communicator without annotations.
    line: Any = None

    async def connect(self) -> "Socket":
        """Open the line; whether the hello succeeds is another matter."""
        headers = [(b"cookie", self.cookie.encode())]
        if self.origin is not None:
            headers.append((b"origin", self.origin.encode()))
        scope = {"type": "websocket", "path": self.path, "query_string": b"", "headers": headers, "subprotocols": []}
        # Channels' own communicator cannot be imported without its other web server.
        self.line = ApplicationCommunicator(URLRouter(websocket_routes), scope)  # type: ignore[no-untyped-call]
        await self.line.send_input({"type": "websocket.connect"})
        assert (await self.line.receive_output(SECONDS))["type"] == "websocket.accept"
        return self

    async def raw(self, text: str | None = None, binary: bytes | None = None) -> None:
        """Send a frame as it is."""
        await self.line.send_input({"type": "websocket.receive", "text": text, "bytes": binary})

    async def frame(self) -> Frame:
        """Return the next frame of the server."""
        if not self.joined:
            message = await self.line.receive_output(SECONDS)
            assert message["type"] == "websocket.send", message
            self.joined = frames_of(message["text"])
        return self.joined.pop(0)

    async def ask(self, type_: str, data: object) -> Frame:
        """Send a command and return its whole answer; events that come before it are kept."""
        self.number += 1
        await self.raw(json.dumps({"id": self.number, "type": type_, "data": data}))
        return await self.answer()

    async def do(self, type_: str, **data: Any) -> Frame:
        """Send a command that must succeed and return its data."""
        answer = await self.ask(
            type_, {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
        )
        assert answer["ok"], answer
        return dict(answer["data"])

    async def refused(self, type_: str, **data: Any) -> str:
        """Send a command that must be refused and return the code."""
        answer = await self.ask(
            type_, {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
        )
        assert not answer["ok"], answer
        return str(answer["error"]["code"])

    async def answer(self) -> Frame:
        """Return the next answer."""
        while True:
            frame = await self.frame()
            if "re" in frame:
                return frame
            self.events.append(frame)

    async def event(self, type_: str) -> Frame:
        """Return the next event of a kind, passing others over."""
        while True:
            while self.events:
                frame = self.events.pop(0)
                if frame["type"] == type_:
                    return frame
            self.events.append(await self.frame())

    async def events_until(self, type_: str) -> list[Frame]:
        """Return all events up to and with the first of a kind: what came before is all that there was."""
        frames: list[Frame] = []
        while not frames or frames[-1]["type"] != type_:
            if not self.events:
                self.events.append(await self.frame())
            frames.append(self.events.pop(0))
        return frames

    async def closed(self) -> int:
        """Return the code with which the server closes, and wait until it has cleaned up.

        Frames before it are passed over.
        """
        while (message := await self.line.receive_output(SECONDS))["type"] != "websocket.close":
            continue
        await self.hang_up()
        return int(message["code"])

    async def hang_up(self) -> None:
        """Close from the browser's side and wait until the server has cleaned up."""
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(SECONDS)


def operator_ticket(client: Client) -> str:
    """Fetch a ticket as the console does."""
    response = client.post("/api/v1/socket-tickets", {}, content_type="application/json")
    assert response.status_code == 201, response.content
    return str(response.json()["ticket"])


def visitor_ticket(side: Side) -> str:
    """Fetch a ticket as the widget's frame does."""
    response = side.end_user_client().post(
        f"/api/v1/widget/{side.widget.public_key}/socket-tickets", {}, content_type="application/json"
    )
    assert response.status_code == 201, response.content
    return str(response.json()["ticket"])


def session_of(client: Client) -> str:
    """Return the cookie header of a signed-in browser."""
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


async def inbox(client: Client, **hello: Any) -> tuple[Socket, Frame]:
    """Open an operator's socket and return it with the hello's data."""
    ticket = await apart(lambda: operator_ticket(client))
    socket = await Socket("/ws/inbox", settings.SITE_URL, session_of(client)).connect()
    return socket, await socket.do("hello", **{"ticket": ticket, "epoch": None, "cursors": {}, **hello})


async def widget(side: Side, **hello: Any) -> tuple[Socket, Frame]:
    """Open an end-user's socket and return it with the hello's data."""
    ticket = await apart(lambda: visitor_ticket(side))
    socket = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    return socket, await socket.do("hello", **{"ticket": ticket, "epoch": None, "cursors": {}, **hello})


async def open_in(socket: Socket, conversation_id: UUID) -> Frame:
    """Open a conversation from nothing and return the sync."""
    return await socket.do(
        "conversation.open", conversation=conversation_id, after_version=None, after_note_version=None
    )

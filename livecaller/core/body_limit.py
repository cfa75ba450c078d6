"""A ceiling for request bodies, before anything is kept of them.

Django writes a whole body into a temporary file before any view can refuse it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any  # ASGI's scopes and messages

import orjson

from livecaller.core.errors import TooLargeError

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


class BodyLimit:
    """An ASGI application in front of another: bodies above `most` bytes are answered with 413 and not read on."""

    def __init__(self, application: Application, most: int) -> None:
        self.application = application
        self.most = most

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if _claimed_length(scope) > self.most:
            await _refuse(send)
            return
        read, is_over, is_answered = 0, False, False

        async def receive_counted() -> Message:
            nonlocal read, is_over
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most:
                is_over = True
                return {"type": "http.disconnect"}
            return message

        async def send_noted(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        await self.application(scope, receive_counted, send_noted)
        if is_over and not is_answered:
            await _refuse(send)


def _claimed_length(scope: Any) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(send: Send) -> None:
    refusal = TooLargeError()
    body = orjson.dumps({"error": refusal.payload()})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

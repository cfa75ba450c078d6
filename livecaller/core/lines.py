"""How uvicorn speaks WebSocket, with two lessons about readers who do not read."""

from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from asyncio import Event as _Event

    from uvicorn._types import ASGISendEvent

# So long may what was already written, the goodbye included, lie there before the line is torn.
LINGER_SECONDS = 5.0


class LineProtocol(WebSocketsSansIOProtocol):
    """One WebSocket.

    A goodbye does not wait behind what is not read, so the reader finds it at the end of what it reads later. And a
    line that is over does not stay open for as long as nobody reads: uvicorn would wait for its buffer forever.
    """

    writable: "_Event"

    async def send(self, message: "ASGISendEvent") -> None:
        """Send, waiting while the buffer is full, except for a goodbye."""
        if message["type"] == "websocket.close" and not self.writable.is_set():
            # Whoever waits for the old one is not woken, and gives up by its own timeout.
            self.writable = type(self.writable)()
            self.writable.set()
        await super().send(message)

    async def run_asgi(self) -> None:
        """Serve the socket to its end, and let go of what is left of it."""
        await super().run_asgi()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

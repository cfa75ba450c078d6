"""WebSocket lines of thousands of people in one process, at little cost.

All sockets hang on one selector, which is the only thing that asyncio sees: a burst of a thousand frames is one
wake-up of the loop and not a thousand. The generator shares the machine with what it measures.
"""

import asyncio
import selectors
import socket
import struct
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from tests.bench.chat.framing import CLOSE, PING, PONG, Control, FrameReader, ProtocolError, accepts, frame, new_key

READ_BYTES = 64 * 1024
# A close without a code, an end without a close, and a server that would not speak WebSocket at all.
CLOSE_NO_CODE, CLOSE_ABNORMAL, CLOSE_REFUSED = 1005, 1006, 0
_RESET = struct.pack("ii", 1, 0)
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


@dataclass(frozen=True, slots=True)
class Address:
    """Where a socket is: the host is the name that the server is known by, the connection goes to 127.0.0.1."""

    port: int
    host: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()


class Owner(Protocol):
    """Who a line belongs to; called in the event loop. `at` is `perf_counter()` when the bytes were read."""

    def opened(self, line: "Line") -> None:
        """The upgrade is done."""

    def heard(self, line: "Line", payload: bytes, at: float) -> None:
        """A message has come."""

    def lost(self, line: "Line", code: int) -> None:
        """The line has ended, by whomever; called once."""


class Hub:
    """All lines of an event loop. Make it inside the loop, close it there."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.is_closed = False
        self._loop = asyncio.get_running_loop()
        # Where there is none (neither epoll nor kqueue), nothing here can work.
        self._number: int = self.selector.fileno()
        self._loop.add_reader(self._number, self._drain)

    def close(self) -> None:
        """Cut every line and stop watching; may be called again."""
        if self.is_closed:
            return
        self.is_closed = True
        self._loop.remove_reader(self._number)
        for key in list(self.selector.get_map().values()):
            key.data.cut()
        self.selector.close()

    def _drain(self) -> None:
        for key, events in self.selector.select(0):
            line: Line = key.data
            if events & _WRITE:
                line.on_writable()
            if events & _READ:
                line.on_readable()


class Line:
    """One WebSocket: connecting, then open, then ended. Nothing blocks; what cannot be written waits in memory."""

    __slots__ = ("_hub", "_key", "_owner", "_reader", "_received", "_sock", "_waiting", "is_open")

    def __init__(self, hub: Hub, address: Address, owner: Owner) -> None:
        self._hub, self._owner = hub, owner
        self._reader = FrameReader()
        self._key = new_key()
        self._waiting = _request(address, self._key)
        self._received = b""
        self.is_open = False
        self._sock: socket.socket | None = socket.socket()
        self._sock.setblocking(False)  # noqa: FBT003 the standard library's signature
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.connect_ex(("127.0.0.1", address.port))
        hub.selector.register(self._sock, _READ | _WRITE, self)

    def write(self, framed: bytes) -> None:
        """Send bytes that `framing.frame` has made; nothing happens on a line that has ended."""
        if self._sock is None:
            return
        if not self._waiting and self.is_open:
            try:
                sent = self._sock.send(framed)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._end(CLOSE_ABNORMAL)
                return
            if sent == len(framed):
                return
            framed = framed[sent:]
        self._waiting += framed
        self._hub.selector.modify(self._sock, _READ | _WRITE, self)

    def cut(self) -> None:
        """End without a word, as a cable does that is pulled: the server gets a reset."""
        if self._sock is not None:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._end(CLOSE_ABNORMAL)

    def say_goodbye(self, code: int = 1000) -> None:
        """Ask the server to close; `lost` follows when it has."""
        self.write(frame(code.to_bytes(2, "big"), CLOSE))

    def on_writable(self) -> None:
        """Finish the connection, or send what waits. For the hub."""
        if self._sock is None:
            return
        try:
            sent = self._sock.send(self._waiting) if self._waiting else 0
        except BlockingIOError:
            return
        except OSError:
            self._end(CLOSE_ABNORMAL)
            return
        self._waiting = self._waiting[sent:]
        if not self._waiting:
            self._hub.selector.modify(self._sock, _READ, self)

    def on_readable(self) -> None:
        """Read what has come. For the hub."""
        if self._sock is None:
            return
        try:
            data = self._sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end(CLOSE_ABNORMAL)
        elif self.is_open:
            self._hear(data, perf_counter())
        else:
            self._upgrade(data)

    def _hear(self, data: bytes, at: float) -> None:
        try:
            messages = self._reader.feed(data)
        except ProtocolError:
            self.cut()
            return
        for message in messages:
            # Whoever hears a message may have ended the line.
            if self._has_ended():
                return
            if type(message) is bytes:
                self._owner.heard(self, message, at)
            elif isinstance(message, Control):
                self._control(message)

    def _has_ended(self) -> bool:
        return self._sock is None

    def _upgrade(self, data: bytes) -> None:
        """Read the answer to the upgrade, and what follows it."""
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        if not accepts(self._key, head):
            self._end(CLOSE_REFUSED)
            return
        self._received, self.is_open = b"", True
        self._owner.opened(self)
        if rest:
            self._hear(rest, perf_counter())

    def _control(self, control: Control) -> None:
        if control.opcode == PING:
            self.write(frame(control.payload, PONG))
        elif control.opcode == CLOSE:
            self.write(frame(control.payload[:2], CLOSE))
            self._end(int.from_bytes(control.payload[:2], "big") if len(control.payload) >= 2 else CLOSE_NO_CODE)

    def _end(self, code: int) -> None:
        if self._sock is None:
            return
        self._hub.selector.unregister(self._sock)
        self._sock.close()
        self._sock, self.is_open = None, False
        self._owner.lost(self, code)


def _request(address: Address, key: str) -> bytes:
    lines = [
        f"GET {address.path} HTTP/1.1",
        f"Host: {address.host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in address.headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()

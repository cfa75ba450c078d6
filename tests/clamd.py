"""A clamd on loopback that speaks the protocol of the real one and knows one signature: that of the EICAR test file."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Two halves, so that no scanner of this machine takes this file away.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    """What it was given, and how it answers: `silent` takes all and says nothing."""

    place: tuple[str, int] | str
    silent: bool = False
    limit: int = 100 * 1024 * 1024
    scanned: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The address as LIVECALLER_CLAMAV has it."""
        return f"unix://{self.place}" if isinstance(self.place, str) else f"tcp://{self.place[0]}:{self.place[1]}"

    def answer(self, line: socket.socket) -> bytes:
        """Read one command in its `z` form and return the answer."""
        with line.makefile("rb") as reader:
            command = b""
            while not command.endswith(b"\0"):
                byte = reader.read(1)
                if not byte:
                    return b""
                command += byte
            if command == b"zPING\0":
                return b"PONG\0"
            if command != b"zINSTREAM\0":
                return b"UNKNOWN COMMAND\0"
            content = b""
            while size := struct.unpack("!I", reader.read(4))[0]:
                content += reader.read(size)
                if len(content) > self.limit:
                    return b"INSTREAM size limit exceeded. ERROR\0"
        self.scanned.append(content)
        return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0"


@contextlib.contextmanager
def clamd(path: Path | None = None) -> Iterator[Clamd]:
    """Run one on a free port of 127.0.0.1, or on a socket file, until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            answer = scanner.answer(self.request)
            if scanner.silent:
                scanner.released.wait()
            self.request.sendall(answer)

    server: socketserver.BaseServer
    if path:
        server = socketserver.ThreadingUnixStreamServer(str(path), Handler)
        scanner = Clamd(str(path))
    else:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        scanner = Clamd(("127.0.0.1", server.socket.getsockname()[1]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield scanner
    finally:
        scanner.released.set()
        server.shutdown()
        server.server_close()
        thread.join()

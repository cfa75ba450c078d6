"""A second pair of eyes on uploads: ClamAV, where LIVECALLER_CLAMAV names one.

Speaks clamd's own protocol. Without an address nothing is scanned, and nothing says that it was. With one, a file
that was not found clean is not stored: whoever scans wants to be safe also while the scanner is away.
"""

import socket
import struct
import time
from collections.abc import Iterable, Iterator

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from chats.attachments import Stream
from livecaller.core.errors import UnavailableError, UnsupportedTypeError

log = structlog.get_logger(__name__)

# In all. A request's transaction may idle for 30 seconds, and its person waits.
SECONDS_MOST = 20.0
RETRY_SECONDS = 30

_CHUNK = 64 * 1024
_ANSWER_BYTES = 4096


def require_clean(stream: Stream) -> None:
    """Raise `UnsupportedTypeError` when the scanner finds something, `UnavailableError` unless it says "clean".

    Does nothing without a scanner. The stream is left at its beginning.
    """
    if settings.CLAMAV is None:
        return
    stream.seek(0)
    try:
        answer = _ask(b"zINSTREAM\0", _chunks(stream))
    except OSError as error:
        log.warning("scanner.away", error=type(error).__name__)
        answer = ""
    stream.seek(0)
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        raise UnsupportedTypeError(_("Malware was found in this file. It was not stored."))
    if answer:
        # An error of its own, such as a limit below ours: what it says may quote the file.
        log.warning("scanner.failed")
    raise UnavailableError(_("Files cannot be checked right now. Try again in a minute."), retry_after=RETRY_SECONDS)


def answers_ping() -> bool:
    """Say whether the scanner is there; raises `OSError` saying why it cannot be reached. Call it with an address."""
    return _ask(b"zPING\0", ()) == "PONG"


def _chunks(stream: Stream) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield struct.pack("!I", len(chunk)) + chunk
    yield struct.pack("!I", 0)


def _ask(command: bytes, parts: Iterable[bytes]) -> str:
    deadline = time.monotonic() + SECONDS_MOST
    with _connected(deadline) as line:
        line.sendall(command)
        for part in parts:
            _wait_until(line, deadline)
            line.sendall(part)
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _ANSWER_BYTES:
            _wait_until(line, deadline)
            piece = line.recv(_ANSWER_BYTES)
            if not piece:
                break
            answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connected(deadline: float) -> socket.socket:
    place: tuple[str, int] | str = settings.CLAMAV or ""
    if isinstance(place, tuple):
        return socket.create_connection(place, timeout=deadline - time.monotonic())
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _wait_until(line, deadline)
        line.connect(place)
    except OSError:
        line.close()
        raise
    return line


def _wait_until(line: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    line.settimeout(left)

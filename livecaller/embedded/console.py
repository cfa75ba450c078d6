"""One log on the terminal for many programs: each line says who wrote it."""

import os
import sys
import threading
from typing import BinaryIO

_COLOURS = {"postgres": 34, "valkey": 31, "web": 32, "worker": 35, "beat": 36, "livecaller": 1}
_WIDTH = max(len(name) for name in _COLOURS)


class Console:
    """Writes whole lines of several programs to one stream; safe to use from any thread."""

    def __init__(self, stream: BinaryIO, *, coloured: bool) -> None:
        self._stream = stream
        self._coloured = coloured
        self._lock = threading.Lock()
        self._pipes: dict[str, tuple[int, threading.Thread]] = {}

    def say(self, line: str, *, name: str = "livecaller") -> None:
        """Write one line as program `name`; without a name it is the supervisor's own."""
        self._write(name, line.encode(errors="replace"))

    def pipe_of(self, name: str) -> int:
        """Return the file descriptor that `name` writes its output to; the same one after each restart."""
        if name not in self._pipes:
            reading, writing = os.pipe()
            thread = threading.Thread(target=self._follow, args=(name, reading), daemon=True)
            thread.start()
            self._pipes[name] = (writing, thread)
        return self._pipes[name][0]

    def close(self) -> None:
        """Write what is still in the pipes; call it once no program writes any more."""
        for writing, thread in self._pipes.values():
            os.close(writing)
            thread.join(timeout=5)
        self._pipes.clear()

    def _follow(self, name: str, reading: int) -> None:
        with os.fdopen(reading, "rb") as stream:
            for line in stream:
                self._write(name, line.rstrip(b"\r\n"))

    def _write(self, name: str, line: bytes) -> None:
        prefix = f"{name:<{_WIDTH}} │ "
        if self._coloured:
            prefix = f"\x1b[{_COLOURS.get(name, 0)}m{prefix}\x1b[0m"
        with self._lock:
            self._stream.write(prefix.encode() + line + b"\n")
            self._stream.flush()


def terminal() -> Console:
    """Return the console of standard output; colours only on a terminal that wants them."""
    return Console(sys.stdout.buffer, coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ)

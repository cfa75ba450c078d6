"""Keeping the processes of one LiveCaller alive, and ending them in the right order."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import psutil

from livecaller.embedded.console import Console
from livecaller.embedded.programs import Program, StartError, kill_group, start, stop

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# Whoever ran that long was healthy: the next crash is a new one.
HEALTHY_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.2


@dataclass(slots=True)
class Child:
    """One running, or for the moment ended, program."""

    program: Program
    process: "Popen[bytes]"
    started: float
    pause: float = FIRST_PAUSE
    due: float | None = None


class Supervisor:
    """Runs programs until told to stop. Not thread-safe: one thread starts, watches and stops.

    `record` names a file that lists the running processes, for the next start to end them should this process
    be killed.
    """

    def __init__(self, console: Console, record: Path) -> None:
        self._console = console
        self._record = record
        self._children: list[Child] = []

    def adopt(self, program: Program, process: "Popen[bytes]") -> None:
        """Watch over a process that was started elsewhere."""
        self._children.append(Child(program, process, time.monotonic()))
        self._write_record()

    def launch(self, program: Program) -> None:
        """Start a program and watch over it."""
        self.adopt(program, start(program, self._console.pipe_of(program.name)))

    def watch(self, until: threading.Event) -> None:
        """Start again whatever ends, with growing pauses, until the event is set."""
        while not until.wait(_LOOK_EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Look at every child once: notice an end, start again what is due."""
        for child in self._children:
            if child.due is not None:
                if time.monotonic() >= child.due:
                    self._restart(child)
            elif child.process.poll() is not None:
                self._notice_end(child)

    def stop(self) -> None:
        """Stop all children, the last one started first."""
        while self._children:
            child = self._children.pop()
            code = stop(child.program, child.process)
            self._console.say(
                f"{child.program.name} stopped" if code <= 0 else f"{child.program.name} ended with {code}"
            )
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """End every child at once; for the second Ctrl-C."""
        for child in self._children:
            kill_group(child.process.pid)

    def pids(self) -> dict[str, int]:
        """Return the process id of every child by its name."""
        return {child.program.name: child.process.pid for child in self._children}

    def _notice_end(self, child: Child) -> None:
        if time.monotonic() - child.started > HEALTHY_SECONDS:
            child.pause = FIRST_PAUSE
        child.due = time.monotonic() + child.pause
        self._console.say(
            f"{child.program.name} ended with code {child.process.returncode}; starting it again in {child.pause:.0f} s"
        )
        # What it left of its own processes would stand in the way of the next one.
        kill_group(child.process.pid)
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _restart(self, child: Child) -> None:
        child.process = start(child.program, self._console.pipe_of(child.program.name))
        child.started = time.monotonic()
        child.due = None
        self._write_record()

    def _write_record(self) -> None:
        rows = [
            {"name": child.program.name, "pid": child.process.pid, "created": _created(child.process.pid)}
            for child in self._children
        ]
        partial = self._record.with_suffix(".partial")
        partial.write_text(json.dumps(rows, indent=1))
        partial.replace(self._record)


@contextmanager
def sole_use(data: Path) -> Iterator[None]:
    """Hold the data folder; raise `StartError` while another LiveCaller does."""
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(
                f"LiveCaller already runs on {data} (process {lock.read().strip() or 'unknown'}). "
                "Stop it first: Ctrl-C in its window, or `make stop`."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def holder(data: Path) -> int | None:
    """Return the id of the process that holds the data folder, or None."""
    try:
        with sole_use(data):
            return None
    except StartError:
        return int((data / "lock").read_text())


def end_leftovers(record: Path) -> list[str]:
    """End the processes that a killed supervisor left behind; return their names.

    Only for the holder of the data folder. A process id that belongs to somebody else by now is left alone.
    """
    try:
        rows = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return []
    left = [psutil.Process(row["pid"]) for row in rows if _created(row["pid"]) == row["created"]]
    for process in left:
        process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=20)
    for process in stubborn:
        kill_group(process.pid)
    record.unlink()
    return [row["name"] for row in rows if row["pid"] in {process.pid for process in left}]


def _created(pid: int) -> float | None:
    """Return when the process began, which tells it from a later one with the same number; None if it is over."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None

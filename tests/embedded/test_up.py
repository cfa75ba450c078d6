"""`manage.py up`, from an empty data folder to a clean stop, and after a crash."""

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from tests.servers import ROOT, free_port
from tests.waiting import wait_for

OURS = ("LIVECALLER_", "DATABASE_", "REDIS_", "PYTEST_")
START_SECONDS = 120
PROCESSES = ["postgres", "valkey", "web", "worker", "beat"]


class Machine:
    """One data folder with ports of its own, and what `up` printed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.log = folder / "log"
        self.port = free_port()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(OURS)} | {
            "LIVECALLER_DATA": str(self.data),
            "LIVECALLER_PORT": str(self.port),
            "LIVECALLER_PG_PORT": str(free_port()),
            "LIVECALLER_VALKEY_PORT": str(free_port()),
        }

    @contextmanager
    def up(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Start, wait for the welcome, and see to it that nothing is left at the end."""
        with ExitStack() as cleanup:
            output = cleanup.enter_context(self.log.open("wb"))
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )
            cleanup.callback(self.end, process)
            wait_for(lambda: process.poll() is not None or "Stop it with Ctrl-C" in self.said(), START_SECONDS)
            assert process.poll() is None, self.said()
            yield process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def pids(self) -> dict[str, int]:
        return {row["name"]: row["pid"] for row in json.loads((self.data / "processes.json").read_text())}

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def status(self, host: str, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture
def machine(folder: Path) -> Machine:
    return Machine(folder)


def test_one_command_starts_everything_heals_it_and_stops_it(machine: Machine) -> None:
    with machine.up() as process:
        pids = machine.pids()
        assert list(pids) == PROCESSES
        for line in ("Website", "Operator inbox", "Demo shop", "Caught mail"):
            assert f"  {line}" in machine.said()
        assert machine.status("localhost", "/") == machine.status("localhost", "/mail/") == 200
        assert machine.status("127.0.0.1", "/") == 200
        assert machine.status("elsewhere.example", "/") == 400

        doctor = machine.run("manage.py", "doctor")
        assert doctor.returncode == 0, doctor.stdout
        assert doctor.stdout.count("\nok ") >= 12

        second = machine.run("manage.py", "up")
        assert second.returncode == 1
        assert f"LiveCaller already runs on {machine.data} (process {process.pid}). Stop it first" in second.stderr

        for name in PROCESSES:
            os.kill(pids[name], signal.SIGKILL)
        wait_for(lambda: all(f"{name} ended with code -9; starting it again" in machine.said() for name in PROCESSES))
        wait_for(lambda: machine.is_ready() and not set(machine.pids().values()) & set(pids.values()), 60)

        pids = machine.pids()
        stop = machine.run("-m", "livecaller.embedded.control", "stop")
        assert stop.stdout == "LiveCaller stopped.\n"
        assert process.wait(10) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    said = machine.said()
    order = [said.rindex(f"{name} stopped") for name in reversed(PROCESSES)]
    assert order == sorted(order)
    assert not (machine.data / "processes.json").exists()


def test_start_after_a_kill_ends_what_was_left_and_finds_the_data_again(machine: Machine) -> None:
    with machine.up() as process:
        left = machine.pids()
        account = machine.run("manage.py", "create_demo", "--json").stdout
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert all(psutil.pid_exists(pid) for pid in left.values())
    with machine.up() as process:
        for name in PROCESSES:
            assert f"{name} was left over from a start that was killed; ended it" in machine.said()
        assert not set(machine.pids().values()) & set(left.values())
        assert machine.run("manage.py", "create_demo", "--json").stdout == account
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_interrupted_first_start_leaves_nothing_and_the_next_one_works(machine: Machine) -> None:
    with machine.log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=machine.environment, stdout=output, stderr=output
        )
        wait_for(lambda: "starting PostgreSQL" in machine.said(), START_SECONDS)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "livecaller │ stopping" in machine.said()
    children = [
        child
        for child in psutil.process_iter(["cmdline"])
        if str(machine.data) in " ".join(child.info["cmdline"] or [])
    ]
    assert children == []
    with machine.up():
        assert machine.is_ready()

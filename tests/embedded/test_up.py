"""`manage.py up`, from an empty data folder to a clean stop, and after a crash."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg2
import pytest

from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.environment import DATABASE
from tests.servers import ROOT, free_port
from tests.waiting import wait_for

OURS = ("LIVECALLER_", "DATABASE_", "REDIS_", "PYTEST_")
START_SECONDS = 120
PROCESSES = ["postgres", "valkey", "web", "worker", "beat"]


class Answer(NamedTuple):
    """What one address said."""

    status: int
    headers: Message
    text: str


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

    def get(self, host: str, path: str, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Host": f"{host}:{self.port}", **headers})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        return answer

    def status(self, host: str, path: str) -> int:
        return self.get(host, path).status

    def as_owner(self, statement: str) -> None:
        """Run a statement as the owner of the tables."""
        password = credentials_of(self.data).owner
        url = f"postgres://livecaller_owner:{password}@127.0.0.1:{self.environment['LIVECALLER_PG_PORT']}/{DATABASE}"
        with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statement)


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


def test_who_finds_nothing_or_a_bug_sees_our_page_and_nothing_of_the_inside(machine: Machine) -> None:
    with machine.up():
        hosts = ("localhost", "widget.localhost", "files.localhost", "127.0.0.1")
        answers = [machine.get(host, "/nowhere/") for host in hosts]
        assert [answer.status for answer in answers] == [404] * 4
        assert all("There is nothing here" in answer.text for answer in answers)
        cookie = {"Cookie": "__Host-lc-session=0123456789abcdefghijklmnopqrstuv"}
        assert machine.get("localhost", "/", **cookie).status == 200

        machine.as_owner("ALTER TABLE django_session RENAME TO django_session_away")
        broken = machine.get("localhost", "/", **cookie)
        assert broken.status == 500
        assert "Something broke on our side" in broken.text
        wait_for(lambda: "does not exist" in machine.said())

    for answer in (*answers, broken):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers["X-Request-Id"]) == 32
        for inside in ("Traceback", "django", "psycopg2", "URLconf", "SECRET_KEY", "DEBUG"):
            assert inside not in answer.text
        asset = re.search(r'href="(/static/[^"]+\.css)"', answer.text)
        assert asset is not None

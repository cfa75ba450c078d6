"""Processes are started again, stopped in order, and never left behind."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from livecaller.embedded.console import Console
from livecaller.embedded.programs import Program, StartError
from livecaller.embedded.supervisor import Supervisor, end_leftovers, holder, sole_use
from tests.waiting import wait_for

WAIT = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT


def program(name: str, code: str, *, stop_seconds: float = 20) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        folder=Path("/"),
        environment={},
        stop_seconds=stop_seconds,
    )


def watch(supervisor: Supervisor, until: Callable[[], bool]) -> None:
    """Let the supervisor look at its children until something is so."""

    def looked() -> bool:
        supervisor.look()
        return until()

    wait_for(looked)


@pytest.fixture
def screen() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "processes.json"


@pytest.fixture
def supervisor(screen: io.BytesIO, record: Path) -> Iterator[Supervisor]:
    console = Console(screen, coloured=False)
    supervisor = Supervisor(console, record)
    yield supervisor
    supervisor.stop()
    console.close()


def test_crashed_child_is_started_again_and_said_so(supervisor: Supervisor, screen: io.BytesIO) -> None:
    supervisor.launch(program("web", WAIT))
    wait_for(lambda: b" up\n" in screen.getvalue())
    before = supervisor.pids()["web"]
    os.kill(before, signal.SIGKILL)
    watch(supervisor, lambda: supervisor.pids()["web"] != before)
    wait_for(lambda: screen.getvalue().count(b"web        \xe2\x94\x82 up\n") == 2)
    assert b"livecaller \xe2\x94\x82 web ended with code -9; starting it again in 1 s" in screen.getvalue()


def test_pauses_grow_while_it_keeps_crashing(supervisor: Supervisor, screen: io.BytesIO) -> None:
    supervisor.launch(program("beat", "raise SystemExit(3)"))
    watch(supervisor, lambda: screen.getvalue().count(b"ended with code 3") == 2)
    said = screen.getvalue().decode()
    assert said.index("again in 1 s") < said.index("again in 2 s")


def test_last_started_is_stopped_first_and_the_stubborn_are_killed(
    supervisor: Supervisor, screen: io.BytesIO, record: Path
) -> None:
    supervisor.launch(program("postgres", WAIT))
    supervisor.launch(program("web", STUBBORN, stop_seconds=0.2))
    wait_for(lambda: screen.getvalue().count(b" up\n") == 2)
    pids = supervisor.pids()
    supervisor.stop()
    said = screen.getvalue()
    assert said.index(b"web stopped") < said.index(b"postgres stopped")
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not record.exists()


def test_what_a_killed_supervisor_left_is_ended(supervisor: Supervisor, record: Path) -> None:
    supervisor.launch(program("worker", WAIT))
    pid = supervisor.pids()["worker"]
    assert end_leftovers(record) == ["worker"]
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert end_leftovers(record) == []


def test_stranger_with_the_same_number_is_left_alone(record: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WAIT], stdout=subprocess.DEVNULL) as stranger:
        record.write_text(json.dumps([{"name": "web", "pid": stranger.pid, "created": 1.0}]))
        assert end_leftovers(record) == []
        assert stranger.poll() is None
        stranger.kill()


def test_one_data_folder_serves_one_livecaller(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with sole_use(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with (
            pytest.raises(StartError, match=rf"already runs on {tmp_path} \(process {os.getpid()}\)"),
            sole_use(tmp_path),
        ):
            pass
    assert holder(tmp_path) is None


def test_lines_of_many_programs_stay_whole(screen: io.BytesIO) -> None:
    console = Console(screen, coloured=True)
    pipes = {name: console.pipe_of(name) for name in ("web", "worker")}
    for number in range(200):
        for pipe in pipes.values():
            os.write(pipe, f"line {number}".encode())
            os.write(pipe, b"\n")
    console.close()
    lines = screen.getvalue().decode().splitlines()
    assert sorted(lines) == sorted(
        f"\x1b[{colour}m{name:<10} │ \x1b[0mline {number}"
        for name, colour in (("web", 32), ("worker", 35))
        for number in range(200)
    )

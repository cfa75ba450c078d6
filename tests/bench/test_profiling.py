"""The profiler finds where a process spends its time, in the main thread and in another one, and only when asked."""

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.chat.servers import usage
from tests.servers import ROOT
from tests.waiting import wait_for

BUSY = """
import threading

def in_thread():
    while True:
        sum(range(2000))

def in_main():
    while True:
        sum(range(2000))

threading.Thread(target=in_thread, daemon=True).start()
in_main()
"""


def test_busy_functions_of_both_threads_are_named(tmp_path: Path) -> None:
    variables = {"PYTHONPATH": str(ROOT / "tests/bench/chat/profiling"), "BENCH_PROFILE": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", BUSY], env={**os.environ, **variables})
    report = tmp_path / f"{process.pid}.txt"
    try:
        _work(process.pid)
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "on").touch()
        _work(process.pid)
        (tmp_path / "on").unlink()
        wait_for(report.exists)
    finally:
        process.kill()
        process.wait()
    own = report.read_text().split("with what it called")[0]

    assert "in_main" in own
    assert "in_thread" in own


def _work(pid: int) -> None:
    """Wait until the process has worked for half a second more."""
    before = usage([pid])
    wait_for(lambda: usage([pid]).since(before) > 0.5)

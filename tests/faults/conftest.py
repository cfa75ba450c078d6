"""One running product for all faults of a test run, in a process of its own: it is killed, and its clients are many."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from livecaller.embedded.environment import ROOT
from tests.faults.outcome import Outcome

END_SECONDS = 60


@pytest.fixture(scope="session")
def break_product() -> Iterator[Callable[[str], Outcome]]:
    """Return a function that does a fault by its name and returns what came of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults", "--serve"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def done(name: str) -> Outcome:
        stdin.write(f"{name}\n")
        stdin.flush()
        for line in stdout:
            if line.startswith("OUTCOME "):
                return Outcome(**json.loads(line.removeprefix("OUTCOME ")))
        raise AssertionError(f"The product under fire ended with code {process.wait(END_SECONDS)}; see above.")

    try:
        yield done
    finally:
        stdin.close()
        process.wait(END_SECONDS)
        stdout.close()

"""From a bare Python: each step once, and a sentence when the way is blocked."""

import fcntl
import os
import runpy
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from livecaller.embedded import bootstrap
from tests.browser import installed_chromium
from tests.embedded.conftest import ordinary_account
from tests.servers import ROOT
from tests.waiting import wait_for

SCRIPT = Path("livecaller") / "embedded" / "bootstrap.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a fresh clone as the first step reads."""
    for name in (SCRIPT, Path("uv.lock"), Path("pyproject.toml")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the bootstrap take an empty folder for the project's."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path / "stamps")
    return tmp_path


def run(checkout: Path, *options: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *options, str(checkout / SCRIPT)],
        cwd=checkout,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_network_ends_with_a_sentence_and_the_tools_last_words(checkout: Path) -> None:
    result = run(
        checkout, PIP_CONFIG_FILE=os.devnull, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0",
        PIP_FIND_LINKS="", PIP_NO_CACHE_DIR="1", PIP_EXTRA_INDEX_URL="",
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stdout.startswith("Python environment …\n")
    assert "done" not in result.stdout
    assert "LiveCaller cannot start: The package registries cannot be reached. Check the network" in result.stderr
    assert "  | ERROR: " in result.stderr
    assert "Traceback" not in result.stderr


def test_python_without_venv_parts_ends_with_a_sentence(checkout: Path) -> None:
    without = (
        "import sys, runpy; sys.modules['ensurepip'] = None; sys.modules['pip'] = None; "
        f"sys.argv = ['bootstrap']; runpy.run_path({str(checkout / SCRIPT)!r}, run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "has neither ensurepip nor pip. Install its venv package" in result.stderr
    assert "Traceback" not in result.stderr


def test_folder_that_cannot_be_written_ends_with_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", folder)
    folder.chmod(0o555)
    with (
        ordinary_account(),
        pytest.raises(bootstrap.PreparationError, match=r"cannot be written \(Permission denied\)"),
    ):
        bootstrap.prepare()
    folder.chmod(0o700)


def test_full_disk_ends_with_a_sentence(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "NEEDED_BYTES", shutil.disk_usage(here).total * 2)
    with pytest.raises(
        bootstrap.PreparationError, match=r"^Only \d+\.\d GB are free on the disk of .*; installing needs"
    ):
        bootstrap.prepare()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("error: failed to write to file: No space left on device (os error 28)", "The disk is full."),
        ("npm error code ENOSPC", "The disk is full."),
        ("npm error code EAI_AGAIN", "The package registries cannot be reached."),
        ("error: Failed to fetch: client error (Connect): dns error", "The package registries cannot be reached."),
        ("Could not find a version: Temporary failure in name resolution", "The package registries cannot be reached."),
        ("error: failed to open file: Permission denied (os error 13)", "cannot be written. Make the folder yours"),
        ("npm error code EROFS", "cannot be written. Make the folder yours"),
        ("src/frame.tsx(3,1): error TS2304: Cannot find name 'x'.", "npm run build failed."),
    ],
)
def test_causes_are_named(words: str, sentence: str) -> None:
    explanation = bootstrap._explain("npm run build", f"first line\n{words}\n")
    assert sentence in explanation.splitlines()[0]
    assert explanation.endswith(f"  | {words}")


def step(here: Path, work: Callable[[], None]) -> bootstrap.Step:
    return bootstrap.Step("Parts", lambda: [here / "source"], here / "product", work)


def test_step_is_done_once_until_its_sources_or_its_product_change(here: Path) -> None:
    made = []
    (here / "source").write_text("one")

    def work() -> None:
        made.append((here / "source").read_text())
        (here / "product").write_text("built")

    def prepare() -> None:
        if not bootstrap._is_done(step(here, work)):
            bootstrap._say_and_do(step(here, work))

    prepare()
    prepare()
    assert made == ["one"]
    (here / "source").write_text("two")
    prepare()
    prepare()
    assert made == ["one", "two"]
    (here / "product").unlink()
    prepare()
    assert made == ["one", "two", "two"]


def test_step_that_fails_or_makes_nothing_is_due_again(here: Path) -> None:
    (here / "source").write_text("one")
    with pytest.raises(bootstrap.PreparationError, match="ended without making product"):
        bootstrap._say_and_do(step(here, lambda: None))
    assert not bootstrap._is_done(step(here, lambda: None))


def test_tool_that_takes_long_is_said_to_work(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "SAY_EVERY_SECONDS", 0.1)
    bootstrap._run(sys.executable, "-c", "import threading; threading.Event().wait(0.5)")
    assert "  … 0 s\n" in capsys.readouterr().out
    with pytest.raises(bootstrap.PreparationError, match=r"(?s)failed\..*\| broken$"):
        bootstrap._run(sys.executable, "-c", "raise SystemExit('broken')")


def test_two_preparations_of_one_folder_wait_for_each_other(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = threading.Event()

    def second() -> None:
        with bootstrap._one_at_a_time():
            done.set()

    with bootstrap._one_at_a_time():
        thread = threading.Thread(target=second)
        thread.start()
        said = ""

        def waits() -> bool:
            nonlocal said
            said += capsys.readouterr().out
            return "waiting for it" in said

        wait_for(waits)
        assert not done.is_set()
    thread.join()
    assert done.is_set()


def test_uv_is_pinned_with_hashes() -> None:
    version, hashes = bootstrap._locked("uv")
    assert version.count(".") == 2
    assert len(hashes) > 5
    assert all(hash_.startswith("sha256:") for hash_ in hashes)


def test_bootstrap_imports_nothing_but_the_standard_library() -> None:
    names = runpy.run_path(str(ROOT / SCRIPT), run_name="looked_at")
    modules = {value.__name__.split(".")[0] for value in names.values() if isinstance(value, type(os))}
    assert modules <= sys.stdlib_module_names


def test_old_python_ends_make_with_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    # As if nobody had called make yet.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "up", f"PYTHON={old}"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stdout.startswith("LiveCaller needs Python 3.11 or later, and found: Python 3.9.2.\nInstall one")


def test_the_folder_is_locked_while_it_is_prepared_and_no_longer(here: Path) -> None:
    def is_free() -> bool:
        descriptor = os.open(here, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    with bootstrap._one_at_a_time():
        assert not is_free()
    assert is_free()


def test_browser_that_does_not_start_is_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, code in (("chromium", 1), ("google-chrome", 0)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert installed_chromium() == tmp_path / "google-chrome"

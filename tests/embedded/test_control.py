"""`make stop` and `make reset`, and secrets that are made once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.programs import StartError
from livecaller.embedded.supervisor import sole_use
from tests.servers import ROOT


def control(data: Path, *arguments: str, words: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "livecaller.embedded.control", *arguments],
        cwd=ROOT,
        env={**os.environ, "LIVECALLER_DATA": str(data)},
        input=words,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "files").mkdir(parents=True)
    (data / "files" / "photo.webp").write_bytes(b"x")
    credentials_of(data)
    return data


@pytest.mark.parametrize("words", ["", "\n", "no\n", "y\n"])
def test_reset_deletes_nothing_without_a_clear_yes(data: Path, words: str) -> None:
    result = control(data, "reset", words=words)
    assert (result.returncode, "Nothing was deleted." in result.stdout) == (0, True)
    assert (data / "files" / "photo.webp").exists()
    assert (data / "credentials.json").exists()


def test_reset_deletes_after_a_yes(data: Path) -> None:
    result = control(data, "reset", words="yes\n")
    assert f"Deleted {data}." in result.stdout
    assert not data.exists()


def test_reset_with_yes_asks_nothing_and_spares_other_peoples_files(data: Path) -> None:
    (data / "thesis.txt").write_text("mine")
    result = control(data, "reset", "--yes")
    assert "holds other files and stays" in result.stdout
    assert [path.name for path in data.iterdir()] == ["thesis.txt"]


def test_reset_follows_the_link_to_where_the_servers_files_are(data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (data / "postgres").symlink_to(elsewhere)
    control(data, "reset", "--yes")
    assert not elsewhere.exists()


def test_reset_refuses_while_livecaller_runs(data: Path) -> None:
    with sole_use(data):
        result = control(data, "reset", "--yes")
    assert result.returncode == 1
    assert "already runs" in result.stderr
    assert (data / "credentials.json").exists()


def test_stop_says_when_nothing_runs(data: Path) -> None:
    assert control(data, "stop").stdout == "LiveCaller does not run.\n"


def test_credentials_are_made_once_differ_and_are_private(data: Path) -> None:
    first = credentials_of(data)
    assert credentials_of(data) == first
    values = json.loads((data / "credentials.json").read_text())
    assert len(set(values.values())) == len(values) == 7
    assert all(len(value) >= 64 for value in values.values())
    assert (data / "credentials.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "[]", '{"app": "only"}'])
def test_damaged_credentials_are_never_replaced(data: Path, content: str) -> None:
    (data / "credentials.json").write_text(content)
    with pytest.raises(StartError, match="is damaged"):
        credentials_of(data)
    assert (data / "credentials.json").read_text() == content

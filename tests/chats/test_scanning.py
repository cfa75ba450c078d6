"""Uploads and the scanner: what is found leaves nothing, and a scanner that is away lets nothing through."""

import io
import socket
from pathlib import Path
from threading import Thread
from typing import Any  # answers are JSON

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from chats import scanning
from chats.models import Attachment
from livecaller.core.errors import UnavailableError, UnsupportedTypeError
from tests.cast import Cast
from tests.clamd import EICAR, clamd
from tests.servers import free_port


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """A storage folder of this test alone."""
    location = tmp_path / "files"
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(location)}}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return location


def upload(cast: Cast, content: bytes) -> Any:
    """Upload a text file as the widget does."""
    return cast.a.end_user_client().post(
        f"/api/v1/widget/{cast.a.widget.public_key}/attachments", {"file": SimpleUploadedFile("list.txt", content)}
    )


def kept(cast: Cast, folder: Path) -> int:
    """Return how many files there are, of which neither row nor bytes may be without the other."""
    rows = cast.a.inside(Attachment.all_states.count)
    assert rows == len([path for path in folder.rglob("*") if path.is_file()])
    return rows


@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_malware_is_refused_and_nothing_is_kept(cast: Cast, settings: Settings, folder: Path, way: str) -> None:
    with clamd(folder.parent / "clamd.socket" if way == "unix" else None) as scanner:
        settings.CLAMAV = scanner.place
        honest = upload(cast, b"one sofa, oak")
        refused = upload(cast, b"one sofa " + EICAR)

    assert honest.status_code == 201
    assert (refused.status_code, refused.json()["error"]["code"]) == (415, "unsupported_type")
    assert refused.json()["error"]["message"] == "Malware was found in this file. It was not stored."
    assert scanner.scanned == [b"one sofa, oak", b"one sofa " + EICAR]
    assert kept(cast, folder) == 1


def test_every_byte_is_scanned_across_chunks() -> None:
    content = bytes(range(256)) * 1200 + EICAR
    with clamd() as scanner, pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.CLAMAV", scanner.place)
        with pytest.raises(UnsupportedTypeError):
            scanning.require_clean(io.BytesIO(content))
        harmless = io.BytesIO(content[:-10])
        scanning.require_clean(harmless)
        assert harmless.tell() == 0
    assert scanner.scanned == [content, content[:-10]]


def test_while_the_scanner_is_away_uploads_are_refused(committed_cast: Cast, settings: Settings, folder: Path) -> None:
    for place in (("127.0.0.1", free_port()), str(folder.parent / "nothing.socket")):
        settings.CLAMAV = place
        refused = upload(committed_cast, b"one sofa, oak")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
        assert refused.json()["error"]["message"] == "Files cannot be checked right now. Try again in a minute."
        assert int(refused["Retry-After"]) > 0
    assert kept(committed_cast, folder) == 0


def test_a_scanner_that_cannot_say_lets_nothing_through(settings: Settings) -> None:
    with clamd() as scanner:
        settings.CLAMAV = scanner.place
        scanner.limit = 10
        with pytest.raises(UnavailableError):
            scanning.require_clean(io.BytesIO(b"more than ten bytes"))


def test_a_scanner_that_says_nothing_is_not_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SECONDS_MOST", 0.2)
    with clamd() as scanner:
        settings.CLAMAV = scanner.place
        scanner.silent = True
        with pytest.raises(UnavailableError):
            scanning.require_clean(io.BytesIO(b"one sofa, oak"))
        assert scanner.scanned == [b"one sofa, oak"]


def test_something_else_that_answers_is_no_scanner(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings.CLAMAV = other.getsockname()[:2]
        other.settimeout(10)

        def hang_up() -> None:
            other.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        with pytest.raises(UnavailableError):
            scanning.require_clean(io.BytesIO(b"one sofa, oak"))
        thread.join()


def test_without_an_address_nothing_is_asked(cast: Cast, settings: Settings, folder: Path) -> None:
    assert settings.CLAMAV is None
    assert upload(cast, b"one sofa " + EICAR).status_code == 201
    assert kept(cast, folder) == 1

"""The files host: what a signed address gives, to whom, for how long, and under which headers."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any  # answers are JSON
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as project
from django.core import signing
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from chats import file_links
from chats.file_links import signed_payload
from chats.models import Attachment
from livecaller.asgi import application
from tests.cast import Cast, Side
from tests.chats import hostile, story
from tests.chats.sockets import SECONDS, apart

pytestmark = pytest.mark.usefixtures("folder")


def uploaded(side: Side, name: str, content: bytes) -> dict[str, Any]:
    """Upload through the widget's door and return the attachment with its address."""
    client, base = side.end_user_client(), f"/api/v1/widget/{side.widget.public_key}/attachments"
    file = io.BytesIO(content)
    file.name = name
    response = client.post(base, {"file": file})
    assert response.status_code == 201, response.content
    return dict(client.get(f"{base}/{response.json()['id']}").json())


def fetch(url: str) -> Any:
    """Ask the files host as a stranger's browser would, with nothing but the address, and read the answer."""
    parts = urlsplit(url)
    response: Any = Client(HTTP_HOST=project.FILES_HOST).get(parts.path, QUERY_STRING=parts.query)
    # The test client closes it at its end, as a server does; a file left open would fail the test.
    response.read = b"".join(response)
    return response


def test_a_picture_is_shown_and_everything_else_downloaded(cast: Cast) -> None:
    for name, content, shown in (
        ("photo.png", hostile.picture("PNG"), "inline"),
        ("page.txt", hostile.SCRIPT, "attachment"),
        ('invoice ქ".pdf', hostile.PDF, "attachment"),
    ):
        file = uploaded(cast.a, name, content)

        response = fetch(file["url"])

        assert response.status_code == 200
        assert len(response.read) == file["size"]
        assert response["Content-Disposition"] == f"{shown}; filename*=UTF-8''{quote(file['name'], safe='')}"
        assert response["Content-Type"] == file["content_type"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert response["Cache-Control"] == "private, max-age=300"
        assert not response.cookies


def test_a_picture_is_saved_when_the_address_asks_for_it(cast: Cast) -> None:
    file = uploaded(cast.a, "photo.png", hostile.picture("PNG"))

    response = fetch(f"{file['url']}?download=1")

    assert response["Content-Disposition"] == "attachment; filename*=UTF-8''photo.png"
    assert response["Content-Type"] == "image/png"


def test_the_address_is_good_for_five_minutes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    file = uploaded(cast.a, "a.txt", b"1")
    expires = parse_datetime(file["url_expires_at"])
    assert expires is not None
    assert timedelta(seconds=290) < expires - timezone.now() <= timedelta(seconds=300)

    # As if it had been signed five minutes and a second ago.
    at = signing.time.time() - 301  # type: ignore[attr-defined]
    monkeypatch.setattr(signing.time, "time", lambda: at)  # type: ignore[attr-defined]
    old = cast.a.inside(lambda: signed_payload(Attachment.objects.get()))["url"]
    monkeypatch.undo()

    response = fetch(old)
    assert (response.status_code, response.json()["error"]["code"]) == (410, "gone")
    assert fetch(file["url"]).status_code == 200


def test_an_address_that_was_not_signed_for_it_gives_nothing(cast: Cast) -> None:
    mine, other = uploaded(cast.a, "a.txt", b"1"), uploaded(cast.b, "b.txt", b"2")
    base, token, name = mine["url"].rsplit("/", 2)
    foreign = UUID(other["id"]).hex

    def signed(organization: str, attachment: str, name: str, salt: str = file_links._SALT) -> str:
        return f"{base}/{signing.dumps([organization, attachment, name], salt=salt, compress=True)}/{name}"

    for url in (
        f"{base}/{token}x/{name}",
        f"{base}/{token}/other.txt",
        f"{base}/{token[:-4]}/{name}",
        f"{base}/made-up/{name}",
        signed(cast.a.organization.pk.hex, foreign, "b.txt"),
        signed(cast.a.organization.pk.hex, UUID(mine["id"]).hex, "a.txt", salt="another purpose"),
        f"{project.FILES_URL}/",
        f"{project.FILES_URL}/inbox/",
        f"{project.FILES_URL}/api/v1/me",
    ):
        assert fetch(url).status_code == 404, url
    assert fetch(mine["url"]).status_code == 200


def test_what_was_deleted_or_expired_is_gone(cast: Cast, folder: Path) -> None:
    expired, erased = uploaded(cast.a, "a.txt", b"1"), uploaded(cast.a, "b.txt", b"2")
    assert fetch(expired["url"]).status_code == fetch(erased["url"]).status_code == 200
    past = timezone.now() - timedelta(seconds=1)
    cast.a.inside(lambda: Attachment.objects.filter(pk=expired["id"]).update(expires_at=past))
    (folder / cast.a.inside(lambda: Attachment.objects.get(pk=erased["id"])).storage_name).unlink()

    for file in (expired, erased):
        response = fetch(file["url"])
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_no_other_host_gives_files_and_no_session_is_needed(cast: Cast) -> None:
    path = urlsplit(uploaded(cast.a, "a.txt", b"1")["url"]).path

    for host in (project.SITE_HOST, project.WIDGET_HOST):
        assert Client(HTTP_HOST=host).get(path).status_code == 404
    assert fetch(path).status_code == 200
    assert Client(HTTP_HOST=project.FILES_HOST).post(path).status_code == 405


async def test_an_event_loop_streams_in_pieces(committed_cast: Cast) -> None:
    content = b"0123456789abcdef" * 10_000
    file = await apart(lambda: uploaded(committed_cast.a, "long.txt", content))

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(urlsplit(file["url"]).path),
        "query_string": b"",
        "headers": [(b"host", project.FILES_HOST.encode())],
        "client": ("203.0.113.9", 1),
    }
    line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await line.send_input({"type": "http.request", "body": b""})
    assert (await line.receive_output(SECONDS))["status"] == 200
    pieces = [await line.receive_output(SECONDS)]
    while pieces[-1].get("more_body"):
        pieces.append(await line.receive_output(SECONDS))
    await line.wait(SECONDS)

    assert b"".join(piece.get("body", b"") for piece in pieces) == content
    assert len(pieces) > 3


def test_a_stranger_gets_no_address(cast: Cast) -> None:
    pk = story.started(cast.a)
    file = uploaded(cast.a, "a.txt", b"1")

    for client, base in (
        (cast.b.end_user_client(), f"/api/v1/widget/{cast.b.widget.public_key}"),
        (cast.b.owner_client(), "/api/v1"),
        (cast.a.owner_client(), "/api/v1"),
    ):
        assert client.get(f"{base}/attachments/{file['id']}").status_code == 404
    assert story.reread(cast.a, pk).last_seq == 1

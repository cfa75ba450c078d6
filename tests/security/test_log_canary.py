"""Unique secrets go in by every door, the lawful way and every wrong way, and come out in no log and in no key.

Each address of the product is used as the tenant matrix uses it, with secrets in its query, headers and body; each
socket command likewise. What is written to the log, to the standard streams and to Valkey is then searched.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any  # bodies are JSON, answers those of the test client

import pytest
import redis
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django.fixtures import Settings

from accounts.events import Mail
from chats.consumers import InboxConsumer
from livecaller.celery import app
from livecaller.core.consumers import Command, NoData
from livecaller.core.valkey import client
from tests.cast import PASSWORD, Cast
from tests.chats import sockets
from tests.chats.sockets import Socket, apart
from tests.security.matrix import ROWS, Door, Row, address_of, use
from tests.security.routes import Route
from tests.security.story import Story, tell
from tests.security.test_socket_matrix import COMMANDS
from tests.written import Written, written_log


@csrf_exempt
def broken(request: HttpRequest) -> HttpResponse:
    """Fail as a bug would: with a message that quotes the person."""
    raise ValueError(f"{request.POST.get('body')} of {request.META.get('HTTP_COOKIE')} cannot be read")


@csrf_exempt
def talkative(request: HttpRequest) -> HttpResponse:
    """Do what nobody may."""
    print(request.POST.get("body"))  # noqa: T201 this is the leak that must be seen
    return HttpResponse()


urlpatterns = [path("broken", broken), path("talkative", talkative)]


@pytest.fixture
def written() -> Iterator[Written]:
    """The log as production writes it."""
    # A worker's way to its tasks sets Django up, and the log with it.
    app.loader.import_default_modules()
    with written_log(json=True) as log_of_the_test:
        yield log_of_the_test


@pytest.fixture
def leaks(written: Written, capfd: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """Return a function that says where a secret can be read: in the log, on the standard streams, in Valkey."""

    def search() -> list[str]:
        streams = capfd.readouterr()
        return [*written.leaked(streams.out + streams.err), *_keys_with(written.secrets)]

    return search


def _keys_with(secrets: list[str]) -> list[str]:
    with redis.Redis.from_url(settings.REDIS_URL) as raw:
        contents = {key: key + (raw.dump(key) or b"") for key in raw.scan_iter()}
    return [key.decode() for key, content in contents.items() if any(s.encode() in content for s in secrets)]


def planted(client: Client, written: Written) -> Client:
    """Let a browser send secrets in its headers."""
    client.defaults |= {
        "HTTP_USER_AGENT": written.secret("Mozilla/5.0 {}"),
        "HTTP_REFERER": written.secret("https://shop.example/{}?mail=ana"),
        "HTTP_X_FORWARDED_FOR": written.secret("203.0.113.9, {}"),
        "HTTP_ACCEPT_LANGUAGE": written.secret("en;{}"),
    }
    client.cookies["other"] = written.secret()
    client.raise_request_exception = False
    return client


def laced(value: Any, written: Written) -> Any:
    """Return a body with a secret in place of every text."""
    if isinstance(value, dict):
        return {name: laced(inner, written) for name, inner in value.items()}
    if isinstance(value, list):
        return [laced(inner, written) for inner in value]
    return written.secret("{}@customer.example") if isinstance(value, str) else value


def wrong_bodies(body: dict[str, Any], written: Written) -> Iterator[str]:
    """Yield a body of secrets, one with a field that nobody asked for, and three that cannot be read."""
    lawful = {name: value for name, value in body.items() if not isinstance(value, SimpleUploadedFile)}
    yield json.dumps(laced(lawful, written))
    yield json.dumps({**lawful, written.secret(): written.secret()})
    yield written.secret('{{"body": "{}"')
    yield written.secret('["{}"]')
    yield written.secret('"\\ud800{}"')


def client_of(door: Door, story: Story) -> Client:
    """Return a browser of somebody for whom the door is."""
    side = story.side
    kinds = {Door.OWNER: side.owner_client, Door.OPERATOR: side.operator_client, Door.END_USER: side.end_user_client}
    return kinds[door]() if door in kinds else Client()


def requests_to(route: Route, row: Row, story: Story, written: Written) -> Iterator[Any]:
    """Use one address as it is meant, then with secrets in the query and in bodies that are refused."""
    address, options = address_of(route, story.ids)
    for method, body in row.methods.items():
        client = planted(client_of(row.door, story), written)
        yield use(client, route, row, method, ids=story.ids, story=story)
        for content in wrong_bodies(body(story), written) if body else [""]:
            asked = address + written.secret("?email={}@customer.example&q=1")
            yield client.generic(method.upper(), asked, content, content_type="application/json", **options)


def test_no_address_tells_a_secret(cast: Cast, written: Written, leaks: Callable[[], list[str]]) -> None:
    story = tell(cast.a)
    written.secrets.append(story.word)
    answers = [answer for route, row in sorted(ROWS.items()) for answer in requests_to(route, row, story, written)]

    assert {200, 201, 400, 404} <= {answer.status_code for answer in answers}
    logged = [line for line in written.lines() if json.loads(line)["event"] == "request"]
    # Probes are asked all day long and leave no line.
    probes = sum(2 * len(row.methods) for route, row in ROWS.items() if route.host == "probe")
    assert len(logged) == len(answers) - probes
    assert leaks() == []


def test_no_form_of_a_stranger_tells_a_secret(cast: Cast, written: Written, leaks: Callable[[], list[str]]) -> None:
    client = planted(Client(HTTP_HOST=settings.SITE_HOST), written)
    fields = ("login", "password", "email", "password1", "full_name", "oldpassword", "next", "csrfmiddlewaretoken")
    for page in ("login", "signup", "password/reset", "confirm-email/x", "password/reset/key/x-y"):
        for shape in ("{}", "{}@customer.example"):
            client.post(f"/accounts/{page}/", {name: written.secret(shape) for name in fields})
    client.get(written.secret("/{}/ana@customer.example"))
    Client(HTTP_HOST=written.secret("{}.example")).get("/")

    assert len(written.lines()) >= 12
    assert leaks() == []


def test_no_sign_in_and_no_mail_tells_a_secret(
    cast: Cast, written: Written, leaks: Callable[[], list[str]], settings: Settings
) -> None:
    address = written.secret("{}@meridian.example")
    user = cast.a.owner_user
    user.email, user.full_name = address, written.secret("Olga {}")
    user.set_password(written.secret("a password {}"))
    user.save()
    browser = planted(Client(HTTP_HOST=settings.SITE_HOST), written)
    assert browser.post("/accounts/login/", {"login": address, "password": PASSWORD}).status_code == 200
    assert browser.post("/accounts/password/reset/", {"email": address}).status_code == 302

    settings.EMAIL_BACKEND = "tests.security.test_log_canary.BrokenPost"
    settings.DEFAULT_FROM_EMAIL = written.secret("{}@livecaller.example")
    for mail in (Mail.VERIFICATION, Mail.PASSWORD_RESET, Mail.ACCOUNT_EXISTS, Mail.PASSWORD_CHANGED):
        app.tasks[mail.value].apply(args=(str(user.pk),))

    assert "PostError" in written.text
    assert leaks() == []


class PostError(ValueError):
    """What a mail library says when it fails: everything."""


class BrokenPost:
    """A mail server that cannot take a mail and repeats it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Take what Django gives."""

    def send_messages(self, mails: list[EmailMessage]) -> int:
        """Fail with the whole mail in the message."""
        raise PostError(str([mail.message() for mail in mails]))


@pytest.mark.parametrize("kind", ["operator", "end-user"])
async def test_no_command_tells_a_secret(
    committed_cast: Cast, written: Written, leaks: Callable[[], list[str]], kind: str
) -> None:
    story = await apart(lambda: tell(committed_cast.a))
    written.secrets.append(story.word)
    if kind == "operator":
        socket, _ = await sockets.inbox(await apart(story.side.operator_client))
    else:
        socket, _ = await sockets.widget(story.side)
    for command, data in COMMANDS.items():
        lawful = data(story) if data else {}
        await socket.ask(command, lawful)
        await socket.ask(command, {**lawful, "body": written.secret()})
        await socket.ask(command, laced(lawful, written))
        await socket.ask(command, {**lawful, written.secret(): written.secret()})
        await socket.ask(command, written.secret())
    await socket.ask(written.secret(), {})
    for unreadable in ("{{{}", '["{}"]', '{{"id": 1, "type": "{}", "more": 1}}', '{{"id": "{}"}}'):
        await socket.raw(written.secret(unreadable))
        await socket.answer()
    await socket.raw(binary=written.secret().encode())
    await socket.answer()
    await socket.hang_up()

    assert len(written.secrets) > 50
    assert await apart(leaks) == []


async def test_no_hello_tells_a_secret(written: Written, leaks: Callable[[], list[str]], valkey: None) -> None:
    socket = await Socket("/ws/inbox", settings.SITE_URL, written.secret("other={}")).connect()
    answer = await socket.ask("hello", {"ticket": written.secret(), "epoch": written.secret(), "cursors": {}})

    assert answer["error"]["code"] == "unauthenticated"
    await socket.hang_up()
    assert leaks() == []


async def test_no_command_that_fails_tells_a_secret(
    committed_cast: Cast, written: Written, leaks: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = written.secret()

    async def fail(consumer: InboxConsumer, data: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f"{secret} cannot be read")

    monkeypatch.setattr(InboxConsumer, "commands", {**InboxConsumer.commands, "broken": Command(NoData, fail)})
    socket, _ = await sockets.inbox(await apart(committed_cast.a.operator_client))
    answer = await socket.ask("broken", {})
    await socket.hang_up()

    assert answer["error"]["code"] == "internal"
    assert secret not in str(answer)
    assert "command.failed" in written.text
    assert "ValueError" in written.text
    assert leaks() == []


def asked(written: Written, path: str) -> Any:
    """Post a secret to one of the views of this file."""
    client = planted(Client(HTTP_HOST=settings.SITE_HOST), written)
    return client.post(f"/{path}", {"body": written.secret()})


@pytest.fixture
def own_views(settings: Settings) -> None:
    """Serve the views of this file on the site's host."""
    settings.HOST_URLCONFS = {settings.SITE_HOST: "tests.security.test_log_canary"}


def test_no_bug_tells_a_secret(db: None, own_views: None, written: Written, leaks: Callable[[], list[str]]) -> None:
    response = asked(written, "broken")

    assert response.status_code == 500
    assert "ValueError" in written.text
    assert not any(secret.encode() in response.content for secret in written.secrets)
    assert leaks() == []


def test_a_leak_is_seen(db: None, own_views: None, written: Written, leaks: Callable[[], list[str]]) -> None:
    assert asked(written, "talkative").status_code == 200

    (leak,) = leaks()
    assert leak == written.secrets[-1]


def test_a_leak_into_valkey_is_seen(valkey: None, written: Written, leaks: Callable[[], list[str]]) -> None:
    client().set("limit:x", written.secret(), ex=5)

    assert leaks() == ["limit:x"]

"""Logs name things and never quote them: planted secrets go in by every way and come out nowhere."""

import json
import logging
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import structlog
from celery.signals import setup_logging

from tests.written import Written, console, written_log

log = structlog.get_logger("livecaller.test")


@pytest.fixture(params=["plain", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    """The log in each of its two forms."""
    with written_log(json=request.param == "json") as log_of_the_test:
        yield log_of_the_test


@pytest.fixture
def written_as_json() -> Iterator[Written]:
    """The log as production writes it."""
    with written_log(json=True) as log_of_the_test:
        yield log_of_the_test


FORBIDDEN = [
    "body", "password", "token", "ticket", "cookie", "authorization", "email", "sdp", "jwt", "query", "phone", "name",
    "first_name", "visitor_token", "set_cookie", "session", "ip", "address", "user_agent", "url", "path", "headers",
    "data", "content", "message", "value", "external_id", "secret", "anything",
]  # fmt: skip


@pytest.mark.parametrize("key", FORBIDDEN)
def test_a_key_that_is_not_on_the_list_shows_nothing(written: Written, key: str) -> None:
    log.warning("something.happened", **{key: written.secret()})

    assert written.leaked() == []
    assert "something.happened" in written.text
    assert "[removed]" in written.text


def test_a_key_on_the_list_shows_its_code(written: Written) -> None:
    log.warning("limit.unavailable", limit="sign_in", status=503, ms=12)

    assert "sign_in" in written.text
    assert "503" in written.text


@pytest.mark.parametrize(
    "shape",
    [
        "{}@customer.example",
        "Ana <{}@customer.example> wrote",
        "eyJhbGciOiJIUzI1NiJ9.eyJ{}.c2ln",
        "candidate:1 1 udp 2122260223 {} 54321 typ host",
        "v=0\r\no=- {} 2 IN IP4 127.0.0.1",
        "/welcome?mail={}",
        "pk_{}",
    ],
)
def test_what_looks_like_a_secret_is_removed_under_any_key(written: Written, shape: str) -> None:
    log.warning("something.happened", error=written.secret(shape))

    assert written.leaked() == []
    assert "something.happened" in written.text


def nested(secret: str) -> list[object]:
    """Return the ways in which a value hides inside another."""

    class Talkative:
        def __repr__(self) -> str:
            return secret

        __str__ = __repr__

    return [
        {"body": secret},
        {"a": {"b": [{"c": secret}]}},
        [secret],
        (secret,),
        {secret},
        secret.encode(),
        Talkative(),
    ]


def test_nothing_is_written_of_what_is_no_plain_value(written: Written) -> None:
    for value in nested(written.secret()):
        log.warning("something.happened", error=value)

    assert written.leaked() == []
    assert len(written.lines()) == 7
    assert "[dict]" in written.text
    assert "[Talkative]" in written.text


def test_context_is_held_to_the_list_too(written: Written) -> None:
    request_id = uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=request_id, email=written.secret())
    log.bind(token=written.secret()).warning("something.happened")

    assert written.leaked() == []
    assert request_id in written.text


def failing(secret: str) -> Callable[[], None]:
    """Return a function that fails with a message that quotes somebody, caused by another one that does."""

    def fail() -> None:
        try:
            {}[secret]  # type: ignore[index]
        except KeyError as error:
            error.add_note(secret)
            raise ValueError(f"{secret} is not valid") from error

    return fail


def test_exceptions_show_their_class_and_frames_and_no_message(written: Written) -> None:
    try:
        failing(written.secret())()
    except ValueError as error:
        log.exception("command.failed", command="message.send")
        log.warning("command.failed", exc_info=error)
        log.warning("command.failed", exc_info=(ValueError, error, error.__traceback__))

    assert written.leaked() == []
    assert len(written.lines()) == 3
    for line in written.lines():
        assert "ValueError" in line
        assert "core/test_logs.py" in line
        assert ":fail" in line


FOREIGN = [
    "allauth.account", "uvicorn.error", "uvicorn", "celery.app.trace", "celery.worker", "kombu", "asyncio", "redis",
    "django.request", "django.security.DisallowedHost", "django.db.backends", "django", "channels", "", "made.up",
]  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_other_peoples_loggers_show_their_templates_and_none_of_the_values(written: Written, name: str) -> None:
    foreign = logging.getLogger(name)
    foreign.error("Refused %s for %r", written.secret(), {"email": written.secret()})
    foreign.error("Refused %(who)s", {"who": written.secret()})
    foreign.error(written.secret("Refused {}"))
    foreign.error(f"Refused {written.secret()}")
    foreign.error(ValueError(written.secret()))
    foreign.error("Refused", extra={"body": written.secret(), "email": written.secret()})
    foreign.error("Refused", stack_info=True)
    try:
        failing(written.secret())()
    except ValueError:
        foreign.exception("Refused a call")

    assert written.leaked() == []
    assert len(written.lines()) == 8
    assert "Refused [...] for" in written.text
    assert "Refused a call" in written.text
    assert "ValueError" in written.text


@pytest.mark.parametrize(
    ("template", "values", "sentence"),
    [
        ("%s ready.", 1, "ready."),
        ("%s: %s", 2, "something of which only values were said"),
        ("Task %(who)s[%(what)s] took %(long)0.3fs", 0, "Task [...][[...]] took [...]s"),
        ("Only %-5.*d of 100%% at %#x", 4, "Only [...] of 100% at"),
        ("beat: Starting at %r...", 1, "beat: Starting at"),
    ],
)
def test_a_template_without_its_values_is_a_sentence(
    written: Written, template: str, values: int, sentence: str
) -> None:
    secrets: list[object] = [written.secret() for _ in range(values)]
    named = {"who": written.secret(), "what": written.secret(), "long": written.secret()}
    logging.getLogger("celery.worker").warning(template, *(secrets or [named]))

    assert written.leaked() == []
    [line] = written.lines()
    assert sentence in line
    assert "%" not in line.replace("100%", "")


def test_a_failed_task_shows_its_name_and_number(written: Written) -> None:
    facts = {"name": "accounts.mail.invitation", "id": str(uuid4()), "args": written.secret(), "exc": written.secret()}
    logging.getLogger("celery.app.trace").error("Task %(name)s[%(id)s] raised: %(exc)s", facts)

    assert written.leaked() == []
    assert facts["name"] in written.text
    assert facts["id"] in written.text


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x00", "\x1b[2J", "\x85", "\u2028", "\u2029"])
def test_one_event_is_one_line_whatever_it_holds(written: Written, sign: str) -> None:
    log.warning("something.happened", error=f"a{sign}2026-01-01 error forged.event b")
    # A constant of this function, as far as the log can know.
    template = "a" + sign + "forged %s"
    logging.getLogger("made.up").error(template, 1)

    text = written.text
    assert len(text.splitlines()) == 2
    assert not any(ord(each) < 32 for line in text.split("\n") for each in line)


def test_long_values_are_cut(written: Written) -> None:
    log.warning("something.happened", error="x" * 10_000)

    assert len(written.text) < 600


def test_requests_and_access_lines_of_servers_are_silent(written: Written) -> None:
    for name in ("uvicorn.access", "django.server"):
        logging.getLogger(name).error('127.0.0.1 - "GET /?mail=%s HTTP/1.1" 200', written.secret())
    logging.getLogger("django.request").warning("Not Found: %s", written.secret())

    assert written.lines() == []


def test_json_lines_are_json(written_as_json: Written) -> None:
    log.warning("limit.unavailable", limit="sign_in", status=503)

    line = json.loads(written_as_json.text)
    assert {key: line[key] for key in ("event", "level", "limit", "status")} == {
        "event": "limit.unavailable",
        "level": "warning",
        "limit": "sign_in",
        "status": 503,
    }
    assert line["timestamp"].endswith("Z")


def test_there_is_no_other_handler(written: Written) -> None:
    """Whoever installs a handler of their own writes past the rules."""
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    writing = {handler for handler in handlers if type(handler) is not logging.NullHandler}

    assert {handler for handler in writing if not type(handler).__module__.startswith("_pytest.")} == {console()}


def test_celery_leaves_the_log_alone() -> None:
    from livecaller.celery import keep_our_logging

    assert keep_our_logging in [receiver() for _, receiver in setup_logging.receivers]

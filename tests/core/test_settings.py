"""The environment is read strictly: each wrong value stops the start with a sentence, and production is safe."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any  # settings are of every kind

import pytest
from django.core.exceptions import ImproperlyConfigured

from livecaller import env

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "LIVECALLER_PLANTED"
PRODUCTION = {
    "LIVECALLER_SECRET_KEY": "nM5tq0xWvZk7cQ1yR8uJ3sB6hL9dF2gT4pA0eXoIiKz7wVbNmC",
    "LIVECALLER_SITE_URL": "https://app.livecaller.example",
    "LIVECALLER_WIDGET_URL": "https://widget.livecaller.example",
    "LIVECALLER_FILES_URL": "https://files.livecaller.example",
    "DATABASE_URL": "postgres://livecaller_app:secret@db.internal:5432/livecaller?sslmode=verify-full",
    "REDIS_URL": "rediss://valkey.internal:6379/0",
    "LIVECALLER_EMAIL_URL": "smtp://user:secret@mail.internal:587?tls=starttls",
    "LIVECALLER_EMAIL_FROM": "LiveCaller <hello@livecaller.example>",
}


def flag() -> bool:
    return env.flag(NAME, default=False)


def number() -> int:
    return env.whole_number(NAME, default=5, least=1, most=10)


REFUSED: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: env.text(NAME), "", "is not set. Set it"),
    (flag, "maybe", "='maybe' is neither yes nor no"),
    (flag, "2", "is neither yes nor no"),
    (number, "five", "='five' is not a whole number"),
    (number, "5.0", "is not a whole number"),
    (number, "0", "=0 is outside 1–10"),
    (number, "11", "=11 is outside 1–10"),
    *(
        (lambda: env.origin(NAME), value, "is not an origin. Write it like https://app.example.com")
        for value in (
            "app.example.com", "ftp://app.example.com", "https://", "https://app.example.com/",
            "https://app.example.com/inbox", "https://app.example.com?x=1", "https://app.example.com#top",
            "https://App.example.com", "HTTPS://app.example.com", "https://user:pw@app.example.com",
            "https://app.example.com:443", "http://app.example.com:80", " https://app.example.com",
        )
    ),
    (lambda: env.origin(NAME), "https://app.example.com:port", "its host or its port cannot be read"),
    (lambda: env.origin(NAME), "https://app.example.com:99999", "its host or its port cannot be read"),
    (lambda: env.origin(NAME), "https://[::1", "its host or its port cannot be read"),
    *(
        (lambda: env.database(NAME), value, "is not a PostgreSQL URL. Write it like postgres://")
        for value in (
            "mysql://u:p@db/x", "postgres://u:p@db", "postgres://u:p@db/", "postgres:///x", "livecaller",
            "postgres://u:p@db/x?sslmode=maybe", "postgres://u:p@db/x?connect_timeout=3",
        )
    ),
    (lambda: env.database(NAME), "postgres://u:hunter2@db:70000/x", "its host or its port cannot be read"),
    *(
        (lambda: env.redis(NAME), value, "is not a Redis URL. Write it like redis://")
        for value in ("http://valkey:6379", "valkey:6379", "redis://", "redis:///0")
    ),
    (lambda: env.redis(NAME), "redis://valkey:many", "its host or its port cannot be read"),
    *(
        (lambda: env.mail(NAME), value, "is neither catch: nor smtp://")
        for value in ("pigeon://post", "smtp://", "smtp://mail:587?tls=maybe", "smtp://mail?starttls", "mail.internal")
    ),
    (lambda: env.mail(NAME), "smtp://u:hunter2@mail:x", "its host or its port cannot be read"),
    *(
        (lambda: env.scanner(NAME), value, "is neither tcp://host:3310 nor unix:///path")
        for value in (
            "clamav:3310", "tcp://clamav", "tcp://clamav:3310/x", "tcp://u:hunter2@clamav:3310", "unix://clamd.socket",
            "unix:clamd.socket", "http://clamav:3310",
        )
    ),
    (lambda: env.scanner(NAME), "tcp://clamav:clamd", "its host or its port cannot be read"),
    *(
        (lambda: env.versioned_keys(NAME), value, "is not a list of keys. Write it like 2:")
        for value in ("k" * 40, "1:short", "0:" + "k" * 40, "256:" + "k" * 40, f"1:{'k' * 40},1:{'l' * 40}")
    ),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value", "sentence"), REFUSED, ids=[f"{v}-{s}" for _, v, s in REFUSED])
def test_a_wrong_value_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, sentence: str
) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured) as refusal:
        read()
    assert sentence in str(refusal.value)
    assert str(refusal.value).startswith(NAME)
    assert "hunter2" not in str(refusal.value)


READ: list[tuple[Callable[[], Any], str, Any]] = [
    (lambda: env.text(NAME), "x", "x"),
    (lambda: env.text(NAME, "y"), "", "y"),
    (flag, "", False),
    (flag, " Yes ", True),
    (flag, "off", False),
    (number, "", 5),
    (number, "10", 10),
    (lambda: env.origin(NAME), "https://app.example.com", "https://app.example.com"),
    (lambda: env.origin(NAME), "http://localhost:8437", "http://localhost:8437"),
    (lambda: env.origin(NAME), "http://[::1]:8437", "http://[::1]:8437"),
    (lambda: env.redis(NAME), "rediss://:p@valkey:6380/3", "rediss://:p@valkey:6380/3"),
    (lambda: env.database(NAME)["PASSWORD"], "postgres://u:p%40%2F@db/x", "p@/"),
    (lambda: env.database(NAME)["PORT"], "postgresql://u@db/x", "5432"),
    (lambda: env.database(NAME)["OPTIONS"], "postgres://u@db/x?sslmode=require", {"sslmode": "require"}),
    (lambda: env.mail(NAME)[1]["port"], "smtp://mail", 25),
    (lambda: env.mail(NAME)[1]["starttls"], "smtp://mail:587?tls=starttls", True),
    (lambda: env.mail(NAME)[1]["tls"], "smtp://mail:465?tls=on", True),
    (lambda: env.mail(NAME)[0], "catch:", "livecaller.embedded.mail.CatchingBackend"),
    (lambda: env.scanner(NAME), "", None),
    (lambda: env.scanner(NAME), "tcp://clamav:3310", ("clamav", 3310)),
    (lambda: env.scanner(NAME), "unix:///run/clamd.socket", "/run/clamd.socket"),
    (lambda: list(env.versioned_keys(NAME)), f"2:{'k' * 32},1:{'l' * 32}", [2, 1]),
    (lambda: env.folder(NAME, Path("/nowhere")), "/srv/../srv/livecaller", Path("/srv/livecaller")),
]


@pytest.mark.parametrize(("read", "value", "result"), READ, ids=[value or "nothing" for _, value, _ in READ])
def test_a_right_value_is_read(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, result: object
) -> None:
    monkeypatch.setenv(NAME, value)

    assert read() == result


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with nothing of ours but a sound production."""
    for name in list(os.environ):
        if name.startswith(("LIVECALLER_", "DATABASE_", "REDIS_")):
            monkeypatch.delenv(name)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def settings_now() -> dict[str, Any]:
    """Return the settings that this environment makes, without touching those of the test run."""
    return runpy.run_path(str(ROOT / "livecaller" / "settings.py"))


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_outside_development_nothing_has_a_default(environment: pytest.MonkeyPatch, missing: str) -> None:
    assert settings_now()["IS_LOCAL"] is False
    environment.delenv(missing)

    with pytest.raises(ImproperlyConfigured, match=f"{missing} is not set"):
        settings_now()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LIVECALLER_SECRET_KEY", "k" * 49, "too short or known"),
        ("LIVECALLER_SECRET_KEY", "only-for-development-never-in-production-0123456789", "too short or known"),
        ("LIVECALLER_SITE_URL", "http://app.livecaller.example", "must be https"),
        ("LIVECALLER_WIDGET_URL", "http://widget.livecaller.example", "must be https"),
        ("LIVECALLER_FILES_URL", "http://files.livecaller.example", "must be https"),
        ("LIVECALLER_FILES_URL", PRODUCTION["LIVECALLER_SITE_URL"], "four different origins"),
        ("LIVECALLER_SHOP_URL", PRODUCTION["LIVECALLER_WIDGET_URL"], "four different origins"),
        ("LIVECALLER_METRICS_TOKEN", "short", "LIVECALLER_METRICS_TOKEN is too short"),
        ("LIVECALLER_EMAIL_URL", "catch:", "shows every mail to everybody"),
        ("LIVECALLER_PORT", "0", "outside 1–65535"),
        ("LIVECALLER_SEALING_KEY", "key", "is not a list of keys"),
    ],
)
def test_an_unsafe_production_does_not_start(
    environment: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=sentence):
        settings_now()


def test_production_is_held_to_https_and_secure_cookies(environment: pytest.MonkeyPatch) -> None:
    made = settings_now()

    assert made["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert made["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert made["SECURE_SSL_REDIRECT"] is True
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert made[f"{cookie}_COOKIE_SECURE"] is True
        assert made[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert made[f"{cookie}_COOKIE_SAMESITE"] in {"Lax", "Strict"}
        assert f"{cookie}_COOKIE_DOMAIN" not in made
    assert made["SESSION_COOKIE_HTTPONLY"] is True
    assert made["X_FRAME_OPTIONS"] == "DENY"
    assert set(made["ALLOWED_HOSTS"]) == {
        "app.livecaller.example", "widget.livecaller.example", "files.livecaller.example", "shop.invalid"
    }  # fmt: skip
    assert made["LOGGING"] == {"json": True}
    assert made["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "verify-full"
    assert made["CELERY_TASK_SERIALIZER"] == "json"
    assert made["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert "csp.middleware.CSPMiddleware" in made["MIDDLEWARE"]
    directives = made["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert not [source for sources in directives.values() for source in sources if "unsafe" in source]


def test_in_development_everything_is_local(environment: pytest.MonkeyPatch) -> None:
    for name in PRODUCTION:
        environment.delenv(name)
    environment.setenv("LIVECALLER_DEBUG", "1")
    made = settings_now()

    assert made["SITE_URL"] == "http://localhost:8437"
    assert made["DATABASES"]["default"]["HOST"] == "127.0.0.1"
    assert made["SECURE_SSL_REDIRECT"] is False
    assert made["DEBUG"] is False


def check(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run Django's checks for production as somebody who deploys does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LIVECALLER_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_djangos_checks_for_production_find_nothing() -> None:
    result = check(PRODUCTION)

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_those_checks_can_find_something() -> None:
    result = check({**PRODUCTION, "LIVECALLER_DEBUG": "1"})

    assert result.returncode == 1
    assert "security.W008" in result.stderr

"""Health and metrics: what machines may ask, what they are told, and what is counted."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any  # headers as the test client wants them

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from prometheus_client import REGISTRY, generate_latest
from psycopg2 import sql
from pytest_django import Settings

from livecaller.core import metrics, probes, valkey
from livecaller.core.middleware import RequestLogMiddleware
from tests.conftest import DATABASE, superuser

TOKEN = "metrics-token-of-the-test-0123456789"


@pytest.fixture
def probe() -> Client:
    """A machine that comes by address, as orchestrators do, over plain HTTP."""
    return Client(SERVER_NAME="10.1.2.3", SERVER_PORT="8000")


@pytest.fixture
def unsure() -> Iterator[None]:
    """A process that has not seen yet that all migrations are applied."""
    probes._applied.clear()
    yield
    probes._applied.clear()


@pytest.fixture
def no_valkey(settings: Settings) -> Iterator[None]:
    """A Valkey address at which nobody listens."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    valkey.client.cache_clear()
    yield
    valkey.client.cache_clear()


def test_a_living_process_says_so_without_any_server(probe: Client, no_valkey: None) -> None:
    response = probe.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"process": "answers"})
    assert "no-store" in response["Cache-Control"]


def test_a_process_with_its_servers_is_ready(db: None, probe: Client, unsure: None) -> None:
    response = probe.get("/health/ready")

    assert response.json() == {"database": "is ready", "migrations": "is ready", "valkey": "is ready"}
    assert response.status_code == 200


def test_probes_are_not_sent_to_https(db: None, probe: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert [probe.get(path).status_code for path in ("/health/live", "/health/ready", "/metrics")] == [200, 200, 200]
    assert Client(SERVER_NAME="localhost", SERVER_PORT="8437").get("/inbox/").status_code == 301


def test_probes_only_read(probe: Client) -> None:
    assert [probe.post(path).status_code for path in ("/health/live", "/health/ready", "/metrics")] == [405, 405, 405]


def test_without_valkey_it_is_not_ready_and_says_what_to_do(db: None, probe: Client, no_valkey: None) -> None:
    response = probe.get("/health/ready")

    assert response.status_code == 503
    assert response.json()["valkey"] == "does not answer. Is Valkey running where REDIS_URL says?"
    assert response.json()["database"] == "is ready"


def test_without_the_database_it_is_not_ready_and_recovers(
    committed: None, valkey: None, probe: Client, unsure: None
) -> None:
    name = sql.Identifier(DATABASE)
    connections.close_all()
    with closing(superuser()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        try:
            response = probe.get("/health/ready")
        finally:
            cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))

    assert response.status_code == 503
    assert response.json()["database"] == "does not answer. Is PostgreSQL running where DATABASE_URL says?"
    assert response.json()["migrations"].startswith("cannot be read")
    assert probe.get("/health/ready").status_code == 200


def test_with_an_old_database_it_is_not_ready(committed: None, valkey: None, probe: Client, unsure: None) -> None:
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'chats' RETURNING app, name, applied")
        rows = cursor.fetchall()
        response = probe.get("/health/ready")
        cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows)

    assert rows
    assert response.status_code == 503
    assert response.json()["migrations"] == (f"are missing: {len(rows)}. Run `manage.py migrate --database owner`.")
    assert probe.get("/health/ready").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9"}, 401),
        ({"REMOTE_ADDR": ""}, 401),
        # A proxy on this machine lets the world in from 127.0.0.1.
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 401),
        ({"HTTP_X_FORWARDED_PROTO": "https"}, 401),
        ({"HTTP_FORWARDED": "for=203.0.113.9"}, 401),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": f"bearer {TOKEN}"}, 200),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 401),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": "Bearer "}, 401),
        ({"REMOTE_ADDR": "10.0.0.9", "HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 401),
        # Whoever shows a token is judged by it.
        ({"HTTP_AUTHORIZATION": "Bearer wrong"}, 401),
    ],
)
def test_metrics_are_for_this_machine_or_for_a_bearer(settings: Settings, headers: dict[str, Any], status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = Client(SERVER_NAME="10.1.2.3", **headers).get("/metrics")

    assert response.status_code == status
    assert (b"livecaller_request_seconds" in response.content) == (status == 200)


def test_without_a_token_nobody_outside_reads_metrics(probe: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""

    assert probe.get("/metrics", REMOTE_ADDR="10.0.0.9", HTTP_AUTHORIZATION="Bearer ").status_code == 401


def value_of(name: str, **labels: str) -> float:
    """Return what a metric stands at now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_requests_are_counted_by_route_and_never_by_path(db: None, probe: Client) -> None:
    def served() -> float:
        return value_of("livecaller_request_seconds_count", route="health/live", method="GET", status="200")

    before = served()
    probe.get("/health/live?email=ana@customer.example")

    assert served() == before + 1


def test_an_invented_method_or_path_makes_no_series_of_its_own() -> None:
    request = RequestFactory().generic("XFIND-7f3a", "/ana@customer.example")
    RequestLogMiddleware(lambda _: HttpResponse(status=404))(request)

    assert b"7f3a" not in generate_latest()
    assert b"customer.example" not in generate_latest()
    assert value_of("livecaller_request_seconds_count", route="unrouted", method="other", status="404") >= 1


def test_each_count_moves() -> None:
    counts: dict[str, tuple[Callable[[], None], dict[str, str], int]] = {
        "livecaller_sockets": (lambda: metrics.sockets_changed("test", 2), {"door": "test"}, 2),
        "livecaller_commands_total": (
            lambda: metrics.command_served("message.send", "conflict"),
            {"command": "message.send", "outcome": "conflict"},
            1,
        ),
        "livecaller_messages_stored_total": (lambda: metrics.message_stored("system"), {"author": "system"}, 1),
        "livecaller_slow_readers_total": (lambda: metrics.slow_reader_dropped("test"), {"door": "test"}, 1),
        "livecaller_publish_failures_total": (metrics.publish_failed, {}, 1),
        "livecaller_limit_refusals_total": (lambda: metrics.limit_refused("test"), {"limit": "test"}, 1),
    }
    for name, (count, labels, step) in counts.items():
        before = value_of(name, **labels)
        count()
        assert value_of(name, **labels) == before + step, name


# What a label may be called; its values are routes, codes and names that stand in our source.
LABELS = {"route", "method", "status", "door", "command", "outcome", "author", "limit", "le"}


def test_no_metric_has_a_label_for_a_person_or_an_organization() -> None:
    metrics.message_stored("system")
    families = [family for family in REGISTRY.collect() if family.name.startswith("livecaller")]
    samples = [sample for family in families for sample in family.samples]

    assert len(families) >= 7
    assert {label for sample in samples for label in sample.labels} <= LABELS
    values = {value for sample in samples for value in sample.labels.values()}
    assert not [value for value in values if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|@", value)]

"""What machines ask: is this process alive, can it serve, what has it counted. Answered on every host name.

A probe comes by address and knows no host of ours, so none of Django's further middleware sees it.
"""

from collections.abc import Callable
from ipaddress import ip_address
from threading import Event

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from livecaller.core.valkey import client

_URLCONF = "livecaller.core.urls"
# Set once everything that this code brings is applied: reading all migrations again costs 50 ms a probe.
_applied = Event()
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")


def answer_probe(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a probe, or None when the address is not one."""
    try:
        match = resolve(request.path_info, _URLCONF)
    except Resolver404:
        return None
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; an orchestrator restarts it when it does not."""
    return JsonResponse({"process": "answers"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Say what this process depends on: 200 when it can serve, else 503 with a sentence for each part."""
    problems = {name: check() for name, check in _PARTS.items()}
    states = {name: problem or "is ready" for name, problem in problems.items()}
    return JsonResponse(states, status=503 if any(problems.values()) else 200)


@require_safe
@never_cache
def exposition(request: HttpRequest) -> HttpResponse:
    """Return this process's metrics for Prometheus, to this machine or to a bearer of LIVECALLER_METRICS_TOKEN."""
    if not _may_read_metrics(request):
        refusal = "Metrics are for this machine, or for a bearer of the token in LIVECALLER_METRICS_TOKEN.\n"
        return HttpResponse(refusal, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    # A proxy on this machine brings strangers in from a loopback address.
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and not any(name in request.META for name in _FORWARDED)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return "does not answer. Is PostgreSQL running where DATABASE_URL says?"
    return ""


def _migrations_problem() -> str:
    try:
        missing = _missing_migrations()
    except DatabaseError:
        connection.close()
        return "cannot be read while the database does not answer."
    return f"are missing: {missing}. Run `manage.py migrate --database owner`." if missing else ""


def _missing_migrations() -> int:
    if _applied.is_set():
        return 0
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not missing:
        _applied.set()
    return missing


def _valkey_problem() -> str:
    try:
        client().ping()
    except RedisError:
        return "does not answer. Is Valkey running where REDIS_URL says?"
    return ""


_PARTS: dict[str, Callable[[], str]] = {
    "database": _database_problem,
    "migrations": _migrations_problem,
    "valkey": _valkey_problem,
}

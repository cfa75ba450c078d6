"""Checks of what LiveCaller needs beside itself: database, Valkey, mail, worker."""

import smtplib
import time
from typing import cast

import redis
from django.conf import settings
from django.core.mail import get_connection
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from chats.scanning import answers_ping
from livecaller.celery import app
from livecaller.embedded.checks import Finding, fine, machine, problem
from livecaller.embedded.postgres import LEAST_VERSION

# A worker takes a few seconds to start, and longer on a busy machine.
WORKER_SECONDS, ASK_SECONDS = 12.0, 3.0


def reachable_database() -> Finding:
    """Sign in as the web process does, and judge PostgreSQL's major version."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
            return database_version((cursor.fetchone() or (0,))[0])
    except OperationalError as error:
        return problem("Database", _why_unreachable(str(error)))
    finally:
        connections.close_all()


def database() -> list[Finding]:
    """Look at the database as the web process sees it: reach, version, role, clock, schema."""
    reach = reachable_database()
    if not reach.is_fine:
        return [reach]
    try:
        return [reach, database_role(), database_clock(), migrations()]
    finally:
        connections.close_all()


def database_clock() -> Finding:
    """Compare the database's clock with this machine's."""

    def read() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            return float((cursor.fetchone() or (0,))[0])

    return machine.clock("Clock of the database", read)


def database_version(version: int) -> Finding:
    """Judge PostgreSQL's major version."""
    if version < LEAST_VERSION:
        return problem("Database", f"PostgreSQL {version} is too old. Update it to {LEAST_VERSION} or later.")
    return fine("Database", f"PostgreSQL {version} answers")


def database_role() -> Finding:
    """Refuse a role that row security does not bind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, is_unbound = cursor.fetchone() or ("", True)
    if is_unbound:
        return problem(
            "Database role",
            f"{name} is above row security, so one organization could see another. Let DATABASE_URL sign in as "
            "livecaller_app; `manage.py create_roles` makes it.",
        )
    return fine("Database role", f"{name} is bound by row security")


def migrations() -> Finding:
    """Look for migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    missing = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        return problem(
            "Database schema",
            f"{len(missing)} migrations are missing, first {missing[0]}. Run `manage.py migrate --database owner`.",
        )
    return fine("Database schema", "up to date")


def valkey() -> list[Finding]:
    """Write to Valkey, and compare its clock."""
    title = "Valkey"
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3)
    try:
        with client:
            client.set("doctor", "1", px=1000)
            return [fine(title, "answers"), machine.clock("Clock of Valkey", lambda: _time_of(client))]
    except redis.AuthenticationError:
        return [problem(title, "It refuses the password in REDIS_URL. Correct REDIS_URL.")]
    except redis.ConnectionError as error:
        return [problem(title, f"It cannot be reached ({error}). Start it, or correct REDIS_URL.")]
    except redis.RedisError as error:
        return [problem(title, f"It answers, but does not take a value: {error}")]


def _time_of(client: redis.Redis) -> float:
    seconds, microseconds = cast("tuple[int, int]", client.time())
    return seconds + microseconds / 1e6


def mail() -> Finding:
    """Sign in to the mail server without sending anything; caught mail needs only its folder."""
    title = "Mail"
    if settings.MAIL_IS_CAUGHT:
        return fine(title, f"kept in {settings.DATA_DIR / 'mail'}, nothing is sent")
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        mailer = get_connection(timeout=5)
        mailer.open()
        mailer.close()
    except smtplib.SMTPAuthenticationError:
        return problem(title, f"{server} refuses the name or the password. Correct LIVECALLER_EMAIL_URL.")
    except smtplib.SMTPException as error:
        return problem(title, f"{server} refuses us: {error}. Correct LIVECALLER_EMAIL_URL.")
    except OSError as error:
        return problem(title, f"{server} cannot be reached ({error}). Correct LIVECALLER_EMAIL_URL.")
    return fine(title, f"{server} takes our mail")


def worker() -> Finding:
    """Ask for a living Celery worker; only while Valkey answers, which carries the question."""
    title = "Worker"
    began = time.monotonic()
    # One that is just starting has not heard the first question.
    while not (answers := app.control.ping(timeout=ASK_SECONDS, limit=1)):
        if time.monotonic() - began > WORKER_SECONDS:
            break
    if not answers:
        return problem(
            title, "No worker answers; mail and deletion wait. Start `celery --app livecaller worker`, or see its log."
        )
    return fine(title, f"answers after {time.monotonic() - began:.1f} s")


def scanner() -> Finding:
    """Ask the scanner of uploads for a sign of life; without one, say that nothing is scanned."""
    title = "Scanner of uploads"
    if settings.CLAMAV is None:
        return fine(title, "none: uploads are not scanned. LIVECALLER_CLAMAV names one")
    away = "Uploads are refused until it does. Start clamd, or correct LIVECALLER_CLAMAV."
    try:
        if answers_ping():
            return fine(title, "ClamAV answers")
    except OSError as error:
        return problem(title, f"ClamAV does not answer ({error.strerror or error}). {away}")
    return problem(title, f"What answers under LIVECALLER_CLAMAV is not ClamAV. {away}")


def _why_unreachable(error: str) -> str:
    where = "{HOST}:{PORT}".format(**settings.DATABASES["default"])
    if "password authentication failed" in error or "no password supplied" in error:
        return f"{where} refuses the name or the password in DATABASE_URL. Correct it, or run `manage.py create_roles`."
    if "does not exist" in error:
        name = settings.DATABASES["default"]["NAME"]
        return f"{where} has no database or role of that name ({name}). Create it, or correct DATABASE_URL."
    if "too many" in error:
        return f"{where} has no connection left. Raise max_connections or start fewer processes."
    return f"{where} cannot be reached. Start PostgreSQL, or correct DATABASE_URL."

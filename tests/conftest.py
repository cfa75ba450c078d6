"""Real servers, one database per worker, and the cast of every story.

PostgreSQL and Valkey are started once per session (tests/servers.py). The schema is migrated once, as the
owner, into a template; each worker clones it. The tests connect as `livecaller_app`, like the product.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import django
import hypothesis
import psycopg2
import pytest
from psycopg2 import sql

from tests.servers import HANDED_DOWN, Servers, ensure_servers

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "livecaller_template"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
DATABASE = f"livecaller_test_{WORKER}"

servers = ensure_servers()


def _environment(database: str) -> dict[str, str]:
    number = int(re.sub(r"\D", "", WORKER) or 0) + 1
    return {
        "DJANGO_SETTINGS_MODULE": "livecaller.settings",
        "LIVECALLER_DEBUG": "1",
        "LIVECALLER_DATA": str(Path(servers.folder) / "data" / WORKER),
        "DATABASE_URL": servers.url("livecaller_app", database),
        "DATABASE_OWNER_URL": servers.url("livecaller_owner", database),
        "REDIS_URL": f"{servers.redis_url.rstrip('/')}/{number}",
    }


# Made by collectstatic where static files are served from it; WhiteNoise warns without it, and warnings are errors.
(ROOT / "static" / "collected").mkdir(parents=True, exist_ok=True)

# What is set for `make up` on this machine is none of the tests' business.
for name in [name for name in os.environ if name.startswith("LIVECALLER_") and name != HANDED_DOWN]:
    del os.environ[name]
# The settings read the environment only; the cast imports models, so Django is set up here and now.
os.environ.update(_environment(DATABASE))
django.setup()
# A worker that inherited it would load the settings before this file has named the worker's database.
del os.environ["DJANGO_SETTINGS_MODULE"]


# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")


def superuser(database: str = "postgres") -> "psycopg2.extensions.connection":
    """Return an autocommit connection as PostgreSQL's superuser: the only one that sees past row security."""
    connection = psycopg2.connect(servers.url("postgres", database))
    connection.autocommit = True
    return connection


@pytest.fixture(scope="session")
def real_servers() -> Servers:
    """The servers of this session, for tests that break them."""
    return servers


@pytest.fixture(scope="session")
def database(real_servers: Servers) -> str:
    """Clone the migrated template for this worker and return the database's name."""
    # closing, since psycopg2's own `with` opens a transaction, in which no database can be made.
    with closing(superuser()) as connection, connection.cursor() as cursor:
        # Workers start together; the first one migrates, the others wait here.
        cursor.execute("SELECT pg_advisory_lock(420001)")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if cursor.fetchone() is None:
            _create_template(cursor)
        name, template = sql.Identifier(DATABASE), sql.Identifier(TEMPLATE)
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER livecaller_owner STRATEGY FILE_COPY").format(name, template)
        )
        cursor.execute("SELECT pg_advisory_unlock(420001)")
    return DATABASE


def _create_template(cursor: "psycopg2.extensions.cursor") -> None:
    building = f"{TEMPLATE}_building"
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(building)))
    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER livecaller_owner").format(sql.Identifier(building)))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env={**os.environ, **_environment(building)},
        check=True,
    )
    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(TEMPLATE)))


@pytest.fixture
def db(database: str, django_db_blocker: "pytest.FixtureRequest", valkey: None) -> Iterator[None]:
    """The database inside one transaction that is rolled back: for tests of one connection."""
    from django.db import connection, transaction

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        connection.close()


@pytest.fixture
def committed(database: str, django_db_blocker: "pytest.FixtureRequest", valkey: None) -> Iterator[None]:
    """The database with real transactions: for sockets, threads, and proofs of isolation. Emptied afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        connections.close_all()
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
        )
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(f"TRUNCATE {row[0]} RESTART IDENTITY CASCADE")


@pytest.fixture
def valkey() -> Iterator[None]:
    """An empty Valkey before each test that may use it; what a test leaves there must be in the data map."""
    from livecaller.core.valkey import client
    from tests.privacy.stores import unknown_keys

    client().flushdb()
    yield
    unknown = unknown_keys()
    client().flushdb()
    assert unknown == [], "Say in a personal_data.py what these keys hold."


pytest_plugins = ["tests.cast", "tests.ears"]

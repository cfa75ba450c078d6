"""One PostgreSQL and one Valkey for a whole test run, shared by all its workers.

The servers hang on a keeper: a process of its own that starts them, holds a pipe to the test run and stops them
when the pipe closes. So they end with the run however the run ends: Ctrl-C, SIGTERM or kill -9.
"""

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HANDED_DOWN = "LIVECALLER_TEST_SERVERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Addresses and passwords of the two servers. The four roles exist; so does no database but `postgres`."""

    pg_host: str
    pg_port: int
    # By role name, the superuser `postgres` included.
    passwords: dict[str, str]
    # Without a database number: append one.
    redis_url: str
    folder: str

    @property
    def superuser_url(self) -> str:
        """Address of the database `postgres` as superuser."""
        return self.url("postgres", "postgres")

    def url(self, role: str, database: str) -> str:
        """Address of `database` as one of the four roles or as `postgres`."""
        return f"postgres://{role}:{self.passwords[role]}@{self.pg_host}:{self.pg_port}/{database}"


def ensure_servers(*, durable: bool = False) -> Servers:
    """Return the servers of this test run, started on first use.

    Call it in `pytest_configure` of the controller: xdist's workers inherit the address by the environment and
    get the same servers. Without `durable` PostgreSQL does not wait for the disk, which changes nothing but what
    survives a power cut.
    """
    handed_down = os.environ.get(HANDED_DOWN)
    if handed_down:
        return Servers(**json.loads(handed_down))
    if "PYTEST_XDIST_WORKER" in os.environ:
        raise RuntimeError("The controller has not started the servers. Call ensure_servers() in pytest_configure.")
    keeper, servers = _start_keeper(durable=durable)
    # Closes the pipe and waits, so that a run which has ended has left nothing behind.
    atexit.register(keeper.communicate)
    os.environ[HANDED_DOWN] = json.dumps(asdict(servers))
    return servers


@contextmanager
def separate_servers(*, durable: bool) -> Iterator[Servers]:
    """Start a pair of servers for one test that stops or kills them, and stop them after the block."""
    keeper, servers = _start_keeper(durable=durable)
    try:
        yield servers
    finally:
        keeper.communicate()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_keeper(*, durable: bool) -> tuple["subprocess.Popen[bytes]", Servers]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("COV_", "PYTEST_"))}
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.servers", "durable" if durable else "fast"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert keeper.stdout is not None
    line = keeper.stdout.readline()
    if not line:
        raise RuntimeError(f"PostgreSQL and Valkey for the tests did not start (code {keeper.wait()}); see above.")
    return keeper, Servers(**json.loads(line))


def _keep(*, durable: bool) -> None:
    """Start the servers, say where they are, stop them when standard input ends."""
    from livecaller.embedded import postgres, valkey
    from livecaller.embedded.account import servers_account
    from livecaller.embedded.credentials import credentials_of
    from livecaller.embedded.programs import stop

    folder = _temporary_folder()
    credentials, account = credentials_of(folder), servers_account()
    database = postgres.prepare(folder / "pg", credentials, port=free_port(), account=account, durable=durable)
    cache = valkey.prepare(folder / "valkey", credentials, port=free_port(), account=account)
    with (folder / "servers.log").open("wb") as log:
        running = [(database.program(), postgres.run_until_ready(database, credentials, log))]
        try:
            postgres.ensure_database(database, credentials, "postgres")
            running.append((cache.program(), valkey.run_until_ready(cache, credentials, log)))
            servers = Servers(
                pg_host="127.0.0.1",
                pg_port=database.port,
                passwords={"postgres": credentials.postgres, **credentials.of_roles()},
                redis_url=valkey.url(cache.port, credentials),
                folder=str(folder),
            )
            sys.stdout.write(json.dumps(asdict(servers)) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
        finally:
            for program, process in reversed(running):
                stop(program, process)
    shutil.rmtree(folder)


def _temporary_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="livecaller-tests-"))
    # The servers may run as another account, which has to pass through.
    folder.chmod(0o711)
    return folder


if __name__ == "__main__":
    _keep(durable=sys.argv[1:] == ["durable"])

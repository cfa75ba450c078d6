"""LiveCaller as it is deployed, in processes that a fault may kill, hold and start again."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells its class in lower case

from livecaller.embedded import postgres, programs, valkey
from livecaller.embedded.account import servers_account
from livecaller.embedded.credentials import Credentials, credentials_of
from livecaller.embedded.environment import DATABASE, ROOT
from livecaller.embedded.programs import Program
from tests.bench.chat import people
from tests.bench.chat.servers import family
from tests.servers import free_port
from tests.waiting import wait_for

WEB_PROCESSES = 2


class Part:
    """One program of the product, with all that it has started."""

    def __init__(self, program: Program, log: IO[bytes], process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.program = program
        self._log = log
        self.process = process if process is not None else programs.start(program, log)

    @property
    def pid(self) -> int:
        """The process that was started last."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Say whether it runs, held or not."""
        return self.process.poll() is None

    def start(self) -> None:
        """Start it again."""
        self.process = programs.start(self.program, self._log)

    def end(self, how: signal.Signals = signal.SIGKILL, seconds: float = 60) -> None:
        """Send a signal that ends it, and wait until it has ended."""
        self.process.send_signal(how)
        self.process.wait(seconds)

    def stop(self) -> None:
        """End it in its own way, and kill it where it does not listen."""
        self.resume()
        programs.stop(self.program, self.process)

    def hold(self) -> None:
        """Let nothing of it run: its connections stay, and nobody answers on them."""
        self.process.send_signal(signal.SIGSTOP)
        for process in family(self.pid)[1:]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def resume(self) -> None:
        """Let it go on after `hold`."""
        if not self.is_running:
            return
        for process in family(self.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def listens(self, port: int) -> bool:
        """Say whether it takes connections on a port; raises `RuntimeError` when it has ended."""
        if not self.is_running:
            raise RuntimeError(f"{self.program.name} ended with code {self.process.returncode}.")
        listening = psutil.Process(self.pid).net_connections("tcp")
        return any(line.status == psutil.CONN_LISTEN and line.laddr.port == port for line in listening)

    def peers(self, port: int) -> set[int]:
        """Return the ports of those whose connections to `port` it still holds, whatever became of the other end."""
        lines = psutil.Process(self.pid).net_connections("tcp")
        return {line.raddr.port for line in lines if line.raddr and line.laddr.port == port}


@dataclass
class Installation:
    """PostgreSQL, Valkey and the web processes on one port."""

    port: int
    credentials: Credentials
    database_server: postgres.Postgres
    cache_server: valkey.Valkey
    log: IO[bytes]
    database: Part
    cache: Part
    web: list[Part]

    def start_database(self) -> None:
        """Start PostgreSQL again and return once it answers."""
        self.database.process = postgres.run_until_ready(self.database_server, self.credentials, self.log)

    def start_cache(self) -> None:
        """Start Valkey again and return once it answers."""
        self.cache.process = valkey.run_until_ready(self.cache_server, self.credentials, self.log)

    def start_web(self, part: Part) -> None:
        """Start a web process again and return once it takes connections."""
        part.start()
        wait_for(lambda: part.listens(self.port))

    def repair(self) -> None:
        """Start what does not run, and let go on what is held."""
        if not self.database.is_running:
            self.start_database()
        if not self.cache.is_running:
            self.start_cache()
        for part in (self.database, self.cache, *self.web):
            part.resume()
        for part in self.web:
            if not part.is_running:
                self.start_web(part)

    def connect(self, role: str = "postgres") -> Connection:
        """Return an autocommitting connection to the product's database, as superuser or as a role."""
        passwords = {"postgres": self.credentials.postgres, **self.credentials.of_roles()}
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.database_server.port,
            user=role,
            password=passwords[role],
            dbname=DATABASE,
            connect_timeout=5,
        )
        connection.autocommit = True
        return connection

    def counted(self, name: str) -> float:
        """Return a sum over the metrics of that name of all web processes, each of which counts for itself."""
        found: dict[int, float] = {}
        for _ in range(100):
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as line:
                line.connect()
                # The kernel chooses who answers.
                who = next((part.pid for part in self.web if line.sock.getsockname()[1] in part.peers(self.port)), 0)
                line.request("GET", "/metrics")
                rows = line.getresponse().read().decode().splitlines()
            found[who] = sum(float(row.rsplit(" ", 1)[1]) for row in rows if row.startswith(name + "{"))
            if len(found.keys() - {0}) == len(self.web):
                return sum(value for pid, value in found.items() if pid)
        raise RuntimeError("Not every web process answers.")

    def web_megabytes(self) -> float:
        """Return the resident memory of all web processes."""
        return float(sum(psutil.Process(part.pid).memory_info().rss for part in self.web) / 1e6)


@contextlib.contextmanager
def running_installation() -> Iterator[Installation]:
    """Start everything on ports of its own and with an empty folder, make this process a part of it, and stop it."""
    with tempfile.TemporaryDirectory(prefix="livecaller-faults-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        data = folder / "data"
        data.mkdir(mode=0o711)
        log = stack.enter_context((folder / "log").open("wb"))
        try:
            yield _started(stack, data, log)
        except BaseException:
            sys.stderr.write((folder / "log").read_text(errors="replace")[-8000:])
            raise


def _started(stack: contextlib.ExitStack, data: Path, log: IO[bytes]) -> Installation:
    ports = [free_port() for _ in range(3)]
    _forget_other_installations()
    names = ("LIVECALLER_PORT", "LIVECALLER_PG_PORT", "LIVECALLER_VALKEY_PORT")
    people.use(data, {**dict(zip(names, map(str, ports), strict=True)), "LIVECALLER_DATA": str(data)})
    credentials, account = credentials_of(data), servers_account()
    database = postgres.prepare(data / "postgres", credentials, port=ports[1], account=account)
    cache = valkey.prepare(data / "valkey", credentials, port=ports[2], account=account)
    database_part = Part(database.program(), log, postgres.run_until_ready(database, credentials, log))
    stack.callback(database_part.stop)
    postgres.ensure_database(database, credentials, DATABASE)
    cache_part = Part(cache.program(), log, valkey.run_until_ready(cache, credentials, log))
    stack.callback(cache_part.stop)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        check=True,
    )
    web = [Part(_web(number, ports[0], os.environ), log) for number in range(1, WEB_PROCESSES + 1)]
    for part in web:
        stack.callback(part.stop)
    for part in web:
        wait_for(lambda part=part: part.listens(ports[0]), 60)  # type: ignore[misc]
    return Installation(ports[0], credentials, database, cache, log, database_part, cache_part, web)


def _web(number: int, port: int, environment: Mapping[str, str]) -> Program:
    return Program(
        name=f"web{number}",
        command=(sys.executable, "manage.py", "serve", f"--port={port}", "--shared"),
        folder=ROOT,
        environment={**environment, "PYTHONUNBUFFERED": "1"},
    )


def _forget_other_installations() -> None:
    """Take away what a test run, or the person who started this one, has set for another LiveCaller."""
    for name in list(os.environ):
        if name.startswith(("LIVECALLER_", "DATABASE_", "REDIS_")) and name != "LIVECALLER_PG_BIN":
            del os.environ[name]

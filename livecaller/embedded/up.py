"""Everything that runs, on one machine: servers, schema, demonstration, processes."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from livecaller.embedded import doctor, environment, postgres, valkey
from livecaller.embedded.account import servers_account
from livecaller.embedded.checks import web
from livecaller.embedded.console import Console
from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.programs import Program, StartError
from livecaller.embedded.supervisor import Supervisor, end_leftovers, sole_use

READY_SECONDS = 60
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(console: Console) -> None:
    """Start everything, serve until Ctrl-C or SIGTERM, stop everything. Raises `StartError` with a sentence."""
    data = environment.data_folder()
    with sole_use(data):
        _interrupt_on_signals()
        for name in end_leftovers(data / "processes.json"):
            console.say(f"{name} was left over from a start that was killed; ended it")
        doctor.refuse_bad_start(data)
        supervisor = Supervisor(console, data / "processes.json")
        try:
            _start_servers(supervisor, console, data)
            demonstration = _prepare_database(console)
            stopping = _note_signals()
            # Static files come straight from the build here, but their middleware looks for the folder.
            Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
            for program in processes(data):
                supervisor.launch(program)
            _serve(supervisor, console, demonstration, stopping)
        except KeyboardInterrupt:
            console.say("stopping")
        finally:
            _kill_on_signals(supervisor)
            supervisor.stop()
            console.close()


def processes(data: Path) -> list[Program]:
    """Return the processes of the product itself."""
    (data / "beat").mkdir(exist_ok=True)
    celery = ("-m", "celery", "--app=livecaller", "--quiet")
    return [
        *_web_processes(),
        _python("worker", *celery, "worker", "--loglevel=WARNING", "--concurrency=2", "--without-gossip",
                "--without-mingle"),
        _python("beat", *celery, "beat", "--loglevel=WARNING", f"--schedule={data / 'beat' / 'schedule'}",
                "--pidfile="),
    ]  # fmt: skip


def _web_processes() -> list[Program]:
    count = environment.web_processes()
    command = ("manage.py", "serve", f"--port={environment.ports().web}")
    if count == 1:
        return [_python("web", *command)]
    return [_python(f"web{number}", *command, "--shared") for number in range(1, count + 1)]


def _python(name: str, *arguments: str) -> Program:
    # Celery warns a worker of root; on one's own machine that is one's own choice.
    quiet = {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return Program(
        name=name,
        command=(sys.executable, *arguments),
        folder=environment.ROOT,
        environment={**os.environ, **quiet},
    )


def _start_servers(supervisor: Supervisor, console: Console, data: Path) -> None:
    credentials, account, ports = credentials_of(data), servers_account(), environment.ports()
    if environment.is_embedded("DATABASE_URL", credentials):
        with _timed(console, "PostgreSQL"):
            database = postgres.prepare(data / "postgres", credentials, port=ports.postgres, account=account)
            process = postgres.run_until_ready(database, credentials, console.pipe_of("postgres"))
            supervisor.adopt(database.program(), process)
            postgres.ensure_database(database, credentials, environment.DATABASE)
    if environment.is_embedded("REDIS_URL", credentials):
        with _timed(console, "Valkey"):
            cache = valkey.prepare(data / "valkey", credentials, port=ports.valkey, account=account)
            process = valkey.run_until_ready(cache, credentials, console.pipe_of("valkey"))
            supervisor.adopt(cache.program(), process)


def _prepare_database(console: Console) -> str:
    """Migrate, create the demonstration, and return what it says about signing in."""
    with _timed(console, "Database schema"):
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    with _timed(console, "Demonstration"):
        words = io.StringIO()
        call_command("create_demo", stdout=words)
    connections.close_all()
    return words.getvalue()


def _serve(supervisor: Supervisor, console: Console, demonstration: str, stopping: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    address = f"http://127.0.0.1:{environment.ports().web}"
    while not stopping.is_set() and not web.web(address).is_fine:
        if time.monotonic() > deadline:
            raise StartError(
                f"The web process did not get ready within {READY_SECONDS} seconds. Its lines above say why; "
                "`make doctor` says more."
            )
        supervisor.look()
        stopping.wait(0.1)
    if not stopping.is_set():
        for line in _welcome(demonstration):
            console.say(line)
        supervisor.watch(stopping)


def _welcome(demonstration: str) -> list[str]:
    rows = {
        "Website": f"{settings.SITE_URL}/",
        "Operator inbox": f"{settings.SITE_URL}/inbox/",
        "Demo shop": f"{settings.SHOP_URL}/",
    }
    if settings.MAIL_IS_CAUGHT:
        rows["Caught mail"] = f"{settings.SITE_URL}/mail/"
    return [
        "LiveCaller is ready.",
        "",
        *(f"  {name:<16}{address}" for name, address in rows.items()),
        "",
        *(f"  {line}" for line in demonstration.splitlines()),
        "",
        "Stop it with Ctrl-C; the data stays.",
    ]


@contextmanager
def _timed(console: Console, what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    console.say(f"{what} ready ({time.monotonic() - began:.1f} s)")


def _interrupt_on_signals() -> None:
    """While servers start, a signal breaks off at once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    _handle(interrupt)


def _note_signals() -> threading.Event:
    """While it serves, a signal asks for a clean stop."""
    stopping = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    _handle(note)
    return stopping


def _kill_on_signals(supervisor: Supervisor) -> None:
    """While it stops, one more signal kills; not within a second, since make may pass the first one on again."""
    began = time.monotonic()

    def kill(_number: int, _frame: FrameType | None) -> None:
        if time.monotonic() - began > 1:
            supervisor.kill()

    _handle(kill)


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)

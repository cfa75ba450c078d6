"""The yardsticks as targets: servers of their own, with the settings that the product's have."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

import psycopg2

from livecaller.embedded.programs import Program, start, stop
from tests.bench.chat.line import Address
from tests.bench.chat.seats import END_USERS, OPERATORS, Seat, Team
from tests.bench.chat.servers import children, usage
from tests.bench.chat.target import WEB_PROCESSES, Target, verdict_of
from tests.servers import ROOT, Servers, free_port, separate_servers

NODE_FOLDER = Path(__file__).parent / "node"
_USUAL_MESSAGES = "SELECT conversation_id, seq, client_id FROM usual_message"
_NODE_MESSAGES = "SELECT conversation, id, client_id FROM message"
_START_SECONDS = 60
# The product's own, but for the number of processes (livecaller/embedded/up.py).
_UVICORN = ("--host=127.0.0.1", "--ws=websockets-sansio", "--lifespan=off", "--no-access-log", "--no-server-header",
            "--timeout-graceful-shutdown=5", "--no-proxy-headers", f"--workers={WEB_PROCESSES}")  # fmt: skip


@contextmanager
def usual_channels(**more: str) -> Iterator[Target]:
    """Start the chat that the tutorials build."""
    with separate_servers(durable=True) as servers:
        url, port = _new_database(servers, "usual"), free_port()
        variables = {"YARDSTICK_DATABASE_URL": url, "YARDSTICK_REDIS_URL": f"{servers.redis_url.rstrip('/')}/0", **more}
        command = (sys.executable, "-m", "uvicorn", "tests.bench.chat.usual.asgi:application", f"--port={port}")
        with _maker(variables) as maker, _running("usual", (*command, *_UVICORN), port, variables) as web:
            yield Target(
                name="Channels, the usual way",
                web=lambda: [web.pid],
                everything=children,
                make_team=lambda: _usual_team(maker, port),
                verdict=lambda load: verdict_of(load, url, _USUAL_MESSAGES),
                first_rate=125,
            )


@contextmanager
def node_chat(**more: str) -> Iterator[Target]:
    """Start the chat on Node; its packages are installed by `make bench-chat`."""
    if not (NODE_FOLDER / "node_modules").is_dir():
        raise RuntimeError(f"The packages of {NODE_FOLDER} are missing. Run `make bench-chat`, or `npm ci` there.")
    with separate_servers(durable=True) as servers:
        url, port = _new_database(servers, "node"), free_port()
        with closing(psycopg2.connect(url)) as database:
            database.autocommit = True
            with database.cursor() as cursor:
                cursor.execute((NODE_FOLDER / "schema.sql").read_text())
            variables = {"DATABASE_URL": url, "REDIS_URL": f"{servers.redis_url.rstrip('/')}/0", "PORT": str(port),
                         "PROCESSES": str(WEB_PROCESSES), "NODE_ENV": "production", **more}  # fmt: skip
            with _running("node", (_node(), str(NODE_FOLDER / "server.mjs")), port, variables) as web:
                yield Target(
                    name="Node, ws and pg",
                    web=lambda: [web.pid],
                    everything=children,
                    make_team=lambda: _node_team(database, port),
                    verdict=lambda load: verdict_of(load, url, _NODE_MESSAGES, is_numbered=False),
                    first_rate=500,
                )


def _node() -> str:
    return str(Path(sys.executable).parent / "node")


def _new_database(servers: Servers, name: str) -> str:
    with closing(psycopg2.connect(servers.superuser_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"CREATE DATABASE {name} OWNER livecaller_owner")
    return servers.url("livecaller_owner", name)


@contextmanager
def _running(
    name: str, command: tuple[str, ...], port: int, variables: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a web server and wait until all of its processes have started."""
    program = Program(name=name, command=command, folder=ROOT, environment={**os.environ, **variables})
    with tempfile.TemporaryFile("w+b") as log:
        process = start(program, log)
        try:
            if not _is_ready(process, port):
                log.seek(0)
                raise RuntimeError(f"{name} did not start:\n{log.read().decode(errors='replace')[-4000:]}")
            yield process
        finally:
            stop(program, process)


def _is_ready(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until the server answers and its processes have nothing more to do."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        before = usage([process.pid])
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            if _answers(port) and usage([process.pid]).since(before) < 0.05:
                return True
    return False


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def _maker(variables: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Run the process that makes teams: it has other settings than this one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.chat.usual.teams"],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _line(process)
        yield process
    finally:
        process.communicate()


def _line(process: "subprocess.Popen[str]") -> dict[str, list[str]]:
    assert process.stdout is not None
    content: dict[str, list[str]] = json.loads(process.stdout.readline())
    return content


def _usual_team(maker: "subprocess.Popen[str]", port: int) -> Team:
    assert maker.stdin is not None
    maker.stdin.write("\n")
    maker.stdin.flush()
    team = _line(maker)
    return _team(team["operators"], team["end_users"], team["conversations"], port, "sessionid")


def _node_team(database: "psycopg2.extensions.connection", port: int) -> Team:
    sessions = [token_hex(16) for _ in range(OPERATORS + END_USERS)]
    operators, end_users = sessions[:OPERATORS], sessions[OPERATORS:]
    conversations = [str(uuid4()) for _ in end_users]
    members = [(one, room) for own, room in zip(end_users, conversations, strict=True) for one in (own, *operators)]
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO person (session) SELECT unnest(%s)", [sessions])
        cursor.execute("INSERT INTO conversation SELECT unnest(%s)::uuid", [conversations])
        cursor.execute(
            "INSERT INTO member SELECT person.id, room::uuid FROM unnest(%s, %s) AS given (session, room) "
            "JOIN person USING (session)",
            [[session for session, _ in members], [room for _, room in members]],
        )
    return _team(operators, end_users, conversations, port, "session")


def _team(operators: list[str], end_users: list[str], conversations: list[str], port: int, cookie: str) -> Team:
    def seat(session: str, rooms: tuple[str, ...]) -> Seat:
        host = f"localhost:{port}"
        headers = (("Origin", f"http://{host}"), ("Cookie", f"{cookie}={session}"))
        return Seat(Address(port, host, "/ws", headers), lambda: "-", rooms)

    return Team(
        [seat(session, tuple(conversations)) for session in operators],
        [seat(session, (room,)) for session, room in zip(end_users, conversations, strict=True)],
    )

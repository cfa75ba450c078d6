"""Each check notices the real thing broken, and says what to do."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import psycopg2
import pytest

from livecaller.embedded.checks import machine, servers
from tests.clamd import clamd
from tests.embedded.conftest import ordinary_account
from tests.servers import ROOT, Servers, free_port

Doctor = Callable[..., "subprocess.CompletedProcess[str]"]
OURS = ("LIVECALLER_", "DATABASE_", "REDIS_", "PYTEST_")


def manage(command: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run a management command with nothing of ours in the environment but `changes`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env={**environment, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def doctor(real_servers: Servers, folder: Path) -> Doctor:
    """Run `manage.py doctor` on an installation that brings its own servers; arguments replace variables."""

    def run(**changes: str) -> "subprocess.CompletedProcess[str]":
        variables = {
            "LIVECALLER_DEBUG": "1",
            "LIVECALLER_DATA": str(folder),
            "LIVECALLER_PORT": str(free_port()),
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "DATABASE_OWNER_URL": os.environ["DATABASE_OWNER_URL"],
            "REDIS_URL": os.environ["REDIS_URL"],
        }
        return manage("doctor", **{**variables, **changes})

    return run


def lines(result: "subprocess.CompletedProcess[str]", state: str) -> dict[str, str]:
    """Return the words of each finding in this state by its title."""
    found = {}
    for line in result.stdout.splitlines():
        if line.startswith(f"{state:<8}"):
            found[line[8:31].strip()] = line[31:]
    return found


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve connections one after the other with `reply`; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    reply(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def mail_server(greeting: bytes, *answers: bytes) -> Callable[[socket.socket], None]:
    """A mail server that says these lines, each in answer to one of ours."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(greeting)
        for answer in answers:
            if not connection.recv(1024):
                return
            connection.sendall(answer)

    return reply


class Portal(BaseHTTPRequestHandler):
    """A proxy that passes pages on and knows nothing of sockets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"database": "does not answer.", "valkey": "is ready"}).encode()
        self.send_response(503 if self.path == "/health/ready" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def portal() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nothing_answers(doctor: Doctor) -> None:
    dead = free_port()
    result = doctor(
        DATABASE_URL=f"postgres://livecaller_app:x@127.0.0.1:{dead}/livecaller",
        REDIS_URL=f"redis://127.0.0.1:{dead}/0",
        LIVECALLER_EMAIL_URL=f"smtp://127.0.0.1:{dead}",
    )
    wrong = lines(result, "WRONG")
    assert result.returncode == 1
    assert set(wrong) == {"Database", "Valkey", "Mail", "Worker", "Web", "WebSocket"}
    assert wrong["Database"] == f"127.0.0.1:{dead} cannot be reached. Start PostgreSQL, or correct DATABASE_URL."
    assert wrong["Valkey"].endswith("Start it, or correct REDIS_URL.")
    assert wrong["Mail"].startswith(f"127.0.0.1:{dead} cannot be reached")
    assert wrong["Worker"] == "It cannot be asked while Valkey is away."
    assert "Start LiveCaller, or see its log." in wrong["Web"]
    assert wrong["WebSocket"].startswith("ws://localhost:")
    assert result.stdout.endswith("6 of these need your hand.\n")


def test_everything_refuses(doctor: Doctor, database: str, real_servers: Servers) -> None:
    with ExitStack() as open_until_end:
        site = open_until_end.enter_context(portal())
        refusing = mail_server(b"220 hello\r\n", b"250-hello\r\n250 AUTH PLAIN\r\n", b"535 no\r\n", b"221 bye\r\n")
        smtp = open_until_end.enter_context(answering(refusing))
        result = doctor(
            DATABASE_URL=f"postgres://livecaller_app:wrong@127.0.0.1:{real_servers.pg_port}/{database}",
            REDIS_URL=f"redis://:wrong@{real_servers.redis_url.split('@')[1]}/0",
            LIVECALLER_EMAIL_URL=f"smtp://me:wrong@127.0.0.1:{smtp}",
            LIVECALLER_SITE_URL=site,
        )
    wrong = lines(result, "WRONG")
    assert "refuses the name or the password in DATABASE_URL" in wrong["Database"]
    assert wrong["Valkey"] == "It refuses the password in REDIS_URL. Correct REDIS_URL."
    assert "refuses the name or the password. Correct LIVECALLER_EMAIL_URL." in wrong["Mail"]
    assert wrong["Web"] == f"{site} answers, but is not ready: database does not answer."
    assert "is answered with 404 instead of a socket. Let the proxy in between" in wrong["WebSocket"]


def test_database_without_schema_and_with_a_role_above_the_walls(doctor: Doctor, real_servers: Servers) -> None:
    name = f"doctor_{os.getpid()}"
    with closing(psycopg2.connect(real_servers.superuser_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    result = doctor(DATABASE_URL=real_servers.url("postgres", name))
    wrong = lines(result, "WRONG")
    assert "Database" not in wrong
    assert wrong["Database schema"].endswith("Run `manage.py migrate --database owner`.")
    assert wrong["Database role"].startswith("postgres is above row security")
    result = doctor(DATABASE_URL=real_servers.url("livecaller_app", "nowhere"))
    assert "has no database or role of that name (nowhere)" in lines(result, "WRONG")["Database"]


def test_sound_servers_are_found_sound(doctor: Doctor, database: str) -> None:
    result = doctor(LIVECALLER_EMAIL_URL="catch:")
    assert set(lines(result, "ok")) >= {
        "Data folder", "Clock of the disk", "Database", "Database role", "Clock of the database", "Database schema",
        "Valkey", "Clock of Valkey", "Mail",
    }  # fmt: skip
    wrong = lines(result, "WRONG")
    assert set(wrong) == {"Worker", "Web", "WebSocket"}
    assert wrong["Worker"].startswith("No worker answers; mail and deletion wait.")


def test_stopped_installation_of_one_machine_is_checked_for_its_start(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = manage(
            "doctor",
            LIVECALLER_DATA=str(folder),
            LIVECALLER_PORT=str(free_port()),
            LIVECALLER_PG_PORT=str(port),
            LIVECALLER_VALKEY_PORT=str(free_port()),
        )
    wrong = lines(result, "WRONG")
    assert result.returncode == 1
    assert wrong[f"Port {port}"] == (
        f"It is taken by {_own_name()} (process {os.getpid()}). Stop that, or set LIVECALLER_PG_PORT to another port."
    )
    assert "LiveCaller" in lines(result, "ok")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("LIVECALLER_PORT", "eighty", "LIVECALLER_PORT='eighty' is not a whole number."),
        ("LIVECALLER_PORT", "8438", "LIVECALLER_PORT, LIVECALLER_PG_PORT and LIVECALLER_VALKEY_PORT must differ."),
        ("LIVECALLER_SITE_URL", "localhost", "LIVECALLER_SITE_URL='localhost' is not an origin."),
        ("LIVECALLER_EMAIL_URL", "pigeon://post", "LIVECALLER_EMAIL_URL is neither catch: nor smtp://"),
        ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL is not a PostgreSQL URL."),
        ("LIVECALLER_DATA", "/dev/null/livecaller", "The data folder /dev/null/livecaller cannot be made"),
    ],
)
def test_nonsense_in_the_environment_ends_with_a_sentence(folder: Path, variable: str, value: str, words: str) -> None:
    result = manage("up", **{"LIVECALLER_DATA": str(folder), variable: value})
    assert result.returncode == 1
    assert result.stderr.startswith(f"LiveCaller cannot start: {words}"), result.stderr
    assert "Traceback" not in result.stderr


def test_port_that_is_taken_names_who_is_in_the_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        finding = machine.port("LIVECALLER_PORT", number)
        assert not finding.is_fine
        assert finding.words == (
            f"It is taken by {_own_name()} (process {os.getpid()}). Stop that, or set LIVECALLER_PORT to another port."
        )
    assert machine.port("LIVECALLER_PORT", number).is_fine


def test_folder_that_cannot_be_written(folder: Path) -> None:
    assert machine.data_folder(folder).is_fine
    assert machine.file_clock(folder).is_fine
    folder.chmod(0o500)
    with ordinary_account():
        finding = machine.data_folder(folder)
        assert not machine.file_clock(folder).is_fine
    folder.chmod(0o700)
    assert not finding.is_fine
    assert finding.words.startswith(f"{folder} cannot be written (Permission denied). Make it yours (chown -R)")


def test_clock_that_is_off() -> None:
    assert machine.clock("Clock", lambda: time.time() + 1).is_fine
    finding = machine.clock("Clock", lambda: time.time() - 61)
    assert not finding.is_fine
    assert "61 seconds apart" in finding.words


def test_an_answer_that_took_long_is_no_clock_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([1_000.0, 1_060.0])
    monkeypatch.setattr(time, "time", lambda: next(times))
    assert machine.clock("Clock", lambda: 1_001.0).is_fine


def test_build_that_is_missing_or_incomplete(tmp_path: Path) -> None:
    assert machine.built_files(tmp_path).words == f"{tmp_path} holds no build. Run `make prepare`."
    (tmp_path / "manifest.json").write_text(json.dumps({"site.ts": {"file": "assets/site-1.js"}}))
    assert machine.built_files(tmp_path).words.startswith("assets/site-1.js is missing")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "site-1.js").write_text("")
    assert machine.built_files(tmp_path).is_fine


def test_scanner(doctor: Doctor) -> None:
    title = "Scanner of uploads"
    assert lines(doctor(), "ok")[title] == "none: uploads are not scanned. LIVECALLER_CLAMAV names one"
    with clamd() as scanner:
        assert lines(doctor(LIVECALLER_CLAMAV=scanner.url), "ok")[title] == "ClamAV answers"
    away = lines(doctor(LIVECALLER_CLAMAV=scanner.url), "WRONG")[title]
    assert away.startswith("ClamAV does not answer (Connection refused). Uploads are refused until it does.")


@pytest.mark.parametrize(("version", "is_fine"), [(13, False), (14, False), (15, True), (18, True)])
def test_old_database(version: int, is_fine: bool) -> None:  # noqa: FBT001 a parameter of the table
    finding = servers.database_version(version)
    assert finding.is_fine == is_fine
    assert is_fine or finding.words == f"PostgreSQL {version} is too old. Update it to 15 or later."


def test_create_roles_makes_a_server_of_ones_own_ready(real_servers: Servers) -> None:
    name = f"own_{os.getpid()}"

    def create_roles(**changes: str) -> "subprocess.CompletedProcess[str]":
        variables = {
            "LIVECALLER_DEBUG": "1",
            "DATABASE_ADMIN_URL": real_servers.superuser_url,
            "DATABASE_URL": real_servers.url("livecaller_app", name),
            "DATABASE_OWNER_URL": real_servers.url("livecaller_owner", name),
        }
        return manage("create_roles", **{**variables, **changes})

    for _ in range(2):
        assert create_roles().stdout == f"The roles of {name} are as they should be.\n"
    with closing(psycopg2.connect(real_servers.url("livecaller_owner", name))) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id int)")
    refused = create_roles(DATABASE_URL=real_servers.url("livecaller_owner", name))
    assert "DATABASE_URL must sign in as livecaller_app with a password." in refused.stderr
    refused = create_roles(DATABASE_ADMIN_URL=real_servers.url("livecaller_app", "postgres"))
    assert "PostgreSQL refuses DATABASE_ADMIN_URL" in refused.stderr


def _own_name() -> str:
    return str(psutil.Process().name())

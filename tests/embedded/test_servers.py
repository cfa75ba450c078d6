"""The servers of a test run end with it, however it ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.servers import ROOT, Servers
from tests.waiting import wait_for

# Whatever runs in the background of a shell inherits that SIGINT is ignored.
_RUN = """
import dataclasses, json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from tests.servers import ensure_servers
print(json.dumps(dataclasses.asdict(ensure_servers())), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_its_run(number: signal.Signals) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LIVECALLER_", "PYTEST_"))}
    with subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as run:
        assert run.stdout is not None
        servers = Servers(**json.loads(run.stdout.readline()))
        ports = {servers.pg_port, int(servers.redis_url.rsplit(":", 1)[1])}
        assert _listening(ports) == ports
        run.send_signal(number)
        run.wait(60)
    wait_for(lambda: not _listening(ports) and not Path(servers.folder).exists())


def test_workers_get_the_servers_of_the_run(real_servers: Servers) -> None:
    from tests.servers import ensure_servers

    assert ensure_servers() == real_servers


def _listening(ports: set[int]) -> set[int]:
    addresses = {row.laddr for row in psutil.net_connections("tcp4") if row.status == psutil.CONN_LISTEN}
    return {port for port in ports if ("127.0.0.1", port) in addresses}

"""The product as `make up` starts it, on ports of its own and with an empty data folder."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120


@dataclass(frozen=True)
class Product:
    """Addresses of a running LiveCaller and what its demonstration made."""

    port: int
    data: Path
    environment: dict[str, str]

    @property
    def site(self) -> str:
        """Address of the website."""
        return f"http://localhost:{self.port}"

    @property
    def widget(self) -> str:
        """Address of the widget host."""
        return f"http://widget.localhost:{self.port}"

    @property
    def shop(self) -> str:
        """Address of the demonstration shop, a stranger's site to the browser."""
        return f"http://127.0.0.1:{self.port}"

    def mail_to(self, address: str, *, containing: str, kind: str = "plain", within: float = 20) -> str:
        """Wait for a mail to `address` whose text (`kind`: plain or html) contains `containing`; return the text."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for path in sorted((self.data / "mail").glob("*.eml"), reverse=True):
                text = _text_for(path, address, kind)
                if containing in text:
                    return text
            # The mail arrives by another process: look again until the deadline.
            _pause(0.1)
        raise AssertionError(f"No mail to {address} containing {containing!r} within {within} s")

    def manage(self, *arguments: str) -> str:
        """Run a management command against this product and return what it printed."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def demo(self) -> dict[str, str]:
        """Return the demonstration's sign-in data."""
        content: dict[str, str] = json.loads(self.manage("create_demo", "--json"))
        return content


@contextlib.contextmanager
def running_product(**settings: str) -> Iterator[Product]:
    """Start the product with more `settings` (variables), wait until it is ready, and stop it as Ctrl-C does."""
    with tempfile.TemporaryDirectory(prefix="livecaller-e2e-") as folder:
        Path(folder).chmod(0o755)
        port = free_port()
        data = Path(folder) / "data"
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LIVECALLER_", "DATABASE_", "REDIS_"))
        }
        environment |= {
            "LIVECALLER_PORT": str(port),
            "LIVECALLER_PG_PORT": str(free_port()),
            "LIVECALLER_VALKEY_PORT": str(free_port()),
            "LIVECALLER_DATA": str(data),
            **settings,
        }
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        try:
            _wait_until_ready(process, port, log)
            yield Product(port, data, environment)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://localhost:{port}/health/ready", timeout=2):
            return
        _pause(0.2)
    raise AssertionError(f"The product did not start:\n{log.read_text(errors='replace')[-6000:]}")


def _text_for(path: Path, address: str, kind: str) -> str:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    if address not in str(mail["To"]):
        return ""
    body = mail.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body else ""


def link_in(text: str) -> str:
    """Return the first address in a mail's text."""
    found = re.search(r"https?://\S+", text)
    assert found, text
    return found.group(0)


def _pause(seconds: float) -> None:
    signal.sigtimedwait([], seconds)

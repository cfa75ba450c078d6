"""A customer's web server: pages of another origin, with the headers and markup that a story needs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class HostSite:
    """A running site; `pages` maps a path to HTML and may be changed at any time, like `policy`."""

    address: str
    pages: dict[str, str]
    policy: str = ""


@dataclass(frozen=True)
class ClientPage:
    """One page of a Client with the snippet, on an origin of its own."""

    site: HostSite
    snippet: str

    def serves(self, script: str = "", *, policy: str = "", head: str = "", body: str = "") -> str:
        """Put `script` before the snippet and answer under `policy`; return the page's address.

        `head` comes after the snippet, `body` after the heading.
        """
        self.site.policy = policy
        first = f"<script>{script}</script>" if script else ""
        top = f"<title>Made up</title>{first}{self.snippet}{head}"
        self.site.pages["/"] = f"<!doctype html><html lang=en><head>{top}</head><body><h1>Made up</h1>{body}"
        return f"{self.site.address}/"


@contextmanager
def host_site(pages: dict[str, str] | None = None, *, policy: str = "") -> Iterator[HostSite]:
    """Serve `pages` on 127.0.0.1 and a port of its own: an origin that nobody knows yet."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html = site.pages.get(self.path)
            self.send_response(200 if html is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if site.policy:
                self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            self.wfile.write((html or "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the library's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = HostSite(f"http://127.0.0.1:{server.server_port}", dict(pages or {}), policy)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()

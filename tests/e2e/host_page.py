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

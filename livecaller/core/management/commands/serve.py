"""`manage.py serve`: one web process, with the options that every way of running LiveCaller shares."""

import gc
import socket
import sys
from argparse import ArgumentParser
from typing import Any  # Django's option values

import uvicorn
from django.core.management.base import BaseCommand

from livecaller.core.draining import let_sockets_go
from livecaller.core.lines import LineProtocol

# A frame of a client has 16 kB; what is up to here gets an answer, and beyond it the line ends with 1009.
FRAME_BYTES_MOST = 1024 * 1024
# For requests that are being answered when SIGTERM comes; sockets have had their own time before (core/draining.py).
DRAIN_SECONDS = 5
# So many may knock while the process is busy: a storm of reconnects must not be turned away by the kernel.
BACKLOG = 4096
# What the kernel may keep of a line that is not read; left to itself it takes over a megabyte. Linux doubles it.
UNREAD_BYTES = 128 * 1024
# How long the event loop may keep the interpreter from a thread that has its answer of PostgreSQL. Python's own 5 ms
# would be paid at each of a batch's round trips.
SWITCH_SECONDS = 0.0005
# Thousands of sockets are millions of objects that live long and hang in no circle: looking through all of them again
# and again would hold everybody up. So the young are looked through after more of them; the old not more rarely than by
# default, since sockets that have ended wait there.
YOUNG_MOST, MIDDLE_MOST, OLD_MOST = 20_000, 10, 3


class Server(uvicorn.Server):
    """A server that takes its leave."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new connection, let the sockets go, finish requests. SIGINT again ends it at once."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await let_sockets_go(is_urgent=lambda: self.force_exit)
        await super().shutdown(sockets)


class Command(BaseCommand):
    """Serve HTTP and sockets until SIGTERM."""

    help = "Run one web process. With --shared several have one port, and the kernel deals out the connections."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--shared", action="store_true", help="let other processes listen on the port, too")
        parser.add_argument("--trusted-proxy", help="the address whose word about a visitor's address is believed")

    def handle(self, **options: Any) -> None:
        """Bind and serve. Sockets have our own heartbeat, and deflate would cost each of them 50 kB."""
        sys.setswitchinterval(SWITCH_SECONDS)
        proxy = options["trusted_proxy"]
        config = uvicorn.Config(
            "livecaller.asgi:application",
            ws=LineProtocol,
            ws_max_size=FRAME_BYTES_MOST,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=proxy is not None,
            forwarded_allow_ips=proxy,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            log_config=None,
            backlog=BACKLOG,
        )
        # Before there is a listener: the kernel would already deal out connections that nobody takes.
        config.load()
        gc.freeze()
        gc.set_threshold(YOUNG_MOST, MIDDLE_MOST, OLD_MOST)
        address = (options["host"], options["port"])
        listener = socket.create_server(address, backlog=BACKLOG, reuse_port=options["shared"])
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        Server(config).run(sockets=[listener])

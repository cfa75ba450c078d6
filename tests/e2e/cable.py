"""The line between a page and its server, in the test's hand: to cut, to mend, to let only answers through."""

import json
from typing import Any  # frames are JSON

from playwright.sync_api import Page, WebSocketRoute

Frame = dict[str, Any]


class Cable:
    """Every socket of one page, and of the frames in it, to `path`."""

    def __init__(self, page: Page, path: str = "/ws/inbox") -> None:
        self.lines = 0
        # What the page has said, over all lines.
        self.said: list[Frame] = []
        self._is_cut = False
        self._is_lost = False
        self._holds: set[str] = set()
        self._held: list[tuple[WebSocketRoute, Frame]] = []
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(f"**{path}", self._carry)

    def cut(self, *, once: bool = False) -> None:
        """Break the line; every new try breaks at once, unless it is to be broken only `once`."""
        self._is_cut = not once
        for socket in self._sockets:
            socket.close(code=1012)
        self._sockets.clear()

    def mend(self) -> None:
        """Let the next try through."""
        self._is_cut = False

    def deafen(self) -> None:
        """Hold back what the server tells of its own accord; answers to commands pass."""
        self._holds = {"event"}

    def hold(self) -> None:
        """Hold back everything that the server says."""
        self._holds = {"event", "answer"}

    def lose(self) -> None:
        """Throw away everything that the server says."""
        self._is_lost = True

    def hear(self) -> None:
        """Deliver what was held back, and everything from now on."""
        self._holds, self._is_lost = set(), False
        for socket, frame in self._held:
            socket.send(json.dumps(frame))
        self._held.clear()

    def _carry(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=1012)
            return
        self.lines += 1
        self._sockets.append(socket)
        server = socket.connect_to_server()

        def say(frame: str | bytes) -> None:
            self.said.append(json.loads(frame))
            server.send(frame)

        socket.on_message(say)
        server.on_message(lambda text: self._deliver(socket, text))

    def _deliver(self, socket: WebSocketRoute, text: str | bytes) -> None:
        if self._is_lost:
            return
        content = json.loads(text)
        # The server joins what it has to say at one time.
        for frame in content if isinstance(content, list) else [content]:
            if ("answer" if "re" in frame else "event") in self._holds:
                self._held.append((socket, frame))
            else:
                socket.send(json.dumps(frame))

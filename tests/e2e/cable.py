"""The line between the inbox and its server, in the test's hand: to cut, to mend, to let only answers through."""

import json

from playwright.sync_api import Page, WebSocketRoute


class Cable:
    """Every socket of one page to `/ws/inbox`."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._is_deaf = False
        self._held: list[tuple[WebSocketRoute, str | bytes]] = []
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/inbox", self._carry)

    def cut(self) -> None:
        """Break the line; every new try breaks at once."""
        self._is_cut = True
        for socket in self._sockets:
            socket.close(code=1012)
        self._sockets.clear()

    def mend(self) -> None:
        """Let the next try through."""
        self._is_cut = False

    def deafen(self) -> None:
        """Hold back what the server tells of its own accord; answers to commands pass."""
        self._is_deaf = True

    def hear(self) -> None:
        """Deliver what was held back, and everything from now on."""
        self._is_deaf = False
        for socket, frame in self._held:
            socket.send(frame)
        self._held.clear()

    def _carry(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=1012)
            return
        self._sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda frame: self._deliver(socket, frame))

    def _deliver(self, socket: WebSocketRoute, frame: str | bytes) -> None:
        if self._is_deaf and "re" not in json.loads(frame):
            self._held.append((socket, frame))
        else:
            socket.send(frame)

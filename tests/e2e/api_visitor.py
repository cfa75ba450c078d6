"""A visitor who talks through the widget's API: for stories whose subject is the operators' side."""

import http.client
import json
from typing import Any  # answers of the API
from urllib.parse import urlsplit
from uuid import uuid4

from tests.e2e.product import Product


class ApiVisitor:
    """Somebody new on the demonstration shop, with one conversation."""

    def __init__(self, product: Product, key: str) -> None:
        self._host = urlsplit(product.widget).netloc
        self._port = product.port
        self._base = f"/api/v1/widget/{key}/"
        self._token = ""
        self._shop = product.shop
        self.conversation = ""

    def starts(
        self, words: str, *, name: str, email: str = "", page: str = "/sofas/lomond/", title: str = "Lomond"
    ) -> None:
        """Open a conversation with the first message."""
        where = {"url": self._shop + page, "title": title, "referrer": ""}
        session = self._post("session", {"jwt": None, "locale": "en", "page": where})
        self._token = session["token"]
        form = {"name": name, "email": email} if email else {"name": name}
        start = {"client_id": str(uuid4()), "body": words, "attachments": [], "form": form, "notice_accepted": True}
        self.conversation = self._post("conversations", start)["thread"]["id"]

    def says(self, words: str) -> None:
        """Send one more message."""
        message = {"client_id": str(uuid4()), "body": words, "attachments": []}
        self._post(f"conversations/{self.conversation}/messages", message)

    def words(self) -> list[str]:
        """Return the text of every message that the visitor can read, in order."""
        page = self._ask("GET", f"conversations/{self.conversation}/messages")
        return [message["body"] for message in page["results"] if message["kind"] != "system"]

    def _post(self, path: str, data: dict[str, Any]) -> Any:
        return self._ask("POST", path, json.dumps(data))

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        # The name widget.localhost need not resolve: the host says which side answers.
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {"Host": self._host, "Origin": f"http://{self._host}", "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Visitor {self._token}"
        connection.request(method, self._base + path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status < 300, f"{method} {path}: {response.status} {text}"
        return json.loads(text)

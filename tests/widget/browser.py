"""A browser in which a Client's page shows a widget: it speaks as the frame speaks."""

import json
from dataclasses import dataclass, field
from typing import Any  # headers and answers

from django.conf import settings
from django.test import Client

from widget.actors import cookie_name

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PAGE = {"url": "https://shop.meridian.example/sofas?session=9f#top", "title": "Sofas", "referrer": ""}
VIEWED = {"url": "https://shop.meridian.example/tables", "title": "Tables"}


@dataclass
class Browser:
    """One browser on the widget host; its cookie jar is the test client's."""

    public_key: str
    address: str = "203.0.113.7"
    user_agent: str = CHROME
    client: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: object = None, **headers: Any) -> Any:
        """Send `body` as JSON (bytes as they are) and return the response."""
        raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        return self.client.generic(
            method,
            f"/api/v1/widget/{self.public_key}/{path}",
            raw,
            content_type="application/json",
            **{**self._about(), "HTTP_ORIGIN": settings.WIDGET_URL, **headers},
        )

    def open(self, *, jwt: str | None = None, **body: object) -> Any:
        """Open a session on a page of the Client's and return the answer's content; it must succeed."""
        response = self.send("POST", "session", {"jwt": jwt, "locale": "en", "page": PAGE, **body})
        assert response.status_code == 200, response.content
        return response.json()

    def get(self, path: str, **headers: Any) -> Any:
        """Ask the widget host for a document."""
        return self.client.get(path, **{**self._about(), **headers})

    @property
    def token(self) -> str:
        """What the browser keeps in the widget's cookie; "" without one."""
        cookie = self.client.cookies.get(cookie_name(self.public_key))
        return cookie.value if cookie else ""

    def _about(self) -> dict[str, Any]:
        return {
            "HTTP_HOST": settings.WIDGET_HOST,
            "REMOTE_ADDR": self.address,
            "HTTP_USER_AGENT": self.user_agent,
        }


def bearer(token: str) -> dict[str, Any]:
    """Return the header with which a browser without cookies shows its token."""
    return {"HTTP_AUTHORIZATION": f"Visitor {token}"}

"""What the tests of the widgets' pages share."""

import re
from datetime import timedelta
from html import unescape
from typing import Any  # responses of the test client

from django.utils import timezone

from accounts.models import AuditEvent
from tests.cast import Side
from widget.models import IdentitySecret, Widget, WidgetSighting


def address(side: Side, rest: str = "") -> str:
    return f"/widgets/{side.widget.pk}/{rest}"


def stored(side: Side) -> Widget:
    return side.inside(lambda: Widget.objects.get(pk=side.widget.pk))


def everything(side: Side) -> list[object]:
    """Return all that these pages may write, to compare before and after a refusal."""

    def rows() -> list[object]:
        models: list[Any] = [Widget, IdentitySecret, WidgetSighting, AuditEvent]
        return [list(model.objects.order_by("pk").values()) for model in models]

    return side.inside(rows)


def words(response: Any) -> str:
    """Return the page's text without markup, in single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def seen(side: Side, origin: str, *, allowed: bool, script: int | None = None, frame: int | None = None) -> None:
    """Store a sighting; `script` and `frame` are minutes ago."""

    def moment(minutes: int | None) -> Any:
        return None if minutes is None else timezone.now() - timedelta(minutes=minutes, seconds=5)

    side.inside(
        lambda: WidgetSighting.objects.create(
            organization=side.organization,
            widget=side.widget,
            origin=origin,
            is_allowed=allowed,
            script_seen_at=moment(script),
            frame_seen_at=moment(frame),
        )
    )

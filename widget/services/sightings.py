"""Noting where a widget is asked for, so that its install page can say what is wrong."""

from typing import Literal

from django.db.models.functions import Greatest
from django.utils import timezone
from redis.exceptions import RedisError

from livecaller.core.actors import SystemActor
from livecaller.core.errors import RateLimitedError
from livecaller.core.limits import Limit
from livecaller.core.valkey import client
from widget.models import Widget, WidgetSighting
from widget.origins import origin_of

SightingKind = Literal["script", "frame"]
ONCE_IN_SECONDS = 60
# Anybody can send any Referer: strangers' origins are kept up to this many, the newest.
STRANGERS_KEPT = 20
STRANGERS = Limit("widget_stranger", burst=30, seconds=60)


def is_sighting_due(widget: Widget, kind: SightingKind, referrer: str) -> bool:
    """Say whether to note this request: once a minute for each widget, kind and origin; asking uses the minute up.

    Never while Valkey is away: it is a hint, and must not cost a page its widget. Needs no tenant.
    """
    origin = origin_of(referrer)
    try:
        if not client().set(f"sighting:{widget.pk}:{kind}:{origin}", 1, nx=True, ex=ONCE_IN_SECONDS):
            return False
        if not _is_allowed(widget, origin):
            STRANGERS.take(widget.pk)
    except (RedisError, RateLimitedError):
        return False
    return True


def note_sighting(*, actor: SystemActor, widget: Widget, kind: SightingKind, referrer: str) -> None:
    """Remember that the script or frame was asked for by a page of `referrer`'s origin; runs inside the tenant.

    Ask `is_sighting_due` first. A browser that hides the page's address counts as origin "".
    """
    origin = origin_of(referrer)
    is_allowed = _is_allowed(widget, origin)
    WidgetSighting.objects.update_or_create(
        organization_id=actor.organization_id,
        widget=widget,
        origin=origin,
        defaults={f"{kind}_seen_at": timezone.now(), "is_allowed": is_allowed},
    )
    if not is_allowed:
        _forget_old_strangers(widget)


def _is_allowed(widget: Widget, origin: str) -> bool:
    return not origin or origin in widget.allowed_origins


def _forget_old_strangers(widget: Widget) -> None:
    strangers = WidgetSighting.objects.filter(widget=widget, is_allowed=False)
    newest_first = strangers.order_by(Greatest("script_seen_at", "frame_seen_at").desc())
    surplus = list(newest_first.values_list("pk", flat=True)[STRANGERS_KEPT:])
    if surplus:
        WidgetSighting.objects.filter(pk__in=surplus).delete()

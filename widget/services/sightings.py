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


def note_sighting(*, actor: SystemActor, widget: Widget, kind: SightingKind, referrer: str) -> None:
    """Remember that the script or frame was asked for by a page of `referrer`'s origin; runs inside the tenant.

    Written at most once a minute for each widget, kind and origin, and not at all while Valkey is away: it is
    a hint, and must never cost a page its widget. A browser that hides the address counts as origin "".
    """
    origin = origin_of(referrer)
    is_allowed = not origin or origin in widget.allowed_origins
    if not _is_due(widget, f"{kind}:{origin}", is_allowed=is_allowed):
        return
    WidgetSighting.objects.update_or_create(
        organization_id=actor.organization_id,
        widget=widget,
        origin=origin,
        defaults={f"{kind}_seen_at": timezone.now(), "is_allowed": is_allowed},
    )
    if not is_allowed:
        _forget_old_strangers(widget)


def _is_due(widget: Widget, what: str, *, is_allowed: bool) -> bool:
    try:
        if not client().set(f"sighting:{widget.pk}:{what}", 1, nx=True, ex=ONCE_IN_SECONDS):
            return False
        if not is_allowed:
            STRANGERS.take(widget.pk)
    except (RedisError, RateLimitedError):
        return False
    return True


def _forget_old_strangers(widget: Widget) -> None:
    strangers = WidgetSighting.objects.filter(widget=widget, is_allowed=False)
    newest_first = strangers.order_by(Greatest("script_seen_at", "frame_seen_at").desc())
    surplus = list(newest_first.values_list("pk", flat=True)[STRANGERS_KEPT:])
    if surplus:
        WidgetSighting.objects.filter(pk__in=surplus).delete()

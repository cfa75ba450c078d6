"""What can be read about widgets and the people who open them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Greatest, Now

from livecaller.core.actors import Actor
from livecaller.core.errors import NotFoundError
from livecaller.core.sealing import unseal
from livecaller.core.tenancy.context import credential
from widget.models import EndUser, IdentitySecret, VisitorToken, Widget, WidgetSighting

PUBLIC_KEY_LENGTH = 40
SIGHTINGS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class ListedWidget:
    """A row of the list of widgets: the widget and when a page that may show it last asked for it."""

    widget: Widget
    last_seen_at: datetime | None


def widget_of(public_key: str) -> Widget:
    """Return the active widget with this key, its organization loaded.

    Call it outside a tenant: it is how a door learns which organization to enter. Raises `NotFoundError` when
    the key is unknown or the widget is switched off.
    """
    widget = any_widget_of(public_key)
    if not widget.is_active:
        raise NotFoundError
    return widget


def any_widget_of(public_key: str) -> Widget:
    """Like `widget_of`, but also returns a widget that is switched off."""
    if not 0 < len(public_key) <= PUBLIC_KEY_LENGTH or not public_key.isascii() or not public_key.isprintable():
        raise NotFoundError
    with credential("widget_key", public_key):
        widget = Widget.objects.filter(public_key=public_key).select_related("organization").first()
    if widget is None:
        raise NotFoundError
    return widget


def get_widget(actor: Actor, pk: UUID, *, lock: bool = False) -> Widget:
    """Return a widget of the actor's organization, switched off or not; raises `NotFoundError`.

    `lock` holds its row until the end of the transaction.
    """
    widgets = Widget.objects.select_for_update() if lock else Widget.objects.all()
    widget = widgets.filter(organization_id=actor.organization_id, pk=pk).first()
    if widget is None:
        raise NotFoundError
    return widget


def get_end_user(actor: Actor, pk: UUID, *, lock: bool = False) -> EndUser:
    """Return a person of the actor's organization; raises `NotFoundError`, also when expired or restricted."""
    people = EndUser.objects.select_for_update() if lock else EndUser.objects.all()
    person = people.filter(organization_id=actor.organization_id, pk=pk).first()
    if person is None:
        raise NotFoundError
    return person


def widgets_of(actor: Actor) -> list[ListedWidget]:
    """Return the organization's widgets, oldest first; one query."""
    allowed = Q(sightings__is_allowed=True)
    seen = Greatest(Max("sightings__script_seen_at", filter=allowed), Max("sightings__frame_seen_at", filter=allowed))
    widgets = Widget.objects.filter(organization_id=actor.organization_id).annotate(seen_at=seen)
    return [ListedWidget(widget, widget.seen_at) for widget in widgets.order_by("created_at", "id")]


def sightings_of(widget: Widget) -> list[WidgetSighting]:
    """Return where the widget was asked for, newest first, at most 30; one query."""
    seen = WidgetSighting.objects.filter(widget=widget)
    return list(seen.order_by(Greatest("script_seen_at", "frame_seen_at").desc(), "-id")[:SIGHTINGS_SHOWN])


def live_secrets_of(widget: Widget) -> list[IdentitySecret]:
    """Return the identity secrets in use, newest first: none, one, or two during a rotation."""
    return list(IdentitySecret.objects.filter(widget=widget, retired_at__isnull=True).order_by("-created_at", "-id"))


def text_of(secret: IdentitySecret) -> str:
    """Return what signs; raises `SealBrokenError` when the sealing key is gone."""
    return unseal(bytes(secret.sealed), place=place_of(secret)).decode()


def place_of(secret: IdentitySecret) -> str:
    """Return what a sealed secret is bound to: copied to another row, it cannot be opened."""
    return f"identity_secret:{secret.organization_id}:{secret.pk}"


def token_of(widget: Widget, token: str) -> VisitorToken | None:
    """Return the living row behind a browser's token, person loaded, or None. Inside the tenant.

    Unknown, revoked, expired, another widget's, and a person expired or restricted: all None.
    """
    return (
        VisitorToken.objects.filter(
            token_hash=hash_of(token),
            revoked_at__isnull=True,
            end_user__widget_id=widget.pk,
            end_user__expires_at__gt=Now(),
            end_user__restricted_at__isnull=True,
        )
        .select_related("end_user")
        .first()
    )


def hash_of(token: str) -> str:
    """Return what is stored of a token: without the browser's own copy it opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

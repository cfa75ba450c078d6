"""The keys with which a Client's server signs who its customers are."""

import secrets
from uuid import UUID

from django.utils import timezone

from accounts.audit import record
from accounts.rules import require
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import NotFoundError
from livecaller.core.sealing import seal
from widget.models import IdentitySecret
from widget.selectors import get_widget, live_secrets_of, place_of

LIVE_AT_ONCE = 2


def rotate_identity_secret(*, actor: OperatorActor, widget_id: UUID) -> tuple[IdentitySecret, str]:
    """Make a new secret and return its row (the `kid`) with its text, which is never shown again.

    The one before stays valid until it is retired or the next rotation; older ones are retired. Locks the
    widget's row.
    """
    require(actor, "widget.manage")
    widget = get_widget(actor, widget_id, lock=True)
    for old in live_secrets_of(widget)[LIVE_AT_ONCE - 1 :]:
        _retire(old)
    text = f"lcs_{secrets.token_urlsafe(32)}"
    secret = IdentitySecret(organization_id=actor.organization_id, widget=widget)
    secret.sealed = seal(text.encode(), place=place_of(secret))
    secret.save(force_insert=True)
    record("widget.secret_rotated", actor=actor, subject_kind="widget", subject_id=widget.pk)
    return secret, text


def retire_identity_secret(*, actor: OperatorActor, widget_id: UUID, secret_id: UUID) -> None:
    """Make a live secret of this widget invalid from now on; raises `NotFoundError` when it is not one."""
    require(actor, "widget.manage")
    widget = get_widget(actor, widget_id, lock=True)
    secret = next((live for live in live_secrets_of(widget) if live.pk == secret_id), None)
    if secret is None:
        raise NotFoundError
    _retire(secret)
    record("widget.secret_retired", actor=actor, subject_kind="widget", subject_id=widget.pk)


def _retire(secret: IdentitySecret) -> None:
    # What no longer opens anything need not be kept.
    secret.retired_at, secret.sealed = timezone.now(), b""
    secret.save(update_fields=["retired_at", "sealed"])

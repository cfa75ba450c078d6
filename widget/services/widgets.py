"""Setting up widgets."""

import secrets
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.rules import require
from livecaller.core.actors import OperatorActor, SystemActor
from livecaller.core.errors import InvalidError
from widget.models import Widget, WidgetSighting
from widget.options import cleaned, offered_locales
from widget.origins import ORIGINS_MOST
from widget.selectors import get_widget

WIDGETS_MOST = 50


def create_widget(*, actor: OperatorActor | SystemActor, changes: Mapping[str, object]) -> Widget:
    """Store a widget with a new public key and return it; `changes` as for `change_widget`, `name` at least.

    Raises `InvalidError`, also when the organization has as many widgets as it may.
    """
    _require_manager(actor)
    if Widget.objects.count() >= WIDGETS_MOST:
        raise InvalidError(_("You have as many widgets as an organization can have. Use one of them."))
    widget = Widget(organization_id=actor.organization_id, public_key=f"pk_{secrets.token_hex(12)}")
    _apply(widget, {"name": "", **changes})
    widget.save(force_insert=True)
    record("widget.created", actor=actor, subject_kind="widget", subject_id=widget.pk)
    return widget


def change_widget(*, actor: OperatorActor | SystemActor, widget_id: UUID, changes: Mapping[str, object]) -> Widget:
    """Store the named fields (`widget.options.CLEANERS`) and return the widget; all of them or none.

    Of `texts` only the languages given are replaced. Locks the widget's row. Raises `InvalidError` naming every
    field that cannot be accepted.
    """
    _require_manager(actor)
    widget = get_widget(actor, widget_id, lock=True)
    _apply(widget, changes)
    widget.save(update_fields=list(changes))
    if "allowed_origins" in changes:
        _judge_sightings_again(widget)
    details = {"fields": ",".join(sorted(changes))}
    record("widget.changed", actor=actor, subject_kind="widget", subject_id=widget.pk, details=details)
    return widget


def allow_origin(*, actor: OperatorActor, widget_id: UUID, origin: str) -> Widget:
    """Add one origin to those whose pages may show the widget; adding it twice changes nothing."""
    _require_manager(actor)
    widget = get_widget(actor, widget_id, lock=True)
    if origin in widget.allowed_origins:
        return widget
    if len(widget.allowed_origins) >= ORIGINS_MOST:
        raise InvalidError(
            fields={
                "allowed_origins": [
                    _("Too many addresses. Remove one first. Allowed: %(most)d.") % {"most": ORIGINS_MOST}
                ]
            }
        )
    changes = {"allowed_origins": [*widget.allowed_origins, origin]}
    return change_widget(actor=actor, widget_id=widget_id, changes=changes)


def _apply(widget: Widget, changes: Mapping[str, object]) -> None:
    values = cleaned(changes)
    if "texts" in values:
        texts = {**widget.texts, **values["texts"]}
        values["texts"] = {locale: words for locale, words in texts.items() if words}
    for field, value in values.items():
        setattr(widget, field, value)
    if widget.default_locale not in offered_locales(widget.locales):
        raise InvalidError(fields={"default_locale": [_("The default must be one of the languages offered.")]})


def _judge_sightings_again(widget: Widget) -> None:
    seen = WidgetSighting.objects.filter(widget=widget).exclude(origin="")
    seen.filter(origin__in=widget.allowed_origins).update(is_allowed=True)
    seen.exclude(origin__in=widget.allowed_origins).update(is_allowed=False)


def _require_manager(actor: OperatorActor | SystemActor) -> None:
    if isinstance(actor, OperatorActor):
        require(actor, "widget.manage")

"""When a widget may take what an end-user gives."""

from livecaller.core.errors import NotLiveError
from privacy.rules import may_process
from widget.models import Widget


def is_live(widget: Widget) -> bool:
    """Say whether the widget may accept end-user data now: switched on, and the organization may process it."""
    return widget.is_active and may_process(widget.organization_id)


def require_live(widget: Widget) -> None:
    """Raise `NotLiveError` unless `is_live`; every service that stores end-user data asks first."""
    if not is_live(widget):
        raise NotLiveError

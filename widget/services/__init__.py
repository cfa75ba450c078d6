"""Everything that writes in the widget app; one file per subject."""

from widget.services.identity import identify
from widget.services.people import accept_form, change_end_user, update_end_user
from widget.services.secrets import retire_identity_secret, rotate_identity_secret
from widget.services.sessions import Opening, StartedSession, forget_browser, record_page, start_session
from widget.services.sightings import is_sighting_due, note_sighting
from widget.services.widgets import allow_origin, change_widget, create_widget

__all__ = [
    "Opening",
    "StartedSession",
    "accept_form",
    "allow_origin",
    "change_end_user",
    "change_widget",
    "create_widget",
    "forget_browser",
    "identify",
    "is_sighting_due",
    "note_sighting",
    "record_page",
    "retire_identity_secret",
    "rotate_identity_secret",
    "start_session",
    "update_end_user",
]

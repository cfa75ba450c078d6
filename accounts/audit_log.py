"""The audit chain as people read it: a page of lines, each with a sentence, a name and a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, Membership
from accounts.rules import require
from livecaller.core.actors import OperatorActor

PAGE = 50

# Events of every app by their name; a test holds it to the names that are really recorded.
SENTENCES: dict[str, Promise] = {
    "organization.created": _("Created the organization"),
    "organization.changed": _("Changed the organization's settings"),
    "member.invited": _("Invited somebody"),
    "member.joined": _("Joined the team"),
    "member.left": _("Left the team"),
    "member.removed": _("Removed a member"),
    "member.role_changed": _("Changed a member's role"),
    "invitation.resent": _("Sent an invitation again"),
    "invitation.revoked": _("Withdrew an invitation"),
    "widget.created": _("Created a widget"),
    "widget.changed": _("Changed a widget"),
    "widget.secret_rotated": _("Made a new identity secret for a widget"),
    "widget.secret_retired": _("Retired an identity secret of a widget"),
    "end_user.changed": _("Changed a visitor's details"),
}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One event. `who` is empty for LiveCaller itself; `about` names a member the event is about."""

    position: int
    at: datetime
    name: str
    sentence: str
    who: str
    about: str
    details: dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class AuditLog:
    """At most 50 lines, newest first; `next_before` is the position from which the next page goes down."""

    lines: list[AuditLine]
    next_before: int | None


def audit_log_of(actor: OperatorActor, before: int | None) -> AuditLog:
    """Return the events below position `before`, or the newest. Raises `ForbiddenError` without `audit.read`."""
    require(actor, "audit.read")
    rows = AuditEvent.objects.order_by("-position")
    if before is not None:
        rows = rows.filter(position__lt=before)
    events = list(rows[: PAGE + 1])
    names = _names(events)
    lines = [_line(event, names) for event in events[:PAGE]]
    return AuditLog(lines, lines[-1].position if len(events) > PAGE else None)


def _line(event: AuditEvent, names: dict[UUID, str]) -> AuditLine:
    is_about_member = event.subject_kind == "membership" and event.subject_id != event.actor_id
    return AuditLine(
        position=event.position,
        at=event.at,
        name=event.name,
        sentence=str(SENTENCES.get(event.name, event.name)),
        who=names.get(event.actor_id, "") if event.actor_id else "",
        about=names.get(event.subject_id, "") if event.subject_id and is_about_member else "",
        details={key: value for key, value in event.details.items() if key != "invitation"},
    )


def _names(events: Iterable[AuditEvent]) -> dict[UUID, str]:
    """Return the display names of everybody in `events`, removed members included."""
    ids = {id_ for event in events for id_ in (event.actor_id, event.subject_id) if id_}
    return dict(Membership.objects.filter(pk__in=ids).values_list("pk", "display_name"))

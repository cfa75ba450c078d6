"""What the widget app announces. Topics are built here and nowhere else."""

from uuid import UUID

from livecaller.core.realtime import close_sockets, frame, publish
from widget.models import EndUser

_RESTART = 1012


def people_topic(organization_id: UUID) -> str:
    """Return the topic on which an organization's operators hear about changes of people."""
    return f"organization.{organization_id}.end_users"


def token_topic(token_id: UUID) -> str:
    """Return the topic that every socket of one browser hears, so that it can be closed."""
    return f"end_user_token.{token_id}"


def brief_of(person: EndUser) -> dict[str, object]:
    """Return what both sides see of a person: `{id, name, email, is_verified}`."""
    return {
        "id": str(person.pk),
        "name": person.display_name,
        "email": person.email or None,
        "is_verified": person.is_verified,
    }


def end_user_updated(person: EndUser, *, replaces: UUID | None = None) -> None:
    """Announce a person's new name, address or standing; `replaces` names a person who is now this one."""
    data = {"end_user": brief_of(person), "replaces": str(replaces) if replaces else None}
    publish(people_topic(person.organization_id), frame("end_user.updated", data))


def browser_forgotten(token_id: UUID) -> None:
    """Close the browser's sockets for good."""
    close_sockets(token_topic(token_id))


def browser_replaced(token_id: UUID) -> None:
    """Close the browser's sockets; it comes back with the token it has been given instead."""
    close_sockets(token_topic(token_id), code=_RESTART)

"""What follows a change of people and sign-ins after commit: sockets that close, mails that are asked for.

Topics are built here and nowhere else. A socket of an operator listens on all three, so that a sign-out, a new
password, a new role and a removal each end exactly what they must.
"""

import hashlib
from enum import StrEnum
from uuid import UUID

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from livecaller.celery import app
from livecaller.core.realtime import close_sockets

log = structlog.get_logger(__name__)

# As docs/realtime.md, "Close codes": signed out for good, or come back and be greeted anew.
SIGNED_OUT, COME_BACK = 4401, 1012


class Mail(StrEnum):
    """The mails of this app; each is the name of a task in `accounts.tasks`."""

    VERIFICATION = "accounts.mail.verification"
    ACCOUNT_EXISTS = "accounts.mail.account_exists"
    PASSWORD_RESET = "accounts.mail.password_reset"  # noqa: S105 a name
    PASSWORD_CHANGED = "accounts.mail.password_changed"  # noqa: S105 a name
    INVITATION = "accounts.mail.invitation"


def session_topic(session_key: str) -> str:
    """Return the topic of one signed-in browser; the key itself never leaves the session table."""
    return f"session.{hashlib.sha256(session_key.encode()).hexdigest()[:40]}"


def person_topic(user_id: UUID) -> str:
    """Return the topic of one person in all their organizations and browsers."""
    return f"person.{user_id}"


def member_topic(organization_id: UUID, membership_id: UUID) -> str:
    """Return the topic of one member of one organization, in all their browsers."""
    return f"{organization_id}.member.{membership_id}"


def session_ended(session_key: str | None) -> None:
    """Close the sockets of a browser that has signed out, after commit."""
    if session_key:
        close_sockets(session_topic(session_key), code=SIGNED_OUT)


def session_moved(session_key: str | None) -> None:
    """Make the sockets of a browser that now works in another organization reconnect, after commit."""
    if session_key:
        close_sockets(session_topic(session_key), code=COME_BACK)


def password_changed(user_id: UUID) -> None:
    """Close every socket of a person after commit; whoever still has a session may come back."""
    close_sockets(person_topic(user_id), code=SIGNED_OUT)


def member_removed(organization_id: UUID, membership_id: UUID) -> None:
    """Close a removed member's sockets in this organization after commit; other organizations go on."""
    close_sockets(member_topic(organization_id, membership_id), code=SIGNED_OUT)


def member_role_changed(organization_id: UUID, membership_id: UUID) -> None:
    """Make a member's sockets reconnect after commit, since a socket carries the role it was opened with."""
    close_sockets(member_topic(organization_id, membership_id), code=COME_BACK)


def mail_requested(mail: Mail, *ids: UUID) -> None:
    """Ask a worker for a mail after commit. The queue gets ids only: no address, no name, no token.

    While the queue is away the mail is lost and logged; each page that promises one can ask again.
    """

    def enqueue() -> None:
        try:
            app.signature(mail.value, args=[str(id_) for id_ in ids]).apply_async()
        except OperationalError:
            log.warning("mail.not_queued", mail=mail.value)

    transaction.on_commit(enqueue, robust=True)

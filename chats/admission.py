"""Who may hold a socket: tickets, what they are bound to, and whether the person may stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.events import session_topic
from accounts.models import User
from accounts.selectors import operator_of
from accounts.session import has_ended
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import ForbiddenError, UnauthenticatedError
from livecaller.core.tickets import Ticket, issue_ticket
from widget.models import VisitorToken

OPERATOR, END_USER = "operator", "end_user"


@dataclass(frozen=True, slots=True)
class OperatorPass:
    """Who an operator's ticket is given to, and in which session; the session's own key stays out of it."""

    organization_id: UUID
    user_id: UUID
    membership_id: UUID
    session: str

    def ticket(self) -> str:
        """Return a ticket for the inbox socket, good for one use by the same session within a minute."""
        return issue_ticket(
            {
                "kind": OPERATOR,
                "organization": str(self.organization_id),
                "user": str(self.user_id),
                "membership": str(self.membership_id),
                "session": self.session,
            }
        )


@dataclass(frozen=True, slots=True)
class EndUserPass:
    """Which browser an end-user's ticket is given to."""

    organization_id: UUID
    end_user_id: UUID
    token_id: UUID

    def ticket(self) -> str:
        """Return a ticket for the widget socket, good for one use within a minute."""
        return issue_ticket(
            {
                "kind": END_USER,
                "organization": str(self.organization_id),
                "end_user": str(self.end_user_id),
                "token": str(self.token_id),
            }
        )


def issue_operator_ticket(actor: OperatorActor, session_key: str) -> str:
    """Return a ticket for the inbox socket, good for one use by the same session within a minute."""
    return OperatorPass(actor.organization_id, actor.user_id, actor.membership_id, session_topic(session_key)).ticket()


def issue_end_user_ticket(actor: EndUserActor, token: VisitorToken) -> str:
    """Return a ticket for the widget socket, good for one use within a minute."""
    return EndUserPass(actor.organization_id, actor.end_user_id, token.pk).ticket()


def operator_pass(ticket: Ticket, session_key: str) -> OperatorPass:
    """Return whom a ticket was given to; raises `UnauthenticatedError` unless it was an operator in this session."""
    claims = _claims(ticket, OPERATOR)
    if not session_key or claims["session"] != session_topic(session_key):
        raise UnauthenticatedError("This ticket was given to another session. Fetch a new one.")
    return OperatorPass(
        UUID(claims["organization"]), UUID(claims["user"]), UUID(claims["membership"]), claims["session"]
    )


def end_user_pass(ticket: Ticket) -> EndUserPass:
    """Return whom a ticket was given to; raises `UnauthenticatedError` unless it was an end-user."""
    claims = _claims(ticket, END_USER)
    return EndUserPass(UUID(claims["organization"]), UUID(claims["end_user"]), UUID(claims["token"]))


def admitted_operator(held: OperatorPass, session_key: str) -> OperatorActor:
    """Return the operator if session, person and membership are all still good. Call it outside a tenant.

    Raises `UnauthenticatedError`. The session is not marked as seen: an open tab is not activity.
    """
    request = HttpRequest()
    request.session = SessionStore(session_key=session_key)
    user = get_user(request)
    if not isinstance(user, User) or user.pk != held.user_id or not user.is_active:
        raise UnauthenticatedError
    request.user = user
    if has_ended(request):
        raise UnauthenticatedError
    try:
        return operator_of(user, held.organization_id)
    except ForbiddenError:
        raise UnauthenticatedError(_("You are not a member of this organization any more.")) from None


def stranger_error() -> UnauthenticatedError:
    """Return the refusal of a browser whose token is gone: revoked, run out, or its person erased."""
    return UnauthenticatedError(_("This browser is not known here, or it was forgotten. Open a new session."))


def _claims(ticket: Ticket, kind: str) -> Mapping[str, str]:
    if ticket.claims.get("kind") != kind:
        raise UnauthenticatedError("This ticket opens another door.")
    return ticket.claims

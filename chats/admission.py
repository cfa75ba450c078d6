"""Who may hold a socket: tickets, what they are bound to, and whether the person may stay."""

from dataclasses import dataclass
from typing import Any  # claims of tickets
from uuid import UUID

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.events import session_topic
from accounts.models import User
from accounts.selectors import operator_of
from accounts.session import has_ended
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import ForbiddenError, NotLiveError, UnauthenticatedError
from livecaller.core.tickets import issue_ticket, redeem_ticket
from widget.actors import actor_of
from widget.models import VisitorToken
from widget.rules import is_live
from widget.selectors import is_token_alive

OPERATOR, END_USER = "operator", "end_user"


@dataclass(frozen=True, slots=True)
class OperatorTicket:
    """Who an operator's ticket was given to, and in which session."""

    organization_id: UUID
    user_id: UUID
    membership_id: UUID
    session: str


@dataclass(frozen=True, slots=True)
class EndUserTicket:
    """Which browser an end-user's ticket was given to."""

    organization_id: UUID
    end_user_id: UUID
    token_id: UUID


def issue_operator_ticket(actor: OperatorActor, session_key: str) -> str:
    """Return a ticket for the inbox socket, good for one use by the same session within a minute."""
    return issue_ticket(
        {
            "kind": OPERATOR,
            "organization": str(actor.organization_id),
            "user": str(actor.user_id),
            "membership": str(actor.membership_id),
            # The session's key itself must not lie in Valkey.
            "session": session_topic(session_key),
        }
    )


def issue_end_user_ticket(actor: EndUserActor, token: VisitorToken) -> str:
    """Return a ticket for the widget socket, good for one use within a minute."""
    return issue_ticket(
        {
            "kind": END_USER,
            "organization": str(actor.organization_id),
            "end_user": str(actor.end_user_id),
            "token": str(token.pk),
        }
    )


def redeem_operator_ticket(ticket: str, session_key: str) -> OperatorTicket:
    """Use up an operator's ticket; raises `UnauthenticatedError` unless it was given to this session."""
    claims = _claims(ticket, OPERATOR)
    if not session_key or claims["session"] != session_topic(session_key):
        raise UnauthenticatedError("This ticket was given to another session. Fetch a new one.")
    return OperatorTicket(
        UUID(claims["organization"]), UUID(claims["user"]), UUID(claims["membership"]), claims["session"]
    )


def redeem_end_user_ticket(ticket: str) -> EndUserTicket:
    """Use up an end-user's ticket; raises `UnauthenticatedError`."""
    claims = _claims(ticket, END_USER)
    return EndUserTicket(UUID(claims["organization"]), UUID(claims["end_user"]), UUID(claims["token"]))


def admitted_operator(ticket: OperatorTicket, session_key: str) -> OperatorActor:
    """Return the operator if session, person and membership are all still good. Call it outside a tenant.

    Raises `UnauthenticatedError`. The session is not marked as seen: an open tab is not activity.
    """
    request = HttpRequest()
    request.session = SessionStore(session_key=session_key)
    user = get_user(request)
    if not isinstance(user, User) or user.pk != ticket.user_id or not user.is_active:
        raise UnauthenticatedError
    request.user = user
    if has_ended(request):
        raise UnauthenticatedError
    try:
        return operator_of(user, ticket.organization_id)
    except ForbiddenError:
        raise UnauthenticatedError(_("You are not a member of this organization any more.")) from None


def admitted_end_user(ticket: EndUserTicket) -> EndUserActor:
    """Return the end-user if their token lives and their widget takes data. Inside the tenant.

    Raises `UnauthenticatedError`.
    """
    rows = VisitorToken.objects.select_related("end_user", "end_user__widget")
    token = rows.filter(pk=ticket.token_id).first() if is_token_alive(ticket.token_id) else None
    if token is None or token.end_user_id != ticket.end_user_id:
        raise UnauthenticatedError(_("This browser is not known here, or it was forgotten. Open a new session."))
    widget = token.end_user.widget
    if not is_live(widget):
        raise UnauthenticatedError(NotLiveError.default)
    return actor_of(token, widget)


def _claims(ticket: str, kind: str) -> dict[str, Any]:
    claims = redeem_ticket(ticket)
    if claims.get("kind") != kind:
        raise UnauthenticatedError("This ticket opens another door.")
    return claims

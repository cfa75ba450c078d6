"""A signed-in browser: how long it may stay, and the organization it works in."""

import time
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.events import session_moved
from accounts.models import Membership, User
from accounts.selectors import memberships_of, operator_from
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError, UnauthenticatedError

ORGANIZATION, SIGNED_IN_AT, SEEN_AT = "organization", "signed_in_at", "seen_at"

IDLE_SECONDS = 12 * 3600
# Writing the session at every request would cost a row update each.
SEEN_STEP_SECONDS = 10 * 60


def operator_from_request(request: HttpRequest) -> OperatorActor:
    """Return who acts in this request.

    Raises `UnauthenticatedError` when nobody is signed in and `ForbiddenError` when the person has no
    organization. A session naming an organization that the person has left falls back to the first one.
    """
    return operator_from(membership_from_request(request)[0])


def membership_from_request(request: HttpRequest) -> tuple[Membership, list[Membership]]:
    """Return the membership that acts and all memberships of the person; raises as `operator_from_request`."""
    if not isinstance(request.user, User) or not request.user.is_active:
        raise UnauthenticatedError
    memberships = memberships_of(request.user)
    if not memberships:
        raise ForbiddenError(_("You are not a member of an organization. Ask for an invitation or create one."))
    chosen = request.session.get(ORGANIZATION)
    return next((row for row in memberships if str(row.organization_id) == chosen), memberships[0]), memberships


def choose_organization(request: HttpRequest, organization_id: UUID) -> None:
    """Make `organization_id` the one this session works in; membership is checked at each request.

    The session gets a new id, since its powers change, and its sockets come back into the new organization.
    """
    session_moved(request.session.session_key)
    request.session[ORGANIZATION] = str(organization_id)
    request.session.cycle_key()


def begin(request: HttpRequest) -> None:
    """Start the clocks of a session that has just signed in."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())


def has_ended(request: HttpRequest) -> bool:
    """Say whether the session has been idle for 12 hours or has lived for 14 days; else note that it was seen.

    Django's own expiry starts again whenever a session is written, so it knows no absolute end.
    """
    now = int(time.time())
    if SIGNED_IN_AT not in request.session:
        begin(request)
        return False
    seen_at = request.session[SEEN_AT]
    if now - seen_at > IDLE_SECONDS or now - request.session[SIGNED_IN_AT] > settings.SESSION_COOKIE_AGE:
        return True
    if now - seen_at > SEEN_STEP_SECONDS:
        request.session[SEEN_AT] = now
    return False

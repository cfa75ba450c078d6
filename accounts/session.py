"""The organization a signed-in person works in, kept in the session."""

from uuid import UUID

from django.http import HttpRequest

from accounts.models import User
from accounts.selectors import operator_of
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError, UnauthenticatedError

SESSION_KEY = "organization"


def operator_from_request(request: HttpRequest) -> OperatorActor:
    """Return who acts in this request.

    Raises `UnauthenticatedError` when nobody is signed in and `ForbiddenError` when the person has no
    organization. A session naming an organization that the person has left falls back to the first one.
    """
    if not isinstance(request.user, User) or not request.user.is_active:
        raise UnauthenticatedError
    chosen = request.session.get(SESSION_KEY)
    if chosen:
        try:
            return operator_of(request.user, UUID(chosen))
        except ForbiddenError:
            del request.session[SESSION_KEY]
    return operator_of(request.user)


def choose_organization(request: HttpRequest, organization_id: UUID) -> None:
    """Make `organization_id` the one this session works in; membership is checked at each request."""
    request.session[SESSION_KEY] = str(organization_id)

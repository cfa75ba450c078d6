"""Sessions that end, and pages that enter the organization of the signed-in person.

The second is one of the four places where a tenant is entered.
"""

from collections.abc import Callable
from typing import Any  # the views' own arguments
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url

from accounts.events import session_ended
from accounts.models import Membership, User
from accounts.refusals import refusal_page
from accounts.selectors import operator_from
from accounts.session import has_ended, membership_from_request
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError, LiveCallerError, UnauthenticatedError
from livecaller.core.tenancy.context import tenant

View = Callable[..., HttpResponseBase]
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PersonRequest(HttpRequest):
    """The request as a view behind `login_required` sees it."""

    user: User


class OperatorRequest(PersonRequest):
    """The request as a view marked with `for_operator` sees it."""

    actor: OperatorActor
    membership: Membership
    memberships: list[Membership]


def for_operator(view: View) -> View:
    """Mark a page as one that needs a member of an organization: an `OperatorRequest`, served inside the tenant."""
    view.for_operator = True  # type: ignore[attr-defined]
    return view


class SessionEndMiddleware:
    """Sign out a browser whose session was idle too long or is too old."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without the cookie there is no session to look at, and the page stays cacheable.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated and has_ended(request):
            session_ended(request.session.session_key)
            logout(request)
        return self.get_response(request)


class TenantMiddleware:
    """Run views marked with `for_operator` inside the tenant, templates included; others without one.

    A refusal raised by any page becomes a page that says what to do; nothing of it is stored.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not getattr(view, "for_operator", False):
            return None
        try:
            acting, memberships = membership_from_request(request)
        except UnauthenticatedError:
            return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")
        except ForbiddenError:
            return redirect("organization_create")
        request.actor = operator_from(acting)  # type: ignore[attr-defined]
        request.membership, request.memberships = acting, memberships  # type: ignore[attr-defined]
        try:
            with tenant(acting.organization_id):
                return _rendered(view(request, *args, **kwargs))
        except LiveCallerError as refusal:
            # This hook runs outside Django's net for exceptions of views.
            return refusal_page(request, refusal)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        return refusal_page(request, error) if isinstance(error, LiveCallerError) else None


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    # A lazy template would be rendered after the transaction, where the tables look empty.
    if hasattr(response, "render"):
        response.render()
    return response

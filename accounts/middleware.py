"""Pages enter the organization of the signed-in person: one of the four places where a tenant is entered."""

from collections.abc import Callable
from typing import Any  # the views' own arguments

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.session import operator_from_request
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError, UnauthenticatedError
from livecaller.core.tenancy.context import tenant

View = Callable[..., HttpResponseBase]


class OperatorRequest(HttpRequest):
    """The request as a view marked with `for_operator` sees it."""

    actor: OperatorActor


def for_operator(view: View) -> View:
    """Mark a page as one that needs a member of an organization; it gets `request.actor` and runs in the tenant."""
    view.for_operator = True  # type: ignore[attr-defined]
    return view


class TenantMiddleware:
    """Run views marked with `for_operator` inside the tenant, templates included; others without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not getattr(view, "for_operator", False):
            return None
        try:
            actor = operator_from_request(request)
        except UnauthenticatedError:
            return redirect(f"/accounts/login/?next={request.path}")
        except ForbiddenError:
            return redirect("organization_create")
        request.actor = actor  # type: ignore[attr-defined]
        with tenant(actor.organization_id):
            response = view(request, *args, **kwargs)
            # A lazy template would be rendered after the transaction, where the tables look empty.
            if hasattr(response, "render"):
                response.render()
            return response

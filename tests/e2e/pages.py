"""Which addresses are pages that the server draws, and where each of them is seen."""

from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils import translation

from livecaller.website import errors
from tests.security.matrix import ROWS
from tests.security.routes import HOSTS, Route, every_route

# Routes that answer GET and are none of this list's pages; API, files, probes and targets of forms need no word here.
NO_PAGE = {
    Route("site", "robots.txt"): "text for crawlers",
    Route("site", "inbox/"): "drawn by the browser: tests/e2e/inbox/test_accessible.py",
    Route("widget", "frame/<str:public_key>"): "drawn by the browser: tests/e2e/test_widget_frame.py",
    Route("widget", "w/<str:public_key>.js"): "a script",
    Route("widget", r"^w/(?P<name>loader-[0-9a-f]{12}\.js)$"): "a script",
}
FOR_STRANGERS = (
    "/",
    "/privacy/",
    "/terms/",
    "/mail/",
    "/accounts/signup/",
    "/accounts/login/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/forged/",
    "{confirmation}",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-forged/",
    "/accounts/password/reset/key/done/",
    "{new_password}",
    "{invitation}",
    f"/invitations/{uuid4()}/forged/",
)
FOR_MEMBERS = (
    "/",
    "/team/",
    "/widgets/",
    "/widgets/new/",
    "{widget}",
    "{widget}install/",
    f"/widgets/{uuid4()}/",
    "/profile/",
    "/settings/",
    "/audit/",
    "/organizations/new/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "{invitation}",
)
IN_THE_SHOP = ("/", "/delivery/", "/privacy/", "/sofas/lomond/")


def every_page() -> set[Route]:
    """Return the routes whose GET is a page."""
    return {route for route in every_route() if _is_for_reading(route)} - set(NO_PAGE)


def route_of(host: str, path: str) -> Route:
    """Return the route that answers `path` on a host (`site`, `shop`); raises `Resolver404` where none does."""
    found = get_resolver(HOSTS[host]).resolve(path).route
    # A match joins its parts without the caret that a regular expression begins with.
    [route] = (route for route in every_route() if route.host == host and route.pattern.replace("^", "") == found)
    return route


def fault_pages(language: str) -> dict[str, HttpResponse]:
    """Return what the site answers to faults, most of which nobody can cause at will in a running product."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    fault = ValueError()
    with translation.override(language):
        return {
            "400": errors.bad_request(request, fault),
            "403": errors.forbidden(request, fault),
            "403-csrf": errors.form_expired(request),
            "404": errors.not_found(request, fault),
            "429": errors.too_many_requests(request),
            "500": errors.failed(request),
            "503": _answer_to_an_outage(request),
        }


def _is_for_reading(route: Route) -> bool:
    if route.host in ("files", "probe") or "api/v1/" in route.pattern:
        return False
    return route not in ROWS or "get" in ROWS[route].methods


def _answer_to_an_outage(request: HttpRequest) -> HttpResponse:
    try:
        raise OperationalError  # noqa: TRY301 the page asks which exception it stands for
    except OperationalError:
        return errors.failed(request)

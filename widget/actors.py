"""Who speaks through a widget: the token of a browser, found in a header or in a cookie of this widget alone."""

import hashlib
from collections.abc import Container
from http.cookies import Morsel
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from livecaller.core.actors import EndUserActor
from livecaller.core.errors import UnauthenticatedError
from livecaller.core.tenancy.context import tenant
from widget.models import VisitorToken, Widget
from widget.selectors import token_of

if TYPE_CHECKING:
    from rest_framework.request import Request

_SCHEME = "visitor "
_TOKEN_LENGTH = 64


class _PartitionedCookie(Morsel[str]):
    """A cookie with `Partitioned`, which the standard library writes only from Python 3.14 on."""

    def OutputString(self, attrs: Container[str] | None = None) -> str:  # noqa: N802 the standard library's name
        return f"{super().OutputString(attrs)}; Partitioned"


def cookie_name(public_key: str) -> str:
    """Return the name of the widget's own cookie: browsers with two widgets keep two people apart."""
    return f"__Host-lcv-{hashlib.sha256(public_key.encode()).hexdigest()[:8]}"


def token_from_request(request: "HttpRequest | Request", widget: Widget) -> VisitorToken:
    """Return the living token row of the request; raises `UnauthenticatedError`. Call it outside a tenant."""
    presented = presented_token(request, widget.public_key)
    with tenant(widget.organization_id):
        token = token_of(widget, presented) if presented else None
    if token is None:
        raise UnauthenticatedError(_("This browser is not known here, or it was forgotten. Open a new session."))
    return token


def actor_of(token: VisitorToken, widget: Widget) -> EndUserActor:
    """Return the actor behind a token row."""
    return EndUserActor(
        organization_id=widget.organization_id,
        widget_id=widget.pk,
        end_user_id=token.end_user_id,
        name=token.end_user.display_name,
        visit_id=token.visit_id,
    )


def presented_token(request: "HttpRequest | Request", public_key: str) -> str:
    """Return the token that the browser shows, or "".

    The header wins over the cookie: a tab that holds its own token means that one, whatever another tab has
    made of the cookie meanwhile.
    """
    header = str(request.META.get("HTTP_AUTHORIZATION", ""))
    if header[: len(_SCHEME)].lower() == _SCHEME:
        token = header[len(_SCHEME) :].strip()
    else:
        token = str(request.COOKIES.get(cookie_name(public_key), ""))
    return token if len(token) <= _TOKEN_LENGTH and token.isascii() else ""


def set_token_cookie(response: HttpResponseBase, widget: Widget, token: str, *, days: int) -> None:
    """Let the browser keep its token for `days`, readable by no script and sent from no other site's frame."""
    _put_cookie(response, widget, token, seconds=days * 24 * 3600)


def clear_token_cookie(response: HttpResponseBase, widget: Widget) -> None:
    """Let the browser forget its token."""
    _put_cookie(response, widget, "", seconds=0)


def _put_cookie(response: HttpResponseBase, widget: Widget, value: str, *, seconds: int) -> None:
    name = cookie_name(widget.public_key)
    cookie = _PartitionedCookie()
    cookie.set(name, value, value)
    # The two flags are written for any value that is not empty.
    cookie.update({"path": "/", "secure": "yes", "httponly": "yes", "samesite": "None", "max-age": str(seconds)})
    if not seconds:
        cookie["expires"] = "Thu, 01 Jan 1970 00:00:00 GMT"
    response.cookies[name] = cookie

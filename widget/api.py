"""The end-user's door: everything below `/api/v1/widget/<public key>/` stands on these bases."""

import ipaddress
from typing import Any, ClassVar  # Any: bodies are JSON

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from livecaller.core.actors import Actor, EndUserActor, SystemActor
from livecaller.core.api import StrictSerializer, TenantApiView
from livecaller.core.errors import ForbiddenError, UnauthenticatedError
from livecaller.core.limits import Limit
from widget.actors import (
    actor_of,
    clear_token_cookie,
    presented_token,
    set_token_cookie,
    token_from_request,
)
from widget.events import brief_of
from widget.models import VisitorToken, Widget
from widget.rules import require_live
from widget.selectors import widget_of
from widget.services import (
    Opening,
    StartedSession,
    forget_browser,
    identify,
    record_page,
    start_session,
    update_end_user,
)
from widget.services.browsers import IssuedToken
from widget.services.sessions import storage_days_of
from widget.tokens import TOKEN_LENGTH
from widget.visits import Page, page_from

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class WidgetApiView(TenantApiView):
    """A view that anybody with the widget open may ask, known or not; `self.widget` is the widget.

    Checks the exact `Origin` (it may be absent when only reading), the address's limits and whether the widget
    is live. DELETE is served although it is not live: one may always be forgotten.
    """

    authentication_classes = ()
    permission_classes = ()
    address_limits: ClassVar[tuple[Limit, ...]] = (Limit("widget_address", burst=300, seconds=60),)

    widget: Widget

    def get_actor(self, request: Request) -> Actor:
        """Return LiveCaller itself, inside the widget's organization."""
        self.enter(request)
        return SystemActor(self.widget.organization_id)

    def enter(self, request: Request) -> None:
        """Find the widget and refuse who may not come in; sets `self.widget`."""
        require_widget_origin(request)
        for limit in self.address_limits:
            limit.take(network_of(request))
        self.widget = widget_of(str(self.kwargs["public_key"]))
        if request.method not in _READING and request.method != "DELETE":
            require_live(self.widget)


class EndUserApiView(WidgetApiView):
    """A view for a person with a token: `self.actor`, `self.token` (its row, person loaded) and `self.widget`."""

    person_limits: ClassVar[tuple[Limit, ...]] = (Limit("widget_person", burst=120, seconds=60),)

    actor: EndUserActor
    token: VisitorToken

    def get_actor(self, request: Request) -> EndUserActor:
        """Return the person behind the token; raises `UnauthenticatedError`."""
        self.enter(request)
        self.token = token_from_request(request, self.widget)
        for limit in self.person_limits:
            limit.take(self.token.end_user_id)
        return actor_of(self.token, self.widget)


class PageData(StrictSerializer):
    """A page of the Client's site."""

    url = serializers.CharField(max_length=4096)
    title = serializers.CharField(max_length=4096, allow_blank=True, default="")


class OpeningPageData(PageData):
    """The page on which a session is opened."""

    referrer = serializers.CharField(max_length=4096, allow_blank=True, default="")


class OpeningData(StrictSerializer):
    """Body of `POST session`."""

    jwt = serializers.CharField(max_length=TOKEN_LENGTH, allow_null=True, default=None)
    locale = serializers.CharField(max_length=35, allow_blank=True, default="")
    page = OpeningPageData(allow_null=True, default=None)


class JwtData(StrictSerializer):
    """Body of `POST identify`."""

    jwt = serializers.CharField(max_length=TOKEN_LENGTH)


class ProfileData(StrictSerializer):
    """Body of `PATCH end-user`."""

    first_name = serializers.CharField(max_length=80, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=80, allow_blank=True, required=False)
    email = serializers.CharField(max_length=254, allow_blank=True, required=False)
    phone = serializers.CharField(max_length=32, allow_blank=True, required=False)


class SessionApiView(WidgetApiView):
    """The base of `session`: chats adds `post`, which answers `started` with the person's threads."""

    address_limits = (*WidgetApiView.address_limits, Limit("widget_session", burst=60, seconds=600))

    def start(self) -> StartedSession:
        """Read the body of `POST session` and start or continue the session."""
        data = self.read(OpeningData)
        actor = SystemActor(self.widget.organization_id)
        return start_session(actor=actor, widget=self.widget, opening=self._opening(data))

    def started(self, session: StartedSession, extra: dict[str, Any]) -> Response:
        """Return the answer of `POST session` with its cookie; `extra` is what the higher apps add."""
        content = {
            "token": session.text,
            "end_user": brief_of(session.end_user),
            "storage_days": session.storage_days,
        }
        response = Response({**content, **extra})
        set_token_cookie(response, self.widget, session.text, days=session.storage_days)
        return response

    def delete(self, request: Request, public_key: str) -> Response:
        """Forget this browser; also when it is not known (any more), so that its cookie goes."""
        response = Response(status=204)
        clear_token_cookie(response, self.widget)
        try:
            token = token_from_request(request, self.widget)
        except UnauthenticatedError:
            return response
        forget_browser(actor=actor_of(token, self.widget), token=token)
        return response

    def _opening(self, data: dict[str, Any]) -> Opening:
        return Opening(
            presented=presented_token(self.request, self.widget.public_key),
            jwt=data["jwt"],
            locale=data["locale"],
            page=_page(data["page"]) if data["page"] else None,
            user_agent=user_agent_of(self.request),
        )


class IdentifyView(EndUserApiView):
    """`POST identify`."""

    person_limits = (*EndUserApiView.person_limits, Limit("widget_identify", burst=10, seconds=60))

    def post(self, request: Request, public_key: str) -> Response:
        """Make the person the customer that the Client's server names."""
        issued = identify(
            actor=self.actor,
            widget=self.widget,
            presented=IssuedToken(self.token, presented_token(request, public_key)),
            jwt=self.read(JwtData)["jwt"],
            user_agent=user_agent_of(request),
        )
        response = Response({"token": issued.text, "end_user": brief_of(issued.row.end_user)})
        set_token_cookie(response, self.widget, issued.text, days=storage_days_of(self.widget))
        return response


class EndUserView(EndUserApiView):
    """`PATCH end-user`."""

    def patch(self, request: Request, public_key: str) -> Response:
        """Store what the person says about themselves."""
        return Response(brief_of(update_end_user(actor=self.actor, changes=self.read(ProfileData))))


class PagesView(EndUserApiView):
    """`POST pages`."""

    def post(self, request: Request, public_key: str) -> Response:
        """Note the page that the person looks at now."""
        page = _page(self.read(PageData))
        record_page(actor=self.actor, token=self.token, page=page, user_agent=user_agent_of(request))
        return Response(status=204)


def user_agent_of(request: Request) -> str:
    """Return the browser's own description, to be looked at and never stored."""
    return str(request.META.get("HTTP_USER_AGENT", ""))[:512]


def _page(data: dict[str, str]) -> Page:
    return page_from(data["url"], data["title"], data.get("referrer", ""))


def require_widget_origin(request: Request) -> None:
    """Raise `ForbiddenError` unless the request comes from a page of the widget host.

    Browsers send `Origin` with everything that is not GET or HEAD, so only those may come without one.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None and request.method in _READING:
        return
    if origin != settings.WIDGET_URL:
        raise ForbiddenError("Only the widget's own pages may ask this.")


def network_of(request: Request) -> str:
    """Return the caller's address for counting: IPv6 by its /64, which one household owns whole."""
    try:
        address = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

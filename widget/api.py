"""The end-user's door: the bases that every address below `/api/v1/widget/<public key>/` stands on."""

import ipaddress
from typing import ClassVar

from django.conf import settings
from rest_framework.request import Request

from livecaller.core.actors import Actor, EndUserActor, SystemActor
from livecaller.core.api import TenantApiView
from livecaller.core.errors import ForbiddenError
from livecaller.core.limits import Limit
from widget.actors import actor_of, token_from_request
from widget.models import VisitorToken, Widget
from widget.rules import require_live
from widget.selectors import widget_of

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

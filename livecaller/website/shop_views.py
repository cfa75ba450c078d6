"""The demonstration shop: what a Client's page looks like from here, under a strict content security policy.

It takes no part in the product: no session, no cookie, no template or style of ours. What it has of LiveCaller
is the snippet, as the install page gives it.
"""

from dataclasses import dataclass

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Organization
from livecaller.website.demo import ORGANIZATION, PUBLIC_KEY

# What docs for Clients ask for, and not one source more.
_POLICY = {
    "default-src": [SELF],
    "script-src": [SELF, settings.WIDGET_URL],
    "style-src": [SELF],
    "frame-src": [settings.WIDGET_URL],
    "img-src": [SELF],
    "connect-src": [NONE],
    "font-src": [NONE],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


@dataclass(frozen=True, slots=True)
class Sofa:
    """One thing to buy."""

    slug: str
    name: str
    price: str
    line: str
    width_cm: int


SOFAS = (
    Sofa("lomond", "Lomond three-seater", "€1,290", "Oak frame, wool blend, made to order in three weeks.", 218),
    Sofa("tiree", "Tiree corner", "€1,780", "Turn the corner left or right, as often as you move house.", 264),
    Sofa("arran", "Arran daybed", "€860", "By day a place to read, by night a bed for one.", 196),
)


@require_safe
@csp_replace(_POLICY)
def home(request: HttpRequest) -> HttpResponse:
    """Show what there is."""
    return _page(request, "shop/home.html", sofas=SOFAS)


# csp's types know views without arguments only.
@require_safe
@csp_replace(_POLICY)  # type: ignore[arg-type]
def product(request: HttpRequest, name: str) -> HttpResponse:
    """Show one sofa."""
    sofa = next((sofa for sofa in SOFAS if sofa.slug == name), None)
    if sofa is None:
        raise Http404
    return _page(request, "shop/product.html", sofa=sofa)


@require_safe
@csp_replace(_POLICY)
def delivery(request: HttpRequest) -> HttpResponse:
    """Say how things arrive."""
    return _page(request, "shop/delivery.html")


@require_safe
@csp_replace(_POLICY)
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what the chat keeps: the notice that the widget links."""
    organization = Organization.objects.filter(is_demo=True).first() or Organization()
    return _page(request, "shop/privacy.html", retention_days=organization.retention_days)


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    snippet = f"{settings.WIDGET_URL}/w/{PUBLIC_KEY}.js"
    known = {"snippet": snippet, "site_url": settings.SITE_URL, "organization": ORGANIZATION, "key": PUBLIC_KEY}
    return render(request, template, {**known, **context})

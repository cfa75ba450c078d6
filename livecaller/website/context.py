"""What every template knows."""

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from accounts.models import Membership, Organization
from accounts.rules import permissions_of
from accounts.selectors import operator_from
from livecaller.core.actors import OperatorActor

THEME_COOKIE = "__Host-lc-theme"
THEMES = ("light", "dark")


class Site(TypedDict, total=False):
    """What each template finds; the last four only on pages of a member."""

    site_url: str
    language: str
    direction: str
    languages: list[tuple[str, str]]
    theme: str
    current_path: str
    shop_url: str
    operator: OperatorActor
    organization: Organization
    memberships: list[Membership]
    permissions: frozenset[str]


def site(request: HttpRequest) -> Site:
    """Return the context of every page; `theme` is empty while it follows the system."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    context: Site = {
        "site_url": settings.SITE_URL,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "direction": "rtl" if translation.get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "theme": theme if theme in THEMES else "",
        "current_path": request.path,
        "shop_url": settings.SHOP_URL if settings.IS_LOCAL else "",
    }
    membership = getattr(request, "membership", None)
    if isinstance(membership, Membership):
        operator = operator_from(membership)
        context["operator"] = operator
        context["organization"] = membership.organization
        context["memberships"] = request.memberships  # type: ignore[attr-defined]
        context["permissions"] = permissions_of(operator)
    return context

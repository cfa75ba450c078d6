"""What every template knows."""

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from accounts.models import Organization
from livecaller.core.actors import OperatorActor

THEME_COOKIE = "__Host-lc-theme"
THEMES = ("light", "dark")


class Site(TypedDict, total=False):
    """The keys of `site`; the last two only on pages of a member."""

    site_url: str
    language: str
    direction: str
    languages: list[tuple[str, str]]
    theme: str
    current_path: str
    shop_url: str
    mail_is_caught: bool
    operator: OperatorActor
    organization: Organization


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
    }
    actor = getattr(request, "actor", None)
    if isinstance(actor, OperatorActor):
        context["operator"] = actor
        context["organization"] = Organization.objects.get(pk=actor.organization_id)
    return context

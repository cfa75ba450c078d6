"""Public pages, what a visitor chooses for this browser, and the page that holds the console."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from accounts.adapter import set_language_cookie
from accounts.middleware import OperatorRequest, for_operator
from accounts.models import User
from livecaller.core.errors import ForbiddenError
from livecaller.website.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what LiveCaller is."""
    return render(request, "site/home.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what this site and the product keep."""
    return render(request, "site/privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Say under which terms LiveCaller may be used."""
    return render(request, "site/terms.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let crawlers read the public pages only."""
    return render(request, "site/robots.txt", content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep a language or a theme in this browser, and a member's language in their account.

    It has no CSRF token, since a token would set a cookie on every public page; the origin is checked instead.
    """
    if request.headers.get("Origin", settings.SITE_URL) != settings.SITE_URL:
        raise ForbiddenError
    response = redirect(_way_back(request))
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        set_language_cookie(response, language)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(locale=language)
    if theme in THEMES:
        # Readable by scripts: the console offers the same choice.
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, secure=True, samesite="Lax")
    elif theme == "system":
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@never_cache
@ensure_csrf_cookie
@require_safe
@for_operator
def inbox(request: OperatorRequest) -> HttpResponse:
    """Hold the console: its own script does the rest by socket and API."""
    member = request.membership
    config = {
        "socketUrl": f"{settings.SITE_URL.replace('http', 'ws', 1)}/ws/inbox",
        "apiUrl": "/api/v1/",
        "csrfCookie": settings.CSRF_COOKIE_NAME,
        "locale": request.user.locale,
        "member": {"id": str(member.pk), "name": member.display_name, "role": member.role, "status": member.status},
        "organization": {"id": str(member.organization_id), "name": member.organization.name},
        "links": {
            "team": reverse("team"),
            "widgets": "/widgets/",
            "settings": reverse("profile"),
            "signOut": reverse("account_logout"),
            "preferences": reverse("preferences"),
        },
    }
    return render(request, "dashboard/inbox.html", {"config": config})


def _way_back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else "/"

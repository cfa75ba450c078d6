"""Pages for what went wrong, each with a way on."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from redis.exceptions import RedisError

UNAVAILABLE = (OperationalError, InterfaceError, RedisError)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: not for this person."""
    return render(request, "403.html", status=403)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form's CSRF token is missing or of another session."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here, or not theirs to see."""
    return render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429: allauth's limits answer with this page."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 while database or Valkey are away. The page needs neither of them, nor the session."""
    is_away = isinstance(sys.exc_info()[1], UNAVAILABLE)
    direction = "rtl" if translation.get_language_bidi() else "ltr"
    context = {
        "is_away": is_away,
        "language": translation.get_language(),
        "direction": direction,
        "site_url": settings.SITE_URL,
    }
    response = render(None, "500.html", context, status=503 if is_away else 500)
    if is_away:
        response["Retry-After"] = "5"
    return response

"""Addresses that fail, for the pages that say so."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import ConnectionError as ValkeyAway

from livecaller.core.errors import ConflictError, RateLimitedError
from livecaller.urls import handler400, handler403, handler404, handler429, handler500
from livecaller.urls import urlpatterns as site

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

ERRORS: dict[str, Exception] = {
    "bug": RuntimeError("planted secret 4711"),
    "database": OperationalError("planted secret 4711"),
    "valkey": ValkeyAway("planted secret 4711"),
    "bad": BadRequest("planted secret 4711"),
    "forbidden": PermissionDenied("planted secret 4711"),
    "conflict": ConflictError("Own words of a service."),
    "default": ConflictError(),
    "fast": RateLimitedError(retry_after=7),
}


def fail(request: HttpRequest, name: str) -> HttpResponse:
    """Raise one of the errors."""
    raise ERRORS[name]


urlpatterns = [*site, path("fail/<str:name>/", fail)]

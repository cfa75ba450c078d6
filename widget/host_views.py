"""The two documents that a Client's page asks for: the loader script and the frame."""

import gzip
import hashlib
from collections.abc import Callable
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from livecaller.core.actors import SystemActor
from livecaller.core.errors import NotFoundError, UnavailableError
from livecaller.core.tenancy.context import tenant
from widget.frame import PERMISSIONS, config_of, policy_of
from widget.loader import loader_of, pinned_script, warning_script
from widget.models import Widget
from widget.rules import is_live
from widget.selectors import any_widget_of
from widget.services import is_sighting_due, note_sighting
from widget.services.sightings import SightingKind

_LOADER_CACHING = "public, max-age=300, stale-while-revalidate=86400"
_SCRIPT = "text/javascript; charset=utf-8"
_PINNED_CACHING = "public, max-age=31536000, immutable"


@require_safe
def loader(request: HttpRequest, public_key: str) -> HttpResponseBase:
    """Serve a widget's script; whatever is wrong, the page gets a script that says so and does no harm."""
    try:
        widget = any_widget_of(public_key)
        _note(request, widget, "script")
        script, status = _script_of(widget), 200
    except NotFoundError:
        script, status = warning_script("there is no widget with this key. Copy the snippet again."), 404
    except UnavailableError as refusal:
        script, status = warning_script(refusal.message), 503
    return _as_script(request, script, status=status, caching=_LOADER_CACHING if status == 200 else "no-store")


@require_safe
def pinned_loader(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve a loader named by its hash, of any release; it answers every origin, which `integrity` asks for."""
    script = pinned_script(name)
    if script is None:
        return _nothing("There is no such script here.")
    response = _as_script(request, script, status=200, caching=_PINNED_CACHING)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def frame(request: HttpRequest, public_key: str, is_available: Callable[[UUID], bool]) -> HttpResponse:
    """Serve the app's document; `is_available` says whether somebody of an organization can answer now."""
    try:
        widget = any_widget_of(public_key)
    except NotFoundError:
        return _nothing("There is no such chat here.")
    _note(request, widget, "frame")
    if not is_live(widget):
        return _nothing("This chat is switched off.")
    with tenant(widget.organization_id):
        config = config_of(widget, is_available=is_available(widget.organization_id))
    response = HttpResponse(render_to_string("widget/frame.html", {"config": config}))
    response["Content-Security-Policy"] = policy_of(widget)
    # The policy names who may frame it; the older header can only forbid everybody.
    response.xframe_options_exempt = True
    response["Permissions-Policy"] = PERMISSIONS
    response["Referrer-Policy"] = "strict-origin"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "no-cache"
    return response


def _nothing(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=404, content_type="text/plain; charset=utf-8")


def _script_of(widget: Widget) -> str:
    if is_live(widget):
        return loader_of(widget)
    return warning_script("this widget is switched off. Switch it on in its settings.")


def _note(request: HttpRequest, widget: Widget, kind: SightingKind) -> None:
    referrer = request.META.get("HTTP_REFERER", "")
    if is_sighting_due(widget, kind, referrer):
        with tenant(widget.organization_id):
            note_sighting(actor=SystemActor(widget.organization_id), widget=widget, kind=kind, referrer=referrer)


def _as_script(request: HttpRequest, script: str, *, status: int, caching: str) -> HttpResponseBase:
    response = _encoded(request, script, status)
    if status == 200:
        response = get_conditional_response(request, etag=response["ETag"], response=response) or response
    response["Cache-Control"] = caching
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Vary"] = "Accept-Encoding"
    return response


def _encoded(request: HttpRequest, script: str, status: int) -> HttpResponse:
    digest = hashlib.sha256(script.encode()).hexdigest()[:24]
    if "gzip" not in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        return HttpResponse(script, content_type=_SCRIPT, status=status, headers={"ETag": f'"{digest}"'})
    headers = {"ETag": f'"{digest}-gz"', "Content-Encoding": "gzip"}
    return HttpResponse(_compressed(script), content_type=_SCRIPT, status=status, headers=headers)


@lru_cache(maxsize=256)
def _compressed(script: str) -> bytes:
    # No time inside: the same script must have the same bytes behind one ETag.
    return gzip.compress(script.encode(), mtime=0)

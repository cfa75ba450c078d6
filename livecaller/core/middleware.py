"""What happens to every HTTP request: an id, a log line without secrets, the right host, the common headers."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from livecaller.core import metrics
from livecaller.core.languages import language_of
from livecaller.core.probes import answer_probe

log = structlog.get_logger("livecaller.request")

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_PERMISSIONS = "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


class RequestLogMiddleware:
    """Give each request an id, log its route and status, count it. Paths and queries are not logged."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        route = match.route if match else "unrouted"
        metrics.request_served(route, request.method or "", response.status_code, seconds)
        if not route.startswith(("health/", "metrics")):
            log.info(
                "request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000)
            )
        response["X-Request-Id"] = request_id
        return response


class HostMiddleware:
    """Choose the URLs by host: site, widget, files and shop never answer for one another.

    Health and metrics answer under any name, since probes come by address.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = answer_probe(request)
        if probe is not None:
            return probe
        urlconf = settings.HOST_URLCONFS.get(request.get_host())
        if urlconf is None:
            refusal = "LiveCaller does not answer under this host name."
            return HttpResponse(refusal, status=421, content_type="text/plain")
        request.urlconf = urlconf
        return self.get_response(request)


class SiteLocaleMiddleware(LocaleMiddleware):
    """Choose the language of the site's pages; the other hosts' documents are the same for everybody.

    So a widget's script reads no cookie, and caches need not keep it once for each language of a browser. Only what
    the widget's API refuses is said in the language that the frame asks for; nobody may keep those answers.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.get_host() == settings.SITE_HOST:
            super().process_request(request)
        elif request.path.startswith("/api/"):
            accepted = request.headers.get("Accept-Language", "")
            translation.activate(language_of(cookies={}, accepted=accepted))
        else:
            # The thread may still speak the language of the request before.
            translation.activate(settings.LANGUAGE_CODE)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.get_host() == settings.SITE_HOST:
            return super().process_response(request, response)
        return response


class SurfaceHeadersMiddleware:
    """Headers that every answer carries unless the view has set its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", _PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("X-Content-Type-Options", "nosniff")
        return response

"""Checks of the running product, through the same addresses that browsers use."""

import json
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core import checks
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from livecaller.embedded.checks import Finding, fine, problem

# Long enough for a machine that has just started everything at once.
PATIENCE_SECONDS = 15


def settings_are_sound() -> Finding:
    """Run Django's own checks, with those for production where it is not one's own machine."""
    messages = checks.run_checks(include_deployment_checks=not settings.IS_LOCAL)
    serious = [message for message in messages if message.level >= checks.WARNING and not message.is_silenced()]
    if serious:
        return problem("Settings", "; ".join(f"{message.msg} ({message.id})" for message in serious))
    return fine("Settings", "sound")


def web(address: str) -> Finding:
    """Ask the web process at an origin whether it is ready; the browsers' one is SITE_URL."""
    title = "Web"
    try:
        # Never through a proxy of this machine's: it would answer in the product's place.
        with build_opener(ProxyHandler({})).open(f"{address}/health/ready", timeout=PATIENCE_SECONDS):
            return fine(title, f"{address} is ready")
    except HTTPError as error:
        return problem(title, f"{address} answers, but is not ready: {_reason(error)}")
    except OSError as error:
        return problem(title, f"{address} does not answer ({_plain(error)}). Start LiveCaller, or see its log.")


def web_socket() -> Finding:
    """Open a WebSocket as the inbox does: any other answer means that something in between blocks it."""
    title = "WebSocket"
    target = settings.SITE_URL.replace("http", "ws", 1) + "/ws/inbox"
    try:
        with connect(
            target, origin=Origin(settings.SITE_URL), proxy=None, open_timeout=PATIENCE_SECONDS, close_timeout=1
        ):
            return fine(title, f"{target} opens")
    except InvalidStatus as error:
        return problem(
            title,
            f"{target} is answered with {error.response.status_code} instead of a socket. Let the proxy in between "
            "pass Upgrade and Connection for /ws, and leave Host and Origin as they are.",
        )
    except (OSError, WebSocketException) as error:
        return problem(title, f"{target} does not open ({_plain(error)}). Start LiveCaller, or see its log.")


def _reason(error: HTTPError) -> str:
    try:
        states = json.loads(error.read()).items()
        return "; ".join(f"{name} {state}" for name, state in states if state != "is ready")
    except (ValueError, AttributeError):
        return f"status {error.code}"


def _plain(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error) or type(error).__name__

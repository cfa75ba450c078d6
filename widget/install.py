"""What an install page says: what to copy, where the widget was seen, and what is wrong where it was not."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from django.conf import settings

from livecaller.core.errors import UnavailableError
from widget.examples import EXAMPLES
from widget.loader import pinned_loader
from widget.look import public_look
from widget.models import IdentitySecret, Widget, WidgetSighting
from widget.options import public_name_of
from widget.selectors import live_secrets_of, sightings_of

QUEUE_LINE = (
    "window.LiveCaller = window.LiveCaller || function () { (LiveCaller.q = LiveCaller.q || []).push(arguments); };"
)


@dataclass(frozen=True, slots=True)
class Example:
    """How a server of one language signs who its customer is."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything the page needs; `pinned_snippet` is "" until the browser parts are built."""

    snippet: str
    pinned_snippet: str
    policy_lines: str
    hosts: str
    sightings: list[WidgetSighting]
    secrets: list[IdentitySecret]

    @property
    def last_good(self) -> WidgetSighting | None:
        """The newest sighting on a page that may show the widget and has shown the chat."""
        good = (seen for seen in self.sightings if seen.is_allowed and seen.frame_seen_at)
        return next(good, None)


def installation_of(widget: Widget) -> Installation:
    """Return how to install the widget and where it was seen; two queries."""
    return Installation(
        snippet=f'<script async src="{settings.WIDGET_URL}/w/{widget.public_key}.js"></script>',
        pinned_snippet=_pinned_snippet(widget),
        policy_lines=f"script-src {settings.WIDGET_URL}\nframe-src {settings.WIDGET_URL}",
        hosts="\n".join(_host_and_port(url) for url in (settings.WIDGET_URL, settings.FILES_URL, settings.SITE_URL)),
        sightings=sightings_of(widget),
        secrets=live_secrets_of(widget),
    )


def examples_of(secrets: list[IdentitySecret]) -> list[Example]:
    """Return the examples, naming the newest secret (`kid`)."""
    kid = str(secrets[0].pk) if secrets else "…"
    return [Example(f"example-{id_}", name, text.replace("KID", kid)) for id_, name, text in EXAMPLES]


def _pinned_snippet(widget: Widget) -> str:
    try:
        pinned = pinned_loader()
    except UnavailableError:
        return ""
    look = public_look(widget.look)
    attributes = {
        "src": f"{settings.WIDGET_URL}/w/{pinned.name}",
        "integrity": pinned.integrity,
        "crossorigin": "anonymous",
        "data-widget": widget.public_key,
        "data-name": public_name_of(widget),
        "data-color": look["color"],
        "data-on-color": look["onColor"],
        "data-position": look["position"],
        "data-launcher": look["launcher"],
        "data-theme": look["theme"],
        "data-default-locale": widget.default_locale,
    }
    written = "\n  ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<script async\n  {written}></script>"


def _host_and_port(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

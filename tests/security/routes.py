"""Every address the product answers, as Django's resolvers know them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

HOSTS = {
    "site": "livecaller.urls",
    "widget": "livecaller.widget_host_urls",
    "files": "chats.file_urls",
    "shop": "livecaller.website.shop_urls",
    "probe": "livecaller.core.urls",
}
NETLOC = {
    "site": settings.SITE_HOST,
    "widget": settings.WIDGET_HOST,
    "files": settings.FILES_HOST,
    "shop": settings.SHOP_HOST,
    "probe": settings.SITE_HOST,
}


@dataclass(frozen=True, order=True)
class Route:
    """One address: the host's short name and the pattern as it is written in the URLconf."""

    host: str
    pattern: str


def every_route() -> set[Route]:
    """Return all routes of all hosts."""
    return {
        Route(host, pattern)
        for host, urlconf in HOSTS.items()
        for pattern in _patterns(get_resolver(urlconf).url_patterns)
    }


def _patterns(entries: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for entry in entries:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, pattern)
        else:
            yield pattern

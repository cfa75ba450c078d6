"""What is kept of a visit: where, when and with what kind of browser; never who or exactly which."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from livecaller.core.errors import InvalidError
from widget.options import one_line

URL_LENGTH, TITLE_LENGTH, HOST_LENGTH = 500, 200, 255

# In this order: every later family's name also stands in an earlier one's text.
_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the Client's site, cut down to what may be kept: no query, no fragment, no credentials."""

    url: str
    title: str
    referrer_host: str = ""


def page_from(url: str, title: str = "", referrer: str = "") -> Page:
    """Return what may be kept of a page; raises `InvalidError` when it is not on the web.

    A referrer of the same site says nothing about where the person came from, and is left out.
    """
    parts, host = urlsplit(url) if _is_splittable(url) else None, _host_of(url)
    if parts is None or not host or parts.scheme not in {"http", "https"}:
        raise InvalidError(fields={"page.url": ["Send the page's address, beginning with https://."]})
    came_from = _host_of(referrer)
    address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Page(
        url=one_line(address)[:URL_LENGTH],
        title=one_line(title)[:TITLE_LENGTH],
        referrer_host="" if came_from == host else came_from[:HOST_LENGTH],
    )


def browser_of(user_agent: str) -> str:
    """Return the family of a browser, or "" when it is none of the common ones."""
    return next((family for mark, family in _FAMILIES if mark in user_agent), "")


def device_of(user_agent: str) -> str:
    """Return "phone", "tablet" or "desktop", or "" without a user agent."""
    if "iPad" in user_agent or ("Android" in user_agent and "Mobile" not in user_agent):
        return "tablet"
    if "Mobile" in user_agent or "iPhone" in user_agent:
        return "phone"
    return "desktop" if user_agent else ""


def _host_of(url: str) -> str:
    return (urlsplit(url).hostname or "") if _is_splittable(url) else ""


def _is_splittable(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False

"""Web origins: what a Client's page is called in headers, and what may stand in a security policy."""

import re
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from livecaller.core.errors import InvalidError

ORIGINS_MOST = 20
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


def clean_origins(given: object) -> list[str]:
    """Return exact origins, normalised and without doubles; raises `InvalidError` naming the first bad one."""
    if not isinstance(given, list) or len(given) > ORIGINS_MOST:
        raise InvalidError(
            fields={
                "allowed_origins": [
                    _("Too many addresses. Remove one first. Allowed: %(most)d.") % {"most": ORIGINS_MOST}
                ]
            }
        )
    return list(dict.fromkeys(clean_origin(entry) for entry in given))


def clean_origin(given: object) -> str:
    """Return `https://host[:port]` in the form browsers send; raises `InvalidError` with what to write instead.

    `http` is accepted for this machine only: elsewhere browsers give a plain page no microphone.
    """
    text = str(given).strip()[:300]
    parts = _split(text)
    host = _ascii_host(parts.hostname) if parts else None
    if parts is None or host is None or parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
        raise _refused(_("“%(text)s” is not a web address. Write it like https://www.example.com.") % {"text": text})
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _refused(
            _("“%(text)s” has more than a host. Write %(origin)s, without the page.")
            % {"text": text, "origin": f"{parts.scheme}://{host}"}
        )
    if parts.scheme == "http" and not is_this_machine(host):
        raise _refused(
            _("“%(text)s” is not encrypted. Use https; plain http works for localhost only.") % {"text": text}
        )
    return f"{parts.scheme}://{host}{_port(parts)}"


def origin_of(url: str) -> str:
    """Return the origin of an address as a browser sends it (`Referer`), or "" when there is none."""
    parts = _split(url[:2048])
    host = _ascii_host(parts.hostname) if parts else None
    if parts is None or host is None or parts.scheme not in _DEFAULT_PORTS:
        return ""
    return f"{parts.scheme}://{host}{_port(parts)}"[:255]


def is_this_machine(host: str) -> bool:
    """Say whether a host name means the visitor's own computer, which browsers trust without https."""
    return host in {"localhost", "127.0.0.1"} or host.endswith(".localhost")


def _split(text: str) -> SplitResult | None:
    if not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        is_sound = parts.port != 0
    except ValueError:
        return None
    return parts if is_sound else None


def _ascii_host(host: str | None) -> str | None:
    try:
        written = (host or "").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return written if len(written) <= 240 and _HOST.fullmatch(written) else None


def _port(parts: SplitResult) -> str:
    return "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"


def _refused(sentence: str) -> InvalidError:
    return InvalidError(fields={"allowed_origins": [sentence]})

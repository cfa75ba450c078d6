"""Small readers of the environment that refuse nonsense with a sentence.

Every setting of LiveCaller comes through here, so a misspelt value stops the start instead of
being silently replaced by a default.
"""

import os
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SSL_MODES = ("disable", "require", "verify-ca", "verify-full")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str:
    """Return variable `name`; without `default` it must be set and not empty."""
    value = os.environ.get(name, "") or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment and start again.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable; anything but 1/0, true/false, yes/no, on/off is refused."""
    raw = os.environ.get(name, "").strip().lower()
    if not raw:
        return default
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is neither yes nor no. Use 1 or 0.")


def whole_number(name: str, *, default: int, least: int, most: int) -> int:
    """Return an integer between `least` and `most`, both included."""
    raw = os.environ.get(name, "")
    try:
        value = int(raw) if raw else default
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={value} is outside {least}–{most}.")
    return value


def origin(name: str, default: str | None = None) -> str:
    """Return a web origin such as `https://app.example.com`: no path, no trailing slash."""
    value = text(name, default)
    parts = _split(name, value)
    # Browsers send origins in lower case, and we compare them letter by letter.
    if parts.scheme not in {"http", "https"} or not parts.hostname or value != f"{parts.scheme}://{_place(parts)}":
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an origin. Write it like https://app.example.com: small letters, no path."
        )
    return value


def folder(name: str, default: Path) -> Path:
    """Return an absolute folder; whether it can be written is `doctor`'s question."""
    return Path(text(name, str(default))).expanduser().resolve()


def database(name: str, default: str | None = None) -> dict[str, object]:
    """Return Django's database settings for a `postgres://user:password@host:port/name` URL.

    `?sslmode=require` (or `verify-ca`, `verify-full`, `disable`) says how the line is protected.
    """
    parts = _split(name, text(name, default))
    is_ours = parts.scheme in {"postgres", "postgresql"} and parts.hostname and len(parts.path) > 1
    if not is_ours or parts.query not in {"", *(f"sslmode={mode}" for mode in _SSL_MODES)}:
        raise ImproperlyConfigured(
            f"{name} is not a PostgreSQL URL. Write it like postgres://user:password@host:5432/name?sslmode=require."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": str(parts.port or 5432),
        "OPTIONS": {"sslmode": parts.query.partition("=")[2]} if parts.query else {},
        # Under ASGI a kept connection belongs to a thread that may never come back for it.
        "CONN_MAX_AGE": 0,
    }


def redis(name: str, default: str | None = None) -> str:
    """Return a `redis://` or `rediss://` URL."""
    value = text(name, default)
    parts = _split(name, value)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} is not a Redis URL. Write it like redis://host:6379/0.")
    return value


def versioned_keys(name: str) -> dict[int, str]:
    """Return the keys of `<version>:<key>,<version>:<key>`, newest first; none when the variable is not set.

    Versions go from 1 to 255 and keys have at least 32 characters.
    """
    keys: dict[int, str] = {}
    for entry in filter(None, os.environ.get(name, "").split(",")):
        version, _, key = entry.strip().partition(":")
        if not version.isdecimal() or not 1 <= int(version) <= 255 or int(version) in keys or len(key) < 32:
            raise ImproperlyConfigured(
                f"{name} is not a list of keys. Write it like 2:<32 or more random characters>,1:<the key before>."
            )
        keys[int(version)] = key
    return keys


def mail(name: str, default: str | None = None) -> tuple[str, dict[str, str | int | bool]]:
    """Return Django's mail backend and its settings.

    `catch:` keeps mails in the data folder; `smtp://user:password@host:587?tls=starttls` sends them
    (`tls=on` for implicit TLS, without `tls` in the clear).
    """
    value = text(name, default)
    parts = _split(name, value)
    if parts.scheme == "catch":
        return "livecaller.embedded.mail.CatchingBackend", {}
    if parts.scheme != "smtp" or not parts.hostname or parts.query not in {"", "tls=starttls", "tls=on"}:
        raise ImproperlyConfigured(f"{name} is neither catch: nor smtp://user:password@host:port?tls=starttls.")
    return "django.core.mail.backends.smtp.EmailBackend", {
        "host": parts.hostname,
        "port": parts.port or 25,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "starttls": parts.query == "tls=starttls",
        "tls": parts.query == "tls=on",
    }


def scanner(name: str) -> tuple[str, int] | str | None:
    """Return where ClamAV listens: `(host, port)` of tcp://host:3310, the path of unix:///path, None when not set."""
    value = os.environ.get(name, "")
    parts = _split(name, value)
    is_bare = not (parts.query or parts.fragment or parts.username)
    if parts.scheme == "tcp" and parts.hostname and parts.port and not parts.path and is_bare:
        return parts.hostname, parts.port
    if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc and is_bare:
        return unquote(parts.path)
    if value:
        raise ImproperlyConfigured(f"{name} is neither tcp://host:3310 nor unix:///path/to/clamd.socket.")
    return None


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 raises for a port that is none
    except ValueError:
        # Without the value: it may hold a password.
        raise ImproperlyConfigured(f"{name} is not an address: its host or its port cannot be read.") from None
    return parts


def _place(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    # Browsers leave the usual port out.
    is_usual = parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)}
    return f"{host}" if is_usual else f"{host}:{parts.port}"

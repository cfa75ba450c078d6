"""The script on Clients' pages: the built loader, once for each widget with its look, once untouched for ever."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from livecaller.core.errors import UnavailableError
from widget.look import public_look
from widget.models import Widget
from widget.options import offered_locales, public_name_of


@dataclass(frozen=True, slots=True)
class PinnedLoader:
    """The loader under a name that holds its hash, for pages that demand `integrity`."""

    name: str
    integrity: str


def loader_of(widget: Widget) -> str:
    """Return the script of one widget; raises `UnavailableError` when the browser parts are not built."""
    return f"(function(livecallerConfig){{{_built('loader.js')}\n}})({as_script_literal(_config_of(widget))});\n"


def warning_script(sentence: str) -> str:
    """Return a script that does nothing but tell the page's developer why there is no widget."""
    return f"console.warn({as_script_literal(f'LiveCaller: {sentence}')});\n"


def pinned_loader() -> PinnedLoader:
    """Return today's pinned loader, and keep it: pages that name it must find it after every later release.

    Raises `UnavailableError` when the browser parts are not built.
    """
    record = json.loads(_built("loader.json"))
    pinned = PinnedLoader(str(record["hashed"]), str(record["integrity"]))
    if not default_storage.exists(_kept_as(pinned.name)):
        default_storage.save(_kept_as(pinned.name), ContentFile(_built(pinned.name).encode()))
    return pinned


def pinned_script(name: str) -> str | None:
    """Return a pinned loader of this or an earlier release, or None."""
    if (_dist() / name).is_file():
        return _built(name)
    if not default_storage.exists(_kept_as(name)):
        return None
    with default_storage.open(_kept_as(name)) as kept:
        return bytes(kept.read()).decode()


def as_script_literal(value: object) -> str:
    """Return `value` as a JavaScript literal that cannot end a script, a string or a line, wherever it stands."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _config_of(widget: Widget) -> dict[str, object]:
    """Return the loader's configuration (docs/realtime.md, `LoaderConfig`): what is shown before the first click."""
    shown = {
        locale: {name: text for name, text in words.items() if name in {"title", "greeting"}}
        for locale, words in widget.texts.items()
    }
    return {
        "publicKey": widget.public_key,
        "name": public_name_of(widget),
        "frameUrl": f"{settings.WIDGET_URL}/frame/{widget.public_key}",
        "look": public_look(widget.look),
        "texts": shown,
        "locales": offered_locales(widget.locales),
        "defaultLocale": widget.default_locale,
    }


def _kept_as(name: str) -> str:
    return f"loaders/{name}"


def _dist() -> Path:
    return Path(settings.BASE_DIR) / "static" / "dist"


def _built(name: str) -> str:
    path = _dist() / name
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise UnavailableError("The browser parts are not built. Run `npm run build`.") from None


@lru_cache(maxsize=8)
def _read(path: Path, _changed_at: int) -> str:
    return path.read_text(encoding="utf-8")

"""What a page may weigh: minified gzip bytes of the built files, 1 kB = 1,000 bytes.

Reads static/dist as `npm run build` leaves it. A budget that is hard to keep is a reason to load less, not to
raise it.
"""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "static" / "dist"

WIDGET = "static/src/widget/frame.tsx"
CONSOLE = "static/src/dashboard/console.tsx"
PAGES = "static/src/dashboard/pages/main.ts"
SITE = "static/src/site.ts"

# (entry, kilobytes of JavaScript, kilobytes of CSS) before anything is clicked.
BUDGETS = [(WIDGET, 40, 8), (CONSOLE, 110, 20), (PAGES, 110, 20), (SITE, 5, 15)]
LOADER = 5
LOCALES = {WIDGET: 4, CONSOLE: 6}
FIRST_OPEN = 60
FIRST_OPEN_REQUESTS = 5
FRAME_HTML = 3
# The letters of English; other scripts load theirs only when a page shows one.
FONTS = {CONSOLE: 60, PAGES: 60, SITE: 35}


class Chunk(TypedDict, total=False):
    """One entry of Vite's manifest."""

    file: str
    imports: list[str]
    dynamicImports: list[str]
    css: list[str]


@dataclass(frozen=True)
class Load:
    """The files that a page asks for at first."""

    scripts: frozenset[str]
    styles: frozenset[str]

    @property
    def script_bytes(self) -> int:
        return sum(weight(name) for name in self.scripts)

    @property
    def style_bytes(self) -> int:
        return sum(weight(name) for name in self.styles)


@cache
def manifest() -> dict[str, Chunk]:
    path = DIST / "manifest.json"
    assert path.is_file(), "static/dist is not built: run `npm ci && npm run build`"
    chunks: dict[str, Chunk] = json.loads(path.read_text())
    return chunks


@cache
def weight(name: str) -> int:
    """Return the gzip bytes of a file below static/dist."""
    return len(gzip.compress((DIST / name).read_bytes(), 9, mtime=0))


def first_load(entry: str) -> Load:
    """Return what an entry needs before it runs: itself, what it imports at once, and their styles."""
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += manifest()[key].get("imports", [])
    chunks = [manifest()[key] for key in seen]
    return Load(
        scripts=frozenset(chunk["file"] for chunk in chunks),
        styles=frozenset(name for chunk in chunks for name in chunk.get("css", [])),
    )


def locales_of(entry: str) -> list[str]:
    keys = manifest()[entry].get("dynamicImports", [])
    return [manifest()[key]["file"] for key in keys if key.startswith("locale:")]


@pytest.mark.parametrize(("entry", "script_kilobytes", "style_kilobytes"), BUDGETS)
def test_an_entry_weighs_no_more_than_its_page_may(entry: str, script_kilobytes: int, style_kilobytes: int) -> None:
    load = first_load(entry)
    assert load.styles, f"{entry} brings no styles: the manifest was read wrongly"
    assert load.script_bytes <= script_kilobytes * 1000
    assert load.style_bytes <= style_kilobytes * 1000


@pytest.mark.parametrize(("entry", "kilobytes"), LOCALES.items())
def test_a_language_is_one_small_file(entry: str, kilobytes: int) -> None:
    names = locales_of(entry)
    assert len(names) == 6, "every language but English is loaded when it is wanted"
    assert {name: weight(name) for name in names if weight(name) > kilobytes * 1000} == {}


def test_opening_the_widget_costs_five_requests_and_sixty_kilobytes() -> None:
    load = first_load(WIDGET)
    locale = max(weight(name) for name in locales_of(WIDGET))
    page_and_locale = 2
    assert page_and_locale + len(load.scripts) + len(load.styles) <= FIRST_OPEN_REQUESTS
    assert FRAME_HTML * 1000 + load.script_bytes + load.style_bytes + locale <= FIRST_OPEN * 1000


def test_the_widget_brings_no_fonts_and_nothing_from_elsewhere() -> None:
    load = first_load(WIDGET)
    for name in load.styles:
        text = (DIST / name).read_text()
        assert "@font-face" not in text
        assert re.findall(r"url\((?![\"']?#)", text) == []


@pytest.mark.parametrize(("entry", "kilobytes"), FONTS.items())
def test_the_fonts_of_a_page_in_english_stay_small(entry: str, kilobytes: int) -> None:
    styles = "".join((DIST / name).read_text() for name in first_load(entry).styles)
    latin = set(re.findall(r"figtree-latin[\w.-]*\.woff2", styles))
    assert len(latin) == 2
    # A font is compressed already: what travels is the file.
    assert sum((DIST / "assets" / name).stat().st_size for name in latin) <= kilobytes * 1000


@pytest.mark.parametrize("entry", [entry for entry, _, _ in BUDGETS])
def test_no_style_needs_a_hole_in_the_content_security_policy(entry: str) -> None:
    for name in first_load(entry).styles:
        text = (DIST / name).read_text()
        assert "data:" not in text
        assert not re.search(r"url\([\"']?(https?:)?//", text)


def test_the_loader_is_one_small_classic_script() -> None:
    text = (DIST / "loader.js").read_text()
    assert weight("loader.js") <= LOADER * 1000
    assert not re.search(r"^\s*(import|export)\b|\bimport\(", text, re.MULTILINE)


def test_the_loader_stands_under_its_hash_with_its_integrity() -> None:
    record = json.loads((DIST / "loader.json").read_text())
    loader = (DIST / record["file"]).read_bytes()
    assert (DIST / record["hashed"]).read_bytes() == loader
    digest = hashlib.sha384(loader).digest()
    assert record["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
    assert record["hashed"] == f"loader-{digest.hex()[:12]}.js"


def test_every_icon_that_templates_draw_is_in_the_sprite() -> None:
    sprite = (DIST / "icons.svg").read_text()
    drawn = {
        name
        for template in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"{% icon [\"']([\w-]+)[\"']", template.read_text())
    }
    assert drawn, "no template draws an icon: the pattern was read wrongly"
    assert {name for name in drawn if f'id="{name}"' not in sprite} == set()

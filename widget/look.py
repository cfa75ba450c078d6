"""The public look of a widget: a colour that can be read on, a place, a launcher, light or dark."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from livecaller.core.errors import InvalidError

DEFAULT_COLOR = "#0e6656"
POSITIONS = ("end", "start")
THEMES = ("auto", "light", "dark")
LAUNCHERS = ("bubble", "hidden")
# WCAG 2.2, 1.4.3 for normal text.
READABLE = 4.5
# Below this even a dark shade would not look like the colour that was picked: black text serves it better.
_WHITE_AT_LEAST = 3.0
_HEX = re.compile(r"#[0-9a-f]{6}")
# As CSS spells them.
_COLOR_SCHEMES = {"auto": "light dark", "light": "light", "dark": "dark"}
_WHITE, _BLACK = "#ffffff", "#000000"

Look = dict[str, str]


def clean_look(given: object) -> Look:
    """Return the look to store; raises `InvalidError` for anything but the four known keys and values."""
    if not isinstance(given, Mapping) or set(given) - {"color", "position", "launcher", "theme"}:
        raise InvalidError(fields={"look": ["Give a color, a position, a launcher and a theme, nothing else."]})
    color = str(given.get("color", DEFAULT_COLOR)).lower()
    if not _HEX.fullmatch(color):
        raise InvalidError(fields={"color": [_("Write the colour like #0e6656.")]})
    return {
        "color": color,
        "position": _one_of("position", given.get("position", "end"), POSITIONS),
        "launcher": _one_of("launcher", given.get("launcher", "bubble"), LAUNCHERS),
        "theme": _one_of("theme", given.get("theme", "auto"), THEMES),
    }


def public_look(stored: Mapping[str, str]) -> Look:
    """Return the look that browsers get: `color`, darkened where needed, and `onColor`, readable on it."""
    color, on_color = readable_pair(stored.get("color", DEFAULT_COLOR))
    return {
        "color": color,
        "onColor": on_color,
        "position": stored.get("position", "end"),
        "launcher": stored.get("launcher", "bubble"),
        "theme": _COLOR_SCHEMES[stored.get("theme", "auto")],
    }


def readable_pair(color: str) -> tuple[str, str]:
    """Return `(background, text)` with a contrast of at least 4.5:1, as close to `color` (#rrggbb) as it can be."""
    if contrast(color, _WHITE) < _WHITE_AT_LEAST:
        return color, _BLACK
    while contrast(color, _WHITE) < READABLE:
        color = _darker(color)
    return color, _WHITE


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #rrggbb colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise InvalidError(fields={name: [f"Choose one of: {', '.join(choices)}."]})
    return str(value)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _darker(color: str) -> str:
    # At least one step a channel, so that the search ends.
    return "#" + "".join(f"{max(0, min(channel - 1, channel * 97 // 100)):02x}" for channel in _channels(color))

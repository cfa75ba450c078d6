"""The components of static/src/ui as server-rendered pages write them: `{% load ui %}`."""

import unicodedata

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_ICON = (
    '<svg class="icon {}" width="18" height="18" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
)
_TONES = ("accent", "blue", "amber", "red", "violet")


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon of static/src/icons.json; it is decoration, so write its meaning beside it."""
    return format_html(_ICON, classes, static("dist/icons.svg"), name)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, hint: str = "") -> dict[str, object]:
    """Write a form's field with label, hint and error; a tick box has its label behind it."""
    is_check = isinstance(bound.field.widget, forms.CheckboxInput)
    attributes: dict[str, str | bool] = {} if is_check else {"class": "input"}
    if isinstance(bound.field.widget, forms.TextInput | forms.Textarea) and "dir" not in bound.field.widget.attrs:
        attributes["dir"] = "auto"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "is_check": is_check,
        "hint": hint or bound.help_text,
    }


@register.inclusion_tag("components/avatar.html")
def avatar(name: str, seed: object = "", size: str = "", status: str = "") -> dict[str, object]:
    """Draw a person: initials in the colour of `seed`, the same as in the console; `size` small or large."""
    tone = tone_of(str(seed)) if seed else "accent"
    return {"initials": initials_of(name), "tone": tone, "size": size, "status": status}


def initials_of(name: str) -> str:
    """Return one or two letters as people abbreviate the name; Georgian letters stay small, as they are written."""
    words = [word for word in name.split() if word[0].isalpha()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(_capital(word[0]) for word in chosen)


def tone_of(seed: str) -> str:
    """Return the same colour as `toneOf` of the browser's Avatar."""
    total = 0
    for letter in seed:
        total = (total * 31 + ord(letter)) % 2**32
    return _TONES[total % len(_TONES)]


def _capital(letter: str) -> str:
    return letter if unicodedata.name(letter, "").startswith("GEORGIAN") else letter.upper()

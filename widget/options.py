"""What an organization may set on a widget, field by field: the only way into these columns."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any  # each column has its own type
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from livecaller.core.errors import InvalidError
from livecaller.core.forms import TURNING
from widget.look import clean_look
from widget.models import Widget
from widget.origins import clean_origins, is_this_machine

NAME_LENGTH = 80
NOTICE_URL_LENGTH = 200
# Texts of the organization, with their greatest length.
TEXTS = {"title": 60, "greeting": 160, "intro": 400, "offline": 400}
FORM_FIELDS = ("name", "email", "phone", "topic")
FORM_CHOICES = ("required", "optional", "hidden")
DEFAULT_FORM = {"name": "optional", "email": "optional", "phone": "hidden", "topic": "hidden"}
LOCALES = tuple(code for code, _ in settings.LANGUAGES)


def cleaned(changes: Mapping[str, object]) -> dict[str, Any]:
    """Return the column values for `changes`; raises one `InvalidError` naming every field that is wrong."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, given in changes.items():
        try:
            values[name] = CLEANERS.get(name, _unknown(name))(given)
        except InvalidError as refusal:
            errors.update({field: list(lines) for field, lines in (refusal.fields or {}).items()})
    if errors:
        raise InvalidError(fields=errors)
    return values


def one_line(text: str) -> str:
    """Return `text` without control characters and with single spaces: what may stand in a list or a header.

    It also stands inside of sentences ("Ana is typing"), so what turns the reading direction is left out.
    """
    return " ".join("".join(letter for letter in text if letter.isspace() or not _is_control(letter)).split())


def _is_control(letter: str) -> bool:
    return letter in TURNING or unicodedata.category(letter) in {"Cc", "Cs"}


def locale_of(given: str, *, default: str) -> str:
    """Return the product's language for a browser's tag such as `en-GB`, or `default`."""
    language = given.strip().lower().replace("_", "-").split("-", 1)[0]
    return language if language in LOCALES else default


def offered_locales(stored: object) -> list[str]:
    """Return the languages a widget offers: those chosen, or all."""
    chosen = [code for code in LOCALES if isinstance(stored, list) and code in stored]
    return chosen or list(LOCALES)


def public_name_of(widget: Widget) -> str:
    """Return who answers, as visitors read it: the title in the default language, or the organization's name."""
    return str(widget.texts.get(widget.default_locale, {}).get("title") or widget.organization.name)


def form_of(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the pre-chat form with every field named."""
    return {field: stored.get(field, DEFAULT_FORM[field]) for field in FORM_FIELDS}


def _name(given: object) -> str:
    name = one_line(str(given))
    if not 0 < len(name) <= NAME_LENGTH:
        raise InvalidError(
            fields={"name": [_("Give the widget a name. Characters allowed: %(most)d.") % {"most": NAME_LENGTH}]}
        )
    return name


def _texts(given: object) -> dict[str, dict[str, str]]:
    if not isinstance(given, Mapping) or set(given) - set(LOCALES):
        raise InvalidError(fields={"texts": [f"Give texts by language: {', '.join(LOCALES)}."]})
    return {str(locale): _texts_of(texts) for locale, texts in given.items()}


def _texts_of(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping) or set(given) - set(TEXTS):
        raise InvalidError(fields={"texts": [f"The texts of a language are: {', '.join(TEXTS)}."]})
    texts = {str(name): one_line(str(text)) for name, text in given.items()}
    for name, text in texts.items():
        if len(text) > TEXTS[name]:
            raise InvalidError(
                fields={name: [_("This is too long. Characters allowed: %(most)d.") % {"most": TEXTS[name]}]}
            )
    return {name: text for name, text in texts.items() if text}


def _form(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping) or set(given) - set(FORM_FIELDS):
        raise InvalidError(fields={"form": [f"The form's fields are: {', '.join(FORM_FIELDS)}."]})
    for field, choice in given.items():
        if choice not in FORM_CHOICES:
            raise InvalidError(fields={field: [f"Choose one of: {', '.join(FORM_CHOICES)}."]})
    return {str(field): str(choice) for field, choice in given.items()}


def _notice_url(given: object) -> str:
    address = str(given).strip()
    if not address:
        return ""
    if not _is_safe_url(address) or len(address) > NOTICE_URL_LENGTH:
        raise InvalidError(
            fields={"notice_url": [_("Write the address of your privacy notice, beginning with https://.")]}
        )
    return address


def _is_safe_url(address: str) -> bool:
    """Say whether it is https, or http of this machine, as for the sites that may show the widget."""
    try:
        URLValidator(schemes=["https", "http"])(address)
        parts = urlsplit(address)
    except (ValidationError, ValueError):
        return False
    return parts.scheme == "https" or is_this_machine(parts.hostname or "")


def _locales(given: object) -> list[str]:
    if not isinstance(given, list) or set(map(str, given)) - set(LOCALES):
        raise InvalidError(fields={"locales": [f"Choose among: {', '.join(LOCALES)}."]})
    return [code for code in LOCALES if code in given]


def _default_locale(given: object) -> str:
    if given not in LOCALES:
        raise InvalidError(fields={"default_locale": [f"Choose one of: {', '.join(LOCALES)}."]})
    return str(given)


def _switch(field: str) -> Callable[[object], bool]:
    def clean(given: object) -> bool:
        if not isinstance(given, bool):
            raise InvalidError(fields={field: ["Say yes or no."]})
        return given

    return clean


def _unknown(field: str) -> Callable[[object], object]:
    def refuse(_: object) -> object:
        raise InvalidError(fields={field: ["This field is not known."]})

    return refuse


CLEANERS: dict[str, Callable[[object], object]] = {
    "name": _name,
    "allowed_origins": clean_origins,
    "look": clean_look,
    "texts": _texts,
    "form": _form,
    "notice_url": _notice_url,
    "locales": _locales,
    "default_locale": _default_locale,
    "requires_identity": _switch("requires_identity"),
    "is_active": _switch("is_active"),
}

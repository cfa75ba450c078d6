"""Every text that the server says, as found in code and templates, and the catalogues that translate it.

`python -m tests.website.texts` brings the catalogues up to date: new texts come in empty, gone ones go out.
"""

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = {"accounts", "billing", "calls", "chats", "livecaller", "privacy", "widget"}
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}
# Plural rules of each language, as browsers know them too.
_TWO = "nplurals=2; plural=(n != 1);"
PLURALS = {
    "en": _TWO,
    "ka": _TWO,
    "de": _TWO,
    "fr": "nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    "es": "nplurals=3; plural=n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
    "he": "nplurals=3; plural=(n == 1) ? 0 : (n == 2) ? 1 : 2;",
}

Text = str | tuple[str, str]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|</?\w+[^>]*>")


def texts() -> list[Text]:
    """Return every text of the product once: one form, or singular and plural."""
    found: dict[Text, None] = {}
    for path in _sources():
        for _, message, _, _ in extract("python", io.BytesIO(_as_python(path).encode()), keywords=KEYWORDS):
            singular, *plural = [message] if isinstance(message, str) else message
            found[(singular, plural[0]) if plural else singular] = None
    return list(found)


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it lies in `locale/`."""
    with _path(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def forms_of(message: Message) -> list[str]:
    """Return the translation's forms: one, or as many as the language has plurals."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def placeholders_of(text: str) -> list[str]:
    """Return what of a text must survive its translation: names to fill in, and tags."""
    return sorted(_PLACEHOLDER.findall(text))


def write(language: str, known: dict[Text, str | tuple[str, ...]]) -> None:
    """Write a catalogue with all texts of the product, translated where `known` has them."""
    catalog = Catalog(locale=language, domain="django")
    # Babel has rules of its own, with fewer forms than browsers count.
    catalog.mime_headers = [("Plural-Forms", PLURALS[language])]
    count = int(PLURALS[language][len("nplurals=")])
    for text in texts():
        empty: str | tuple[str, ...] = "" if isinstance(text, str) else ("",) * count
        catalog.add(text, known.get(text, text if language == "en" else empty))
    _path(language).parent.mkdir(parents=True, exist_ok=True)
    body = io.BytesIO()
    write_po(body, catalog, width=116, omit_header=True)
    head = (
        f'# LiveCaller: texts of the server.\nmsgid ""\nmsgstr ""\n"Language: {language}\\n"\n'
        f'"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {PLURALS[language]}\\n"\n\n'
    )
    _path(language).write_text(head + body.getvalue().decode().strip() + "\n")


def _path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _sources() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in sorted(listed.stdout.split()):
        path, top = ROOT / name, name.split("/")[0]
        is_code = top in APPS and path.suffix == ".py"
        is_template = top == "templates" and path.suffix in {".html", ".txt"}
        if path.exists() and (is_code or is_template):
            yield path


def _as_python(path: Path) -> str:
    source = path.read_text()
    if path.suffix == ".py":
        return source
    # Django turns a template into calls of gettext; indentation would be read as blocks.
    return "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())


if __name__ == "__main__":
    from django.conf import settings

    settings.configure(USE_I18N=True)
    for code in PLURALS:
        write(code, {message.id: message.string for message in catalogue(code) if message.id})  # type: ignore[misc]

"""Every text of the server in every language: none missing, none left over, nothing lost on the way."""

import gettext
import html
import io
import re

import pytest
from babel.messages.mofile import write_mo
from django.conf import settings

from tests.accounts.conftest import browser
from tests.website.texts import PLURALS, ROOT, Text, catalogue, forms_of, placeholders_of, texts

LANGUAGES = [code for code, _ in settings.LANGUAGES]
# Numbers up to here meet each plural form of each language, the "many" of millions aside.
COUNTED = (*range(120), 1_000_000)


def test_each_offered_language_has_a_catalogue() -> None:
    assert set(LANGUAGES) == set(PLURALS)
    assert len(texts()) > 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_exactly_the_texts_of_the_product(language: str) -> None:
    has: set[Text] = {message.id for message in catalogue(language) if message.id}  # type: ignore[misc]
    wants = set(texts())
    assert (wants - has, has - wants) == (set(), set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty_or_unsure(language: str) -> None:
    translated = [message for message in catalogue(language) if message.id]
    assert [message.id for message in translated if not all(forms_of(message)) or message.fuzzy] == []
    if language != "en":
        same = [message.id for message in translated if message.string == message.id]
        # Words such as "Team" and "Widget" are the same in some languages; sentences are not.
        assert len(same) < 20
        assert [text for text in same if str(text).count(" ") > 2] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_to_fill_in_and_tags_survive(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[1]
        for form in forms_of(message):
            assert placeholders_of(form) == placeholders_of(source), (source, form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_counted_texts_have_every_form(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    words = gettext.GNUTranslations(compiled)
    plurals = int(PLURALS[language][len("nplurals=")])
    counted = [message for message in catalogue(language) if isinstance(message.id, tuple)]
    assert counted
    for message in counted:
        assert len(forms_of(message)) == plurals
        said = {words.ngettext(message.id[0], message.id[1], number) for number in COUNTED}
        assert said == set(forms_of(message))


# Names, and what is the same in every language.
PROPER = {
    "LiveCaller",
    "Meridian Furniture",
    "Nino",
    "Nino Kapanadze",
    "Oak-samples.pdf",
    "UTC",
    "kB",
    "meridian-furniture.example",
}
_SPOKEN = re.compile(
    # Blocks that fill an attribute, and all that is markup.
    r"{% block (?:body_class|settings_current|\w+_tab) %}.*?{% endblock %}"
    r"|{% blocktranslate.*?endblocktranslate %}|{%.*?%}|{{.*?}}|{#.*?#}"
    r"|<(style|script)\b.*?</\1>|<[^>]*>|&\w+;",
    re.DOTALL,
)


def test_templates_say_nothing_untranslated() -> None:
    unspoken = {}
    for path in sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates" / "email").glob("*.txt")):
        # The shop is a stranger's site; the frame has the widget's own catalogues.
        if path.relative_to(ROOT / "templates").parts[0] in {"shop", "widget"}:
            continue
        words = re.findall(r"[^\W\d_][\w.-]+(?: [^\W\d_][\w.-]+)*", _SPOKEN.sub("\n", path.read_text()))
        left = [word for word in words if word not in PROPER]
        if left:
            unspoken[path.name] = left
    assert unspoken == {}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_page_says_what_the_catalogue_says(db: None, language: str) -> None:
    said = {message.id: str(message.string) for message in catalogue(language)}
    page = html.unescape(browser(language=language).get("/accounts/login/").content.decode())
    for text in ("Welcome back", "Password", "Forgot your password?", "Create an account", "Privacy notice"):
        assert said[text] in page
        assert text not in page

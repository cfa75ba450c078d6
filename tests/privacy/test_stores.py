"""What lies outside the tables is in the map too: keys, cookies, files, mails, logs, browser storage.

Valkey is looked through after every test that uses it (tests/conftest.py), so each of them is a witness here.
"""

import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from livecaller.celery import app
from livecaller.core.personal_data.terms import StoreKind
from livecaller.core.valkey import client
from tests.architecture.source import ROOT, files, sources
from tests.cast import PASSWORD, Cast
from tests.privacy.stores import unknown_keys, unknown_to_the_map


def test_a_key_that_nobody_described_is_seen(valkey: None) -> None:
    client().set("planted:somebody", 1)
    assert unknown_keys() == ["planted:somebody"]
    client().delete("planted:somebody")

    client().set("ticket:x", 1)
    assert unknown_keys() == []


def cookies_of(browser: Client) -> set[str]:
    """Return the names of the cookies that a browser has been given."""
    return {name for name, cookie in browser.cookies.items() if cookie.value}


@pytest.fixture
def owner(cast: Cast) -> Client:
    """A browser in which the owner has signed in by the form."""
    user = cast.a.owner_user
    user.set_password(PASSWORD)
    user.save()
    browser = Client(HTTP_HOST=settings.SITE_HOST)
    browser.get("/accounts/login/")
    signed_in = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert signed_in.status_code == 302
    return browser


def test_the_cookies_of_the_site_are_in_the_map(owner: Client) -> None:
    invited = owner.post("/team/invite/", {"email": "new@meridian.example", "role": "operator"}, follow=True)
    owner.post("/preferences/", {"theme": "dark", "language": "de"})

    assert invited.status_code == 200
    assert b"new@meridian.example" in invited.content
    names = {"session", "csrf", "theme", "language"}
    assert {f"__Host-lc-{name}" for name in names} == cookies_of(owner)
    assert unknown_to_the_map(StoreKind.COOKIE, cookies_of(owner)) == []


def test_the_cookies_of_the_widget_are_in_the_map(cast: Cast) -> None:
    browser = Client(HTTP_HOST=settings.WIDGET_HOST, HTTP_ORIGIN=settings.WIDGET_URL)
    address = f"/api/v1/widget/{cast.a.widget.public_key}/session"
    opened = browser.post(address, {"jwt": None, "locale": "en", "page": None}, content_type="application/json")

    assert opened.status_code == 200, opened.content
    (name,) = cookies_of(browser)
    assert unknown_to_the_map(StoreKind.COOKIE, [name]) == []


def test_a_cookie_that_nobody_described_is_seen() -> None:
    assert unknown_to_the_map(StoreKind.COOKIE, ["_ga", "__Host-lc-session"]) == ["_ga"]


def test_every_cookie_the_code_names_is_in_the_map() -> None:
    named = {text for source in sources() if source.is_product for _, text in source.strings() if "__Host-" in text}
    names = {text for text in named if text.startswith("__Host-") and " " not in text}

    assert len(names) >= 5
    assert unknown_to_the_map(StoreKind.COOKIE, names) == []


def test_the_log_goes_where_the_map_says() -> None:
    """That nobody else writes is for tests/core/test_logs.py to say."""
    (console,) = (handler for handler in logging.getLogger().handlers if handler.get_name())

    assert unknown_to_the_map(StoreKind.LOG, [str(console.get_name())]) == []
    assert unknown_to_the_map(StoreKind.LOG, ["syslog"]) == ["syslog"]


def test_every_mail_is_of_an_app_in_the_map() -> None:
    app.loader.import_default_modules()
    mails = {name.split(".")[0] for name in app.tasks if ".mail." in name}

    assert "accounts" in mails
    assert unknown_to_the_map(StoreKind.MAIL, mails) == []


def test_every_folder_of_the_data_folder_is_in_the_map() -> None:
    """The names below the data folder, as the code writes them."""
    below = re.compile(r"(?:DATA_DIR|\bdata)\)? / \"([a-z]+)\"")
    named = {name for source in sources() if source.is_product for name in below.findall(source.text)}
    folders = named - {"lock"}

    assert {"files", "mail", "postgres", "valkey"} <= folders
    assert unknown_to_the_map(StoreKind.FOLDER, [f"{name}/x" for name in folders]) == []


# Texts that begin like a name in storage and are none.
_NOT_STORED = {"livecaller-widget": "the element of the widget on a page", "livecaller.console.ringer": "a lock's name"}
_NAME = re.compile(r"['`\"](livecaller[:.\-][^'`\"\s]*)['`\"]")


def test_every_name_in_browser_storage_is_in_the_map() -> None:
    texts = [
        Path(ROOT / path).read_text(encoding="utf-8") for path in files(".ts", ".tsx") if path.startswith("static/src")
    ]
    names = {re.sub(r"\$\{[^}]*\}", "x", name) for text in texts for name in _NAME.findall(text)} - set(_NOT_STORED)

    assert len(names) >= 4
    assert unknown_to_the_map(StoreKind.BROWSER, names) == []

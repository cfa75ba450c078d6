"""What anybody may read: quiet, strict, in order, in seven languages."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests.accounts.conftest import browser
from tests.cast import PASSWORD, Cast
from tests.website.page import Page

PUBLIC = ("/", "/privacy/", "/terms/")
ENTRANCES = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/forged/",
    "/nowhere",
)
PRIVATE = ("/team/", "/profile/", "/settings/", "/audit/", "/accounts/password/change/", "/organizations/new/")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "form-action": "'self'",
}


def check(page: Page) -> None:
    """Fail on what a strict policy refuses, on foreign addresses, and on headings out of order."""
    assert page.inline == []
    assert page.skipped_headings() == []
    assert page.headings.count(1) == 1
    assert "main" in page.tags
    assert page.addresses[0] or page.html
    foreign = [
        url for url in page.addresses if "//" in url and not url.startswith((settings.SITE_URL, settings.SHOP_URL))
    ]
    assert foreign == []
    assert 'href="#main"' in page.html
    assert "htmx" not in page.html


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_stores_nothing(db: None, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code == 200
    assert answer.cookies == {}
    check(Page(answer.content.decode()))


@pytest.mark.parametrize("path", ENTRANCES)
def test_an_entrance_is_strict(db: None, path: str) -> None:
    answer = browser().get(path)
    check(Page(answer.content.decode()))
    assert "noindex" in answer.content.decode()


@pytest.mark.parametrize("path", PRIVATE)
def test_a_members_page_is_strict(cast: Cast, path: str) -> None:
    cast.a.owner_user.set_password(PASSWORD)
    cast.a.owner_user.save()
    answer = cast.a.owner_client().get(path)
    assert answer.status_code == 200
    check(Page(answer.content.decode()))


@pytest.mark.parametrize("path", [*PUBLIC, "/accounts/login/", "/nowhere", "/team/"])
def test_every_page_carries_the_headers(db: None, path: str) -> None:
    answer = browser().get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert {name: policy[name] for name in POLICY} == POLICY
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/", "/accounts/signup/"])
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_a_page_speaks_the_browsers_language(db: None, path: str, language: str) -> None:
    page = Page(browser(language=language).get(path).content.decode())
    assert (page.attributes["lang"], page.attributes["dir"]) == (language, "rtl" if language in {"ar", "he"} else "ltr")


def test_a_member_is_led_to_the_inbox(cast: Cast) -> None:
    assert "/accounts/signup/" not in cast.a.operator_client().get("/").content.decode()
    assert "/accounts/signup/" in browser().get("/").content.decode()


def test_crawlers_are_told_what_is_public(db: None) -> None:
    answer = browser().get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert "Disallow: /accounts/" in answer.content.decode()
    assert "Allow: /" in answer.content.decode()


def test_the_icon_is_there() -> None:
    assert finders.find("img/favicon.svg")


def test_pages_are_read_not_written(db: None) -> None:
    for path in PUBLIC:
        assert browser().post(path).status_code in {403, 405}


@pytest.mark.parametrize(
    ("sent", "cookie", "value"),
    [
        ({"language": "ka"}, settings.LANGUAGE_COOKIE_NAME, "ka"),
        ({"theme": "dark"}, "__Host-lc-theme", "dark"),
        ({"theme": "light"}, "__Host-lc-theme", "light"),
    ],
)
def test_a_choice_is_kept_in_this_browser(db: None, sent: dict[str, str], cookie: str, value: str) -> None:
    client = browser()
    answer = client.post("/preferences/", {**sent, "next": "/terms/"}, HTTP_ORIGIN=settings.SITE_URL)
    assert answer["Location"] == "/terms/"
    assert client.cookies[cookie].value == value
    assert client.cookies[cookie]["secure"]
    assert client.cookies[cookie]["samesite"] == "Lax"
    page = Page(client.get("/").content.decode())
    assert value in {page.attributes.get("lang"), page.attributes.get("data-theme")}


def test_a_theme_follows_the_system_again(db: None) -> None:
    client = browser()
    client.post("/preferences/", {"theme": "dark"})
    client.post("/preferences/", {"theme": "system"})
    assert client.cookies["__Host-lc-theme"].value == ""
    assert "data-theme" not in Page(client.get("/").content.decode()).attributes


@pytest.mark.parametrize("sent", [{"language": "xx"}, {"language": "../de"}, {"theme": "red"}, {}])
def test_nonsense_chooses_nothing(db: None, sent: dict[str, str]) -> None:
    answer = browser().post("/preferences/", sent)
    assert answer.cookies == {}


def test_another_site_chooses_nothing(db: None) -> None:
    answer = browser().post("/preferences/", {"language": "de"}, HTTP_ORIGIN="https://evil.example")
    assert answer.status_code == 403
    assert answer.cookies == {}


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_choice_leads_nowhere_else(db: None, target: str) -> None:
    assert browser().post("/preferences/", {"language": "de", "next": target})["Location"] == "/"


def test_a_members_language_is_kept_in_the_account(cast: Cast) -> None:
    client = cast.a.operator_client()
    client.post("/preferences/", {"language": "he"})
    cast.a.operator_user.refresh_from_db()
    cast.b.operator_user.refresh_from_db()
    assert (cast.a.operator_user.locale, cast.b.operator_user.locale) == ("he", "en")
    assert client.get("/api/v1/me").json()["locale"] == "he"


def test_the_other_hosts_show_none_of_it(db: None) -> None:
    for host in (settings.WIDGET_HOST, settings.FILES_HOST, settings.SHOP_HOST):
        for path in ("/accounts/login/", "/team/", "/inbox/", "/preferences/"):
            assert Client(HTTP_HOST=host).get(path).status_code == 404

"""Every page that the server draws: under axe, without a word on the console, and in 320 pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.http import HttpResponse
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, StorageState, ViewportSize

from tests.e2e.accessibility import offences
from tests.e2e.newcomer import fill_in
from tests.e2e.pages import FOR_MEMBERS, FOR_STRANGERS, IN_THE_SHOP, NO_PAGE, every_page, fault_pages, route_of
from tests.e2e.people import Operator
from tests.e2e.product import Product, link_in
from tests.security.routes import every_route

WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])
REFUSING_STRANGERS = (
    ("/accounts/signup/", "form.stack button"),
    ("/accounts/login/", "form.stack button"),
    ("/accounts/password/reset/", "form.stack button"),
)
REFUSING_MEMBERS = (
    ("/widgets/new/", "form.stack button"),
    ("/team/", "form.invite button"),
    ("/accounts/password/change/", "form.stack button"),
)


@pytest.fixture(scope="module")
def member(product: Product, chromium: Browser) -> StorageState:
    """A profile in which the demonstration's owner is signed in."""
    demo = product.demo()
    context = chromium.new_context(locale="en-GB")
    Operator(context.new_page(), product).sign_in(demo["email"], demo["password"])
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def links(product: Product, chromium: Browser, member: StorageState) -> dict[str, str]:
    """Paths that exist only after somebody did something: a widget's, and those that came by mail."""
    context = chromium.new_context(locale="en-GB", storage_state=member)
    page = context.new_page()
    page.goto(f"{product.site}/widgets/")
    widget = page.locator(".person-name a").first.get_attribute("href")
    invited = f"invited-{uuid4().hex[:8]}@partner.example"
    page.goto(f"{product.site}/team/")
    page.get_by_label("E-mail").fill(invited)
    page.get_by_role("button", name="Invite", exact=True).click()
    invitation = product.mail_to(invited, containing="/invitations/")
    context.close()
    stranger = chromium.new_context(locale="en-GB")
    page, newcomer = stranger.new_page(), f"page-{uuid4().hex[:8]}@partner.example"
    page.goto(f"{product.site}/accounts/signup/")
    fill_in(page, name="Keti Lomidze", address=newcomer)
    confirmation = product.mail_to(newcomer, containing="/confirm-email/")
    page.goto(f"{product.site}/accounts/password/reset/")
    page.get_by_label("E-mail").fill(newcomer)
    page.locator("form.stack button").click()
    new_password = product.mail_to(newcomer, containing="/password/reset/key/")
    stranger.close()
    mails = {"invitation": invitation, "confirmation": confirmation, "new_password": new_password}
    return {"widget": str(widget)} | {name: urlsplit(link_in(text)).path for name, text in mails.items()}


@contextmanager
def visit(chromium: Browser, state: StorageState | None, language: str) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in a browser that speaks `language`; yields it and what its console complains of."""
    context = chromium.new_context(storage_state=state, locale=language, reduced_motion="reduce")
    # A language that was chosen once wins over the browser's.
    context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    page = context.new_page()
    complaints: list[str] = []

    def note(line: ConsoleMessage) -> None:
        # The browser says itself when a page is answered with 404 or 422; of its scripts and pictures we want to know.
        is_own_status = "the server responded with a status of" in line.text and line.location["url"] == page.url
        if line.type in ("error", "warning") and not is_own_status:
            complaints.append(f"{page.url}: {line.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield page, complaints
    context.close()


def look_at(page: Page, address: str) -> list[str]:
    """Open an address and return what is wrong with it: light, dark, and where there is little room."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    page.goto(address)
    found = {f"light {offence}" for offence in offences(page)}
    page.emulate_media(color_scheme="dark")
    found |= {f"dark {offence}" for offence in offences(page)}
    page.set_viewport_size(NARROW)
    found |= {f"narrow {offence}" for offence in offences(page)}
    width = page.evaluate("document.documentElement.scrollWidth")
    return sorted(found) + ([f"{width} pixels wide"] if width > NARROW["width"] else [])


def look_at_all(page: Page, product: Product, host: str, paths: list[str]) -> dict[str, list[str]]:
    """Look at each path of a host; returns what is wrong by path, also that another page stands there."""
    origin, found = getattr(product, host), {}
    for path in paths:
        wrong = look_at(page, origin + path)
        if route_of(host, urlsplit(page.url).path) != route_of(host, path):
            wrong.append(f"led to {page.url}")
        if wrong:
            found[path] = wrong
    return found


def test_every_page_is_in_the_list(links: dict[str, str]) -> None:
    seen = {route_of("site", path.format(**links)) for path in FOR_STRANGERS + FOR_MEMBERS}
    seen |= {route_of("shop", path) for path in IN_THE_SHOP}
    assert every_page() - seen == set(), "Say in pages.py where these pages are seen, or why they are none."
    assert set(NO_PAGE) - every_route() == set(), "These addresses are gone: take them out of pages.py."


@LANGUAGES
def test_pages_for_strangers(product: Product, chromium: Browser, links: dict[str, str], language: str) -> None:
    with visit(chromium, None, language) as (page, complaints):
        found = look_at_all(page, product, "site", [path.format(**links) for path in FOR_STRANGERS])
        assert page.locator("html").get_attribute("lang") == language
    assert found == {}
    assert complaints == []


@LANGUAGES
def test_pages_for_members(
    product: Product, chromium: Browser, member: StorageState, links: dict[str, str], language: str
) -> None:
    with visit(chromium, member, language) as (page, complaints):
        found = look_at_all(page, product, "site", [path.format(**links) for path in FOR_MEMBERS])
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert found == {}
    assert complaints == []


def test_pages_of_the_shop(product: Product, chromium: Browser) -> None:
    with visit(chromium, None, "en") as (page, complaints):
        assert look_at_all(page, product, "shop", list(IN_THE_SHOP)) == {}
    assert complaints == []


@LANGUAGES
def test_pages_of_faults(product: Product, chromium: Browser, language: str) -> None:
    """What cannot be caused at will stands at an address of the running site, under its policy."""
    answers = fault_pages(language)
    with visit(chromium, None, language) as (page, complaints):
        policy = page.request.get(product.site).headers["content-security-policy"]

        def answer(route: Route) -> None:
            fulfil(route, answers[urlsplit(route.request.url).path.strip("/")], policy)

        page.route(lambda address: urlsplit(address).path.strip("/") in answers, answer)
        found = {code: look_at(page, f"{product.site}/{code}/") for code in answers}
        assert page.locator("html").get_attribute("lang") == language
    assert found == {code: [] for code in answers}
    assert complaints == []


def fulfil(route: Route, response: HttpResponse, policy: str) -> None:
    """Answer a browser's request with a response that Django has made in this process."""
    headers = {"Content-Type": response["Content-Type"], "Content-Security-Policy": policy}
    route.fulfill(status=response.status_code, headers=headers, body=response.content)


@LANGUAGES
def test_forms_that_refuse(product: Product, chromium: Browser, member: StorageState, language: str) -> None:
    """Sent empty, a form says what is missing: readable, too, and named to those who cannot see it."""
    found = {}
    for state, forms in ((None, REFUSING_STRANGERS), (member, REFUSING_MEMBERS)):
        with visit(chromium, state, language) as (page, complaints):
            for path, button in forms:
                page.goto(product.site + path)
                page.locator(button).last.click()
                page.locator("[aria-invalid=true]").first.wait_for()
                found[path] = offences(page)
        assert complaints == []
    assert found == {path: [] for path in found}


def test_planted_faults_are_found(product: Product, chromium: Browser) -> None:
    with visit(chromium, None, "en") as (page, complaints):
        page.route(
            f"{product.site}/terms/",
            lambda route: route.fulfill(
                headers={"Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'"},
                body="<!doctype html><html lang=en><title>Planted</title><main><h1>Planted</h1>"
                "<button style='width: 30rem'></button><img alt='' src=/gone.png><a href=/>"
                f"{'long' * 40}</a>",
            ),
        )
        [wrong] = look_at_all(page, product, "site", ["/terms/"]).values()
    assert [line.partition(":")[0] for line in wrong[:-1]] == [
        "dark button-name",
        "light button-name",
        "narrow button-name",
    ]
    assert wrong[-1].endswith(" pixels wide")
    assert any("Content Security Policy" in line for line in complaints)

"""Every page that the server draws: under axe, without a word on the console, and in 320 pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any  # Playwright's storage state
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.e2e.accessibility import offences
from tests.e2e.people import Operator
from tests.e2e.product import Product

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
PUBLIC = (
    "/",
    "/privacy/",
    "/terms/",
    "/accounts/signup/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/forged/",
    f"/invitations/{uuid4()}/forged/",
    "/mail/",
)
PRIVATE = (
    "/team/",
    "/widgets/",
    "/widgets/new/",
    "/profile/",
    "/settings/",
    "/audit/",
    "/organizations/new/",
    "/accounts/password/change/",
    "/accounts/logout/",
    f"/widgets/{uuid4()}/",
)
OF_A_WIDGET = ("", "install/")
# Where much stands, and something on both sides of it.
MAIN = ("/", "/accounts/signup/", "/team/", "/widgets/", "/audit/", "/profile/")
REFUSED = (
    ("/accounts/signup/", "form.stack button"),
    ("/accounts/login/", "form.stack button"),
    ("/widgets/new/", "form.stack button"),
    ("/team/", "form.invite button"),
)


@pytest.fixture(scope="module")
def member(product: Product, chromium: Browser) -> Any:
    """A profile in which the demonstration's owner is signed in; the team waits for somebody invited."""
    demo = product.demo()
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    Operator(page, product).sign_in(demo["email"], demo["password"])
    page.goto(f"{product.site}/team/")
    page.get_by_label("E-mail").fill(f"invited-{uuid4().hex[:8]}@partner.example")
    page.get_by_role("button", name="Invite", exact=True).click()
    page.goto(f"{product.site}/widgets/")
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def visit(chromium: Browser, state: Any, scheme: str, locale: str) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in a browser that looks `scheme` and speaks `locale`; yields it and its console's complaints."""
    context = chromium.new_context(storage_state=state, locale=locale, color_scheme=scheme, reduced_motion="reduce")
    # A language that was chosen once wins over the browser's.
    context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)
    page = context.new_page()
    complaints: list[str] = []

    def note(line: ConsoleMessage) -> None:
        # The browser itself says so when a page is answered with 404 or 422, as some of these are.
        if line.type in ("error", "warning") and "the server responded with a status of 4" not in line.text:
            complaints.append(line.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    context.close()


def look_at(page: Page, address: str) -> list[str]:
    """Return what is wrong with a page when it is wide and when it is narrow."""
    page.set_viewport_size(WIDE)
    page.goto(address)
    found = offences(page)
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    return [*found, *([f"{width} pixels wide"] if width > NARROW["width"] else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(product: Product, chromium: Browser, member: Any, scheme: str) -> None:
    with visit(chromium, member, scheme, "en") as (page, complaints):
        page.goto(f"{product.site}/widgets/")
        widget = page.locator(".person-name a").first.get_attribute("href")
        paths = (*PRIVATE, *(f"{widget}{part}" for part in OF_A_WIDGET))
        found = {path: look_at(page, product.site + path) for path in paths}
    with visit(chromium, None, scheme, "en") as (page, more):
        found |= {path: look_at(page, product.site + path) for path in PUBLIC}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert complaints + more == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_main_pages_from_right_to_left(product: Product, chromium: Browser, member: Any, scheme: str) -> None:
    with visit(chromium, member, scheme, "ar") as (page, complaints):
        found = {path: look_at(page, product.site + path) for path in MAIN}
        assert page.locator("html").get_attribute("dir") == "rtl"
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert complaints == []


def test_forms_that_refuse(product: Product, chromium: Browser, member: Any) -> None:
    """Sent empty, a form says what is missing: readable, too, and named to those who cannot see it."""
    found = {}
    for path, button in REFUSED:
        state = None if path.startswith("/accounts/") else member
        with visit(chromium, state, "light", "en") as (page, complaints):
            page.goto(product.site + path)
            page.locator(button).last.click()
            page.locator("[aria-invalid=true]").first.wait_for()
            found[path] = offences(page) + complaints
    assert found == {path: [] for path, _ in REFUSED}


def test_a_planted_fault_is_found(product: Product, chromium: Browser) -> None:
    with visit(chromium, None, "light", "en") as (page, complaints):
        page.goto(product.site)
        page.evaluate("document.querySelector('main').prepend(document.createElement('button'))")
        page.evaluate("document.querySelector('main').firstChild.style.width = '30rem'")
        page.evaluate("console.error('planted')")
        assert [offence.partition(":")[0] for offence in offences(page)] == ["button-name"]
        page.set_viewport_size(NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]
    assert complaints == ["planted"]

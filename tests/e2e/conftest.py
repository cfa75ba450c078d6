"""One product and one Chromium per worker; a fresh browser profile per person."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser import chromium as machines_chromium
from tests.e2e.host_page import ClientPage, host_site
from tests.e2e.hostile_stage import Stage, hostile_stage
from tests.e2e.newcomer import install_widget
from tests.e2e.people import Operator, Visitor
from tests.e2e.product import Product, running_product

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """A running LiveCaller with its demonstration."""
    with running_product() as running:
        yield running


@pytest.fixture(scope="session")
def program() -> Path:
    """The Chromium that `make test` has found or installed."""
    return machines_chromium()


@pytest.fixture(scope="session")
def chromium(program: Path) -> Iterator[Browser]:
    """That Chromium, running without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page in a profile of its own; a page error or CSP report fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(**options: object) -> Page:
        allow = bool(options.pop("allow_problems", False))
        context = chromium.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        if not allow:
            page.on("pageerror", lambda error: problems.append(f"error: {error}"))
            page.on("console", lambda line: _note_refusal(line.text, problems))
            page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def _note_refusal(line: str, problems: list[str]) -> None:
    if "Content Security Policy" in line or "Content-Security-Policy" in line:
        problems.append(line)


@pytest.fixture
def operator(product: Product, new_page: Callable[..., Page]) -> Operator:
    """The demonstration's owner, signed in, with the inbox open."""
    demo = product.demo()
    person = Operator(new_page(), product)
    person.sign_in(demo["email"], demo["password"])
    return person


@pytest.fixture
def visitor(product: Product, new_page: Callable[..., Page]) -> Visitor:
    """A stranger on the demonstration shop."""
    person = Visitor(new_page(), product)
    person.visit_shop()
    return person


@pytest.fixture(scope="module")
def client_page(product: Product, chromium: Browser) -> Iterator[ClientPage]:
    """A page of a Client that the stories fill with what they need."""
    demo = product.demo()
    with host_site() as site:
        owner = chromium.new_context(locale="en-GB").new_page()
        Operator(owner, product).sign_in(demo["email"], demo["password"])
        snippet = install_widget(owner, product, site.address)
        owner.context.close()
        yield ClientPage(site, snippet)


@pytest.fixture(scope="session")
def stage(product: Product, chromium: Browser) -> Iterator[Stage]:
    """An organization in which every name and every word is a payload; its stories take turns."""
    with hostile_stage(product, chromium) as ready:
        yield ready

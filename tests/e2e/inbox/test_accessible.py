"""The inbox under axe: each of its states, light and dark, from left to right and from right to left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import offences
from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.people import Operator
from tests.e2e.product import Product

# What is still fading in has less contrast than it will have.
STILL = {"reduced_motion": "reduce"}
WIDE = {"width": 1440, "height": 900}
MIDDLE = {"width": 1000, "height": 800}
PHONE = {"width": 390, "height": 844}

# A state, what leads to it, and what is then on the screen.
KEYED = (
    ("note", "n", ".composer[data-lane=note]"),
    ("transfer", "t", ".transfer input"),
    ("help", "?", ".keys-groups"),
)
CLICKED = (
    ("presence", ".presence-button", ".presence-menu"),
    ("menu", ".rail-me", "[role=menu]:popover-open"),
    ("contact", ".details .icon-button", ".contact"),
)


@pytest.fixture(scope="module")
def session(product: Product, chromium: Browser) -> object:
    demo = product.demo()
    context = chromium.new_context()
    Operator(context.new_page(), product).sign_in(demo["email"], demo["password"])
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def conversation(product: Product) -> str:
    visitor = ApiVisitor(product, product.demo()["public_key"])
    visitor.starts("Can I move it to Monday?", name=f"Axe {uuid4().hex[:6]}", email="axe@example.ge")
    visitor.says("The sofa, I mean")
    return visitor.conversation


@contextmanager
def in_language(page: Page, product: Product, locale: str) -> Iterator[None]:
    """Let the member choose a language as the site's own picker does, and take it back for the other stories."""

    def choose(language: str) -> None:
        page.request.post(f"{product.site}/preferences/", form={"language": language}, max_redirects=0)

    choose(locale)
    yield
    choose("en")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_every_state(
    product: Product, session: object, conversation: str, new_page: Callable[..., Page], scheme: str, locale: str
) -> None:
    page = new_page(storage_state=session, viewport=WIDE, color_scheme=scheme, **STILL)
    with in_language(page, product, locale):
        page.goto(f"{product.site}/inbox/#/open/{conversation}")
        expect(page.get_by_role("log").locator(".bubble")).to_have_count(2)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
    found = {"thread": offences(page)}
    for state, key, shown in KEYED:
        page.keyboard.press(key)
        expect(page.locator(shown)).to_be_visible()
        found[state] = offences(page)
        page.keyboard.press("Escape")
    for state, opener, shown in CLICKED:
        page.locator(opener).click()
        expect(page.locator(shown)).to_be_visible()
        found[state] = offences(page)
        page.keyboard.press("Escape")
    page.goto(f"{product.site}/inbox/#/spam")
    expect(page.locator(".list .empty")).to_be_visible()
    found["empty"] = offences(page)
    assert found == {state: [] for state in found}


@pytest.mark.parametrize("viewport", [MIDDLE, PHONE], ids=["middle", "phone"])
def test_narrow_windows(
    product: Product,
    session: object,
    conversation: str,
    new_page: Callable[..., Page],
    viewport: dict[str, int],
) -> None:
    page = new_page(storage_state=session, viewport=viewport, **STILL)
    page.goto(f"{product.site}/inbox/#/open")
    expect(page.locator(".row").first).to_be_visible()
    found = {"list": offences(page)}
    page.goto(f"{product.site}/inbox/#/open/{conversation}")
    expect(page.get_by_role("log").locator(".bubble")).to_have_count(2)
    found["thread"] = offences(page)
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_role("dialog", name="Details")).to_be_visible()
    found["details"] = offences(page)
    assert found == {state: [] for state in found}


def test_a_planted_offence_is_found(product: Product, session: object, new_page: Callable[..., Page]) -> None:
    page = new_page(storage_state=session, viewport=WIDE, **STILL)
    page.goto(f"{product.site}/inbox/")
    expect(page.locator(".presence-button")).to_be_visible()
    assert offences(page) == []
    # A button of its own: what the page draws itself is drawn anew, and right, when the line says something.
    page.locator(".presence-button").evaluate("button => button.parentElement.append(document.createElement('button'))")
    assert [offence.partition(":")[0] for offence in offences(page)] == ["button-name"]

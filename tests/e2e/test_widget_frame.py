"""The widget's own document: keyboard, narrow windows, files, poor storage, and axe in each of its states."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import offences
from tests.e2e.people import Operator, Visitor
from tests.e2e.product import Product

PHONE = {"width": 390, "height": 760}
NO_STORAGE = """
if (location.pathname.startsWith('/frame/')) {
  const plain = window.fetch;
  window.fetch = (address, init) => plain(address, { ...init, credentials: 'omit' });
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
    Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
  }
}
"""
SMALL_TARGETS = """() => [...document.querySelectorAll('button, input, textarea')]
  .filter((one) => one.offsetParent && one.offsetHeight < 24).map((one) => one.outerHTML)"""
SPEAKS_ARABIC = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.lang = 'ar'; });"


def escape_closes(page: Page) -> None:
    """Press Escape and wait until the page's script hears that the widget has closed."""
    page.evaluate("() => { window.closing = new Promise(done => LiveCaller('once', 'close', () => done(true))); }")
    page.keyboard.press("Escape")
    assert page.evaluate("Promise.race([closing, new Promise(done => setTimeout(() => done(false), 15000))])")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_state_is_accessible(product: Product, new_page: Callable[..., Page], scheme: str, language: str) -> None:
    page = new_page(color_scheme=scheme)
    if language == "ar":
        page.add_init_script(SPEAKS_ARABIC)
    visitor = Visitor(page, product)
    visitor.visit_shop()
    visitor.open_widget()
    frame = visitor.frame
    expect(frame.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    found = {"form": offences(frame)}
    frame.locator("button[type=submit]").click()
    expect(frame.locator("[aria-invalid=true]").first).to_be_visible()
    found["refused form"] = offences(frame)
    frame.locator("[name=email]").fill("axe@example.com")
    frame.locator("[name=message]").fill("Is it accessible?")
    frame.get_by_role("checkbox").check()
    frame.locator("button[type=submit]").click()
    expect(frame.get_by_role("log")).to_contain_text("Is it accessible?")
    found["thread"] = offences(frame)
    frame.locator("header [aria-haspopup=menu]").click()
    expect(frame.get_by_role("menu")).to_be_visible()
    found["menu"] = offences(frame)
    frame.get_by_role("menuitem").last.click()
    expect(frame.get_by_role("dialog")).to_be_visible()
    found["question"] = offences(frame)
    page.keyboard.press("Escape")
    frame.locator("header [aria-haspopup=menu]").click()
    frame.get_by_role("menuitem").nth(2).click()
    frame.get_by_role("dialog").locator("button").last.click()
    expect(frame.locator(".widget-closed")).to_be_visible()
    found["ended thread"] = offences(frame)
    assert found == {state: [] for state in found}


def test_a_planted_offence_is_found(visitor: Visitor) -> None:
    visitor.open_widget()
    assert offences(visitor.frame) == []
    visitor.frame.locator("[name=message]").evaluate("field => document.querySelector(`[for='${field.id}']`).remove()")
    visitor.frame.locator("[name=message]").evaluate("field => field.removeAttribute('placeholder')")
    assert [offence.partition(":")[0] for offence in offences(visitor.frame)] == ["label"]


def test_by_keyboard_alone(visitor: Visitor) -> None:
    """Open, write, close: the keyboard is where one expects it at each step."""
    page = visitor.page
    page.locator("a").last.focus()
    # Greeting, its cross, launcher.
    for _ in range(3):
        page.keyboard.press("Tab")
        expect(page.locator("livecaller-widget")).to_be_focused()
    page.keyboard.press("Enter")
    expect(visitor.frame.get_by_label("Your name")).to_be_focused()
    escape_closes(page)
    # The launcher has it again: Enter opens once more.
    page.keyboard.press("Enter")
    expect(visitor.frame.get_by_label("Your name")).to_be_focused()
    visitor.start_chat("By keyboard", email="keys@example.com")
    expect(visitor.frame.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.type("And again")
    page.keyboard.press("Enter")
    visitor.sees("And again")
    visitor.frame.get_by_role("button", name="More").focus()
    page.keyboard.press("Enter")
    expect(visitor.frame.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(visitor.frame.get_by_role("button", name="More")).to_be_focused()
    escape_closes(page)


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_it_fills_the_screen(product: Product, new_page: Callable[..., Page], width: int) -> None:
    page = new_page(viewport={"width": width, "height": 640}, has_touch=True)
    visitor = Visitor(page, product)
    visitor.visit_shop()
    visitor.open_widget()
    frame = visitor.frame
    size = "() => [innerWidth, innerHeight, document.documentElement.scrollWidth]"
    assert frame.evaluate(size) == [width, 640, width]
    visitor.start_chat("A" * 200, email="phone@example.com")
    assert frame.evaluate(size) == [width, 640, width]
    assert frame.evaluate(SMALL_TARGETS) == []
    frame.get_by_role("button", name="Close").click()
    expect(page.locator("livecaller-widget")).to_be_focused()


def test_files_go_up_fail_and_go_up_again(
    product: Product, visitor: Visitor, operator: Operator, tmp_path: Path
) -> None:
    """A failed upload is tried again; a picture is seen on both sides, any other file is fetched."""
    note = tmp_path / "measurements.txt"
    note.write_text("218 cm\n")
    drawing = tmp_path / "drawing.png"
    Image.new("RGB", (60, 40), "teal").save(drawing)
    visitor.open_widget()
    visitor.start_chat("I have a drawing", name="Filer", email="filer@example.com")
    operator.opens("Filer")
    frame = visitor.frame
    broken = f"{product.widget}/api/**/attachments"
    visitor.page.route(broken, lambda route: route.abort())
    frame.locator("input[type=file]").set_input_files([note, drawing])
    expect(frame.get_by_text("The upload failed.")).to_have_count(2)
    expect(frame.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    visitor.page.unroute(broken)
    for name in ("measurements.txt", "drawing.png"):
        frame.get_by_role("button", name=f"Upload {name} again").click()
    expect(frame.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.log.get_by_text("measurements.txt")).to_be_visible()
    expect(visitor.log.locator(".picture img")).to_have_js_property("naturalWidth", 60)
    expect(operator.log.get_by_text("measurements.txt")).to_be_visible()
    # A tab opens for it; the browser names either that tab or this page as the one that fetches.
    with visitor.page.context.expect_event("download") as fetched:
        visitor.log.get_by_role("button", name="Download measurements.txt").click()
    assert Path(fetched.value.path()).read_text() == "218 cm\n"


def test_a_browser_that_keeps_nothing_is_told_so(product: Product, new_page: Callable[..., Page]) -> None:
    """No cookie, no storage: the talk works, the widget says that it ends here, and the next page knows nothing."""
    page = new_page()
    page.add_init_script(NO_STORAGE)
    visitor = Visitor(page, product)
    visitor.visit_shop()
    visitor.open_widget()
    visitor.start_chat("I keep nothing", email="nothing@example.com")
    visitor.says("And yet it works")
    expect(visitor.log).to_contain_text("Your browser keeps nothing here")
    assert page.evaluate("Object.keys(localStorage)") == []
    visitor.visit_shop("/delivery/")
    visitor.open_widget()
    expect(visitor.frame.get_by_role("heading", name="How can we help?")).to_be_visible()


def test_forgetting_this_browser(product: Product, visitor: Visitor) -> None:
    visitor.open_widget()
    visitor.start_chat("Forget me", email="gone@example.com")
    visitor.frame.get_by_role("button", name="More").click()
    visitor.frame.get_by_role("menuitem", name="Forget this browser").click()
    visitor.frame.get_by_role("dialog").get_by_role("button", name="Forget this browser").click()
    expect(visitor.frame.get_by_role("heading", name="How can we help?")).to_be_visible()
    assert visitor.page.context.cookies() == []
    assert visitor.page.evaluate("localStorage.length") == 0
    visitor.page.reload()
    visitor.open_widget()
    visitor.does_not_see("Forget me")


def test_an_ended_talk_and_the_next_one(visitor: Visitor, operator: Operator) -> None:
    """The operator ends it; the visitor begins another, and finds both in the list."""
    visitor.open_widget()
    visitor.start_chat("The first matter", name="Twice", email="twice@example.com")
    operator.opens("Twice")
    operator.page.get_by_role("region", name="Twice").get_by_role("button", name="Close", exact=True).click()
    expect(visitor.frame.get_by_text("This conversation has ended.")).to_be_visible()
    visitor.frame.get_by_role("button", name="Start a new conversation").click()
    expect(visitor.frame.get_by_role("checkbox")).to_have_count(0)
    visitor.frame.get_by_label("Your message").fill("The second matter")
    visitor.frame.get_by_role("button", name="Start chat").click()
    visitor.sees("The second matter")
    visitor.frame.get_by_role("button", name="Your conversations").click()
    expect(visitor.frame.get_by_role("listitem")).to_have_count(2)
    visitor.frame.get_by_role("listitem").last.get_by_role("button").click()
    visitor.sees("The first matter")


def test_the_language_can_be_chosen(visitor: Visitor) -> None:
    visitor.open_widget()
    visitor.frame.get_by_role("button", name="Language: English").click()
    visitor.frame.get_by_role("menuitemradio", name="ქართული").click()
    expect(visitor.frame.get_by_role("heading", name="რით დაგეხმაროთ?")).to_be_visible()
    expect(visitor.frame.locator("html")).to_have_attribute("lang", "ka")

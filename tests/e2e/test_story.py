"""The main job, from an empty account to an answered message, in real browsers."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.host_page import host_site
from tests.e2e.newcomer import create_organization, install_widget, sign_up
from tests.e2e.people import Operator, Visitor
from tests.e2e.product import Product


def test_from_sign_up_to_the_first_answer(product: Product, new_page: Callable[..., Page]) -> None:
    """A new Client signs up, puts the snippet on a page of another origin, and answers a visitor there."""
    owner = new_page()
    sign_up(owner, product, name="Keti Lomidze", address=f"keti-{uuid4().hex[:8]}@brand-new.example")
    create_organization(owner, "Brand New Kettles")
    with host_site({"/": "<!doctype html><title>Kettles</title><h1>Kettles</h1>"}) as site:
        snippet = install_widget(owner, product, site.address)
        site.pages["/"] = f"<!doctype html><html lang=en><head><title>Kettles</title>{snippet}</head><h1>Kettles</h1>"
        visitor = Visitor(new_page(), product)
        visitor.visit(site.address + "/")
        operator = Operator(owner, product)
        owner.goto(f"{product.site}/inbox/")
        operator.is_connected()
        visitor.open_widget()
        visitor.start_chat("Do you have the blue one?", name="Ana Beridze")
        operator.opens("Ana Beridze")
        operator.sees("Do you have the blue one?")
        operator.says("We do, and it ships today.")
        visitor.sees("We do, and it ships today.")
        visitor.sees_state("Read")
        owner.goto(f"{product.site}/widgets/")
        owner.get_by_role("link", name="Install").first.click()
        expect(owner.get_by_text(site.address).first).to_be_visible()


def test_the_thread_survives_reload_and_the_next_page(visitor: Visitor, operator: Operator) -> None:
    """After the first act the thread is there again without a click, also on another page of the shop."""
    visitor.open_widget()
    visitor.start_chat("Is the Lomond in stock?", name="Reload Visitor")
    operator.opens("Reload Visitor")
    operator.says("Twelve of them.")
    visitor.sees("Twelve of them.")
    visitor.page.reload()
    visitor.sees("Is the Lomond in stock?")
    visitor.sees("Twelve of them.")
    visitor.visit_shop("/delivery/")
    visitor.sees("Twelve of them.")
    visitor.says("Then I take one.")
    operator.sees("Then I take one.")
    for words in ("Is the Lomond in stock?", "Twelve of them.", "Then I take one."):
        expect(visitor.log.get_by_text(words, exact=True)).to_have_count(1)


def test_words_written_offline_arrive_once_and_in_order(visitor: Visitor, operator: Operator) -> None:
    """Offline and back: what was written is kept, sent once, and what was missed is fetched."""
    visitor.open_widget()
    visitor.start_chat("First", name="Offline Visitor")
    operator.opens("Offline Visitor")
    context: BrowserContext = visitor.page.context
    context.set_offline(True)
    visitor.says("Second, from the tunnel")
    visitor.says("Third, still in the tunnel")
    operator.says("Are you there?")
    context.set_offline(False)
    visitor.sees("Are you there?")
    operator.sees("Third, still in the tunnel")
    expect(operator.log.get_by_text("Second, from the tunnel", exact=True)).to_have_count(1)
    expect(operator.log.get_by_text("Third, still in the tunnel", exact=True)).to_have_count(1)
    assert_order(operator, "Second, from the tunnel", "Third, still in the tunnel")


def test_a_note_is_seen_by_the_team_only(
    visitor: Visitor, operator: Operator, product: Product, new_page: Callable[..., Page]
) -> None:
    """Two operators see message and note; the visitor sees the message."""
    visitor.open_widget()
    visitor.start_chat("May I return it?", name="Note Visitor")
    operator.opens("Note Visitor")
    colleague = Operator(new_page(), product)
    demo = product.demo()
    colleague.sign_in(demo["colleague"], demo["password"])
    colleague.opens("Note Visitor")
    operator.notes("She has returned three already")
    colleague.sees("She has returned three already")
    colleague.says("Of course you may.")
    operator.sees("Of course you may.")
    visitor.sees("Of course you may.")
    visitor.does_not_see("She has returned three already")
    for person, notes in ((operator, 1), (colleague, 1), (visitor, 0)):
        expect(person.log.get_by_text("She has returned three already")).to_have_count(notes)


def test_each_side_sees_the_other_one_typing(visitor: Visitor, operator: Operator) -> None:
    """By name, and nobody sees their own."""
    visitor.open_widget()
    visitor.start_chat("Hello there", name="Typing Visitor")
    operator.opens("Typing Visitor")
    visitor.frame.get_by_role("textbox", name="Message").press_sequentially("I wonder")
    expect(operator.page.get_by_text("Typing Visitor is typing").first).to_be_visible()
    operator.page.get_by_role("textbox", name="Reply to").press_sequentially("Wonder")
    # Their own signal has come back before this one: whatever stands there first shows whether it counts.
    said = visitor.frame.locator(".typing [aria-hidden]")
    said.wait_for()
    assert said.inner_text().strip() == "Nino Kapanadze is typing"


def assert_order(operator: Operator, *words: str) -> None:
    """Check that these words stand one below the other."""
    text = operator.log.inner_text()
    places = [text.index(word) for word in words]
    assert places == sorted(places)

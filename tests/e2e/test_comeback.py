"""A line that breaks: nothing that was written is lost or doubled, and coming back asks for nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.e2e.cable import Cable
from tests.e2e.conftest import ARGUMENTS
from tests.e2e.people import Operator, Visitor, hurry
from tests.e2e.product import Product

Person = Visitor | Operator


@pytest.fixture
def cable(visitor: Visitor) -> Cable:
    """The line of the visitor's widget."""
    return Cable(visitor.page, "/ws/widget")


def message_ids(cable: Cable) -> list[str]:
    """Return the client's ids of the messages that left the page, each try counted."""
    return [frame["data"]["client_id"] for frame in cable.said if frame["type"] == "message.send"]


def banner(person: Person) -> Locator:
    """Return what is said about the connection."""
    document = person.frame if isinstance(person, Visitor) else person.page
    return document.locator(".connection")


def ticket_requests(page: Page) -> list[str]:
    """Return a list that grows by each request for a ticket."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/socket-tickets"):
            asked.append(request.url)

    page.on("request", note)
    return asked


@pytest.fixture
def own_profile(chromium: Browser, program: Path, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser that lets a frame keep something, as people's browsers do: each site's own, on disk."""
    # Takes the place of Playwright's own list, which turns that off.
    arguments = [*ARGUMENTS, "--disable-features=Translate"]
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=program, args=arguments, locale="en-GB"
    )
    yield context.pages[0]
    context.close()


def test_what_was_not_sent_survives_a_reload_and_goes_once(
    own_profile: Page, operator: Operator, product: Product
) -> None:
    """Written without a line, kept by the browser over a reload, sent by the next page in its order."""
    visitor, cable = Visitor(own_profile, product), Cable(own_profile, "/ws/widget")
    visitor.visit_shop()
    visitor.open_widget()
    visitor.start_chat("Before", name="Reloading Visitor")
    operator.opens("Reloading Visitor")
    operator.says("With you")
    visitor.sees("With you")
    cable.cut()
    visitor.says("One, without a line")
    visitor.says("Two, without a line")
    expect(visitor.log.get_by_text("Not sent yet.")).to_have_count(2)
    visitor.visit_shop()
    visitor.open_widget()
    # The thread itself is not there yet: it comes by the line.
    expect(visitor.frame.get_by_text("One, without a line", exact=True)).to_be_visible()
    expect(visitor.frame.get_by_text("Not sent yet.")).to_have_count(2)
    expect(operator.log.get_by_text("without a line")).to_have_count(0)
    cable.mend()
    hurry(banner(visitor).get_by_role("button", name="Try now"))
    operator.sees("Two, without a line")
    expect(visitor.log.get_by_text("Not sent yet.")).to_have_count(0)
    assert operator.log.get_by_text("without a line", exact=False).all_inner_texts() == [
        "One, without a line",
        "Two, without a line",
    ]


def test_a_lost_acknowledgement_doubles_nothing(visitor: Visitor, operator: Operator, cable: Cable) -> None:
    """Stored and seen by the operator, but the answer is lost and the page reloaded: the resend is the same message."""
    visitor.open_widget()
    visitor.start_chat("Before", name="Doubtful Visitor")
    operator.opens("Doubtful Visitor")
    operator.says("With you")
    visitor.sees("With you")
    cable.lose()
    visitor.says("Did this arrive?")
    operator.sees("Did this arrive?")
    cable.hear()
    visitor.page.reload()
    visitor.sees("Did this arrive?")
    visitor.says("And this?")
    operator.sees("And this?")
    for log in (visitor.log, operator.log):
        expect(log.get_by_text("Did this arrive?", exact=True)).to_have_count(1)
    first, *again, last = message_ids(cable)
    assert set(again) <= {first}
    assert last != first


def test_coming_back_asks_for_no_ticket(
    visitor: Visitor, cable: Cable, product: Product, new_page: Callable[..., Page]
) -> None:
    """The line itself has handed out what opens the next one: on both sides no request is made."""
    page = new_page()
    operators_cable = Cable(page)
    operator = Operator(page, product)
    demo = product.demo()
    operator.sign_in(demo["email"], demo["password"])
    visitor.open_widget()
    visitor.start_chat("Before", name="Returning Visitor")
    operator.opens("Returning Visitor")
    operator.says("With you")
    visitor.sees("With you")
    asked = ticket_requests(visitor.page), ticket_requests(page)
    lines = cable.lines, operators_cable.lines
    for each in (cable, operators_cable):
        each.cut(once=True)
    visitor.says("After the cut")
    operator.sees("After the cut")
    operator.says("Still with you")
    visitor.sees("Still with you")
    assert (cable.lines, operators_cable.lines) == (lines[0] + 1, lines[1] + 1)
    assert asked == ([], [])
    hellos = [frame["data"]["ticket"] for frame in cable.said if frame["type"] == "hello"]
    assert len(set(hellos)) == 2


def test_the_banner_tells_from_the_loss_to_the_end_of_catching_up(
    visitor: Visitor, operator: Operator, cable: Cable
) -> None:
    visitor.open_widget()
    visitor.start_chat("Before", name="Patient Visitor")
    operator.opens("Patient Visitor")
    operator.says("With you")
    visitor.sees("With you")
    cable.cut()
    expect(banner(visitor)).to_contain_text("Offline since")
    operator.says("Said meanwhile")
    cable.hold()
    cable.mend()
    hurry(banner(visitor).get_by_role("button", name="Try now"))
    expect(banner(visitor)).to_have_text("Back online, catching up")
    visitor.does_not_see("Said meanwhile")
    cable.hear()
    visitor.sees("Said meanwhile")
    expect(banner(visitor)).to_have_text("Everything is up to date")
    expect(banner(visitor)).to_have_text("")

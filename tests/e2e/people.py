"""What people do, as verbs: the stories speak of visitors and operators, never of selectors."""

import re
import time
from contextlib import suppress

from playwright.sync_api import Error, Frame, Locator, Page, expect

from tests.e2e.product import Product

FRAME_SECONDS = 15


def hurry(try_now: Locator) -> None:
    """Ask for the line at once, as long as that is offered: it comes back by itself, and may be there already."""
    if try_now.is_visible():
        with suppress(Error):
            try_now.click(timeout=2_000)


class Visitor:
    """Somebody on a Client's page. The launcher lives in a closed shadow root: it is clicked where it is seen."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page = page
        self.product = product

    @property
    def frame(self) -> Frame:
        """The widget's own document, waited for: no selector reaches into the closed root that holds it."""
        deadline = time.monotonic() + FRAME_SECONDS
        while time.monotonic() < deadline:
            for frame in self.page.frames:
                if frame.url.startswith(f"{self.product.widget}/frame/"):
                    return frame
            self.page.wait_for_timeout(50)
        raise AssertionError(f"No widget frame within {FRAME_SECONDS} s")

    def visit_shop(self, path: str = "/") -> None:
        """Open a page of the demonstration shop and wait for the launcher."""
        self.visit(self.product.shop + path)

    def visit(self, address: str) -> None:
        """Open any page with the snippet and wait for the launcher."""
        self.page.goto(address)
        self.page.wait_for_function("typeof window.LiveCaller === 'function'")
        self.page.evaluate("new Promise(done => LiveCaller('on', 'ready', () => done()))")

    def press_launcher(self) -> None:
        """Click the round button in the corner."""
        size = self.page.viewport_size
        assert size
        self.page.mouse.click(size["width"] - 50, size["height"] - 50)

    def open_widget(self) -> None:
        """Open the widget and wait until it can be used."""
        self.press_launcher()
        expect(self.frame.get_by_role("banner")).to_be_visible()

    def start_chat(self, words: str, *, name: str = "", email: str = "") -> None:
        """Fill in the form, agree to the notice and send the first message."""
        if name:
            self.frame.get_by_label("Your name").fill(name)
        if email:
            self.frame.get_by_label("E-mail").fill(email)
        self.frame.get_by_label("Your message").fill(words)
        self.frame.get_by_role("checkbox").check()
        self.frame.get_by_role("button", name=re.compile("Start chat|Send message")).click()
        self.sees(words)

    def says(self, words: str) -> None:
        """Send one more message."""
        composer = self.frame.get_by_role("textbox", name="Message")
        composer.fill(words)
        composer.press("Enter")
        self.sees(words)

    def sees(self, words: str) -> None:
        """Wait until these words stand in the conversation."""
        expect(self.log.get_by_text(words, exact=True)).to_be_visible()

    def does_not_see(self, words: str) -> None:
        """Check that these words are nowhere in the widget."""
        expect(self.frame.get_by_text(words)).to_have_count(0)

    def sees_state(self, words: str) -> None:
        """Wait until the newest own message is said to be `Sent`, `Read` or `Not sent`."""
        expect(self.log).to_contain_text(words)

    @property
    def log(self) -> Locator:
        """The thread."""
        return self.frame.get_by_role("log")


class Operator:
    """Somebody who answers."""

    def __init__(self, page: Page, product: Product) -> None:
        self.page = page
        self.product = product

    def sign_in(self, email: str, password: str) -> None:
        """Sign in and wait for the inbox."""
        self.page.goto(f"{self.product.site}/accounts/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.is_connected()

    def is_connected(self) -> None:
        """Wait until the inbox is live."""
        expect(self.page.get_by_role("button", name="Your presence: Online")).to_be_visible()

    def goes_to(self, section: str) -> None:
        """Choose a section of the list."""
        self.page.get_by_role("navigation", name="Sections").get_by_role("link", name=section).click()

    def opens(self, name: str, *, section: str = "Open") -> None:
        """Open the conversation with this person."""
        self.goes_to(section)
        self.row(name).first.click()
        expect(self.log).to_be_visible()

    def row(self, name: str) -> Locator:
        """Return the rows of the list that show this text."""
        return self.page.get_by_role("region", name="Inbox").get_by_role("listitem").filter(has_text=name)

    def says(self, words: str) -> None:
        """Reply in the open conversation."""
        self.page.get_by_role("button", name="Reply", exact=True).click()
        self._writes(words)

    def notes(self, words: str) -> None:
        """Leave a note that only the team sees."""
        self.page.get_by_role("button", name="Note", exact=True).click()
        self._writes(words)

    def sees(self, words: str) -> None:
        """Wait until these words stand in the open conversation."""
        expect(self.log.get_by_text(words, exact=True)).to_be_visible()

    @property
    def log(self) -> Locator:
        """The open thread."""
        return self.page.get_by_role("log")

    def _writes(self, words: str) -> None:
        editor = self.page.get_by_role("textbox", name=re.compile("^(Reply to|Note about|Note on|Note)"))
        editor.fill(words)
        editor.press("Enter")
        self.sees(words)

"""The pictures in docs/screenshots, taken from a running product in which people talk: `make screenshots`.

A picture has the same size in pixels each time; times of day in it are those of the run.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any  # options of a browser context

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect, sync_playwright

from tests.browser import chromium
from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.people import Operator, Visitor
from tests.e2e.product import ROOT, Product, running_product

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES, MOST_BYTES_IN_ALL = 250_000, 1_500_000
DESK: ViewportSize = {"width": 1440, "height": 900}
PAGE: ViewportSize = {"width": 1280, "height": 800}
SHOP: ViewportSize = {"width": 1040, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 844}
SPEAKS_ARABIC = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.lang = 'ar'; });"

# Who writes, in which order: the last one is on top of the list.
OTHERS = (
    ("Jonas Weber", "Gibt es den Tiree auch in Dunkelblau?", "/sofas/tiree/"),
    ("დავით კობახიძე", "მადლობა, ყველაფერი გასაგებია.", "/delivery/"),
    ("Sophie Laurent", "My order says delivered, but nothing is here.", "/delivery/"),
    ("دانة لوي", "هل يمكن تسليم الأريكة يوم السبت؟", "/sofas/arran/"),
    ("Tomás Rivera", "Do the covers come off for washing?", "/sofas/lomond/"),
)


@dataclass(frozen=True)
class Studio:
    """A running product, a browser, and the demonstration's two operators as profiles."""

    product: Product
    browser: Browser
    demo: dict[str, str]
    owner: StorageState
    colleague: StorageState

    @contextmanager
    def page(self, **options: Any) -> Iterator[Page]:
        """Open a page in a profile of its own, English and still unless `options` say otherwise."""
        context = self.browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        yield context.new_page()
        context.close()

    def operator(self, page: Page) -> Operator:
        """Return the operator whose profile the page has, with the inbox open."""
        page.goto(f"{self.product.site}/inbox/#/open")
        operator = Operator(page, self.product)
        operator.is_connected()
        return operator


def main() -> None:
    """Take all pictures; leaves with a message if one is larger than its budget."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = str(chromium())
    with running_product() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        studio = set_up(product, browser)
        for take in (take_public_pages, take_conversation, take_phone, take_install):
            take(studio)
        browser.close()
    check_sizes()


def set_up(product: Product, browser: Browser) -> Studio:
    """Sign both operators in."""
    demo = product.demo()

    def session(email: str) -> StorageState:
        context = browser.new_context(locale="en-GB")
        Operator(context.new_page(), product).sign_in(email, demo["password"])
        state = context.storage_state()
        context.close()
        return state

    return Studio(product, browser, demo, session(demo["email"]), session(demo["colleague"]))


def shoot(page: Page, name: str) -> None:
    """Write the picture `name`: everything loaded, nothing moving, no pointer over anything."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)


def take_public_pages(studio: Studio) -> None:
    """Show what a Client sees first."""
    with studio.page(viewport=PAGE) as page:
        page.goto(studio.product.site)
        shoot(page, "landing")
        page.goto(f"{studio.product.site}/accounts/signup/")
        shoot(page, "sign-up")


def take_conversation(studio: Studio) -> None:
    """Let Maya ask, Luka and Nino answer, and show both sides of it."""
    arrive(studio)
    with (
        studio.page(viewport=SHOP) as shop,
        studio.page(viewport=DESK, storage_state=studio.owner) as desk,
        studio.page(viewport=DESK, storage_state=studio.colleague) as other_desk,
    ):
        maya, nino, luka = Visitor(shop, studio.product), studio.operator(desk), studio.operator(other_desk)
        maya.visit_shop("/sofas/lomond/")
        shoot(shop, "widget-greeting")
        maya.open_widget()
        maya.frame.get_by_label("Your name").fill("Maya Lindqvist")
        maya.frame.get_by_label("E-mail").fill("maya@lindqvist.example")
        shoot(shop, "widget-form")
        talk(maya, nino, luka)
        shoot(shop, "widget-chat")
        send_plan(maya)
        show_desk(nino, desk)
        take_team(studio)


def arrive(studio: Studio) -> None:
    """Let the other visitors write."""
    for name, words, path in OTHERS:
        ApiVisitor(studio.product, studio.demo["public_key"]).starts(words, name=name, page=path)


def talk(maya: Visitor, nino: Operator, luka: Operator) -> None:
    """Play the conversation that the pictures show."""
    maya.start_chat("Hi, my sofa is due on Friday. Can I move it to Monday?")
    luka.opens("Sophie Laurent")
    luka.says("I am sorry, Sophie. I am calling the driver now.")
    nino.opens("Maya Lindqvist")
    nino.page.get_by_role("button", name="Assign to me").click()
    nino.says("Good afternoon, Maya. Let me look at your order.")
    nino.says("Monday from 10:00 to 13:00 is free. Shall I book it for you?")
    maya.sees("Monday from 10:00 to 13:00 is free. Shall I book it for you?")
    luka.opens("Maya Lindqvist")
    luka.notes("Second move of this order. If the warehouse slips again, offer free assembly.")
    nino.sees("Second move of this order. If the warehouse slips again, offer free assembly.")
    maya.says("Yes please, perfect. Will it fit next to the door?")
    expect(maya.log.get_by_text("Read")).to_have_count(2)


def send_plan(maya: Visitor) -> None:
    """Let Maya send a drawing of her room."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "living-room.png"
        draw_plan().save(path)
        maya.frame.locator("input[type=file]").set_input_files(path)
        send = maya.frame.get_by_role("button", name="Send", exact=True)
        expect(send).to_be_enabled()
        send.click()
        expect(maya.log.locator(".picture img")).to_have_js_property("naturalWidth", 480)


def draw_plan() -> Image.Image:
    """Return a floor plan: walls, a door, a window and a place for the sofa."""
    plan = Image.new("RGB", (480, 300), "#f6f3ec")
    pen = ImageDraw.Draw(plan)
    pen.rectangle((20, 20, 460, 280), outline="#3d4a45", width=8)
    pen.line((24, 200, 24, 260), fill="#f6f3ec", width=12)
    pen.arc((-36, 200, 84, 320), 270, 360, fill="#8a938f", width=3)
    pen.line((160, 24, 330, 24), fill="#9cc3d6", width=8)
    pen.rounded_rectangle((110, 190, 300, 268), 12, fill="#0e6656")
    pen.rounded_rectangle((122, 190, 288, 244), 8, fill="#2a8a76")
    pen.ellipse((340, 90, 420, 170), outline="#8a938f", width=3)
    return plan


def show_desk(nino: Operator, desk: Page) -> None:
    """Show the inbox while Nino writes the answer, in both themes."""
    nino.sees("Yes please, perfect. Will it fit next to the door?")
    expect(nino.log.locator(".picture img")).to_have_js_property("naturalWidth", 480)
    editor = desk.get_by_role("textbox", name="Reply to")
    desk.get_by_role("button", name="Reply", exact=True).click()
    editor.fill("Done: Monday, 10:00 to 13:00. It fits, with 30 cm left to the door.")
    desk.mouse.move(720, 200)
    shoot(desk, "inbox")
    desk.emulate_media(color_scheme="dark")
    shoot(desk, "inbox-dark")


def take_phone(studio: Studio) -> None:
    """Show a talk in Arabic on a phone in the dark."""
    with (
        studio.page(viewport=PHONE, device_scale_factor=2, has_touch=True, color_scheme="dark") as page,
        studio.page(viewport=DESK, storage_state=studio.owner) as desk,
    ):
        page.add_init_script(SPEAKS_ARABIC)
        lina, nino = Visitor(page, studio.product), studio.operator(desk)
        lina.visit_shop("/sofas/arran/")
        lina.open_widget()
        write_in_arabic(lina)
        nino.opens("لينا حداد")
        nino.says("نعم، وهي متوفرة في المعرض اليوم.")
        nino.says("نوصلها إليك يوم السبت بين 10:00 و13:00. هل يناسبك ذلك؟")
        lina.sees("نوصلها إليك يوم السبت بين 10:00 و13:00. هل يناسبك ذلك؟")
        shoot(page, "widget-phone")


def write_in_arabic(lina: Visitor) -> None:
    """Fill in the form, whose words are Arabic too."""
    words = "مرحبًا، هل أريكة Arran متوفرة باللون الأخضر؟"
    lina.frame.locator("[name=name]").fill("لينا حداد")
    lina.frame.locator("[name=email]").fill("lina@haddad.example")
    lina.frame.locator("[name=message]").fill(words)
    lina.frame.get_by_role("checkbox").check()
    lina.frame.locator("button[type=submit]").click()
    lina.sees(words)


def take_team(studio: Studio) -> None:
    """Show the team while both of it are at their desks."""
    with studio.page(viewport=PAGE, storage_state=studio.owner) as page:
        page.goto(f"{studio.product.site}/team/")
        page.get_by_label("E-mail").fill("salome@meridian.example")
        page.get_by_role("button", name="Invite", exact=True).click()
        page.goto(f"{studio.product.site}/team/")
        shoot(page, "team")


def take_install(studio: Studio) -> None:
    """Show how a widget is installed, after the shop has asked for it."""
    with studio.page(viewport=PAGE, storage_state=studio.owner) as page:
        page.goto(f"{studio.product.site}/widgets/")
        page.get_by_role("link", name="Install").first.click()
        shoot(page, "install")


def check_sizes() -> None:
    """Leave with a message where pictures weigh too much for a repository."""
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.png"))}
    for name, size in sizes.items():
        sys.stdout.write(f"{size / 1000:6.0f} kB  {name}\n")
    heavy = [name for name, size in sizes.items() if size > MOST_BYTES]
    if heavy or sum(sizes.values()) > MOST_BYTES_IN_ALL:
        sys.exit(f"Too heavy: {', '.join(heavy) or 'all together'}")


if __name__ == "__main__":
    main()

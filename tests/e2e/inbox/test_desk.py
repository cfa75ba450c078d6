"""One operator's desk: files, contact data, keys, alerts, sessions, colours, hostile words, a phone."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.cable import Cable
from tests.e2e.inbox.desk import Team, button, editor, opens, toast, whose
from tests.e2e.people import Operator, hurry
from tests.e2e.product import Product

# A blue, so that a picture that was drawn can be told from one that was not.
PICTURE_SIZE = (320, 200)


def test_a_picture_fails_is_tried_again_and_seen(
    owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str, tmp_path: Path
) -> None:
    picture = tmp_path / "scratch.png"
    Image.new("RGB", PICTURE_SIZE, (40, 90, 160)).save(picture)
    visitor.starts("Show me, please", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    owner.page.route("**/api/v1/attachments", lambda route: route.abort())
    owner.page.locator("input[type=file]").set_input_files(picture)
    again = button(owner, "Upload scratch.png again")
    expect(again).to_be_visible()
    expect(button(owner, "Send")).to_be_disabled()
    owner.page.unroute("**/api/v1/attachments")
    again.click()
    expect(button(owner, "Send")).to_be_enabled()
    button(owner, "Send").click()
    drawn = colleague.log.get_by_role("button", name="Picture scratch.png").locator("img")
    expect(drawn).to_be_visible()
    expect(drawn).to_have_js_property("naturalWidth", PICTURE_SIZE[0])
    colleague.log.get_by_role("button", name="Picture scratch.png").click()
    large = colleague.page.get_by_role("dialog", name="scratch.png")
    expect(large.get_by_role("img")).to_have_js_property("naturalWidth", PICTURE_SIZE[0])
    with colleague.page.expect_download() as download:
        large.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "scratch.png"
    colleague.page.keyboard.press("Escape")
    expect(large).to_have_count(0)


def test_contact_data_is_corrected(owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("Hello", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    button(owner, "Edit contact").click()
    owner.page.get_by_label("E-mail").fill("not an address")
    button(owner, "Save").click()
    expect(owner.page.get_by_label("E-mail")).to_be_focused()
    expect(owner.page.locator(".field-error")).to_have_count(1)
    owner.page.get_by_label("E-mail").fill("ana@example.ge")
    owner.page.get_by_label("Last name").fill(f"Beridze-{name[-6:]}")
    button(owner, "Save").click()
    expect(toast(owner)).to_contain_text("Contact saved")
    expect(owner.page.get_by_role("link", name="ana@example.ge")).to_be_visible()
    expect(colleague.row(f"Beridze-{name[-6:]}")).to_be_visible()


def test_keys(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    """Everything by keyboard; letters are text in a field, and no shortcuts when they are switched off."""
    visitor.starts("By keyboard, please", name=name)
    page = owner.page
    page.goto(f"{owner.product.site}/inbox/#/open")
    owner.is_connected()
    expect(owner.row(name)).to_be_visible()
    keyboard = page.keyboard
    keyboard.press("j")
    expect(owner.row(name).get_by_role("link")).to_be_focused()
    keyboard.press("Enter")
    owner.sees("By keyboard, please")
    keyboard.press("a")
    whose(owner, "Yours")
    keyboard.press("r")
    expect(editor(owner)).to_be_focused()
    keyboard.type("ear")
    expect(editor(owner)).to_have_value("ear")
    expect(editor(owner)).to_be_focused()
    keyboard.press("Escape")
    expect(owner.row(name).get_by_role("link")).to_be_focused()
    keyboard.press("/")
    expect(page.get_by_role("textbox", name="Filter this list by name")).to_be_focused()
    keyboard.type(name.upper())
    expect(page.get_by_role("region", name="Inbox").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_text(re.compile(r"1 of \d+ loaded conversations"))).to_be_visible()
    keyboard.press("Escape")
    keyboard.press("Escape")
    keyboard.press("?")
    help_dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_dialog).to_be_visible()
    keyboard.press("e")
    help_dialog.get_by_role("switch", name="Single keys are shortcuts").click()
    keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()
    keyboard.press("e")
    keyboard.press("n")
    keyboard.press("?")
    expect(help_dialog).to_be_hidden()
    expect(page.get_by_text("This conversation is closed.")).to_have_count(0)
    button(owner, "Nino Kapanadze: your menu").click()
    page.get_by_role("menuitem", name="Keyboard shortcuts").click()
    help_dialog.get_by_role("switch", name="Single keys are shortcuts").click()
    keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()
    keyboard.press("e")
    expect(page.get_by_text("This conversation is closed.")).to_be_visible()


def test_enter_can_be_a_new_line(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("Take your time", name=name)
    opens(owner, visitor)
    owner.page.keyboard.press("?")
    owner.page.get_by_role("switch", name="Enter sends").click()
    owner.page.keyboard.press("Escape")
    expect(owner.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    editor(owner).press_sequentially("One")
    editor(owner).press("Enter")
    editor(owner).press_sequentially("Two")
    expect(editor(owner)).to_have_value("One\nTwo")
    editor(owner).press("Control+Enter")
    expect(editor(owner)).to_have_value("")
    expect(owner.log.locator(".bubble").last).to_have_text("One\nTwo")
    assert visitor.words() == ["Take your time", "One\nTwo"]


def test_unread_in_the_title_and_on_the_icon(
    owner: Operator, visitor: ApiVisitor, name: str, product: Product, team: Team
) -> None:
    """What waits for this operator is counted; what a colleague has is not."""
    page = owner.page
    other = ApiVisitor(product, team.demo["public_key"])
    other.starts("Look at me meanwhile", name=f"Other {name}")
    opens(owner, other)
    owner.sees("Look at me meanwhile")
    expect(owner.row(f"Other {name}").get_by_text("unread message")).to_have_count(0)
    before = page.request.get(f"{product.site}/api/v1/conversations/counts").json()["unread"]
    visitor.starts("Now me", name=name)
    expect(owner.row(name).filter(has_text="Now me").get_by_text("1 unread message")).to_be_attached()
    expect(page).to_have_title(re.compile(rf"^\({before + 1}\) Inbox"))
    assert page.locator("link[rel~=icon]").get_attribute("href", timeout=5_000).startswith("blob:")  # type: ignore[union-attr]
    owner.row(name).filter(has_text="Now me").click()
    owner.sees("Now me")
    expect(page).to_have_title(re.compile(rf"^\({before}\) Inbox" if before else "^Inbox"))


def test_presence_is_seen_by_the_team(owner: Operator, colleague: Operator) -> None:
    for operator in (owner, colleague):
        operator.page.goto(f"{operator.product.site}/inbox/")
        operator.is_connected()
    button(colleague, "Your presence: Online").click()
    colleague.page.get_by_role("button", name=re.compile("^Away")).click()
    expect(button(colleague, "Your presence: Away")).to_be_visible()
    button(owner, "Your presence: Online").click()
    team = owner.page.get_by_role("dialog", name="Presence").get_by_role("listitem")
    expect(team.filter(has_text="Luka Beridze")).to_contain_text("Away")
    button(colleague, "Your presence: Away").click()
    colleague.page.get_by_role("button", name=re.compile("^Online")).click()
    expect(team.filter(has_text="Luka Beridze")).to_contain_text("Online")


def test_a_session_that_ended_says_so(product: Product, team: Team, new_page: Callable[..., Page]) -> None:
    """Signed out in another tab: the inbox says so and leads to the sign-in; nothing is lost silently."""
    page = new_page()
    operator = Operator(page, product)
    operator.sign_in(team.demo["colleague"], team.demo["password"])
    other = page.context.new_page()
    other.goto(f"{product.site}/inbox/")
    expect(other.get_by_role("button", name="Your presence: Online")).to_be_visible()
    other.get_by_role("button", name="Luka Beridze: your menu").click()
    other.get_by_role("menuitem", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="You were signed out")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_signing_out_asks_before_it_discards_words(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    cable = Cable(owner.page)
    visitor.starts("Hello?", name=name)
    opens(owner, visitor)
    cable.cut()
    expect(owner.page.get_by_text("Offline since")).to_be_visible()
    owner.says("Written in the tunnel")
    button(owner, "Nino Kapanadze: your menu").click()
    owner.page.get_by_role("menuitem", name="Sign out").click()
    dialog = owner.page.get_by_role("dialog", name="Sign out with unsent messages?")
    expect(dialog).to_contain_text("1 message is not sent yet.")
    dialog.get_by_role("button", name="Cancel").click()
    cable.mend()
    hurry(button(owner, "Try now"))
    expect(owner.log.get_by_text("Not sent yet.")).to_have_count(0)
    assert visitor.words() == ["Hello?", "Written in the tunnel"]


def test_chosen_colours_hold_over_a_reload(owner: Operator) -> None:
    page = owner.page
    page.goto(f"{owner.product.site}/inbox/")
    owner.is_connected()
    with page.expect_response("**/preferences/"):
        button(owner, "Nino Kapanadze: your menu").click()
        page.get_by_role("menuitemradio", name="Dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    button(owner, "Nino Kapanadze: your menu").click()
    expect(page.get_by_role("menuitemradio", name="Dark colours")).to_be_checked()


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><svg onload=alert(1)>',
    "{{constructor.constructor('alert(1)')()}}",
)


def test_hostile_words_stay_words(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    """Names, pages and messages are text in every view; a dialog or a report of the policy fails the test."""
    hostile_name = f"{HOSTILE[0]} {name[-6:]}"
    visitor.starts(HOSTILE[1], name=hostile_name, page=f"/sofas/lomond/?q={HOSTILE[0]}", title=HOSTILE[3])
    for words in HOSTILE[2:]:
        visitor.says(words)
    opens(owner, visitor)
    for words in HOSTILE[1:]:
        owner.sees(words)
    expect(owner.row(name[-6:])).to_contain_text(hostile_name)
    expect(owner.page.get_by_role("heading", name=hostile_name).first).to_be_visible()
    owner.notes(HOSTILE[0])
    owner.says(f"{HOSTILE[3]} again")
    # A script's address is no link; neither is anything that was written.
    assert owner.log.get_by_role("link").count() == 0
    assert owner.page.locator("img, script:not([src]):not([type='application/json'])").count() == 0


def test_one_pane_on_a_phone(product: Product, team: Team, new_page: Callable[..., Page], visitor: ApiVisitor) -> None:
    """List, thread and details follow one another, the focus with them; nothing scrolls sideways at 320 px."""
    name = f"Phone {uuid4().hex[:6]}"
    visitor.starts("From my phone to yours", name=name)
    page = new_page(storage_state=team.owner, viewport={"width": 320, "height": 640}, has_touch=True)
    operator = Operator(page, product)
    page.goto(f"{product.site}/inbox/#/open")
    operator.is_connected()
    operator.row(name).click()
    operator.sees("From my phone to yours")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.get_by_role("region", name="Inbox")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_role("dialog", name="Details").get_by_text("Consent and data")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to the list").click()
    expect(operator.row(name).get_by_role("link")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 320

"""Whatever somebody writes or is called is text in every view: it does not run, fetch, lead, turn or widen."""

from collections.abc import Callable, Iterator
from typing import Any  # JSON of our API
from urllib.parse import quote
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import hostile_stage as scene
from tests.e2e.host_page import host_site
from tests.e2e.hostile_stage import Stage, api, be, start_chat, upload_named
from tests.e2e.hostile_text import ADDRESS, PAYLOADS, Watch, as_line, ask, check_literal, closed_text
from tests.e2e.people import Visitor
from tests.e2e.product import Product, link_in

WIDE = {"width": 1440, "height": 900}
NewPage = Callable[..., Page]


@pytest.fixture
def member(stage: Stage, new_page: NewPage) -> Iterator[Page]:
    """A page of the organization's owner, signed in."""
    page = new_page(storage_state=stage.member, viewport=WIDE)
    watch = Watch(page.context)
    yield page
    watch.check()


@pytest.fixture
def visitor(stage: Stage, product: Product, new_page: NewPage) -> Iterator[Visitor]:
    """A stranger with a hostile browser on the Client's hostile page."""
    page = new_page(user_agent=scene.USER_AGENT)
    watch = Watch(page.context)
    yield Visitor(page, product)
    watch.check()


def test_a_hole_would_be_seen(chromium: Browser, product: Product) -> None:
    """The proof of the proof: on a page that puts text in as markup, the same eyes find everything."""
    context = chromium.new_context()
    watch = Watch(context)
    page = context.new_page()
    page.goto(product.shop)
    with pytest.raises(AssertionError, match="lacks"):
        check_literal(page, [PAYLOADS[0]])
    page.evaluate("words => document.querySelector('main').insertAdjacentHTML('beforeend', words)", PAYLOADS[1])
    with pytest.raises(AssertionError, match="onerror"):
        check_literal(page, [])
    page.evaluate("document.querySelector('main').innerHTML = 'by <i>\\u202eAna</i> today'")
    with pytest.raises(AssertionError, match="turned"):
        check_literal(page, [])
    with host_site({"/": f'<p>{PAYLOADS[1]}{PAYLOADS[10]}">'}) as careless:
        page.goto(careless.address)
        page.wait_for_function("window.__pwned === 2")
        with pytest.raises(AssertionError) as found:
            watch.check()
    for trace in ("Content Security Policy", "ran in", "fetched"):
        assert trace in str(found.value)
    context.close()


def test_names_and_last_lines_in_the_inbox(stage: Stage, member: Page) -> None:
    """Every customer in the list, and each with details, pages, attributes and thread."""
    member.goto(f"{stage.product.site}/inbox/#/open")
    names = [as_line(words[:80])[:120] for words in PAYLOADS]
    everybody = _customers(member)
    rows = [row for row in everybody if row["end_user"]["name"] in names]
    assert {row["end_user"]["name"] for row in rows} == set(names)
    while member.locator(".row").count() < len(everybody):
        member.locator(".row").last.scroll_into_view_if_needed()
    check_literal(member, [*names, *(" ".join(words[:140].split()) for words in PAYLOADS)])
    for row in rows:
        person = ask(member, "GET", f"/api/v1/end-users/{row['end_user']['id']}")
        page = person["visits"][0]["pages"][-1]
        member.goto(f"{stage.product.site}/inbox/#/open/{row['id']}")
        expect(member.locator(".details .page")).to_have_count(len(person["visits"][0]["pages"]))
        shown = [ADDRESS, person["phone"], person["external_id"], *person["attributes"], *person["attributes"].values()]
        check_literal(member, [*shown, member.evaluate(_PATH, page["url"])])


def _customers(member: Page) -> list[dict[str, Any]]:
    """Return every open conversation, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(member, "GET", f"/api/v1/conversations?section=open&cursor={cursor}")
        found += page["results"]
        cursor = page["next"]
    return found


def test_a_conversation_on_both_sides(stage: Stage, member: Page, visitor: Visitor) -> None:
    """Greeting, start screen, messages, notes, files, typing, transcript and end of one conversation."""
    be(member, stage, "away")
    conversation = _started(stage, visitor)
    says = api(stage, f"conversations/{conversation}/messages")
    for words in PAYLOADS[1:]:
        ask(visitor.frame, "POST", says, scene.message(words))
    files = [upload_named(visitor.frame, stage, f"{words}.txt", conversation) for words in PAYLOADS[:10]]
    ask(visitor.frame, "POST", says, scene.message("", [file["id"] for file in files]))
    member.goto(f"{stage.product.site}/inbox/#/open/{conversation}")
    expect(member.locator(".file-name")).to_have_count(len(files))
    for words in PAYLOADS:
        scene.answer(member, f"conversations/{conversation}/messages", scene.message(words))
        scene.answer(member, f"conversations/{conversation}/notes", {"client_id": str(uuid4()), "body": words})
    for view in (member, visitor.frame):
        expect(view.locator(".bubble")).to_have_count(2 * len(PAYLOADS))
        assert view.locator(".bubble").all_text_contents() == [*PAYLOADS, *PAYLOADS]
        assert view.locator(".file-name").all_text_contents() == [file["name"] for file in files]
    assert member.locator(".note-body").all_text_contents() == list(PAYLOADS)
    check_literal(member, [scene.SHOWN_VISITOR, "Chrome · desktop", scene.PATH])
    check_literal(visitor.frame, [scene.DISPLAY_NAME])
    _check_transcript(visitor)
    _write_and_end(stage, member, visitor, conversation)
    visitor.page.reload()
    expect(visitor.frame.locator(".bubble").last).to_have_text(PAYLOADS[-1])
    check_literal(visitor.frame, PAYLOADS)


def _started(stage: Stage, visitor: Visitor) -> str:
    visitor.visit(stage.host_page)
    assert as_line(scene.TEXTS["greeting"]) in closed_text(visitor.page)
    visitor.open_widget()
    check_literal(visitor.frame, [as_line(scene.TEXTS[name]) for name in ("title", "offline")])
    return start_chat(stage, visitor)


def _check_transcript(visitor: Visitor) -> None:
    visitor.frame.get_by_role("button", name="More").click()
    with visitor.page.expect_download() as started:
        visitor.frame.get_by_role("menuitem", name="Get transcript").click()
    text = started.value.path().read_text()
    # Some hold letters that no line of text may have: a direction, and the end of a line.
    barred = {"\u2028", "\u2029", "\u202c", "\u202e", "\t", "\r", "\n"}
    missing = {words for words in PAYLOADS if words not in text}
    assert missing == {words for words in PAYLOADS if barred & set(words)}
    assert not (barred - {"\n"}) & set(text)


def _write_and_end(stage: Stage, member: Page, visitor: Visitor, conversation: str) -> None:
    """Names also stand inside of sentences."""
    visitor.frame.get_by_role("textbox", name="Message").press_sequentially("I am")
    expect(member.locator(".typing")).to_contain_text("is typing")
    check_literal(member, [])
    member.keyboard.press("t")
    expect(member.get_by_role("option").first).to_contain_text(scene.DISPLAY_NAME)
    check_literal(member, [])
    ask(visitor.frame, "POST", api(stage, f"conversations/{conversation}/close"), {})
    expect(member.get_by_role("log")).to_contain_text("The conversation was closed")
    check_literal(member, [])


def test_pages_of_the_team(stage: Stage, member: Page) -> None:
    """Names of people, widgets and the organization on every page that shows them, and in every field."""
    widget = f"/widgets/{stage.widget_id}/"
    names = [as_line(words[:80]) for words in PAYLOADS]
    shown = {
        "/team/": [scene.DISPLAY_NAME, ADDRESS, scene.ORGANIZATION],
        "/profile/": [scene.FULL_NAME, scene.DISPLAY_NAME, scene.ORGANIZATION],
        "/settings/": [scene.ORGANIZATION],
        "/audit/": [scene.DISPLAY_NAME],
        "/organizations/new/": [],
        "/accounts/logout/": [],
        "/accounts/password/change/": [scene.ORGANIZATION],
        "/widgets/": names,
        widget: [as_line(text) for text in scene.TEXTS.values()],
        f"{widget}install/": [],
    }
    for path, words in shown.items():
        member.goto(stage.product.site + path)
        check_literal(member, words)
    for number in (2, 12, 13, 16):
        member.goto(f"{stage.product.site}/widgets/")
        member.get_by_role("link", name=names[number], exact=True).click()
        for tab in ("Settings", "Install"):
            member.get_by_role("navigation", name="Widget").get_by_role("link", name=tab).click()
            expect(member.get_by_role("heading", level=1)).to_have_text(names[number])
            check_literal(member, [names[number]])


def test_what_is_refused_is_shown_as_text(stage: Stage, member: Page, new_page: NewPage) -> None:
    """Forms give back what they refuse; errors quote it."""
    stranger = new_page()
    for page, path, label, button in (
        (member, "/widgets/new/", "Your site", "Create"),
        (member, "/team/", "E-mail", "Invite"),
        (stranger, "/accounts/login/", "E-mail", "Log in"),
        (stranger, "/accounts/signup/", "Work e-mail", "Create an account"),
        (stranger, "/accounts/password/reset/", "E-mail", "Send the link"),
    ):
        words = "".join((PAYLOADS[9], PAYLOADS[2], PAYLOADS[0], PAYLOADS[13]))
        page.goto(stage.product.site + path)
        page.get_by_label(label).fill(words)
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".field-error, .notice").first).to_be_visible()
        check_literal(page, [words])


def test_addresses_are_shown_as_text(stage: Stage, new_page: NewPage) -> None:
    """Paths and queries that lead nowhere, and an invitation by somebody with such a name."""
    page = new_page()
    watch = Watch(page.context)
    for words in (as_line(words).replace("/", "|") for words in PAYLOADS[:14]):
        page.goto(f"{stage.product.site}/invitations/{uuid4()}/{quote(words)}/")
        check_literal(page, ["There is nothing here"])
        page.goto(f"{stage.product.site}/accounts/login/?next={quote(words)}")
        check_literal(page, ["Welcome back"])
        for path in ("password/reset/key/x-", "confirm-email/"):
            page.goto(f"{stage.product.site}/accounts/{path}{quote(words)}/")
            check_literal(page, [])
    page.goto(link_in(stage.product.mail_to(ADDRESS, containing="/invitations/")))
    check_literal(page, [scene.ORGANIZATION, scene.DISPLAY_NAME, ADDRESS])
    watch.check()


def test_mails_carry_names_as_text(stage: Stage, new_page: NewPage) -> None:
    """The page of caught mails; and the mails themselves, opened where nothing would hold a script back."""
    page = new_page()
    watch = Watch(page.context)
    page.goto(f"{stage.product.site}/mail/")
    check_literal(page, [scene.ORGANIZATION, scene.FULL_NAME, scene.DISPLAY_NAME, ADDRESS])
    for recipient, link, names in (
        (ADDRESS, "/invitations/", [scene.ORGANIZATION, scene.DISPLAY_NAME]),
        (stage.address, "/confirm-email/", [scene.FULL_NAME]),
    ):
        stage.site.pages["/mail"] = stage.product.mail_to(recipient, containing=link, kind="html")
        page.goto(f"{stage.site.address}/mail")
        text = page.locator("body").inner_text()
        assert [name for name in names if name not in text] == []
        assert page.locator("script, img, svg, [onload], [onerror]").count() == 0
    watch.check()


_PATH = "url => { const { pathname } = new URL(url); try { return decodeURI(pathname); } catch { return pathname; } }"

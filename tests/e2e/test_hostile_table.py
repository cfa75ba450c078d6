"""Every field that a person fills in, by every view that shows it: the table against the code, and then each view."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import time
from typing import Any  # JSON of our API; fields of forms and models
from uuid import uuid4

import jwt
import pytest
from django import forms
from django.apps import apps
from django.db import models
from playwright.sync_api import Browser, Frame, Page, expect
from rest_framework import serializers

from livecaller.core.api import StrictSerializer
from livecaller.core.forms import StrictForm
from tests.e2e import hostile_stage as scene
from tests.e2e import hostile_table as table
from tests.e2e import test_hostile_text as stories
from tests.e2e.hostile_stage import Stage, api, be, message, upload_named
from tests.e2e.hostile_table import CLOSED, INPUTS, PAGES, ROWS
from tests.e2e.hostile_text import ADDRESS, EVIL, Watch, ask, check_literal, closed_text
from tests.e2e.people import Visitor
from tests.e2e.product import Product, link_in
from tests.security.routes import every_route

OURS = ("accounts", "billing", "calls", "chats", "privacy", "widget")
RECORDER = """
window.Notification = class {
  static permission = 'granted';
  constructor(title, { body }) { console.info(`notified: ${title}: ${body}`); }
};
Object.defineProperty(document, 'hidden', { get: () => window.isAway ?? false });
"""


def _heirs(kind: type[Any]) -> Iterator[type[Any]]:
    for heir in kind.__subclasses__():
        yield heir
        yield from _heirs(heir)


def _texts_accepted() -> Iterator[str]:
    """Name each text that an address of the API or a form takes, once, where it is declared."""
    open_ended = (serializers.CharField, serializers.DictField, serializers.FileField)
    for kind in set(_heirs(StrictSerializer)):
        declared = kind._declared_fields
        inherited = {name for base in kind.__bases__ for name in getattr(base, "_declared_fields", {})}
        for name in declared.keys() - inherited:
            if isinstance(declared[name], open_ended) and not isinstance(
                getattr(declared[name], "child", None), serializers.Serializer
            ):
                yield f"{kind.__name__}.{name}"
    for kind in set(_heirs(StrictForm)):
        for name, field in kind.base_fields.items():
            if isinstance(field, forms.CharField) and not isinstance(field, forms.UUIDField):
                yield f"{kind.__name__}.{name}"


def _text_columns() -> Iterator[str]:
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for field in model._meta.local_concrete_fields:
                if isinstance(field, kinds) and not field.choices:
                    yield f"{model.__name__}.{field.name}"


def test_every_column_of_text_has_a_row() -> None:
    columns = set(_text_columns())
    rows = {name.partition(":")[0] for name in ROWS if "." in name}
    assert columns - rows - CLOSED.keys() == set(), "Give it a row, and open the views that show it."
    assert (rows | CLOSED.keys()) - columns == set(), "These columns are gone."
    assert rows & CLOSED.keys() == set()


def test_every_text_that_is_accepted_fills_a_row() -> None:
    # The addresses load what they accept.
    every_route()
    accepted = set(_texts_accepted())
    assert accepted - INPUTS.keys() == set(), "Say in hostile_table.py which row it fills."
    assert INPUTS.keys() - accepted == set(), "These inputs are gone."
    known = ROWS.keys() | CLOSED.keys()
    assert [name for name, fills in INPUTS.items() if fills not in known and not fills.endswith(".")] == []


def test_every_page_is_seen() -> None:
    pages = {route.pattern for route in every_route() if route.host == "site" and _is_page(route.pattern)}
    assert pages - PAGES.keys() == set(), "Say in hostile_table.py which view opens it."
    assert PAGES.keys() - pages == set(), "These pages are gone."
    assert [
        place for place in PAGES.values() if not (place in VIEWS or place.endswith(".") or hasattr(stories, place))
    ] == []


def _is_page(pattern: str) -> bool:
    """Say whether an address shows a page: not the API, nor one that only takes a form and leads elsewhere."""
    acts = "preferences switch verify invite resend revoke role remove allow <str:section> identity secrets retire"
    endings = tuple(f"{act}/" for act in acts.split())
    return not pattern.startswith("api/") and not pattern.endswith(endings)


def test_every_row_is_looked_for() -> None:
    assert {view for row in ROWS.values() for view in row.views} == VIEWS.keys()
    assert [name for name, row in ROWS.items() if not row.words or not row.views] == []


@dataclass
class Desk:
    """The stage with one customer, of whom every field has words of its own."""

    stage: Stage
    conversation: str
    person: str
    token: str
    page: Page
    visitor: Visitor

    def opens(self, path: str) -> Page:
        """Open a page of the site as the owner."""
        self.page.goto(f"{self.stage.product.site}{path}")
        return self.page

    def opens_thread(self) -> Page:
        """Open the customer's conversation and wait for its details."""
        page = self.opens(f"/inbox/#/open/{self.conversation}")
        expect(page.locator(".details .page").first).to_be_visible()
        return page


@pytest.fixture(scope="module")
def customer(stage: Stage, chromium: Browser) -> dict[str, str]:
    """The customer whom the team sees; nobody else comes by that name, so that the visit stays the newest."""
    return _conversation(stage, chromium, table.SUBJECT)


@pytest.fixture(scope="module")
def twin(stage: Stage, chromium: Browser) -> dict[str, str]:
    """Another customer with the same words, whose chat is opened on the Client's page."""
    return _conversation(stage, chromium, "twin")


def _conversation(stage: Stage, chromium: Browser, subject: str) -> dict[str, str]:
    """Let a customer come, write and send a file, and the owner answer, note and fill in the contact."""
    guests, members = chromium.new_context(), chromium.new_context(storage_state=stage.member)
    watches = [Watch(context) for context in (guests, members)]
    page = guests.new_page()
    page.goto(f"{stage.product.widget}/frame/{stage.key}")
    where = {
        "url": f"{stage.site.address}{table.PAGE}",
        "title": table.PAGE_TITLE,
        "referrer": f"https://{table.REFERRER}/",
    }
    opening = {"jwt": _token(stage, subject), "locale": "en", "page": where}
    session = ask(page, "POST", api(stage, "session"), opening)
    known = {"Authorization": f"Visitor {session['token']}"}
    begin = {**message(table.VISITOR_SAYS), "form": {}, "notice_accepted": True}
    # An earlier conversation, so that there is a list of them.
    ask(page, "POST", api(stage, "conversations"), {**begin, **message("Before")}, **known)
    started = ask(page, "POST", api(stage, "conversations"), begin, **known)
    conversation = started["thread"]["id"]
    file = upload_named(page.main_frame, stage, table.FILE, conversation)
    ask(page, "POST", api(stage, f"conversations/{conversation}/messages"), message("", [file["id"]]), **known)
    page = members.new_page()
    page.goto(f"{stage.product.site}/inbox/")
    scene.answer(page, f"conversations/{conversation}/notes", {"client_id": str(uuid4()), "body": table.NOTE})
    scene.answer(page, f"conversations/{conversation}/messages", message(table.OPERATOR_SAYS))
    person = session["end_user"]["id"]
    contact = {
        "first_name": table.FIRST_NAME,
        "last_name": table.LAST_NAME,
        "email": ADDRESS,
        "phone": table.PHONE,
        "attributes": {table.KEY: table.VALUE},
    }
    scene.answer(page, f"end-users/{person}", contact, method="PATCH")
    for watch in watches:
        watch.check()
        watch.context.close()
    return {"conversation": conversation, "person": person, "token": session["token"]}


def _token(stage: Stage, subject: str) -> str:
    return jwt.encode({"sub": subject, "iat": int(time())}, stage.secret, algorithm="HS256")


@pytest.fixture
def desk(stage: Stage, product: Product, customer: dict[str, str], new_page: Callable[..., Page]) -> Iterator[Desk]:
    """The owner's page and a browser of the customer, both watched."""
    member = new_page(storage_state=stage.member, viewport={"width": 1440, "height": 900})
    guest = new_page()
    watches = [Watch(page.context) for page in (member, guest)]
    yield Desk(stage, page=member, visitor=Visitor(guest, product), **customer)
    for watch in watches:
        watch.check()


def _launcher(desk: Desk) -> str:
    desk.visitor.visit(desk.stage.host_page)
    return closed_text(desk.visitor.page)


def _start(desk: Desk) -> Frame:
    be(desk.page, desk.stage, "online")
    desk.visitor.visit(desk.stage.host_page)
    desk.visitor.page.evaluate("given => LiveCaller('update', given)", table.GIVEN)
    desk.visitor.open_widget()
    expect(desk.visitor.frame.get_by_label("Your name")).to_have_value(table.GIVEN["name"])
    link = desk.visitor.frame.locator("a[href^='https://shop.example/']").first
    assert link.evaluate("link => decodeURI(link.href)") == scene.NOTICE
    return desk.visitor.frame


def _chat(desk: Desk) -> Frame:
    """A stranger with an address of their own, for whom the page then gives the customer's token."""
    desk.visitor.visit(desk.stage.host_page)
    desk.visitor.open_widget()
    desk.visitor.start_chat("A stranger", email=f"stranger@{EVIL}")
    desk.visitor.page.evaluate("token => LiveCaller('identify', token)", _token(desk.stage, "twin"))
    expect(desk.visitor.log).to_contain_text(table.FILE)
    return desk.visitor.frame


def _chats(desk: Desk) -> Frame:
    frame = _chat(desk)
    frame.get_by_role("button", name="Your conversations").click()
    expect(frame.get_by_role("listitem").first).to_be_visible()
    return frame


def _alone(desk: Desk) -> Page:
    desk.visitor.page.goto(f"{desk.stage.product.widget}/frame/{desk.stage.key}")
    expect(desk.visitor.page.get_by_role("banner")).to_be_visible()
    return desk.visitor.page


def _list(desk: Desk) -> Page:
    page = desk.opens("/inbox/#/open")
    expect(page.locator(".row").filter(has_text=table.FIRST_NAME).first).to_be_visible()
    return page


def _contact(desk: Desk) -> Page:
    page = desk.opens_thread()
    page.get_by_role("button", name="Edit contact").click()
    expect(page.get_by_label("First name")).to_have_value(table.FIRST_NAME)
    return page


def _filter(desk: Desk) -> Page:
    page = _list(desk)
    page.get_by_label("Filter this list by name").fill(table.FILTER)
    expect(page.locator(".row")).to_have_count(0)
    return page


def _draft(desk: Desk) -> Page:
    page = desk.opens_thread()
    page.get_by_role("textbox", name="Reply to").fill(table.DRAFT)
    page.get_by_role("button", name="Note", exact=True).click()
    page.reload()
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_role("textbox", name="Reply to")).to_have_value(table.DRAFT)
    return page


def _toast(desk: Desk) -> Page:
    page = desk.opens_thread()
    page.keyboard.press("t")
    page.get_by_role("option").filter(has_text=scene.DISPLAY_NAME).click()
    expect(page.locator(".toasts")).to_contain_text(scene.DISPLAY_NAME)
    return page


def _alert(desk: Desk) -> str:
    page = desk.page
    page.add_init_script(RECORDER)
    desk.opens("/inbox/#/closed")
    page.get_by_role("button", name="Turn on sound and alerts").click()
    page.evaluate("window.isAway = true")
    desk.visitor.page.goto(f"{desk.stage.product.widget}/frame/{desk.stage.key}")
    says = api(desk.stage, f"conversations/{desk.conversation}/messages")
    known = {"Authorization": f"Visitor {desk.token}"}
    with page.expect_console_message(lambda line: line.text.startswith("notified: ")) as notified:
        ask(desk.visitor.page, "POST", says, message(table.VISITOR_SAYS), **known)
    scene.answer(page, f"conversations/{desk.conversation}/messages", message(table.OPERATOR_SAYS))
    return notified.value.text


def _api(desk: Desk) -> str:
    """Every answer that holds words, opened as a page."""
    thread = f"conversations/{desk.conversation}"
    paths = (
        f"end-users/{desk.person}",
        "conversations",
        thread,
        f"{thread}/messages",
        f"{thread}/notes",
        "members",
        "me",
    )
    return "\n".join(_strings(_opened(desk, f"/api/v1/{path}")) for path in paths)


def _opened(desk: Desk, path: str) -> Any:
    page = desk.opens(path)
    assert page.evaluate("document.contentType") == "application/json"
    assert page.locator("img, svg, script, a").count() == 0
    return json.loads(page.locator("pre").inner_text())


def _strings(value: Any) -> str:
    parts: Iterable[Any] = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return (
        value if isinstance(value, str) else "\n".join(map(_strings, parts)) if isinstance(value, dict | list) else ""
    )


def _invitation(desk: Desk) -> Page:
    page = desk.visitor.page
    page.goto(link_in(desk.stage.product.mail_to(ADDRESS, containing="/invitations/")))
    return page


def _site(path: str) -> Callable[[Desk], Page]:
    return lambda desk: desk.opens(path.replace("{widget}", desk.stage.widget_id))


VIEWS: dict[str, Callable[[Desk], Page | Frame | str]] = {
    "launcher": _launcher,
    "start": _start,
    "chat": _chat,
    "chats": _chats,
    "alone": _alone,
    "list": _list,
    "thread": Desk.opens_thread,
    "contact": _contact,
    "filter": _filter,
    "draft": _draft,
    "toast": _toast,
    "alert": _alert,
    "api": _api,
    "invitation": _invitation,
    "team": _site("/team/"),
    "profile": _site("/profile/"),
    "settings": _site("/settings/"),
    "audit": _site("/audit/"),
    "widgets": _site("/widgets/"),
    "widget": _site("/widgets/{widget}/"),
    "install": _site("/widgets/{widget}/install/"),
    "mails": _site("/mail/"),
}


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_its_fields_as_text(view: str, desk: Desk) -> None:
    words = [words for row in ROWS.values() if view in row.views for words in row.words]
    shown = VIEWS[view](desk)
    if isinstance(shown, str):
        assert [word for word in words if word not in shown] == []
    else:
        check_literal(shown, words)


def test_letters_that_are_none_are_refused(desk: Desk) -> None:
    """NUL and half of a pair fit into no text of the database or of a browser."""
    page = desk.visitor.page
    page.goto(f"{desk.stage.product.widget}/frame/{desk.stage.key}")
    for letter in ("\\u0000", "\\ud800", "\\udfff"):
        for path, body in (
            (f"conversations/{desk.conversation}/messages", message("LETTER")),
            ("end-user", {"first_name": "LETTER"}),
            ("pages", {"url": "https://shop.example/", "title": "LETTER"}),
        ):
            method = "PATCH" if path == "end-user" else "POST"
            raw = json.dumps(body).replace("LETTER", f"a{letter}b")
            assert page.evaluate(_SEND, [method, api(desk.stage, path), raw, desk.token]) == 400, (path, letter)
            fine = raw.replace(letter, "")
            assert page.evaluate(_SEND, [method, api(desk.stage, path), fine, desk.token]) < 300


_SEND = """async ([method, url, body, token]) => {
  const headers = { 'Content-Type': 'application/json', Authorization: `Visitor ${token}` };
  return (await fetch(url, { method, body, headers })).status;
}"""

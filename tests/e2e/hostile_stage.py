"""An organization in which everything that anybody can name or write is a payload."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from time import time
from typing import Any  # Playwright's storage state
from urllib.parse import quote
from uuid import uuid4

import jwt
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.e2e.host_page import HostSite, host_site
from tests.e2e.hostile_text import ADDRESS, EVIL, PAYLOADS, Watch, as_line, ask
from tests.e2e.newcomer import create_organization, sign_up
from tests.e2e.people import Visitor
from tests.e2e.product import Product

# Names of members and organizations refuse addresses and direction signs, and have 120 characters.
ORGANIZATION = "</script><script>window.__pwned=41</script> & <b>{{7*7}}</b>"
FULL_NAME = '"><img src=x onerror=window.__pwned=42> {% debug %}'
DISPLAY_NAME = "<svg onload=window.__pwned=43> $& {name}"
TEXTS = {
    "title": PAYLOADS[1],
    "greeting": f"{PAYLOADS[0]} {PAYLOADS[12]}",
    "intro": " ".join([*PAYLOADS[2:7], *PAYLOADS[13:15]]),
    "offline": " ".join([*PAYLOADS[7:12], *PAYLOADS[16:20]]),
}
PATH = "/<script>window.__pwned=44<|script>"
TITLE = PAYLOADS[12]
WIDGET = "<img src=x onerror=__pwned=48> $& {{7*7}}"
NOTICE = 'https://shop.example/"><img/src=x/onerror=__pwned=49>'
# Every browser family is read out of it; nothing else of it is kept.
USER_AGENT = "Mozilla/5.0 (<script>window.__pwned=45</script>) Chrome/<img src=x onerror=window.__pwned=45>"
VISITOR = "<img/src=x/onerror=window.__pwned=46> \u202e<u>Ana"
SHOWN_VISITOR = as_line(VISITOR)


@dataclass
class Stage:
    """Where the stories play. `member` and `visitor` are profiles of browsers, to be opened again and again."""

    product: Product
    site: HostSite
    member: Any
    widget_id: str
    key: str
    address: str
    secret: str = ""

    @property
    def host_page(self) -> str:
        """Address of the Client's page with a hostile path and title."""
        return self.site.address + quote(PATH, safe="/=")


@contextmanager
def hostile_stage(product: Product, chromium: Browser) -> Iterator[Stage]:
    """Sign up, name everything, and let the Client's customers write; whatever runs meanwhile fails."""
    context = chromium.new_context(locale="en-GB")
    watch = Watch(context)
    page = context.new_page()
    address = f"hostile-{uuid4().hex[:8]}@brand-new.example"
    sign_up(page, product, name=FULL_NAME, address=address)
    create_organization(page, ORGANIZATION)
    page.goto(f"{product.site}/profile/")
    with host_site() as site:
        stage = _organization(page, product, site, address)
        stage.secret = _identity_secret(page, stage)
        _let_customers_write(context, stage)
        stage.member = context.storage_state()
        watch.check()
        context.close()
        yield stage


def _organization(page: Page, product: Product, site: HostSite, address: str) -> Stage:
    """Fill in every field that a member can fill in."""
    submit(page, "/profile/", {"full_name": FULL_NAME, "display_name": DISPLAY_NAME, "locale": "en"})
    submit(page, "/team/invite/", {"email": ADDRESS, "role": "operator"})
    for words in PAYLOADS:
        submit(page, "/widgets/new/", {"name": words[:80], "site": f"https://{uuid4().hex}.example"})
    place, html = submit(page, "/widgets/new/", {"name": WIDGET, "site": site.address})
    keys, ids = re.search(r"pk_\w+", html), re.search(r"/widgets/([0-9a-f-]{36})/", place)
    assert keys
    assert ids
    stage = Stage(product, site, None, ids[1], keys[0], address)
    submit(page, f"/widgets/{stage.widget_id}/settings/texts/", {"language": "en", **TEXTS})
    general = {"name": WIDGET, "notice_url": NOTICE, "default_locale": "en", "locales": "en", "is_active": "on"}
    submit(page, f"/widgets/{stage.widget_id}/settings/general/", general)
    fields = dict.fromkeys(("name", "email", "phone", "topic"), "optional")
    submit(page, f"/widgets/{stage.widget_id}/settings/form/", fields)
    snippet = f'<script src="{product.widget}/w/{stage.key}.js" async></script>'
    html = f"<!doctype html><html lang=en><head><title>{escape(TITLE)}</title>{snippet}</head><h1>Shop</h1>"
    site.pages[quote(PATH, safe="/=")] = html
    return stage


def _identity_secret(page: Page, stage: Stage) -> str:
    html = submit(page, f"/widgets/{stage.widget_id}/secrets/", {})[1]
    found = re.search(r'<pre[^>]*id="secret"[^>]*><code>([^<]+)</code>', html)
    assert found
    return found[1]


def _let_customers_write(context: BrowserContext, stage: Stage) -> None:
    """Let the Client's server vouch for customers with hostile names; each starts a conversation."""
    page = context.new_page()
    page.goto(f"{stage.product.widget}/frame/{stage.key}")
    where = {"url": f"{stage.site.address}/", "title": "Shop", "referrer": f"https://<img src=x onerror=1>.{EVIL}/"}
    token = ask(page, "POST", api(stage, "session"), {"jwt": None, "locale": "en", "page": where})["token"]
    for words in PAYLOADS:
        signed = jwt.encode(_claims(words), stage.secret, algorithm="HS256")
        known = {"Authorization": f"Visitor {token}"}
        token = ask(page, "POST", api(stage, "identify"), {"jwt": signed}, **known)["token"]
        known = {"Authorization": f"Visitor {token}"}
        ask(page, "POST", api(stage, "pages"), {"url": f"{stage.site.address}/{words}", "title": words}, **known)
        form = {"topic": words[:120], "phone": words[:32]}
        ask(
            page,
            "POST",
            api(stage, "conversations"),
            {**message(words), "form": form, "notice_accepted": True},
            **known,
        )
    page.close()


def _claims(words: str) -> dict[str, object]:
    line = as_line(words)
    profile = {"name": words[:80], "email": ADDRESS, "mobile": words[:32], "attributes": {words[:40]: words[:255]}}
    return {"sub": line[:128], "iat": int(time()), **profile}


def start_chat(stage: Stage, visitor: Visitor) -> str:
    """Let a stranger open the widget on the Client's page and begin; returns the conversation."""
    visitor.visit(stage.host_page)
    visitor.open_widget()
    visitor.frame.get_by_label("Topic").fill(PAYLOADS[0])
    visitor.frame.get_by_label("Phone").fill(PAYLOADS[1][:32])
    visitor.start_chat(PAYLOADS[0], name=VISITOR, email=f"ana@{EVIL}")
    threads: list[dict[str, str]] = ask(visitor.frame, "GET", api(stage, "conversations"))
    return threads[0]["id"]


def upload_named(frame: Frame, stage: Stage, name: str, conversation: str) -> dict[str, str]:
    """Upload a text file of this name and return the `Attachment`."""
    sent = {"url": api(stage, "attachments"), "name": name, "conversation": conversation}
    status, content = frame.evaluate(_UPLOAD, sent)
    assert status == 201, content
    answer: dict[str, str] = content
    return answer


def submit(page: Page, path: str, fields: dict[str, str]) -> tuple[str, str]:
    """Send a form of the site from inside one of its pages; returns the address and HTML of the page it leads to."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    status, url, html = page.evaluate(_SUBMIT, {"path": path, "fields": {**fields, "csrfmiddlewaretoken": token}})
    assert status == 200, f"{path}: {status} {re.findall('field-error.*', html)}"
    return str(url), str(html)


def answer(page: Page, path: str, data: object, *, method: str = "POST") -> Any:
    """Send something to the operators' API from inside the inbox."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"].endswith("csrf"))
    return ask(page, method, f"/api/v1/{path}", data, **{"X-CSRFToken": token})


def be(member: Page, stage: Stage, status: str) -> None:
    """Open the inbox and be "online" or "away": visitors read another text when nobody is there."""
    member.goto(f"{stage.product.site}/inbox/")
    expect(member.get_by_role("button", name=re.compile("Your presence: (Online|Away)"))).to_be_visible()
    answer(member, "presence", {"status": status}, method="PUT")
    expect(member.get_by_role("button", name=f"Your presence: {status.title()}")).to_be_visible()


def message(words: str, attachments: list[str] | None = None) -> dict[str, object]:
    """Return the body of a request that sends a message."""
    return {"client_id": str(uuid4()), "body": words, "attachments": attachments or []}


def api(stage: Stage, path: str) -> str:
    """Return an address of the widget's API."""
    return f"/api/v1/widget/{stage.key}/{path}"


_SUBMIT = """async ({ path, fields }) => {
  const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  return [answer.status, answer.url, await answer.text()];
}"""
_UPLOAD = """async ({ url, name, conversation }) => {
  const form = new FormData();
  form.append('conversation', conversation);
  form.append('file', new Blob(['<script>window.__pwned=47</script>'], { type: 'text/html' }), name);
  const answer = await fetch(url, { method: 'POST', body: form });
  return [answer.status, await answer.json()];
}"""

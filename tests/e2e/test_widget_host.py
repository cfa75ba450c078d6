"""The widget on Clients' pages: quiet before it is used, unharmed and harmless on hostile ones."""

import json
from collections.abc import Callable
from typing import Any  # what events carry is JSON

import pytest
from playwright.sync_api import Page, Response, expect

from tests.e2e.host_page import ClientPage
from tests.e2e.people import Operator, Visitor
from tests.e2e.product import Product

WITHOUT_OUR_FRAME = "default-src 'self'; script-src 'self' {widget}; style-src 'self'"
INSIDE = """() => {
  try {
    return stolen[0].querySelector('iframe').contentWindow.document.title;
  } catch {
    return null;
  }
}"""
STORED = "() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]"
# A browser that refuses a frame its storage has nothing in it.
FRAME_STORED = """async () => {
  try {
    return [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length];
  } catch {
    return [0, 0, 0];
  }
}"""

HOSTILE = """
window.stolen = [];
window.heard = [];
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) {
  const root = attach.call(this, init);
  stolen.push(root);
  return root;
};
for (const name of ['keydown', 'keyup', 'input', 'beforeinput', 'paste', 'message']) {
  addEventListener(name, (event) => heard.push([name, event.key ?? event.data]), true);
}
window.fetch = window.XMLHttpRequest = window.WebSocket = () => { throw new Error('not here'); };
"""
POLLUTED = """
Object.assign(Array.prototype, { polluted: 'x', locale: 'ar' });
Object.assign(Object.prototype, { polluted: 'x', locale: 'ar', widget: 'pk_evil', type: 'close', value: true });
"""
FROZEN = """
for (const one of [Object, Array, Function, History, EventTarget, Node, Element, HTMLElement, Promise]) {
  Object.freeze(one.prototype);
}
"""


HEAR = """name => Promise.race([
  new Promise((done) => LiveCaller('once', name, done)),
  new Promise((_, fail) => setTimeout(() => fail(new Error(`no ${name}`)), 15000)),
])"""


def heard(page: Page, name: str) -> Any:
    """Wait for the next event of that name and return what it carries. Works under any policy."""
    return page.evaluate(HEAR, name)


def test_nothing_is_asked_or_kept_before_the_first_act(visitor: Visitor, product: Product) -> None:
    """Opening loads five files at most; the first message is what stores and connects."""
    page = visitor.page
    asked: list[Response] = []
    sockets: list[str] = []

    def note(response: Response) -> None:
        asked.append(response)

    page.on("response", note)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    visitor.open_widget()
    visitor.frame.get_by_label("Your message").fill("Not sent yet")
    assert {response.request.method for response in asked} == {"GET"}
    assert all(response.url.startswith(product.widget) for response in asked)
    assert 1 < len(asked) <= 5
    assert page.evaluate(STORED) == [[], [], ""]
    assert page.context.cookies() == []
    assert visitor.frame.evaluate(FRAME_STORED) == [0, 0, 0]
    assert sockets == []

    visitor.start_chat("Sent", email="quiet@example.com")
    key = product.demo()["public_key"]
    assert page.evaluate(STORED) == [[f"livecaller:{key}"], [], ""]
    assert page.evaluate("key => localStorage.getItem(`livecaller:${key}`)", key) == "1"
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "None")
    assert cookie["partitionKey"] == "http://127.0.0.1"
    assert len(sockets) == 1


def test_the_greeting_opens_nothing_by_itself(visitor: Visitor) -> None:
    """It is a card; a click on its cross sends it away for this visit."""
    size = visitor.page.viewport_size
    assert size
    cross = (size["width"] - 35, size["height"] - 96 - 75)
    assert len(visitor.page.frames) == 1
    visitor.page.mouse.click(*cross)
    assert visitor.page.evaluate("Object.values(sessionStorage)") == ["1"]
    assert len(visitor.page.frames) == 1


@pytest.mark.parametrize("hostility", ["", POLLUTED, FROZEN], ids=["thief", "polluter", "freezer"])
def test_a_hostile_page_gets_nothing_and_breaks_nothing(
    product: Product, client_page: ClientPage, new_page: Callable[..., Page], hostility: str
) -> None:
    """It holds the closed root and hears everything of its own window, and still reads no word of the chat."""
    page = new_page()
    visitor = Visitor(page, product)
    visitor.visit(client_page.serves(HOSTILE + hostility))
    visitor.open_widget()
    visitor.frame.get_by_label("Your message").press_sequentially("4111")
    visitor.start_chat("4111 1111", email="victim@example.com")
    visitor.says("and 4222")
    assert page.evaluate("stolen[0].querySelector('iframe').contentDocument") is None
    assert page.evaluate(INSIDE) is None
    # A second port and orders from elsewhere: neither is taken.
    page.evaluate(
        """origin => {
          const channel = new MessageChannel();
          channel.port1.onmessage = (event) => heard.push(['stolen port', event.data]);
          const connect = { livecaller: 1, isOpen: true, isKnown: true, hasIdentity: true, locale: 'en',
            theme: 'dark', page: { url: '', title: '', referrer: '' }, profile: {} };
          stolen[0].querySelector('iframe').contentWindow.postMessage(connect, origin, [channel.port2]);
          channel.port1.postMessage({ type: 'forget', value: null });
        }""",
        product.widget,
    )
    visitor.says("still here")
    heard = page.evaluate("heard.filter(([name]) => name !== 'message')")
    assert heard == []
    assert "4111" not in page.evaluate("document.documentElement.outerHTML + stolen[0].innerHTML")
    page.evaluate("window.closings = 0; LiveCaller('on', 'close', () => { closings += 1; })")
    page.evaluate("postMessage({ type: 'close', value: null }, '*')")
    visitor.says("and here")
    assert page.evaluate("closings") == 0


def test_a_page_that_forbids_the_frame_gets_a_link(
    product: Product, client_page: ClientPage, new_page: Callable[..., Page]
) -> None:
    """Its policy names no frame of ours: the visitor is led to a tab of their own."""
    page = new_page(allow_problems=True)
    visitor = Visitor(page, product)
    visitor.visit(client_page.serves(policy=WITHOUT_OUR_FRAME.format(widget=product.widget)))
    page.evaluate("setTimeout(() => LiveCaller('open'), 100)")
    assert heard(page, "error")["code"] == "blocked"
    size = page.viewport_size
    assert size
    with page.context.expect_page() as opened:
        page.mouse.click(size["width"] - 200, size["height"] - 96 - 40)
    alone = opened.value
    expect(alone.get_by_role("heading", name="How can we help?")).to_be_visible()
    expect(alone.get_by_role("button", name="Close")).to_have_count(0)
    alone.get_by_label("Your message").fill("From a tab")
    alone.get_by_label("E-mail").fill("tab@example.com")
    alone.get_by_role("checkbox").check()
    alone.get_by_role("button", name="Send message").or_(alone.get_by_role("button", name="Start chat")).click()
    expect(alone.get_by_role("log").get_by_text("From a tab", exact=True)).to_be_visible()


def test_the_pages_script_speaks_with_the_widget(product: Product, visitor: Visitor, operator: Operator) -> None:
    """What it hears of the talk are numbers, never words; shutdown leaves nothing behind."""
    page = visitor.page
    page.evaluate(
        """() => {
          window.events = [];
          for (const name of ['open', 'close', 'unread', 'message:sent', 'message:received', 'consent', 'error']) {
            LiveCaller('on', name, (data) => events.push([name, data]));
          }
          LiveCaller('update', { name: 'Ana Beridze', email: 'ana@example.com' });
          LiveCaller('open');
        }"""
    )
    expect(visitor.frame.get_by_label("Your name")).to_have_value("Ana Beridze")
    visitor.start_chat("Secret sofa")
    operator.opens("Ana Beridze")
    page.evaluate("LiveCaller('close')")
    operator.says("Secret answer")
    expect(operator.log.get_by_text("Secret answer", exact=True)).to_be_visible()
    if page.evaluate("!events.some(([name, data]) => name === 'unread' && data.count === 1)"):
        assert heard(page, "unread") == {"count": 1}
    page.evaluate("LiveCaller('call')")
    names = page.evaluate("events.map(([name]) => name)")
    for name in ("open", "consent", "message:sent", "close", "message:received", "unread", "error"):
        assert name in names, name
    assert "ecret" not in json.dumps(page.evaluate("events"))

    page.evaluate("LiveCaller('shutdown')")
    expect(page.locator("livecaller-widget")).to_have_count(0)
    assert page.evaluate(STORED) == [[], [], ""]
    assert page.context.cookies() == []
    page.reload()
    visitor.open_widget()
    expect(visitor.frame.get_by_role("heading", name="How can we help?")).to_be_visible()
    visitor.does_not_see("Secret sofa")


def test_a_single_page_application_takes_the_widget_along(
    product: Product, visitor: Visitor, operator: Operator
) -> None:
    """The operator sees where the visitor went, without what stands behind the question mark."""
    visitor.open_widget()
    visitor.start_chat("Where am I?", name="Walker", email="walker@example.com")
    operator.opens("Walker")
    page = visitor.page
    with page.expect_response("**/pages"):
        page.evaluate("history.pushState({}, '', '/sofas/tiree/?token=hush#here'); document.title = 'Tiree corner'")
    operator.page.reload()
    expect(operator.page.get_by_text("/sofas/tiree/").first).to_be_visible()
    expect(operator.page.get_by_text("hush")).to_have_count(0)
    visitor.says("Still the same thread")

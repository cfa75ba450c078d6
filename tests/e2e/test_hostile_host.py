"""Pages that tap, break, hide, throw away or copy what the widget stands on: it goes on, and tells them nothing."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.host_page import ClientPage, host_site
from tests.e2e.people import Visitor
from tests.e2e.product import Product

NewPage = Callable[..., Page]

# Everything that the page's realm has is the page's: it stands in the middle of the line and of every listener.
TAPPED = """
window.tapped = [];
const Plain = MessageChannel;
window.MessageChannel = function () {
  const here = new Plain();
  const there = new Plain();
  here.port2.onmessage = ({ data }) => { tapped.push(data); there.port1.postMessage(data); };
  there.port1.onmessage = ({ data }) => { tapped.push(data); here.port2.postMessage(data); };
  window.order = (data) => there.port1.postMessage(data);
  return { port1: here.port1, port2: there.port2 };
};
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, hear, options) {
  listen.call(this, name, (event) => { tapped.push([name, event.data, event.key]); hear.call(this, event); }, options);
};
const { parse, stringify } = JSON;
JSON.parse = (...all) => { tapped.push(all[0]); return parse(...all); };
JSON.stringify = (...all) => { tapped.push(all[0]); return stringify(...all); };
"""
BROKEN = """
const no = () => { throw new Error('not here'); };
JSON.parse = JSON.stringify = window.fetch = window.XMLHttpRequest = window.WebSocket = no;
window.Promise = class { constructor() { no(); } };
Object.assign(Promise, { resolve: no, all: no, race: no });
"""
ORDERS = [
    None,
    "forget",
    {"type": "forget"},
    {"type": "__proto__", "value": None},
    {"type": "toString", "value": None},
    {"type": "visibility", "value": "yes"},
    {"type": "page", "value": {"url": "javascript:alert(1)", "title": {}, "referrer": 1}},
    {"type": "profile", "value": {"first_name": {"toString": "x"}}},
    {"type": "locale", "value": "../../../x"},
    {"type": "identity", "value": "a.b.c"},
]

CONNECT = """([origin, element]) => {
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => (top.told ??= []).push(data.type);
  const connect = { livecaller: 1, isOpen: true, isKnown: false, hasIdentity: false, locale: 'en',
    theme: 'light dark', page: { url: '', title: '', referrer: '' }, profile: {} };
  const where = parent.document.querySelector(element) ?? document.querySelector(element);
  where.contentWindow.postMessage(connect, origin, [channel.port2]);
}"""

CROWDED = """<style>
* { all: revert !important; }
body * { display: none !important; visibility: hidden !important; opacity: 0 !important;
  pointer-events: none !important; position: static !important; width: 0 !important;
  z-index: -1 !important; color: red !important;
  font: 99px fantasy !important; filter: blur(9px) !important; }
:root { --top: 300px; --height: 9px; --color: red; --surface: red; --on-color: red; }
</style>"""

ONLY_OURS = "default-src 'none'; script-src {widget}; frame-src {widget}; base-uri 'none'"
IS_TYPED = "() => { try { new DOMParser().parseFromString('', 'text/html'); } catch { return true; } return false; }"
TYPED = "require-trusted-types-for 'script'; trusted-types 'none'"


def test_a_tapped_line_carries_no_words(client_page: ClientPage, product: Product, new_page: NewPage) -> None:
    """A page that reads and writes the line itself learns no word of the talk, and its nonsense moves nothing."""
    visitor = Visitor(new_page(), product)
    visitor.visit(client_page.serves(TAPPED))
    visitor.open_widget()
    visitor.start_chat("My card is 4111 1111", name="Victoria Tim", email="victim@example.com")
    visitor.says("and 4222")
    page = visitor.page
    for order in ORDERS:
        page.evaluate("data => order(data)", order)
    visitor.says("and 4333")
    traffic = str(page.evaluate("tapped"))
    # It did tap: the line's own words are there.
    assert [word for word in ("'ready'", "'known'", "'message:sent'") if word not in traffic] == []
    for secret in ("4111", "4222", "4333", "Victoria", "victim", _token_of(visitor)):
        assert secret not in traffic


def _token_of(visitor: Visitor) -> str:
    """Return what the server gave this browser to be known by."""
    [cookie] = visitor.page.context.cookies()
    return cookie["value"]


def test_broken_building_blocks_break_nothing(client_page: ClientPage, product: Product, new_page: NewPage) -> None:
    visitor = Visitor(new_page(), product)
    visitor.page.goto(client_page.serves(BROKEN))
    # Whatever waits inside of the page needs its promises: the widget's element is looked for from outside.
    expect(visitor.page.locator("livecaller-widget")).to_have_count(1)
    visitor.page.evaluate("LiveCaller('open')")
    visitor.start_chat("With what is left", email="broken@example.com")
    visitor.says("it works")


def test_only_the_framing_page_is_heard(client_page: ClientPage, product: Product, new_page: NewPage) -> None:
    """The same greeting from a frame of the same origin is nothing; from the page itself it is taken."""
    page = new_page()
    page.goto(client_page.serves())
    key = page.evaluate("new URL(document.querySelector('script[src]').src).pathname.slice(3, -3)")
    client_page.site.pages["/sibling"] = "<!doctype html><title>Sibling</title>"
    page.goto(client_page.site.address + "/sibling")
    page.evaluate(
        """address => new Promise((done) => {
          const add = (id, src) => {
            const made = Object.assign(document.createElement('iframe'), { id, src });
            made.onload = () => id === 'widget' ? add('sibling', '/sibling') : done();
            document.body.append(made);
          };
          add('widget', address);
        })""",
        f"{product.widget}/frame/{key}",
    )
    sibling = next(frame for frame in page.frames if frame.url.endswith("/sibling") and frame.parent_frame)
    widget = next(frame for frame in page.frames if "/frame/" in frame.url)
    arrived = "() => { window.arrived = 0; addEventListener('message', () => { arrived += 1; }); }"
    widget.evaluate(arrived)
    sibling.evaluate(CONNECT, [product.widget, "#widget"])
    widget.wait_for_function("arrived === 1")
    assert widget.get_by_role("banner").count() == 0
    assert page.evaluate("window.told") is None
    page.evaluate(CONNECT, [product.widget, "#widget"])
    expect(widget.get_by_role("banner")).to_be_visible()
    page.wait_for_function("window.told?.includes('ready')")


@pytest.mark.parametrize("is_nested", [False, True], ids=["alone", "within the Client's page"])
def test_a_stranger_cannot_frame_it(
    client_page: ClientPage, product: Product, new_page: NewPage, *, is_nested: bool
) -> None:
    """Neither alone nor as a frame of a page that may: every page above counts."""
    page = new_page(allow_problems=True)
    page.goto(client_page.serves())
    key = page.evaluate("new URL(document.querySelector('script[src]').src).pathname.slice(3, -3)")
    inner = f"<!doctype html><title>Stranger</title><iframe src='{product.widget}/frame/{key}'></iframe>"
    refusals: list[str] = []
    page.on("console", lambda line: refusals.append(line.text) if "frame-ancestors" in line.text else None)
    with host_site({"/": inner}) as stranger:
        outer = f"<iframe src='{stranger.address}/'></iframe>"
        address = client_page.serves(body=outer) if is_nested else stranger.address
        page.goto(address)
        page.wait_for_event("console", lambda line: "frame-ancestors" in line.text) if not refusals else None
        assert [frame for frame in page.frames if frame.url.startswith(product.widget)] == []


def test_a_page_that_throws_it_away_gets_it_back(client_page: ClientPage, product: Product, new_page: NewPage) -> None:
    """An application that redraws its whole page loses the node: the next move brings it back, and the talk with it."""
    visitor = Visitor(new_page(), product)
    page = visitor.page
    visitor.visit(client_page.serves())
    page.evaluate("document.querySelector('livecaller-widget').remove()")
    page.evaluate("history.pushState({}, '', '/second')")
    page.wait_for_function("document.querySelector('livecaller-widget')")
    visitor.open_widget()
    visitor.start_chat("Before", email="thrown@example.com")
    for throw_away in ("document.querySelector('livecaller-widget').remove()", "document.body.replaceChildren()"):
        with page.expect_event("framedetached"):
            page.evaluate(throw_away)
        page.evaluate("LiveCaller('page')")
        visitor.sees("Before")
        visitor.says(f"after {throw_away}")
    page.evaluate("LiveCaller('close')")
    with page.expect_event("framedetached"):
        page.evaluate("document.querySelector('livecaller-widget').remove()")
    page.evaluate("LiveCaller('open')")
    visitor.sees("Before")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_styles_do_not_reach_it(
    client_page: ClientPage, product: Product, new_page: NewPage, width: int
) -> None:
    """Rules for everything, `!important`, and names of variables that are ours by chance."""
    page = new_page(viewport={"width": width, "height": 720})
    page.goto(client_page.serves())
    sizes = []
    for head in ("", CROWDED):
        visitor = Visitor(page, product)
        visitor.visit(client_page.serves(head=head))
        visitor.open_widget()
        sizes.append(visitor.frame.evaluate("[innerWidth, innerHeight]"))
        visitor.frame.get_by_label("Your message").fill("Typed")
    assert page.locator("h1").is_hidden()
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("policy", [ONLY_OURS, f"{ONLY_OURS}; {TYPED}", TYPED], ids=["strict", "both", "types"])
def test_the_narrowest_policy_is_enough(
    client_page: ClientPage, product: Product, new_page: NewPage, policy: str
) -> None:
    """The script and the frame are all that a policy has to name: no style, no picture, no connection, no markup."""
    visitor = Visitor(new_page(), product)
    page = visitor.page
    visitor.visit(client_page.serves(policy=policy.format(widget=product.widget)))
    assert page.evaluate(IS_TYPED) == (TYPED in policy)
    visitor.open_widget()
    visitor.start_chat("Under a policy", email="policy@example.com")
    visitor.says("it works")
    assert visitor.frame.evaluate("innerWidth") == 384


@pytest.mark.parametrize(
    "taken",
    [
        "window.LiveCaller = { version: 1, q: 7 };",
        "window.LiveCaller = function () { throw new Error('mine'); };",
        "window.LiveCaller = 'mine';",
        "window.LiveCaller = { q: [null, 7, ['open'], { 0: 'on', 1: null }] };",
    ],
)
def test_the_name_was_taken(client_page: ClientPage, product: Product, new_page: NewPage, taken: str) -> None:
    visitor = Visitor(new_page(), product)
    page = visitor.page
    page.goto(client_page.serves(taken))
    expect(page.locator("livecaller-widget")).to_have_count(1)
    page.evaluate("LiveCaller('open')")
    expect(visitor.frame.get_by_role("banner")).to_be_visible()


@pytest.mark.parametrize("mark", ["<p id=LiveCaller>", "<form id=LiveCaller><input name=q><input name=length></form>"])
def test_an_element_of_that_name(client_page: ClientPage, product: Product, new_page: NewPage, mark: str) -> None:
    """Browsers put elements with an id on the window: they are nobody's script."""
    visitor = Visitor(new_page(), product)
    visitor.visit(client_page.serves(body=mark))
    assert visitor.page.evaluate("document.getElementById('LiveCaller') !== window.LiveCaller")
    visitor.open_widget()


def test_a_name_that_cannot_be_taken_stays_the_pages(
    client_page: ClientPage, product: Product, new_page: NewPage
) -> None:
    visitor = Visitor(new_page(), product)
    page = visitor.page
    page.goto(client_page.serves("Object.defineProperty(window, 'LiveCaller', { value: 'mine' });"))
    expect(page.locator("livecaller-widget")).to_have_count(1)
    visitor.open_widget()
    assert page.evaluate("LiveCaller") == "mine"


def test_twice_on_one_page_is_once(client_page: ClientPage, product: Product, new_page: NewPage) -> None:
    """The second script changes nothing, whenever it comes."""
    visitor = Visitor(new_page(), product)
    page = visitor.page
    visitor.visit(client_page.serves(head=client_page.snippet, body=client_page.snippet))
    visitor.open_widget()
    visitor.start_chat("Once", email="once@example.com")
    page.evaluate("window.first = LiveCaller")
    page.evaluate(
        """() => new Promise((done) => {
          const { src } = document.querySelector('script[src]');
          document.head.append(Object.assign(document.createElement('script'), { src, onload: done }));
        })"""
    )
    assert page.evaluate("LiveCaller === first")
    expect(page.locator("livecaller-widget")).to_have_count(1)
    assert len([frame for frame in page.frames if urlsplit(frame.url).path.startswith("/frame/")]) == 1
    visitor.says("and still once")

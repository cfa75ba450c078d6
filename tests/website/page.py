"""A page as its reader's browser and screen reader take it apart."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3", "h4")
_ADDRESSES = ("src", "href", "action", "srcset", "poster", "data")


@dataclass
class Page(HTMLParser):
    """What a document contains: its headings in order, its addresses, and anything a strict policy would refuse."""

    html: str
    attributes: dict[str, str] = field(default_factory=dict)
    headings: list[int] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        known = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "html":
            self.attributes = known
        if tag in _HEADINGS:
            self.headings.append(int(tag[1]))
        self.addresses += [known[name] for name in _ADDRESSES if known.get(name)]
        is_data = known.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in known and not is_data):
            self.inline.append(tag)
        self.inline += [f"{tag} {name}" for name in known if name == "style" or name.startswith("on")]

    def skipped_headings(self) -> list[tuple[int, int]]:
        """Return each step in the headings that leaves a level out."""
        return [(a, b) for a, b in zip([0, *self.headings], self.headings, strict=False) if b > a + 1]

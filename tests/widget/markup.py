"""Reading a document as a browser would."""

import json
from html.parser import HTMLParser
from typing import Any  # JSON


class Page(HTMLParser):
    """The tags, inline code and configuration of a document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.config_text = ""
        self._is_in_config = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_in_config = ("id", "widget-config") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._is_in_config = False

    def handle_data(self, data: str) -> None:
        if self._is_in_config:
            self.config_text += data

    @property
    def config(self) -> Any:
        return json.loads(self.config_text)

    @property
    def inline_code(self) -> list[str]:
        """Whatever a strict policy would refuse: inline scripts and styles, event handlers."""
        inline = [tag for tag, found in self.tags if tag == "script" and not _is_harmless(found)]
        styles = [tag for tag, found in self.tags if tag == "style" or "style" in found]
        handlers = [name for _, found in self.tags for name in found if name.startswith("on")]
        return inline + styles + handlers


def _is_harmless(script: dict[str, str | None]) -> bool:
    return bool(script.get("src")) or script.get("type") == "application/json"

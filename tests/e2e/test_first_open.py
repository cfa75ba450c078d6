"""What the widget costs on the wire, as a browser with an empty cache counts it. 1 kB = 1,000 bytes.

What is stored and connected meanwhile, namely nothing: tests/e2e/test_widget_host.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.people import Visitor
from tests.e2e.product import Product

OPEN_REQUESTS, OPEN_BYTES = 5, 60_000
# Its body is 5 kB (tests/test_budgets.py); the rest are the answer's headers.
LOADER_BYTES = 6_500
SPEAKS = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.lang = '%s'; });"


@dataclass
class Wire:
    """What a page has asked of one origin; `taken` forgets it. Redirects and preflights count like the rest."""

    origin: str
    finished: list[Request] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Count from now on, in the page and in its frames."""
        page.on("request", lambda request: self.begun.append(request.url) if self._is_ours(request) else None)
        page.on("requestfinished", lambda request: self.finished.append(request) if self._is_ours(request) else None)

    def taken(self, page: Page) -> tuple[list[str], int]:
        """Wait for what is on its way; return addresses and bytes received, headers and bodies, since the last call."""
        while len(self.finished) < len(self.begun):
            page.wait_for_event("requestfinished")
        sizes = [request.sizes() for request in self.finished]
        addresses = self.begun.copy()
        self.begun.clear()
        self.finished.clear()
        return addresses, sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)

    def _is_ours(self, request: Request) -> bool:
        return request.url.startswith(self.origin)


@pytest.mark.parametrize("language", ["en", "ka"])
def test_what_a_first_open_costs(product: Product, new_page: Callable[..., Page], language: str) -> None:
    page = new_page()
    page.add_init_script(SPEAKS % language)
    wire = Wire(product.widget)
    wire.watch(page)
    visitor = Visitor(page, product)
    visitor.visit_shop()
    # Long enough without a request for anything fetched ahead to show itself.
    page.wait_for_load_state("networkidle")
    addresses, received = wire.taken(page)
    assert [address.partition("/w/")[0] for address in addresses] == [product.widget]
    assert 1_000 < received <= LOADER_BYTES

    visitor.open_widget()
    expect(visitor.frame.locator("html")).to_have_attribute("lang", language)
    addresses, received = wire.taken(page)
    assert len(addresses) <= OPEN_REQUESTS, addresses
    assert 10_000 < received <= OPEN_BYTES

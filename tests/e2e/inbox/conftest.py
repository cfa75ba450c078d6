"""Two operators of the demonstration, signed in once, and a visitor who writes by the API."""

from collections.abc import Callable
from typing import Any  # Playwright's storage state
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.inbox.desk import Team
from tests.e2e.people import Operator
from tests.e2e.product import Product


@pytest.fixture(scope="module")
def team(product: Product, chromium: Browser) -> Team:
    demo = product.demo()

    def session(email: str) -> Any:
        context = chromium.new_context()
        Operator(context.new_page(), product).sign_in(email, demo["password"])
        state = context.storage_state()
        context.close()
        return state

    return Team(demo, session(demo["email"]), session(demo["colleague"]))


@pytest.fixture
def owner(product: Product, team: Team, new_page: Callable[..., Page]) -> Operator:
    """Nino, with a page of 1440 x 900."""
    return Operator(new_page(storage_state=team.owner, viewport={"width": 1440, "height": 900}), product)


@pytest.fixture
def colleague(product: Product, team: Team, new_page: Callable[..., Page]) -> Operator:
    """Luka, in another browser profile."""
    return Operator(new_page(storage_state=team.colleague, viewport={"width": 1440, "height": 900}), product)


@pytest.fixture
def visitor(product: Product, team: Team) -> ApiVisitor:
    return ApiVisitor(product, team.demo["public_key"])


@pytest.fixture
def name() -> str:
    """A name that no other story has."""
    return f"Ana {uuid4().hex[:6]}"

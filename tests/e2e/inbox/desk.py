"""Short ways to say what happens at an operator's desk."""

import re
from dataclasses import dataclass
from typing import Any  # Playwright's storage state

from playwright.sync_api import Locator, expect

from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.people import Operator


@dataclass(frozen=True)
class Team:
    """Sessions of the demonstration's two operators, signed in once for all stories."""

    demo: dict[str, str]
    owner: Any
    colleague: Any


def opens(operator: Operator, visitor: ApiVisitor, *, section: str = "open") -> None:
    """Go straight to the visitor's conversation."""
    operator.page.goto(f"{operator.product.site}/inbox/#/{section}/{visitor.conversation}")
    operator.is_connected()
    expect(operator.log).to_be_visible()


def button(operator: Operator, label: str) -> Locator:
    return operator.page.get_by_role("button", name=label, exact=True)


def whose(operator: Operator, words: str) -> None:
    """Wait until the thread's header says whose the conversation is."""
    expect(operator.page.locator(".thread-where")).to_contain_text(words)


def toast(operator: Operator) -> Locator:
    return operator.page.locator(".toasts")


def editor(operator: Operator) -> Locator:
    return operator.page.get_by_role("textbox", name=re.compile("^(Reply to|Note about)"))

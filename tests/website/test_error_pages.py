"""When something goes wrong: the right status, a sentence, a way on, and nothing of the inside."""

import pytest
from django.conf import settings as product
from pytest_django import Settings

from tests.accounts.conftest import browser
from tests.cast import Cast
from tests.website.page import Page


@pytest.fixture(autouse=True)
def broken(settings: Settings) -> None:
    """Add addresses that fail to the site's host."""
    settings.HOST_URLCONFS = {**product.HOST_URLCONFS, product.SITE_HOST: "tests.website.broken_urls"}


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("bug", 500, "Something broke on our side"),
        ("database", 503, "Back in a moment"),
        ("valkey", 503, "Back in a moment"),
        ("bad", 400, "makes no sense"),
        ("forbidden", 403, "not for you"),
        ("conflict", 409, "Own words of a service."),
        ("default", 409, "Somebody was faster."),
        ("fast", 429, "That was too fast"),
    ],
)
def test_an_error_is_a_page(db: None, name: str, status: int, words: str) -> None:
    client = browser()
    client.raise_request_exception = False
    answer = client.get(f"/fail/{name}/")
    page = Page(answer.content.decode())
    assert answer.status_code == status
    assert words in page.html
    assert "4711" not in page.html
    assert "Traceback" not in page.html
    assert (page.inline, page.skipped_headings()) == ([], [])
    assert f"{product.SITE_URL}/" in page.addresses
    assert answer["X-Request-Id"]
    assert "Content-Security-Policy" in answer
    if status in {429, 503}:
        assert int(answer["Retry-After"]) > 0


def test_an_error_speaks_the_readers_language(db: None) -> None:
    client = browser(language="ar")
    client.raise_request_exception = False
    for name in ("bug", "conflict"):
        assert Page(client.get(f"/fail/{name}/").content.decode()).attributes["dir"] == "rtl"


def test_a_members_error_leads_back_to_the_inbox(cast: Cast) -> None:
    assert "/inbox/" in Page(cast.a.operator_client().get("/audit/").content.decode()).addresses
    assert "/inbox/" not in Page(browser().get("/nowhere").content.decode()).addresses

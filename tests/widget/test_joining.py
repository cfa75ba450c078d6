"""What was said before a customer was known: when it becomes theirs, and when it stays behind."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from chats.models import Conversation
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.widget.browser import VIEWED, Browser, bearer
from tests.widget.signing import secret_of, signed
from widget.models import EndUser, Visit, VisitorToken


@pytest.fixture
def browser(cast: Cast) -> Browser:
    return Browser(cast.a.widget.public_key)


@pytest.fixture
def secret(cast: Cast) -> str:
    return secret_of(cast.a)[1]


def begin_conversation(side: Side, end_user_id: str) -> UUID:
    """Store a conversation of the person and return its id."""
    with tenant(side.organization.pk):
        return Conversation.objects.create(
            organization=side.organization,
            widget=side.widget,
            end_user_id=end_user_id,
            expires_at=timezone.now() + timedelta(days=1),
        ).pk


def owner_of(side: Side, conversation: UUID) -> str:
    return side.inside(lambda: str(Conversation.objects.get(pk=conversation).end_user_id))


def test_a_strangers_conversation_becomes_the_customers(cast: Cast, browser: Browser, secret: str) -> None:
    stranger = browser.open()["end_user"]["id"]
    conversation = begin_conversation(cast.a, stranger)
    customer = browser.send("POST", "identify", {"jwt": signed(secret)}).json()["end_user"]["id"]
    assert customer == stranger == owner_of(cast.a, conversation)


def test_a_known_customers_new_browser_brings_its_conversation_along(cast: Cast, secret: str) -> None:
    known = Browser(cast.a.widget.public_key).open(jwt=signed(secret))["end_user"]["id"]
    browser = Browser(cast.a.widget.public_key)
    stranger = browser.open()["end_user"]["id"]
    conversation = begin_conversation(cast.a, stranger)
    customer = browser.send("POST", "identify", {"jwt": signed(secret)}).json()["end_user"]["id"]
    assert customer == known == owner_of(cast.a, conversation)
    with tenant(cast.a.organization.pk):
        assert not EndUser.all_states.filter(pk=stranger).exists()
        assert Visit.objects.filter(end_user_id=known).count() == 2


UNSAFE = ["another address", "a second browser", "another customer"]


@pytest.mark.parametrize("doubt", UNSAFE)
@pytest.mark.parametrize("customer", ["known before", "new"])
def test_a_conversation_that_may_be_somebody_elses_stays_behind(
    cast: Cast, browser: Browser, secret: str, doubt: str, customer: str
) -> None:
    if customer == "known before":
        Browser(cast.a.widget.public_key).open(jwt=signed(secret))
    before = browser.open(jwt=signed(secret, sub="other") if doubt == "another customer" else None)
    stranger = before["end_user"]["id"]
    conversation = begin_conversation(cast.a, stranger)
    with tenant(cast.a.organization.pk):
        person = EndUser.objects.get(pk=stranger)
        if doubt == "another address":
            EndUser.objects.filter(pk=stranger).update(email="bob@elsewhere.example")
        if doubt == "a second browser":
            VisitorToken.objects.create(
                organization=cast.a.organization, end_user=person, token_hash="f" * 64, expires_at=person.expires_at
            )
    person_now = browser.send("POST", "identify", {"jwt": signed(secret)}).json()["end_user"]
    assert person_now["id"] != stranger == owner_of(cast.a, conversation)
    assert person_now["email"] == "ana@customer.example"
    assert browser.send("POST", "pages", VIEWED, **bearer(before["token"])).status_code == 401

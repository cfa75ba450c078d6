"""What was said before a customer was known: when it becomes theirs, and when it stays behind."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chats import services
from chats.models import Attachment, Conversation, Message
from livecaller.core.errors import NotFoundError
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.chats import story
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


def test_what_the_stranger_wrote_and_uploaded_is_the_customers(cast: Cast, secret: str) -> None:
    a, b = cast.a, cast.b
    known = Browser(a.widget.public_key).open(jwt=signed(secret))["end_user"]["id"]
    browser = Browser(a.widget.public_key)
    stranger = UUID(browser.open()["end_user"]["id"])
    as_stranger, as_customer = (replace(a.end_user, end_user_id=pk) for pk in (stranger, UUID(known)))
    conversation = story.start(a, "Who was that?", actor=as_stranger).conversation.pk
    waiting = a.inside(
        lambda: services.attach_file(
            actor=as_stranger, upload=SimpleUploadedFile("list.txt", b"oak"), conversation_id=conversation
        )
    )
    # The neighbour has rows that carry the same id by chance, and the organization another person's.
    neighbours, others = story.started(b), story.started(a)
    b.inside(lambda: Message.objects.filter(conversation_id=neighbours).update(author_id=stranger))

    assert browser.send("POST", "identify", {"jwt": signed(secret)}).json()["end_user"]["id"] == known

    [message] = story.messages(a, conversation)
    assert str(message.author_id) == known
    assert str(story.reread(a, conversation).last_author_id) == known
    assert str(a.inside(lambda: Attachment.objects.get(pk=waiting.pk)).uploader_id) == known
    sent = a.inside(
        lambda: services.send_message(
            actor=as_customer,
            conversation_id=conversation,
            client_id=uuid4(),
            body="Mine.",
            attachment_ids=[waiting.pk],
        )
    )
    assert [file.pk for file in sent.attachments] == [waiting.pk]
    edit = partial(services.edit_message, message_id=message.pk, conversation_id=conversation, body="It was me.")
    with pytest.raises(NotFoundError):
        a.inside(lambda: edit(actor=as_stranger))
    assert a.inside(lambda: edit(actor=as_customer)).message.body == "It was me."
    assert [row.author_id for row in story.messages(b, neighbours)] == [stranger]
    assert [row.author_id for row in story.messages(a, others)] == [a.end_user.end_user_id]


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

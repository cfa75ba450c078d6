"""Forgotten and changed passwords: one mail, one use, and no session or socket that outlives them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts.events import person_topic
from accounts.models import User
from tests.accounts.conftest import browser, link_in
from tests.cast import PASSWORD, Cast, make_user, signed_in
from tests.ears import Heard, codes_of

Mails = list[EmailMessage]
ADDRESS, NEW = "nino@shop.example", "nine loud geese"


@pytest.fixture
def nino(committed_cast: Cast) -> User:
    """A person with a password and a proven address."""
    user = make_user("Nino Kapanadze", ADDRESS)
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_forgotten_password_is_set_anew_once(nino: User, post: Mails, heard: Heard) -> None:
    other = signed_in(nino)
    listen = heard.on(person_topic(nino.pk))
    client = browser()
    assert client.post("/accounts/password/reset/", {"email": "Nino@Shop.example"})["Location"].endswith("/done/")
    [message] = post
    link = link_in(message)
    form = client.get(link)["Location"]
    assert link not in client.get(form).content.decode()
    assert b"too short" in client.post(form, {"password1": "short"}).content
    assert listen() == []
    assert client.post(form, {"password1": NEW})["Location"] == "/accounts/password/reset/key/done/"

    assert User.objects.get(pk=nino.pk).check_password(NEW)
    assert codes_of(listen()) == [4401]
    assert [mail.subject for mail in post] == ["Set a new password", "Your password was changed"]
    assert other.get("/organizations/new/")["Location"].startswith("/accounts/login/")
    again = browser()
    assert b"This link no longer works" in again.get(link).content
    assert b"This link no longer works" in client.post(form, {"password1": PASSWORD}).content
    assert User.objects.get(pk=nino.pk).check_password(NEW)


def test_an_unknown_address_looks_like_a_known_one(nino: User, post: Mails) -> None:
    answers = [
        browser().post("/accounts/password/reset/", {"email": address}, follow=True)
        for address in (ADDRESS, "nobody@nowhere.example")
    ]
    assert [answer.redirect_chain for answer in answers] == [[("/accounts/password/reset/done/", 302)]] * 2
    assert answers[0].content == answers[1].content
    assert [message.to for message in post] == [[ADDRESS]]


def test_a_mailbox_is_not_flooded(nino: User, post: Mails) -> None:
    statuses = [
        browser(f"198.51.100.{number}").post("/accounts/password/reset/", {"email": ADDRESS}).status_code
        for number in range(10)
    ]
    assert statuses == [302] * 3 + [429] * 7
    assert len(post) == 3


def test_a_link_works_for_an_hour(nino: User, post: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    browser().post("/accounts/password/reset/", {"email": ADDRESS})
    link = link_in(post[0])
    assert browser().get(link).status_code == 302
    later = timezone.now().replace(tzinfo=None) + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 60)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: later)
    assert b"This link no longer works" in browser().get(link).content


def test_links_come_from_the_settings_and_not_from_the_request(nino: User, post: Mails) -> None:
    spoofed = Client(HTTP_HOST="evil.example")
    assert spoofed.post("/accounts/password/reset/", {"email": ADDRESS}).status_code == 400
    assert post == []
    browser().post("/accounts/password/reset/", {"email": ADDRESS}, HTTP_X_FORWARDED_HOST="evil.example")
    assert "evil.example" not in str(post[0].body)
    assert link_in(post[0])


def test_a_member_changes_the_password(committed_cast: Cast, post: Mails, heard: Heard) -> None:
    user = committed_cast.a.owner_user
    user.set_password(PASSWORD)
    user.save()
    here, there = signed_in(user), signed_in(user)
    listen = heard.on(person_topic(user.pk))
    path = "/accounts/password/change/"
    wrong = here.post(path, {"oldpassword": "wrong password!", "password1": NEW})
    assert b"not your current password" in wrong.content
    assert b"does not ask for" in here.post(path, {"oldpassword": PASSWORD, "password1": NEW, "user": "x"}).content
    assert (listen(), post, User.objects.get(pk=user.pk).check_password(PASSWORD)) == ([], [], True)

    key = here.session.session_key
    assert here.post(path, {"oldpassword": PASSWORD, "password1": NEW})["Location"] == "/profile/"
    assert codes_of(listen()) == [4401]
    assert [message.subject for message in post] == ["Your password was changed"]
    assert here.get("/team/").status_code == 200
    assert here.session.session_key != key
    assert there.get("/team/")["Location"].startswith("/accounts/login/")


def test_strangers_change_no_password(committed_cast: Cast, post: Mails) -> None:
    answer = browser().post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW})
    assert answer["Location"].startswith("/accounts/login/")
    assert post == []

"""From a stranger to the owner of an organization, and everything that stops on the way."""

from typing import Any  # form data

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import AuditEvent, Membership, Organization, User
from accounts.selectors import memberships_of
from livecaller.core.tenancy.context import tenant
from tests.accounts.conftest import browser, link_in
from tests.cast import Cast, signed_in

Mails = list[EmailMessage]
WORDS: dict[str, Any] = {
    "full_name": "Nino Kapanadze",
    "email": "Nino@Shop.Example",
    "password1": "seven quiet herons",
    "is_entitled": "on",
}


def test_a_stranger_becomes_an_owner(committed: None, post: Mails) -> None:
    client, began = browser(language="de"), timezone.now()
    sent = client.post("/accounts/signup/", WORDS)
    assert (sent.status_code, sent["Location"]) == (302, "/accounts/confirm-email/")
    [message] = post
    assert message.to == ["nino@shop.example"]
    assert client.get("/inbox/")["Location"].startswith("/accounts/login/")

    link = link_in(message)
    assert b"nino@shop.example" in client.get(link).content
    assert User.objects.get().last_login is None
    confirmed = client.post(link, follow=True)
    assert confirmed.redirect_chain[-1][0] == "/organizations/new/"

    assert client.post("/organizations/new/", {"name": "Meridian"})["Location"] == "/inbox/"
    user = User.objects.get()
    assert (user.full_name, user.email, user.locale) == ("Nino Kapanadze", "nino@shop.example", "de")
    assert user.declared_at is not None
    assert user.declared_at >= began
    [membership] = memberships_of(user)
    assert (membership.role, membership.display_name) == ("owner", "Nino Kapanadze")
    with tenant(membership.organization_id):
        assert [event.name for event in AuditEvent.objects.all()] == ["organization.created"]
    assert client.get("/team/").status_code == 200


def test_a_link_confirms_once(committed: None, post: Mails) -> None:
    client = browser()
    client.post("/accounts/signup/", WORDS)
    link = link_in(post[0])
    assert client.post(link).status_code == 302
    assert client.post(link).status_code == 404
    assert browser().get(link).status_code == 200
    assert b"no longer works" in browser().get(link).content


def test_a_forged_link_confirms_nothing(committed: None, post: Mails) -> None:
    browser().post("/accounts/signup/", WORDS)
    forged = link_in(post[0])[:-2] + "x/"
    assert browser().post(forged).status_code == 404
    assert (
        browser().post("/accounts/login/", {"login": WORDS["email"], "password": WORDS["password1"]})["Location"]
        == "/accounts/confirm-email/"
    )


def test_confirming_elsewhere_proves_the_address_and_signs_nobody_in(committed: None, post: Mails) -> None:
    browser().post("/accounts/signup/", WORDS)
    stranger = browser()
    answer = stranger.post(link_in(post[0]))
    assert answer["Location"] == "/accounts/login/"
    assert stranger.get("/inbox/")["Location"].startswith("/accounts/login/")


def test_a_known_address_looks_like_a_new_one(committed_cast: Cast, post: Mails) -> None:
    known, new = browser("203.0.113.1"), browser("203.0.113.2")
    answers = [
        client.post("/accounts/signup/", {**WORDS, "email": address})
        for client, address in ((known, "owner@meridian.example"), (new, "new@meridian.example"))
    ]
    assert [(answer.status_code, answer["Location"], answer.content) for answer in answers] == [
        (302, "/accounts/confirm-email/", b"")
    ] * 2
    pages = [client.get("/accounts/confirm-email/").content for client in (known, new)]
    assert _without_tokens(pages[0]) == _without_tokens(pages[1])
    assert [(message.to, message.subject) for message in post] == [
        (["owner@meridian.example"], "You already have an account"),
        (["new@meridian.example"], "Confirm your address"),
    ]
    assert User.objects.filter(email="owner@meridian.example").count() == 1
    assert User.objects.get(email="owner@meridian.example").full_name == "Olga Meridian Furniture"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"role": "owner"}, "does not ask for"),
        ({"is_staff": "on"}, "does not ask for"),
        ({"is_entitled": ""}, "This field is required"),
        ({"full_name": ""}, "This field is required"),
        ({"full_name": "Nino\nBcc: all@example.com"}, "in one line"),
        ({"full_name": "Nino\x00"}, "in one line"),
        ({"full_name": "Nino \u202egnp.exe"}, "in one line"),
        ({"full_name": "Win at https://evil.example"}, "not a web address"),
        ({"full_name": "n" * 121}, "at most 120"),
        ({"email": "nobody"}, "valid email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "valid email"),
        ({"password1": "elevenchars"}, "too short"),
        ({"password1": "edwardcullen"}, "too common"),
        ({"password1": "123456789012"}, "too easy"),
        ({"password1": "qwertyuiop[]"}, "too easy"),
        ({"password1": "Password2026!"}, "too easy"),
        ({"password1": "abcd1abcd1abcd1"}, "too easy"),
        ({"password1": "aaaaaaabbbbbb"}, "too easy"),
        ({"password1": "nino@shop.example"}, "too similar"),
        ({"password1": "nino kapanadze"}, "too similar"),
        ({"password1": "x" * 257}, "at most 256"),
    ],
)
def test_what_is_refused(committed: None, post: Mails, change: dict[str, str], complaint: str) -> None:
    answer = browser().post("/accounts/signup/", {**WORDS, **change})
    assert complaint in answer.content.decode()
    assert WORDS["password1"] not in answer.content.decode()
    assert (User.objects.count(), len(post)) == (0, 0)
    assert browser().post("/accounts/signup/", WORDS).status_code == 302
    assert (User.objects.count(), len(post)) == (1, 1)


def test_a_network_signs_up_a_few_times_a_minute(committed: None, post: Mails) -> None:
    client = browser("198.51.100.9")
    statuses = [
        client.post("/accounts/signup/", {**WORDS, "email": f"n{number}@shop.example"}).status_code
        for number in range(100)
    ]
    assert 1 <= statuses.count(302) <= 10
    assert set(statuses) == {302, 429}
    assert User.objects.count() == len(post) == statuses.count(302)
    assert browser("198.51.100.10").post("/accounts/signup/", WORDS).status_code == 302


def test_the_form_ticks_nothing_beforehand(db: None) -> None:
    page = browser().get("/accounts/signup/").content.decode()
    assert 'type="checkbox"' in page
    assert "checked" not in page


@pytest.mark.parametrize("name", ["", "a\tb", "www.evil.example", "n" * 121])
def test_an_organization_needs_a_plain_name(committed_cast: Cast, name: str) -> None:
    client, before = signed_in(committed_cast.a.owner_user), Organization.objects.count()
    assert client.post("/organizations/new/", {"name": name}).status_code == 422
    assert client.post("/organizations/new/", {"name": "Fine", "seat_limit": "99"}).status_code == 422
    assert Organization.objects.count() == before
    assert client.post("/organizations/new/", {"name": "Fine"}).status_code == 302
    assert Organization.objects.count() == before + 1


def test_nobody_creates_organizations_without_end(committed_cast: Cast) -> None:
    client, before = signed_in(committed_cast.a.operator_user), Organization.objects.count()
    statuses = [client.post("/organizations/new/", {"name": f"No. {number}"}).status_code for number in range(12)]
    assert statuses == [302] * 10 + [429] * 2
    assert Organization.objects.count() == before + 10


def test_a_person_works_in_one_of_several_organizations(committed_cast: Cast) -> None:
    side = committed_cast.a
    client = signed_in(side.operator_user)
    client.post("/organizations/new/", {"name": "Second"})
    second = Organization.objects.get(name="Second")
    assert client.get("/api/v1/me").json()["organization"]["name"] == "Second"
    key = client.session.session_key
    assert client.post("/organizations/switch/", {"organization": str(side.organization.pk)}).status_code == 302
    assert client.get("/api/v1/me").json()["organization"]["name"] == "Meridian Furniture"
    assert client.session.session_key != key
    page = client.get("/team/").content.decode()
    assert f'value="{second.pk}"' in page


@pytest.mark.parametrize("target", ["neighbour", "nonsense", "nothing"])
def test_switching_to_what_is_not_ours_changes_nothing(committed_cast: Cast, target: str) -> None:
    client = signed_in(committed_cast.a.operator_user)
    value = str(committed_cast.b.organization.pk) if target == "neighbour" else target
    answer = client.post("/organizations/switch/", {"organization": value} if target != "nothing" else {})
    assert answer.status_code == (403 if target == "neighbour" else 302)
    assert client.get("/api/v1/me").json()["organization"]["name"] == "Meridian Furniture"


def test_anonymous_people_have_no_organization(committed_cast: Cast) -> None:
    for path in ("/organizations/new/", "/organizations/switch/"):
        assert browser().post(path, {"name": "X"})["Location"].startswith("/accounts/login/")
    assert Organization.objects.count() == 2
    with tenant(committed_cast.a.organization.pk):
        assert Membership.objects.count() == 2


def _without_tokens(page: bytes) -> bytes:
    return b"".join(line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line)

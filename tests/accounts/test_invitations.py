"""The link in the mail: for one person, once, for seven days."""

import uuid
from base64 import b64decode
from datetime import timedelta

import orjson
import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.enums import Role
from accounts.models import AuditEvent, Invitation, Membership, Organization, User
from accounts.selectors import memberships_of
from accounts.services import invitation_token, invite_member, remove_member
from livecaller.core.valkey import client
from tests.accounts.conftest import browser, link_in
from tests.cast import Cast, Side, make_user, signed_in
from tests.security.witness import print_of

Mails = list[EmailMessage]
ADDRESS = "new@shop.example"
WORDS = {"full_name": "Nino Kapanadze", "email": ADDRESS, "password1": "seven quiet herons", "is_entitled": "on"}


def invite(side: Side, role: Role = Role.OPERATOR) -> Invitation:
    """Store an invitation by the owner."""
    return side.inside(lambda: invite_member(actor=side.owner, email=ADDRESS, role=role))


def path_of(invitation: Invitation) -> str:
    """Return the path of an invitation's link."""
    return f"/invitations/{invitation.organization_id}/{invitation_token(invitation.pk)}/"


def test_a_new_person_signs_up_without_another_mail_and_joins(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invite(side, Role.ADMIN)
    link, visitor = link_in(post[0]), browser()
    page = visitor.get(link).content.decode()
    assert "Meridian Furniture" in page
    assert ADDRESS in page
    step = visitor.post(link)["Location"]
    assert step.startswith("/accounts/signup/?next=")
    assert ADDRESS in visitor.get(step).content.decode()
    assert visitor.post(step, WORDS)["Location"] == link
    assert len(post) == 1
    assert visitor.post(link)["Location"] == "/inbox/"

    [membership] = memberships_of(User.objects.get(email=ADDRESS))
    assert (membership.organization_id, membership.role) == (side.organization.pk, "admin")
    assert visitor.get("/api/v1/me").json()["organization"]["name"] == "Meridian Furniture"
    assert side.inside(lambda: [event.name for event in AuditEvent.objects.all()]) == [
        "member.invited",
        "member.joined",
    ]
    assert visitor.get(link).status_code == 410


def test_a_known_person_signs_in_and_joins_a_second_organization(committed_cast: Cast, post: Mails) -> None:
    side, other = committed_cast.a, committed_cast.b
    side.inside(lambda: invite_member(actor=side.owner, email="operator@outsider.example", role=Role.OPERATOR))
    link = link_in(post[0])
    assert browser().post(link)["Location"].startswith("/accounts/login/?next=")
    member = signed_in(other.operator_user)
    assert member.post(link)["Location"] == "/inbox/"
    assert member.get("/api/v1/me").json()["organization"]["name"] == "Meridian Furniture"
    assert {row.organization_id for row in memberships_of(other.operator_user)} == {
        side.organization.pk,
        other.organization.pk,
    }


def test_another_person_does_not_get_in(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invite(side)
    link, stranger = link_in(post[0]), signed_in(committed_cast.b.operator_user)
    before = print_of(side.organization.pk)
    assert "operator@outsider.example" in stranger.get(link).content.decode()
    assert stranger.post(link)["Location"] == link
    assert stranger.get("/team/")["Location"].startswith("/accounts/login/")
    assert print_of(side.organization.pk) == before


def test_the_proof_holds_for_that_address_only(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invite(side)
    link, visitor = link_in(post[0]), browser()
    step = visitor.post(link)["Location"]
    assert visitor.post(step, {**WORDS, "email": "other@shop.example"})["Location"] == "/accounts/confirm-email/"
    assert not User.objects.filter(email=ADDRESS).exists()
    assert [message.to for message in post] == [[ADDRESS], ["other@shop.example"]]
    assert visitor.get("/team/")["Location"].startswith("/accounts/login/")


def test_an_unproven_account_of_that_address_does_not_join(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invite(side)
    user = make_user("Nino", ADDRESS)
    EmailAddress.objects.update(verified=False)
    before = print_of(side.organization.pk)
    signed_in(user).post(link_in(post[0]))
    assert print_of(side.organization.pk) == before
    assert memberships_of(user) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, 410),
        ({"revoked_at": timezone.now()}, 410),
        ({"accepted_at": timezone.now()}, 410),
    ],
)
def test_when_a_link_is_over(committed_cast: Cast, changes: dict[str, object], status: int) -> None:
    side = committed_cast.a
    invitation = invite(side)
    user = make_user("Nino", ADDRESS)
    side.inside(lambda: Invitation.objects.filter(pk=invitation.pk).update(**changes))
    assert browser().get(path_of(invitation)).status_code == status
    answer = signed_in(user).post(path_of(invitation))
    assert answer.status_code == (302 if status == 200 else 410)
    assert len(memberships_of(user)) == (status == 200)


def test_a_link_lives_seven_days_and_a_second_mail_renews_it(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invitation = invite(side)
    left = invitation.expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    side.inside(lambda: Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now()))
    owner = side.owner_client()
    assert "Too old" in owner.get("/team/").content.decode()
    owner.post(f"/team/invitations/{invitation.pk}/resend/")
    assert link_in(post[0]) == link_in(post[1])
    assert browser().get(link_in(post[1])).status_code == 200


@pytest.mark.parametrize("part", ["token", "organization"])
def test_a_guessed_link_shows_nothing(committed_cast: Cast, part: str) -> None:
    path = path_of(invite(committed_cast.a))
    wrong = committed_cast.b.organization.pk if part == "organization" else uuid.uuid4().hex
    old = str(committed_cast.a.organization.pk) if part == "organization" else path.split("/")[-2]
    answer = browser().get(path.replace(old, str(wrong)))
    assert answer.status_code == 404
    assert b"Meridian" not in answer.content
    assert browser().get(path).status_code == 200


def test_links_are_not_guessed_without_end(committed_cast: Cast) -> None:
    path = f"/invitations/{committed_cast.a.organization.pk}/guess/"
    guesser = browser("198.51.100.1")
    statuses = [guesser.get(path).status_code for _ in range(80)]
    assert statuses[:30] == [404] * 30
    assert 429 in statuses
    assert browser("198.51.100.2").get(path).status_code == 404


def test_neither_database_nor_queue_holds_the_token(committed_cast: Cast) -> None:
    invitation = invite(committed_cast.a)
    token = invitation_token(invitation.pk)
    assert token not in invitation.token_hash
    entry = client().lpop("celery")
    assert isinstance(entry, str)
    queued = orjson.loads(entry)
    queued["body"] = b64decode(queued["body"]).decode()
    assert queued["headers"]["task"] == "accounts.mail.invitation"
    assert str(invitation.pk) in queued["body"]
    for secret in (token, ADDRESS, "Meridian", "Olga"):
        assert secret not in str(queued)


def test_accepting_needs_a_seat(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invitation, user = invite(side), make_user("Nino", ADDRESS)
    Organization.objects.filter(pk=side.organization.pk).update(seat_limit=2)
    before = print_of(side.organization.pk)
    answer = signed_in(user).post(path_of(invitation))
    assert answer.status_code == 409
    assert b"2 seats, and all are taken" in answer.content
    assert print_of(side.organization.pk) == before


def test_a_removed_member_comes_back_by_invitation(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    side.inside(lambda: remove_member(actor=side.owner, membership_id=side.operator.membership_id))
    invitation = side.inside(
        lambda: invite_member(actor=side.owner, email="operator@meridian.example", role=Role.ADMIN)
    )
    assert signed_in(side.operator_user).post(path_of(invitation))["Location"] == "/inbox/"
    member = side.inside(lambda: Membership.objects.get(user=side.operator_user))
    assert (member.pk, member.is_active, member.role) == (side.operator.membership_id, True, "admin")


def test_a_withdrawn_invitation_is_not_mailed_late(committed_cast: Cast, post: Mails) -> None:
    from accounts.tasks import send_invitation_mail

    side = committed_cast.a
    invitation = invite(side)
    side.owner_client().post(f"/team/invitations/{invitation.pk}/revoke/")
    send_invitation_mail(str(side.organization.pk), str(invitation.pk))
    assert len(post) == 1

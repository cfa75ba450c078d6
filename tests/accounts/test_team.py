"""The team page and what may be done there, by four callers: nobody, an operator, an owner and a neighbour's owner."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any  # form data and responses

import pytest
from django.core.mail import EmailMessage
from django.db import connections
from django.test import Client

from accounts.enums import Role
from accounts.events import member_topic, person_topic
from accounts.models import AuditEvent, Invitation, Membership, Organization
from accounts.rules import grantable_roles
from accounts.services import invite_member, remove_member
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ConflictError
from livecaller.core.tenancy.context import tenant
from tests.accounts.conftest import browser
from tests.cast import Cast, Side, make_member, signed_in
from tests.ears import Heard, codes_of
from tests.security.witness import print_of

Mails = list[EmailMessage]
INVITE = {"email": "new@shop.example", "role": "operator"}


def seats(side: Side, number: int) -> None:
    """Give an organization so many seats."""
    Organization.objects.filter(pk=side.organization.pk).update(seat_limit=number)


def invited(side: Side, **changes: Any) -> Invitation:
    """Store an invitation by the owner."""
    invitation = side.inside(lambda: invite_member(actor=side.owner, email="new@shop.example", role=Role.OPERATOR))
    if changes:
        side.inside(lambda: Invitation.objects.filter(pk=invitation.pk).update(**changes))
    return invitation


def actions(side: Side) -> dict[str, dict[str, str]]:
    """Return every POST of the team page, aimed at `side`."""
    invitation = invited(side)
    return {
        "/team/invite/": {"email": "third@shop.example", "role": "operator"},
        f"/team/invitations/{invitation.pk}/resend/": {},
        f"/team/invitations/{invitation.pk}/revoke/": {},
        f"/team/members/{side.operator.membership_id}/role/": {"role": "admin"},
        f"/team/members/{side.operator.membership_id}/remove/": {},
        f"/team/members/{side.owner.membership_id}/role/": {"role": "operator"},
        f"/team/members/{side.owner.membership_id}/remove/": {},
    }


@pytest.mark.parametrize("caller", ["nobody", "operator"])
def test_whoever_may_not_changes_nothing(committed_cast: Cast, post: Mails, heard: Heard, caller: str) -> None:
    side = committed_cast.a
    posts, client = actions(side), browser() if caller == "nobody" else side.operator_client()
    del posts[f"/team/members/{side.operator.membership_id}/remove/"]
    listen = heard.on(member_topic(side.organization.pk, side.operator.membership_id))
    before, mails = print_of(side.organization.pk), len(post)
    for path, data in posts.items():
        answer = client.post(path, data)
        assert answer.status_code == (302 if caller == "nobody" else 403), path
    assert (print_of(side.organization.pk), len(post), listen()) == (before, mails, [])


def test_a_neighbours_owner_finds_nothing(committed_cast: Cast, post: Mails, heard: Heard) -> None:
    side, neighbour = committed_cast.a, committed_cast.b
    posts = actions(side)
    del posts["/team/invite/"]
    client = neighbour.owner_client()
    listen = heard.on(
        member_topic(side.organization.pk, side.operator.membership_id), person_topic(side.operator_user.pk)
    )
    before, mails = print_of(side.organization.pk), len(post)
    for path, data in posts.items():
        assert client.post(path, data).status_code == 404, path
        assert side.owner_client().get("/team/").status_code == 200
    assert (print_of(side.organization.pk), len(post), listen()) == (before, mails, [])
    page = client.get("/team/").content.decode()
    assert "Outsider" in page
    assert "meridian" not in page.lower()


def test_the_owner_invites_by_mail(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    answer = side.owner_client().post("/team/invite/", {"email": "NEW@shop.example", "role": "admin"}, follow=True)
    assert answer.redirect_chain == [("/team/", 302)]
    assert "on its way to new@shop.example" in answer.content.decode()
    [message] = post
    assert (message.to, message.subject) == (["new@shop.example"], "Join Meridian Furniture at LiveCaller")
    [invitation] = side.inside(lambda: list(Invitation.objects.all()))
    assert (invitation.email, invitation.role, invitation.invited_by_id) == (
        "new@shop.example",
        "admin",
        side.owner.membership_id,
    )
    assert [event.name for event in side.inside(lambda: list(AuditEvent.objects.all()))] == ["member.invited"]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"email": "operator@meridian.example", "role": "operator"}, "already in your team"),
        ({"email": "invited@shop.example", "role": "operator"}, "already invited"),
        ({"email": "nobody", "role": "operator"}, "valid email"),
        ({"email": "new@shop.example", "role": "king"}, "valid choice"),
        ({"email": "new@shop.example", "role": "operator", "seat_limit": "9"}, "does not ask for"),
        ({"email": "new@shop.example\nBcc: x@y.example", "role": "operator"}, "valid email"),
    ],
)
def test_what_an_invitation_may_not_be(committed_cast: Cast, post: Mails, data: dict[str, str], complaint: str) -> None:
    side = committed_cast.a
    seats(side, 9)
    side.inside(lambda: invite_member(actor=side.owner, email="invited@shop.example", role=Role.OPERATOR))
    before, mails = print_of(side.organization.pk), len(post)
    answer = side.owner_client().post("/team/invite/", data)
    assert answer.status_code == 422
    assert complaint in answer.content.decode()
    assert (print_of(side.organization.pk), len(post)) == (before, mails)


def test_an_invitation_holds_a_seat(committed_cast: Cast, post: Mails) -> None:
    side, client = committed_cast.a, committed_cast.a.owner_client()
    assert client.post("/team/invite/", INVITE).status_code == 302
    full = client.post("/team/invite/", {**INVITE, "email": "fourth@shop.example"})
    assert "3 seats, and all are taken" in full.content.decode()
    assert len(post) == 1
    [invitation] = side.inside(lambda: list(Invitation.objects.all()))
    client.post(f"/team/invitations/{invitation.pk}/revoke/")
    assert client.post("/team/invite/", {**INVITE, "email": "fourth@shop.example"}).status_code == 302


def test_two_requests_do_not_take_one_seat(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a

    def invite(number: int) -> bool:
        try:
            with tenant(side.organization.pk):
                invite_member(actor=side.owner, email=f"n{number}@shop.example", role=Role.OPERATOR)
        except ConflictError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(invite, range(8))) == 1
    assert side.inside(Invitation.objects.count) == len(post) == 1


def test_mails_are_limited(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    invitation, client = invited(side), side.owner_client()
    for _ in range(40):
        answer = client.post(f"/team/invitations/{invitation.pk}/resend/", follow=True)
    assert "too fast" in answer.content.decode()
    assert len(post) == 30


@pytest.mark.parametrize("state", ["accepted_at", "revoked_at"])
@pytest.mark.parametrize("action", ["resend", "revoke"])
def test_what_is_over_is_neither_sent_nor_withdrawn(committed_cast: Cast, post: Mails, state: str, action: str) -> None:
    side = committed_cast.a
    invitation = invited(side, **{state: "2026-01-01T00:00Z"})
    before, mails = print_of(side.organization.pk), len(post)
    answer = side.owner_client().post(f"/team/invitations/{invitation.pk}/{action}/", follow=True)
    assert "has been used or withdrawn" in answer.content.decode()
    assert (print_of(side.organization.pk), len(post)) == (before, mails)


def test_a_removed_member_is_out_at_once(committed_cast: Cast, heard: Heard) -> None:
    side = committed_cast.a
    client, topic = side.operator_client(), member_topic(side.organization.pk, side.operator.membership_id)
    listen = heard.on(topic, person_topic(side.operator_user.pk))
    assert client.get("/team/").status_code == 200
    path = f"/team/members/{side.operator.membership_id}/remove/"
    assert side.owner_client().post(path)["Location"] == "/team/"
    assert codes_of(listen()) == [4401]
    assert client.get("/team/")["Location"] == "/organizations/new/"
    assert client.get("/api/v1/me").status_code == 403
    assert side.owner_client().post(path).status_code == 404
    names = side.inside(lambda: [event.name for event in AuditEvent.objects.all()])
    assert names == ["member.removed"]


def test_a_removed_admins_invitations_are_withdrawn(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    _, admin = make_member(side.organization, "Ada Admin", "ada@meridian.example", Role.ADMIN)
    seats(side, 9)
    own = invited(side)
    theirs = side.inside(lambda: invite_member(actor=admin, email="friend@ada.example", role=Role.OPERATOR))
    side.inside(lambda: remove_member(actor=side.owner, membership_id=admin.membership_id))
    revoked = side.inside(lambda: dict(Invitation.objects.values_list("pk", "revoked_at")))
    assert revoked[own.pk] is None
    assert revoked[theirs.pk] is not None


def test_the_last_owner_stays(committed_cast: Cast) -> None:
    side, client = committed_cast.a, committed_cast.a.owner_client()
    before = print_of(side.organization.pk)
    for path, data in (("remove", {}), ("role", {"role": "admin"})):
        answer = client.post(f"/team/members/{side.owner.membership_id}/{path}/", data, follow=True)
        assert "keeps at least one owner" in answer.content.decode()
    assert print_of(side.organization.pk) == before
    make_member(side.organization, "Second Owner", "second@meridian.example", Role.OWNER)
    assert client.post(f"/team/members/{side.owner.membership_id}/remove/")["Location"] == "/team/"
    assert client.get("/team/")["Location"] == "/organizations/new/"


def test_two_owners_do_not_remove_each_other_at_once(committed_cast: Cast) -> None:
    side = committed_cast.a
    _, second = make_member(side.organization, "Second Owner", "second@meridian.example", Role.OWNER)

    def remove(pair: tuple[OperatorActor, OperatorActor]) -> bool:
        try:
            with tenant(side.organization.pk):
                remove_member(actor=pair[0], membership_id=pair[1].membership_id)
        except ConflictError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(remove, [(side.owner, second), (second, side.owner)])) == 1
    owners = side.inside(lambda: Membership.objects.filter(role="owner", is_active=True).count())
    assert owners == 1


def test_anybody_may_leave(committed_cast: Cast) -> None:
    side, client = committed_cast.a, committed_cast.a.operator_client()
    assert client.post(f"/team/members/{side.operator.membership_id}/remove/").status_code == 302
    assert side.inside(lambda: [event.name for event in AuditEvent.objects.all()]) == ["member.left"]
    assert client.get("/team/")["Location"] == "/organizations/new/"


def test_a_new_role_makes_sockets_come_back(committed_cast: Cast, heard: Heard) -> None:
    side = committed_cast.a
    listen = heard.on(member_topic(side.organization.pk, side.operator.membership_id))
    client = side.operator_client()
    path = f"/team/members/{side.operator.membership_id}/role/"
    assert client.post("/team/invite/", INVITE).status_code == 403
    assert side.owner_client().post(path, {"role": "admin"}).status_code == 302
    assert codes_of(listen()) == [1012]
    assert client.post("/team/invite/", INVITE).status_code == 302
    assert side.owner_client().post(path, {"role": "admin"}).status_code == 302
    assert listen() == []
    assert side.owner_client().post(path, {"role": "king"}).status_code == 302
    events = side.inside(lambda: list(AuditEvent.objects.filter(name="member.role_changed")))
    assert [event.details for event in events] == [{"before": "operator", "after": "admin"}]


def actor_of(role: str) -> OperatorActor:
    """Return somebody with a role."""
    return OperatorActor(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), role, "Somebody")


@pytest.mark.parametrize(
    ("role", "roles"),
    [("owner", ["owner", "admin", "operator"]), ("admin", ["operator"]), ("operator", []), ("unknown", [])],
)
def test_roles_are_given_downwards(role: str, roles: list[str]) -> None:
    assert grantable_roles(actor_of(role)) == roles


def test_an_admin_touches_neither_equals_nor_those_above(committed_cast: Cast, post: Mails) -> None:
    side = committed_cast.a
    seats(side, 9)
    user, _ = make_member(side.organization, "Ada Admin", "ada@meridian.example", Role.ADMIN)
    _, equal = make_member(side.organization, "Abe Admin", "abe@meridian.example", Role.ADMIN)
    client, before = signed_in(user), print_of(side.organization.pk)
    for target in (side.owner, equal):
        for path, data in (("remove", {}), ("role", {"role": "operator"})):
            assert client.post(f"/team/members/{target.membership_id}/{path}/", data).status_code == 403
    assert client.post(f"/team/members/{side.operator.membership_id}/role/", {"role": "admin"}).status_code == 403
    assert client.post("/team/invite/", {"email": "new@shop.example", "role": "admin"}).status_code == 422
    assert print_of(side.organization.pk) == before
    assert client.post("/team/invite/", INVITE).status_code == 302
    assert client.post(f"/team/members/{side.operator.membership_id}/remove/").status_code == 302


@pytest.mark.parametrize(("client_of", "sees_controls"), [(Side.owner_client, True), (Side.operator_client, False)])
def test_who_sees_which_controls(
    committed_cast: Cast,
    client_of: Callable[[Side], Client],
    sees_controls: bool,  # noqa: FBT001
) -> None:
    invited(committed_cast.a)
    page = client_of(committed_cast.a).get("/team/").content.decode()
    for word in ("new@shop.example", "/team/invite/", "/role/"):
        assert (word in page) is sees_controls
    assert "Olga" in page
    assert "operator@meridian.example" in page
    assert "outsider" not in page.lower()


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_asks_the_same_number_of_questions(
    committed_cast: Cast, django_assert_num_queries: Any, more: int
) -> None:
    side, client = committed_cast.a, committed_cast.a.owner_client()
    seats(side, 30)
    for number in range(more):
        make_member(side.organization, f"More {number}", f"m{number}@meridian.example", Role.OPERATOR)
        with tenant(side.organization.pk):
            invite_member(actor=side.owner, email=f"i{number}@shop.example", role=Role.OPERATOR)
    client.get("/team/")
    # Session, person, memberships in their own transaction (4), tenant (3), members, invitations.
    with django_assert_num_queries(11):
        client.get("/team/")

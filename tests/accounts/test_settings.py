"""Profile, organization settings, the audit log and `GET me`, by four callers."""

import ast
from collections.abc import Callable
from contextlib import closing
from typing import Any  # form data and query counters

import pytest
from django.conf import settings
from django.test import Client

from accounts import audit
from accounts.audit_log import SENTENCES
from accounts.enums import Role
from accounts.models import AuditEvent, Membership, Organization, User
from accounts.services import change_role
from livecaller.core.actors import SystemActor
from tests.accounts.conftest import browser
from tests.architecture.source import sources
from tests.cast import Cast, Side
from tests.conftest import DATABASE, superuser
from tests.security.witness import print_of

PROFILE = {"full_name": "Otto Neu", "display_name": "Otto", "locale": "de"}
ORGANIZATION = {"name": "Meridian", "locale": "ka", "time_zone": "Asia/Tbilisi", "retention_days": "30"}
CALLERS: dict[str, Callable[[Cast], Client]] = {
    "nobody": lambda _: browser(),
    "operator": lambda cast: cast.a.operator_client(),
    "owner": lambda cast: cast.a.owner_client(),
    "neighbour": lambda cast: cast.b.owner_client(),
}


def state_of(side: Side) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a print of the organization's rows and the organization itself."""
    return print_of(side.organization.pk), dict(Organization.objects.values().get(pk=side.organization.pk))


def test_a_member_changes_names_and_language(committed_cast: Cast) -> None:
    side, client = committed_cast.a, committed_cast.a.operator_client()
    answer = client.post("/profile/", PROFILE)
    assert answer["Location"] == "/profile/"
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    user = User.objects.get(pk=side.operator_user.pk)
    assert (user.full_name, user.locale) == ("Otto Neu", "de")
    assert side.inside(lambda: Membership.objects.get(user=user).display_name) == "Otto"
    assert '<html lang="de"' in client.get("/profile/").content.decode()


@pytest.mark.parametrize(
    "change",
    [{"locale": "xx"}, {"display_name": ""}, {"full_name": "a\x07"}, {"email": "x@y.example"}, {"role": "owner"}],
)
def test_what_a_profile_may_not_be(committed_cast: Cast, change: dict[str, str]) -> None:
    side = committed_cast.a
    before, person = state_of(side), User.objects.values().get(pk=side.operator_user.pk)
    assert side.operator_client().post("/profile/", {**PROFILE, **change}).status_code == 422
    assert (state_of(side), User.objects.values("full_name", "locale").get(pk=side.operator_user.pk)) == (
        before,
        {key: person[key] for key in ("full_name", "locale")},
    )


@pytest.mark.parametrize(("caller", "status"), [("nobody", 302), ("operator", 403), ("neighbour", 302), ("owner", 302)])
def test_who_changes_an_organization(committed_cast: Cast, caller: str, status: int) -> None:
    side, client = committed_cast.a, CALLERS[caller](committed_cast)
    before = state_of(side)
    assert client.post("/settings/", ORGANIZATION).status_code == status
    changed = Organization.objects.get(pk=side.organization.pk)
    if caller == "owner":
        assert (changed.name, changed.locale, changed.time_zone, changed.retention_days) == (
            "Meridian", "ka", "Asia/Tbilisi", 30,
        )  # fmt: skip
        assert side.inside(lambda: AuditEvent.objects.get().details) == {
            "changed": "locale name retention_days time_zone",
            "retention_days": 30,
        }
    else:
        assert state_of(side) == before


def test_saving_what_is_already_so_leaves_no_trace(committed_cast: Cast) -> None:
    client = committed_cast.a.owner_client()
    for _ in range(2):
        assert client.post("/settings/", ORGANIZATION).status_code == 302
    assert committed_cast.a.inside(AuditEvent.objects.count) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"retention_days": "31"},
        {"retention_days": "9999"},
        {"time_zone": "Mars/Olympus"},
        {"name": ""},
        {"seat_limit": "99"},
        {"is_demo": "on"},
    ],
)
def test_what_an_organization_may_not_be(committed_cast: Cast, change: dict[str, str]) -> None:
    before = state_of(committed_cast.a)
    assert committed_cast.a.owner_client().post("/settings/", {**ORGANIZATION, **change}).status_code == 422
    assert state_of(committed_cast.a) == before


def tell(side: Side, number: int) -> None:
    """Record so many events."""
    for _ in range(number):
        side.inside(lambda: audit.record("widget.created", actor=SystemActor(side.organization.pk)))


@pytest.mark.parametrize(("caller", "status"), [("nobody", 302), ("operator", 403), ("owner", 200)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_reads_the_audit_log(committed_cast: Cast, caller: str, status: int, method: str) -> None:
    client = CALLERS[caller](committed_cast)
    path = "/audit/" if method == "get" else "/audit/verify/"
    assert getattr(client, method)(path).status_code == status


def test_the_log_names_who_did_what_to_whom(committed_cast: Cast) -> None:
    side = committed_cast.a
    side.inside(lambda: change_role(actor=side.owner, membership_id=side.operator.membership_id, role=Role.ADMIN))
    page = side.owner_client().get("/audit/").content.decode()
    assert "Changed a member&#x27;s role" in page
    assert "<bdi>Olga</bdi>" in page
    assert ": <bdi>Otto</bdi>" in page
    assert "Otto" not in CALLERS["neighbour"](committed_cast).get("/audit/").content.decode()


def test_the_log_has_pages(committed_cast: Cast) -> None:
    side, client = committed_cast.a, committed_cast.a.owner_client()
    tell(side, 51)
    first, second = (client.get(path).content.decode() for path in ("/audit/", "/audit/?before=2"))
    assert first.count("<code") == 50
    assert 'href="?before=2"' in first
    assert second.count("<code") == 1
    assert "before=" not in second
    for nonsense in ("x", "-1", "9" * 40, "١"):
        assert client.get("/audit/", {"before": nonsense}).content.decode().count("<code") == 50


@pytest.mark.parametrize("number", [1, 3])
def test_the_log_asks_the_same_number_of_questions(
    committed_cast: Cast, django_assert_num_queries: Any, number: int
) -> None:
    client = committed_cast.a.owner_client()
    tell(committed_cast.a, number)
    client.get("/audit/")
    # Session, person, memberships in their own transaction (4), tenant (3), events.
    with django_assert_num_queries(10):
        client.get("/audit/")


def test_an_untouched_chain_holds(committed_cast: Cast) -> None:
    tell(committed_cast.a, 3)
    assert "Every link holds" in committed_cast.a.owner_client().post("/audit/verify/").content.decode()


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ('UPDATE accounts_auditevent SET details = \'{"role": "x"}\' WHERE position = 2', 2),
        ("UPDATE accounts_auditevent SET at = at - interval '1 day' WHERE position = 1", 1),
        ("UPDATE accounts_auditevent SET actor_id = gen_random_uuid() WHERE position = 3", 3),
        ("DELETE FROM accounts_auditevent WHERE position = 2", 2),
        ("DELETE FROM accounts_auditevent WHERE position = 3", 3),
        ("DELETE FROM accounts_auditevent", 1),
    ],
)
def test_a_change_from_outside_breaks_the_chain(committed_cast: Cast, statement: str, broken_at: int) -> None:
    side = committed_cast.a
    tell(side, 3)
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
    page = side.owner_client().post("/audit/verify/").content.decode()
    assert f"broken at position {broken_at}" in page
    assert side.inside(lambda: audit.first_broken_link(side.organization.pk)) == broken_at


def test_me_is_the_one_who_asks(committed_cast: Cast, django_assert_num_queries: Any) -> None:
    side, client = committed_cast.a, committed_cast.a.operator_client()
    client.get("/api/v1/me")
    # Session, person, memberships in their own transaction (4), tenant (3), member, organization.
    with django_assert_num_queries(11):
        answer = client.get("/api/v1/me")
    assert answer.json() == {
        "member": {"id": str(side.operator.membership_id), "name": "Otto", "role": "operator", "status": "online"},
        "organization": {"id": str(side.organization.pk), "name": "Meridian Furniture"},
        "permissions": ["conversation.read", "conversation.write", "end_user.read", "end_user.write"],
        "locale": "en",
    }
    assert "audit.read" in side.owner_client().get("/api/v1/me").json()["permissions"]
    assert client.post("/api/v1/me", {}).status_code == 405


def test_strangers_are_nobody(committed_cast: Cast) -> None:
    answer = browser().get("/api/v1/me")
    assert answer.status_code in {401, 403}
    assert set(answer.json()) == {"error"}


def test_every_recorded_name_has_a_sentence() -> None:
    recorded = {
        part.value
        for source in sources()
        if source.is_product
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"audit.record", "record", "_record"}
        for part in ast.walk(node.args[0])
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
    }
    assert {"member.left", "member.removed"} <= recorded
    assert recorded == set(SENTENCES)

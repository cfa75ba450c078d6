"""Entering and leaving an organization: both halves of the wall change together, whatever happens in between."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership
from livecaller.core.database import in_database_thread
from livecaller.core.tenancy.context import TenantError, credential, current_credential, current_tenant, tenant
from tests.core.rows import Rows, make_rows
from widget.models import Widget

A, B = uuid4(), uuid4()


def settings_of_the_database() -> tuple[str, str, str]:
    """Return what the policies read on this connection: tenant, person, widget key."""
    with connection.cursor() as cursor:
        names = ("app.tenant", "app.person", "app.widget_key")
        cursor.execute("SELECT current_setting(%s, true), current_setting(%s, true), current_setting(%s, true)", names)
        ((organization, person, key),) = cursor.fetchall()
    return organization or "", person or "", key or ""


def is_inside(organization_id: UUID | None) -> bool:
    """Say whether Python and PostgreSQL agree on being in this organization, or in none."""
    expected = "" if organization_id is None else str(organization_id)
    return current_tenant() == organization_id and settings_of_the_database() == (expected, "", "")


@pytest.fixture(params=["alone", "in a transaction", "in a savepoint"])
def surroundings(request: pytest.FixtureRequest, committed: None) -> Callable[[Callable[[], None]], None]:
    """Return a function that runs a story alone, inside a transaction, or inside a savepoint of one."""

    def run(story: Callable[[], None]) -> None:
        if request.param == "alone":
            story()
            return
        with transaction.atomic():
            if request.param == "in a transaction":
                story()
                return
            with transaction.atomic():
                story()

    return run


Surroundings = Callable[[Callable[[], None]], None]


def test_a_block_enters_and_leaves(surroundings: Surroundings) -> None:
    def story() -> None:
        assert is_inside(None)
        with tenant(A):
            assert is_inside(A)
        assert is_inside(None)
        with tenant(B):
            assert is_inside(B)
        assert is_inside(None)

    surroundings(story)


def test_a_block_that_fails_leaves_too(surroundings: Surroundings) -> None:
    def story() -> None:
        with suppress(KeyError), tenant(A):
            assert is_inside(A)
            raise KeyError
        assert is_inside(None)
        with tenant(B):
            assert is_inside(B)

    surroundings(story)


def test_a_statement_that_fails_leaves_too(surroundings: Surroundings) -> None:
    def story() -> None:
        with suppress(IntegrityError), tenant(A):
            Membership.objects.create(organization_id=A, user_id=uuid4(), display_name="Nobody")
            # Checked at once instead of at the commit.
            connection.check_constraints()
        assert is_inside(None)

    surroundings(story)


def test_joining_the_same_organization_changes_nothing_when_it_ends(surroundings: Surroundings) -> None:
    def story() -> None:
        with tenant(A):
            with tenant(A):
                assert is_inside(A)
            assert is_inside(A)
            with suppress(KeyError), tenant(A):
                raise KeyError
            assert is_inside(A)
        assert is_inside(None)

    surroundings(story)


def test_entering_another_organization_is_refused_and_harmless(surroundings: Surroundings) -> None:
    def story() -> None:
        with tenant(A):
            with pytest.raises(TenantError, match="leave it before"), tenant(B):
                pytest.fail("must not be reached")
            assert is_inside(A)
        assert is_inside(None)

    surroundings(story)


def test_savepoints_inside_keep_the_organization(surroundings: Surroundings) -> None:
    def story() -> None:
        with tenant(A):
            with transaction.atomic():
                assert is_inside(A)
            with suppress(KeyError), transaction.atomic():
                raise KeyError
            assert is_inside(A)
        assert is_inside(None)

    surroundings(story)


def test_a_block_rolled_back_on_purpose_leaves_too(surroundings: Surroundings) -> None:
    def story() -> None:
        with tenant(A):
            transaction.set_rollback(True)
        assert is_inside(None)

    surroundings(story)


def test_a_credential_enters_and_leaves(surroundings: Surroundings) -> None:
    def story() -> None:
        with credential("widget_key", "pk_1"):
            assert (current_credential(), settings_of_the_database()) == ("widget_key", ("", "", "pk_1"))
        assert (current_credential(), is_inside(None)) == (None, True)
        with suppress(KeyError), credential("person", str(A)):
            raise KeyError
        assert (current_credential(), is_inside(None)) == (None, True)

    surroundings(story)


def test_credentials_and_organizations_do_not_mix(surroundings: Surroundings) -> None:
    def story() -> None:
        with tenant(A):
            with pytest.raises(TenantError, match="before entering"), credential("person", str(A)):
                pytest.fail("must not be reached")
            assert is_inside(A)
        with credential("person", str(A)):
            with pytest.raises(TenantError, match="leave it before"), tenant(A):
                pytest.fail("must not be reached")
            with pytest.raises(TenantError, match="one at a time"), credential("widget_key", "pk_1"):
                pytest.fail("must not be reached")
            assert settings_of_the_database() == ("", str(A), "")

    surroundings(story)


def test_nothing_of_a_tenant_stays_on_the_connection(committed: None) -> None:
    with tenant(A):
        pass

    assert settings_of_the_database() == ("", "", "")
    assert connection.get_autocommit()


def test_callbacks_of_the_commit_run_outside(committed: None) -> None:
    seen: list[bool] = []
    with tenant(A):
        transaction.on_commit(lambda: seen.append(is_inside(None)))
        assert seen == []

    assert seen == [True]


@pytest.fixture
def a(committed: None) -> Rows:
    """An organization with one row in every table."""
    return make_rows("Meridian Furniture")


@pytest.fixture
def b(committed: None) -> Rows:
    """Its neighbour."""
    return make_rows("Outsider Goods")


def test_reading_outside_raises(a: Rows) -> None:
    with pytest.raises(TenantError, match="Widget was read outside an organization"):
        Widget.objects.count()
    with tenant(a.id):
        assert Widget.objects.count() == 1


def test_the_manager_holds_alone(a: Rows, b: Rows) -> None:
    """The database is told one organization and Python another: the manager's filter is a wall of its own."""
    with tenant(a.id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(b.id)])
            cursor.execute("SELECT count(*) FROM widget_widget")
            assert cursor.fetchall() == [(1,)]
        assert Widget.objects.count() == 0


def test_a_lazy_queryset_read_too_late_finds_nothing(a: Rows) -> None:
    with tenant(a.id):
        late = Widget.objects.all()
        assert late.count() == 1

    assert list(late) == []


def test_threads_do_not_see_each_others_organization(a: Rows, b: Rows) -> None:
    together = Barrier(3, timeout=30)
    seen: dict[str, list[str]] = {}

    def read(name: str, organization_id: UUID) -> None:
        try:
            with tenant(organization_id):
                together.wait()
                seen[name] = [str(pk) for pk in Widget.objects.values_list("organization_id", flat=True)]
                together.wait()
        finally:
            connection.close()

    def read_outside() -> None:
        try:
            together.wait()
            seen["outside"] = [str(current_tenant()), *settings_of_the_database()]
            together.wait()
        finally:
            connection.close()

    threads = [
        Thread(target=read, args=("a", a.id)),
        Thread(target=read, args=("b", b.id)),
        Thread(target=read_outside),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert seen == {"a": [str(a.id)], "b": [str(b.id)], "outside": ["None", "", "", ""]}


def test_a_thread_started_inside_is_outside(a: Rows) -> None:
    seen: list[tuple[UUID | None, tuple[str, str, str]]] = []

    def look() -> None:
        try:
            seen.append((current_tenant(), settings_of_the_database()))
        finally:
            connection.close()

    with tenant(a.id):
        thread = Thread(target=look)
        thread.start()
        thread.join(30)

    assert seen == [(None, ("", "", ""))]


def test_work_handed_to_another_thread_inside_a_block_sees_nothing(a: Rows) -> None:
    """A copied context carries Python's half of the wall to a connection that has not entered: it stays shut."""

    def look() -> tuple[UUID | None, int]:
        return current_tenant(), Widget.objects.count()

    def look_and_close() -> tuple[UUID | None, int]:
        try:
            return look()
        finally:
            connection.close()

    with tenant(a.id):
        assert look() == (a.id, 1)
        seen = async_to_sync(sync_to_async(look_and_close, thread_sensitive=False))()

    assert seen == (a.id, 0)


async def test_sockets_of_two_organizations_do_not_mix(a: Rows, b: Rows) -> None:
    def read(organization_id: UUID) -> list[UUID]:
        with tenant(organization_id):
            return list(Widget.objects.values_list("organization_id", flat=True))

    turns = [a.id, b.id] * 20
    seen = await asyncio.gather(*(in_database_thread(read, organization_id) for organization_id in turns))

    assert seen == [[organization_id] for organization_id in turns]


async def test_a_coroutine_cannot_enter(committed: None) -> None:
    with pytest.raises(SynchronousOnlyOperation), tenant(A):
        pytest.fail("must not be reached")
    assert current_tenant() is None

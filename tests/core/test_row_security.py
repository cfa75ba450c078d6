"""The walls between organizations, tried on every tenant table as the role that serves the product.

All transactions are real: a test's own transaction around them would hide a leak. Each "nothing" is preceded by
a look past row security at what is there.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any  # rows and models of every kind
from uuid import UUID

import psycopg2
import pytest
from django.db import DatabaseError, connection, models, transaction

from accounts.models import AuditEvent, Membership
from livecaller.core.tenancy.context import credential, tenant
from livecaller.core.tenancy.models import TenantForeignKey
from tests.conftest import DATABASE, servers, superuser
from tests.core.rows import TENANT_MODELS, Rows, make_rows
from widget.models import Widget

INSUFFICIENT_PRIVILEGE, FOREIGN_KEY_VIOLATION = "42501", "23503"
REWRITABLE = [model for model in TENANT_MODELS if not getattr(model, "append_only", False)]


@pytest.fixture
def a(committed: None) -> Rows:
    """The organization whose rows somebody else tries to reach."""
    return make_rows("Meridian Furniture")


@pytest.fixture
def b(committed: None) -> Rows:
    """The neighbour."""
    return make_rows("Outsider Goods")


def table_of(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'


def everywhere(found: Callable[[str], int], among: list[Any] = TENANT_MODELS) -> dict[str, int]:
    """Return what `found` says about each tenant table."""
    return {model._meta.db_table: found(table_of(model)) for model in among}


def each(number: int, among: list[Any] = TENANT_MODELS) -> dict[str, int]:
    return {model._meta.db_table: number for model in among}


def there(rows: Rows) -> dict[str, int]:
    """Return how many of an organization's rows there really are, read past row security."""
    with closing(superuser(DATABASE)) as beyond, beyond.cursor() as cursor:

        def count(table: str) -> int:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [str(rows.id)])
            return int(cursor.fetchall()[0][0])

        return everywhere(count)


def executed(statement: str, *values: Any) -> int:
    """Run SQL on Django's connection and return how many rows it saw or changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def refused(statement: str, *values: Any) -> str | None:
    """Return PostgreSQL's code for why it refuses a statement, or None; nothing stays changed."""
    try:
        with transaction.atomic():
            executed(statement, *values)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "pgcode", error))
    return None


def selected(table: str) -> int:
    return executed(f"SELECT * FROM {table}")


def copied(row: models.Model, **changes: Any) -> tuple[str, tuple[Any, ...]]:
    """Return an INSERT of a row like this one, with some columns changed."""
    values: dict[str, Any] = {
        str(f.column): f.get_db_prep_save(f.value_from_object(row), connection) for f in row._meta.concrete_fields
    }
    values |= {"id": str(UUID(int=row.pk.int ^ 1)), **changes}
    columns, places = ", ".join(f'"{name}"' for name in values), ", ".join("%s" for _ in values)
    return f"INSERT INTO {table_of(type(row))} ({columns}) VALUES ({places})", tuple(values.values())


def test_without_a_tenant_there_are_no_rows_and_none_can_be_changed(a: Rows) -> None:
    assert there(a) == each(1)

    assert everywhere(selected) == each(0)
    assert everywhere(lambda table: executed(f"UPDATE {table} SET id = id"), REWRITABLE) == each(0, REWRITABLE)
    assert everywhere(lambda table: executed(f"DELETE FROM {table}"), REWRITABLE) == each(0, REWRITABLE)
    assert there(a) == each(1)


def test_without_a_tenant_nothing_can_be_added(a: Rows) -> None:
    codes = {}
    for model in TENANT_MODELS:
        statement, values = copied(a.of[model])
        codes[model] = refused(statement, *values)

    assert codes == dict.fromkeys(TENANT_MODELS, INSUFFICIENT_PRIVILEGE)
    assert there(a) == each(1)


def test_inside_an_organization_there_are_its_rows_and_no_others(a: Rows, b: Rows) -> None:
    assert there(a) == there(b) == each(1)

    for own, other in ((a, b), (b, a)):
        with tenant(own.id):
            assert everywhere(selected) == each(1)
            for model in TENANT_MODELS:
                by_id = f"SELECT * FROM {table_of(model)} WHERE id = %s"
                assert executed(by_id, str(own.of[model].pk)) == 1, model
                assert executed(by_id, str(other.of[model].pk)) == 0, model


def test_a_neighbours_rows_can_be_neither_changed_nor_deleted(a: Rows, b: Rows) -> None:
    with tenant(a.id):
        for model in REWRITABLE:
            table, theirs = table_of(model), str(b.of[model].pk)
            assert executed(f"UPDATE {table} SET id = id WHERE id = %s", theirs) == 0, model
            assert executed(f"DELETE FROM {table} WHERE id = %s", theirs) == 0, model

    assert there(b) == each(1)


def test_own_rows_can_be_changed(a: Rows) -> None:
    with tenant(a.id):
        assert everywhere(lambda table: executed(f"UPDATE {table} SET id = id"), REWRITABLE) == each(1, REWRITABLE)


def test_nothing_can_be_added_to_a_neighbour_or_given_away(a: Rows, b: Rows) -> None:
    with tenant(a.id):
        for model in TENANT_MODELS:
            statement, values = copied(a.of[model], organization_id=str(b.id))
            assert refused(statement, *values) == INSUFFICIENT_PRIVILEGE, model
        for model in REWRITABLE:
            moved = f"UPDATE {table_of(model)} SET organization_id = %s"
            assert refused(moved, str(b.id)) == INSUFFICIENT_PRIVILEGE, model

    assert there(a) == there(b) == each(1)


def test_no_reference_reaches_a_neighbours_row(a: Rows, b: Rows) -> None:
    references = [
        (model, field)
        for model in TENANT_MODELS
        for field in model._meta.local_concrete_fields
        if isinstance(field, TenantForeignKey)
    ]
    assert len(references) > 10

    with tenant(a.id):
        for model, field in references:
            pointed = f'UPDATE {table_of(model)} SET "{field.column}" = %s'
            assert refused(pointed, str(a.of[field.related_model].pk)) is None, field
            assert refused(pointed, str(b.of[field.related_model].pk)) == FOREIGN_KEY_VIOLATION, field


def test_the_owner_of_the_tables_sees_nothing_without_a_tenant_either(a: Rows, b: Rows) -> None:
    assert there(a) == there(b) == each(1)

    with closing(psycopg2.connect(servers.url("livecaller_owner", DATABASE))) as owner, owner.cursor() as cursor:

        def count(table: str) -> int:
            cursor.execute(f"SELECT * FROM {table}")
            return cursor.rowcount

        assert everywhere(count) == each(0)
        cursor.execute("SELECT set_config('app.tenant', %s, true)", [str(a.id)])
        assert everywhere(count) == each(1)


def test_staff_reads_no_tenant_table_and_the_backup_reads_all(a: Rows) -> None:
    with closing(psycopg2.connect(servers.url("livecaller_staff", DATABASE))) as staff, staff.cursor() as cursor:
        for model in TENANT_MODELS:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"SELECT 1 FROM {table_of(model)}")
            staff.rollback()
    with closing(psycopg2.connect(servers.url("livecaller_backup", DATABASE))) as backup, backup.cursor() as cursor:
        for model in TENANT_MODELS:
            cursor.execute(f"SELECT 1 FROM {table_of(model)}")
            assert cursor.rowcount == 1, model
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            cursor.execute("DELETE FROM chats_message")


def test_the_audit_chain_is_only_ever_longer(a: Rows) -> None:
    with tenant(a.id):
        statement, values = copied(a.of[AuditEvent], position=2)
        assert refused(statement, *values) is None
        assert refused("UPDATE accounts_auditevent SET name = 'x'") == INSUFFICIENT_PRIVILEGE
        assert refused("DELETE FROM accounts_auditevent") == INSUFFICIENT_PRIVILEGE
        assert refused("TRUNCATE accounts_auditevent") == INSUFFICIENT_PRIVILEGE


def test_a_person_shows_their_own_memberships_everywhere_and_nothing_else(a: Rows, b: Rows) -> None:
    person = a.of[Membership].user
    with tenant(b.id):
        abroad = Membership.objects.create(organization_id=b.id, user=person, display_name="Otto")
    expected = {**each(0), "accounts_membership": 2}

    with credential("person", str(person.pk)):
        assert everywhere(selected) == expected
        assert {row.pk for row in Membership.objects.all()} == {a.of[Membership].pk, abroad.pk}


def test_a_public_key_shows_its_own_widget_and_nothing_else(a: Rows, b: Rows) -> None:
    with credential("widget_key", a.of[Widget].public_key):
        assert everywhere(selected) == {**each(0), "widget_widget": 1}
        assert Widget.objects.get().pk == a.of[Widget].pk


@pytest.mark.parametrize("value", ["", "pk_unknown", "%", "' OR true --", "\\"])
def test_a_key_that_nobody_has_shows_nothing(a: Rows, value: str) -> None:
    with credential("widget_key", value):
        assert everywhere(selected) == each(0)


@pytest.mark.parametrize("value", ["", str(UUID(int=0))])
def test_a_person_whom_nobody_knows_shows_nothing(a: Rows, value: str) -> None:
    with credential("person", value):
        assert everywhere(selected) == each(0)


def test_a_credential_writes_nothing(a: Rows) -> None:
    credentials = (
        ("person", str(a.of[Membership].user_id), Membership),
        ("widget_key", a.of[Widget].public_key, Widget),
    )
    for kind, value, model in credentials:
        with credential(kind, value):  # type: ignore[arg-type]  # the kinds are literals above
            table = table_of(model)
            assert selected(table) == 1
            assert executed(f"UPDATE {table} SET id = id") == 0
            assert executed(f"DELETE FROM {table}") == 0
            assert executed(f"SELECT 1 FROM {table} FOR UPDATE") == 0
            statement, values = copied(a.of[model])
            assert refused(statement, *values) == INSUFFICIENT_PRIVILEGE

    assert there(a) == each(1)


@pytest.fixture
def open_door(a: Rows) -> Iterator[Rows]:
    """The first organization, with the wall around conversations torn down."""
    with closing(superuser(DATABASE)) as beyond, beyond.cursor() as cursor:
        cursor.execute("ALTER TABLE chats_conversation DISABLE ROW LEVEL SECURITY")
        yield a
        cursor.execute("ALTER TABLE chats_conversation ENABLE ROW LEVEL SECURITY")


def test_these_tests_see_a_wall_that_is_down(open_door: Rows, b: Rows) -> None:
    assert everywhere(selected) == {**each(0), "chats_conversation": 2}
    with tenant(b.id):
        assert everywhere(selected) == {**each(1), "chats_conversation": 2}

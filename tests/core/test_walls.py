"""The live database has the walls that the models ask for, and the comparison sees each stone that is missing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any  # a cursor of psycopg2

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from livecaller.core.tenancy import grants
from livecaller.core.tenancy.models import EndUserDataModel, PresentManager
from tests.conftest import DATABASE, servers, superuser
from tests.core import walls
from tests.core.rows import END_USER_MODELS, TENANT_MODELS


@contextmanager
def database_with(statement: str) -> Iterator[Any]:
    """Yield a cursor on this worker's database with some DDL that is rolled back afterwards."""
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(statement)
        yield cursor
        connection.rollback()


def test_the_walls_stand(database: str) -> None:
    assert len(TENANT_MODELS) > 10

    with database_with("SELECT 1") as cursor:
        assert "\n".join(walls.problems(cursor)) == ""


MISSING_STONES = [
    ("ALTER TABLE chats_note NO FORCE ROW LEVEL SECURITY", "chats_note does not force row security"),
    ("ALTER TABLE chats_note DISABLE ROW LEVEL SECURITY", "chats_note does not force row security"),
    ("CREATE TABLE planted (organization_id uuid)", "planted has an organization and no tenant model"),
    ("DROP POLICY chats_note_tenant ON chats_note", "chats_note lacks the policy chats_note_tenant"),
    ("CREATE POLICY planted ON chats_note USING (true)", "the policy planted, which is not one of ours"),
    ("CREATE POLICY planted ON accounts_user USING (true)", "the policy planted, which is not one of ours"),
    (
        "ALTER POLICY chats_note_tenant ON chats_note USING (organization_id IS NOT NULL)",
        "the policy chats_note_tenant, which is not one of ours",
    ),
    (
        "ALTER POLICY chats_note_tenant ON chats_note WITH CHECK (true)",
        "the policy chats_note_tenant, which is not one of ours",
    ),
    (
        "CREATE POLICY chats_note_by_person ON chats_note FOR SELECT USING (body = current_setting('app.person'))",
        "the policy chats_note_by_person, which is not one of ours",
    ),
    (
        "ALTER TABLE chats_note DROP CONSTRAINT chats_note_conversation_id_tenant_fk",
        "chats_note.conversation_id has no composite constraint",
    ),
    (
        "ALTER TABLE chats_note ADD FOREIGN KEY (conversation_id) REFERENCES chats_conversation (id)",
        "chats_note.conversation_id refers to chats_conversation without the organization",
    ),
    ("CREATE UNIQUE INDEX ON chats_note (body)", "chats_note.body is unique over all organizations"),
    ("GRANT SELECT ON chats_note TO livecaller_staff", "livecaller_staff may ['SELECT'] on chats_note"),
    ("GRANT SELECT ON chats_note TO PUBLIC", "PUBLIC may ['SELECT'] on chats_note"),
    ("GRANT UPDATE ON accounts_auditevent TO livecaller_app", "livecaller_app may ['INSERT', 'SELECT', 'UPDATE'] on"),
    ("GRANT TRUNCATE ON chats_note TO livecaller_app", "'TRUNCATE', 'UPDATE'] on chats_note"),
    (
        "REVOKE INSERT ON chats_note FROM livecaller_app",
        "livecaller_app may ['DELETE', 'SELECT', 'UPDATE'] on chats_note",
    ),
    ("GRANT INSERT ON chats_note TO livecaller_backup", "livecaller_backup may ['INSERT', 'SELECT'] on chats_note"),
    ("GRANT SELECT (password) ON accounts_user TO livecaller_staff", "'SELECT password'"),
    ("REVOKE SELECT (email) ON accounts_user FROM livecaller_staff", "livecaller_staff may ['SELECT created_at'"),
    ("ALTER ROLE livecaller_app BYPASSRLS", "livecaller_app may more than it must"),
    ("ALTER ROLE livecaller_backup NOBYPASSRLS", "livecaller_backup may more than it must"),
    ("ALTER ROLE livecaller_owner SUPERUSER", "livecaller_owner may more than it must"),
    ("GRANT livecaller_owner TO livecaller_app", "livecaller_app may more than it must"),
    ("GRANT CREATE ON SCHEMA public TO livecaller_app", "livecaller_app owns or makes tables"),
    ("ALTER TABLE chats_note OWNER TO livecaller_app", "livecaller_app owns or makes tables"),
    ("CREATE VIEW planted AS SELECT body FROM chats_note", "View planted reads with its owner's rights"),
    ("CREATE MATERIALIZED VIEW planted AS SELECT body FROM chats_note", "View planted reads with its owner's rights"),
    (
        "CREATE FUNCTION planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM chats_note'",
        "Function planted runs with its owner's rights",
    ),
    (
        "GRANT EXECUTE ON FUNCTION chats_write(timestamptz, text, jsonb) TO livecaller_staff",
        "livecaller_staff may call chats_write",
    ),
    (
        "ALTER POLICY chats_message_seen_by_batch ON chats_message TO PUBLIC",
        "chats_message_seen_by_batch, which is not",
    ),
]


@pytest.mark.parametrize(("statement", "sentence"), MISSING_STONES, ids=[stone for stone, _ in MISSING_STONES])
def test_a_missing_stone_is_seen(database: str, statement: str, sentence: str) -> None:
    with database_with(statement) as cursor:
        found = walls.problems(cursor)

    assert [problem for problem in found if sentence in problem], found


def test_an_invokers_view_is_no_way_around(database: str) -> None:
    statement = "CREATE VIEW planted WITH (security_invoker = true) AS SELECT body FROM chats_note"

    with database_with(statement) as cursor:
        assert not [problem for problem in walls.problems(cursor) if "View planted" in problem]


def test_every_tenant_model_keeps_the_key_that_references_need() -> None:
    for model in TENANT_MODELS:
        unique = [c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
        assert ("organization", "id") in unique, f"{model.__name__}: its Meta must inherit that of TenantModel"


def test_every_model_of_end_users_data_keeps_its_managers() -> None:
    for model in END_USER_MODELS:
        assert model._base_manager.name == "all_states", f"{model.__name__}: its Meta must inherit EndUserDataModel's"
        assert model._default_manager.name == "objects"
        assert isinstance(model._default_manager, PresentManager)


def test_who_names_an_end_user_is_a_model_that_expires() -> None:
    """A row beside an end-user's that does not expire would outlive the person."""
    for model in TENANT_MODELS:
        targets = {field.related_model for field in model._meta.local_concrete_fields if field.is_relation}
        if targets & set(END_USER_MODELS):
            assert issubclass(model, EndUserDataModel), model


def test_staff_reads_people_and_none_of_their_secrets(database: str) -> None:
    with closing(psycopg2.connect(servers.url("livecaller_staff", DATABASE))) as staff, staff.cursor() as cursor:
        cursor.execute("SELECT id, email, full_name FROM accounts_user")
        for secret in ("password FROM accounts_user", "session_key FROM django_session", "* FROM accounts_user"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"SELECT {secret}")
            staff.rollback()
            cursor.execute("SELECT 1")


def test_a_migration_takes_back_what_was_granted_by_hand(committed: None) -> None:
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("GRANT ALL ON chats_note TO livecaller_staff, livecaller_app, PUBLIC")
        cursor.execute("GRANT SELECT (password) ON accounts_user TO livecaller_staff")
        assert len([problem for problem in walls.problems(cursor) if " may " in problem]) >= 4
        grants.grant_after_migrate(using="owner")
        assert walls.problems(cursor) == []


def test_without_the_roles_a_migration_says_what_to_do(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "ROLES", ("livecaller_nobody",))

    with pytest.raises(ImproperlyConfigured, match=r"Run `manage\.py create_roles`"):
        grants.grant_after_migrate(using="default")

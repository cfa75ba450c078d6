"""The walls as PostgreSQL knows them, compared with what the models ask for. Read on a cursor that sees all."""

from collections.abc import Iterator
from typing import Any  # a cursor of psycopg2

from django.apps import apps
from django.db import models

from livecaller.core.tenancy.grants import expected_column_grants, expected_grants, is_tenant_model
from livecaller.core.tenancy.models import TenantForeignKey

ROLES = ("livecaller_app", "livecaller_staff", "livecaller_backup")
TENANT = "(organization_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"
# Read before an organization is entered, by whoever carries the value; nothing else is.
CREDENTIALS = {
    ("accounts_membership", "person"): (
        "(user_id = (NULLIF(current_setting('app.person'::text, true), ''::text))::uuid)"
    ),
    ("widget_widget", "widget_key"): (
        "((public_key)::text = NULLIF(current_setting('app.widget_key'::text, true), ''::text))"
    ),
}
# The one function that writes for several organizations at once (chats/migrations/0005_write.py), and what the owner of
# the tables, as whom it runs, sees and does of the organizations that it has entered.
ENTERED = (
    "(organization_id = ANY (( SELECT (string_to_array(current_setting('app.tenants'::text, true), ','::text))::uuid[] "
    "AS string_to_array)::uuid[]))"
)
OWNERS_FUNCTIONS = {"chats_write"}
OWNERS_POLICIES: set[tuple[str | None, ...]] = {
    *(
        (table, f"{table}_seen_by_batch", "PERMISSIVE", "{livecaller_owner}", "SELECT", ENTERED, None)
        for table in ("accounts_membership", "widget_widget", "widget_enduser", "chats_conversation", "chats_message")
    ),
    (
        "chats_message",
        "chats_message_stored_by_batch",
        "PERMISSIVE",
        "{livecaller_owner}",
        "INSERT",
        None,
        ENTERED,
    ),
    (
        "chats_conversation",
        "chats_conversation_moved_by_batch",
        "PERMISSIVE",
        "{livecaller_owner}",
        "UPDATE",
        ENTERED,
        ENTERED,
    ),
}
# Looked up before their organization is known, or so random that a collision tells nothing.
GLOBALLY_UNIQUE = {"widget_widget.public_key", "widget_visitortoken.token_hash", "accounts_invitation.token_hash"}


def problems(cursor: Any) -> list[str]:
    """Return each difference between the live database and the walls that ought to stand in it."""
    checks = (_protection, _policies, _references, _uniqueness, _grants, _roles, _ways_around)
    return [problem for check in checks for problem in check(cursor)]


def tenant_tables() -> set[str]:
    """Return the tables of all tenant models."""
    return {model._meta.db_table for model in apps.get_models() if is_tenant_model(model)}


def _rows(cursor: Any, statement: str) -> list[tuple[Any, ...]]:
    cursor.execute(statement)
    return list(cursor.fetchall())


def _protection(cursor: Any) -> Iterator[str]:
    live = _rows(
        cursor,
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id')
           FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')""",
    )
    for table, is_forced, has_organization in live:
        if table in tenant_tables() and not is_forced:
            yield f"{table} does not force row security. Add ProtectTenantTable to its migration."
        if has_organization and table not in tenant_tables():
            yield f"{table} has an organization and no tenant model."


def _policies(cursor: Any) -> Iterator[str]:
    live = _rows(
        cursor,
        """SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies
           WHERE schemaname = 'public'""",
    )
    expected: set[tuple[str | None, ...]] = {
        (table, f"{table}_tenant", "PERMISSIVE", "{public}", "ALL", TENANT, TENANT) for table in tenant_tables()
    } | {
        (table, f"{table}_by_{kind}", "PERMISSIVE", "{public}", "SELECT", condition, None)
        for (table, kind), condition in CREDENTIALS.items()
    }
    expected |= OWNERS_POLICIES
    for policy in sorted(set(live) - expected, key=str):
        yield f"{policy[0]} has the policy {policy[1]}, which is not one of ours: {policy[4]} {policy[5]}"
    for policy in sorted(expected - set(live), key=str):
        yield f"{policy[0]} lacks the policy {policy[1]}."


def _references(cursor: Any) -> Iterator[str]:
    live = _rows(
        cursor,
        """SELECT c.conrelid::regclass::text, c.confrelid::regclass::text,
                  array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(n, i)
                        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i),
                  array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(n, i)
                        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i)
           FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace""",
    )
    inside = {(table, tuple(columns)): (target, tuple(keys)) for table, target, columns, keys in live}
    for (table, columns), (target, keys) in inside.items():
        if target in tenant_tables() and (columns[0], keys) != ("organization_id", ("organization_id", "id")):
            yield f"{table}.{columns[-1]} refers to {target} without the organization."
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.ForeignKey) and is_tenant_model(field.related_model):
                yield from _reference(inside, model._meta.db_table, field)


def _reference(
    inside: dict[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]], table: str, field: Any
) -> Iterator[str]:
    if not isinstance(field, TenantForeignKey):
        yield f"{table}.{field.column} refers to a tenant table and is no TenantForeignKey."
    if (table, ("organization_id", field.column)) not in inside:
        yield f"{table}.{field.column} has no composite constraint. Add AddTenantReference to its migration."


def _uniqueness(cursor: Any) -> Iterator[str]:
    live = _rows(
        cursor,
        """SELECT i.indrelid::regclass::text, array(
               SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey))
           FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
           WHERE i.indisunique AND NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace""",
    )
    for table, columns in live:
        if table in tenant_tables() and "organization_id" not in columns:
            name = f"{table}.{','.join(columns)}"
            if name not in GLOBALLY_UNIQUE:
                yield f"{name} is unique over all organizations, so that one learns what another holds."


def _grants(cursor: Any) -> Iterator[str]:
    # The catalogue and not information_schema, which leaves out what is granted to everybody.
    live = _rows(
        cursor,
        """SELECT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END, c.relname,
                  acl.privilege_type
           FROM pg_class c, aclexplode(c.relacl) acl
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')""",
    )
    granted: dict[tuple[str, str], set[str]] = {}
    for role, table, privilege in live:
        if role != "livecaller_owner":
            granted.setdefault((role, table), set()).add(privilege)
    columns = _rows(
        cursor,
        """SELECT acl.grantee::regrole::text, c.relname, a.attname
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, aclexplode(a.attacl) acl
           WHERE c.relnamespace = 'public'::regnamespace AND acl.privilege_type = 'SELECT'""",
    )
    for role, table, column in columns:
        granted.setdefault((role, table), set()).add(f"SELECT {column}")
    expected = {key: set(privileges) for key, privileges in expected_grants().items()}
    for key, readable in expected_column_grants().items():
        expected.setdefault(key, set()).update(f"SELECT {column}" for column in readable)
    for role, table in sorted(granted.keys() | expected.keys()):
        is_, ought = granted.get((role, table), set()), expected.get((role, table), set())
        if is_ != ought:
            yield f"{role} may {sorted(is_)} on {table}, and ought to {sorted(ought)}."


def _roles(cursor: Any) -> Iterator[str]:
    live = _rows(
        cursor,
        """SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
                  EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid),
                  EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid),
                  has_schema_privilege(r.oid, 'public', 'CREATE')
           FROM pg_roles r WHERE r.rolname LIKE 'livecaller%'""",
    )
    for role, superuser, bypasses, *powers, is_member, owns, creates in live:
        if superuser or is_member or any(powers) or bypasses != (role == "livecaller_backup"):
            yield f"{role} may more than it must: it is superuser, member of a role, or passes the walls."
        if (owns or creates) != (role == "livecaller_owner"):
            yield f"{role} owns or makes tables, which is the owner's part."


def _ways_around(cursor: Any) -> Iterator[str]:
    views = _rows(
        cursor,
        """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
           AND NOT 'security_invoker=true' = ANY(coalesce(reloptions, '{}'))""",
    )
    functions = _rows(cursor, "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
    yield from (f"View {name} reads with its owner's rights." for (name,) in views)
    yield from (
        f"Function {name} runs with its owner's rights." for (name,) in functions if name not in OWNERS_FUNCTIONS
    )
    callers = _rows(
        cursor,
        """SELECT p.proname, CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END
           FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
           WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef""",
    )
    for name, role in callers:
        if role not in {"livecaller_owner", "livecaller_app"}:
            yield f"{role} may call {name}, which runs with its owner's rights."

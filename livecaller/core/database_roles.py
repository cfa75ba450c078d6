"""The four database roles, and what each owns before the first table exists.

`livecaller_owner` migrates, `livecaller_app` serves, `livecaller_staff` looks at tables without end-user data,
`livecaller_backup` reads everything. Privileges on tables follow the models (`tenancy.grants`).
"""

from collections.abc import Mapping

OWNER, APP, STAFF, BACKUP = "livecaller_owner", "livecaller_app", "livecaller_staff", "livecaller_backup"

_LIMITS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"


def role_statements(passwords: Mapping[str, str], database: str) -> list[str]:
    """Return the SQL that makes the roles and gives `database` to the owner; running it again changes nothing.

    Run as superuser, connected to `database`. `passwords` is by role name; a role without one keeps the one it
    has, and cannot sign in before it has any.
    """
    name = _identifier(database)
    return [
        *(_create(role) for role in (OWNER, APP, STAFF, BACKUP)),
        f"ALTER ROLE {OWNER} LOGIN NOBYPASSRLS {_LIMITS}",
        f"ALTER ROLE {APP} LOGIN NOBYPASSRLS {_LIMITS}",
        f"ALTER ROLE {STAFF} LOGIN NOBYPASSRLS {_LIMITS}",
        f"ALTER ROLE {BACKUP} LOGIN BYPASSRLS {_LIMITS}",
        f"ALTER ROLE {BACKUP} SET default_transaction_read_only = on",
        *(f"ALTER ROLE {_known(role)} PASSWORD {_literal(secret)}" for role, secret in passwords.items()),
        f"ALTER DATABASE {name} OWNER TO {OWNER}",
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {APP}, {STAFF}, {BACKUP}",
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APP}, {STAFF}, {BACKUP}",
    ]


def _create(role: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
        f"THEN CREATE ROLE {role}; END IF; END $$"
    )


def _known(role: str) -> str:
    if role not in {OWNER, APP, STAFF, BACKUP}:
        raise ValueError(f"{role!r} is not a role of LiveCaller.")
    return role


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    """Quote text for `standard_conforming_strings = on`, the only setting since PostgreSQL 9.1."""
    if "\0" in value:
        raise ValueError("A password cannot contain the character NUL.")
    return "'" + value.replace("'", "''") + "'"

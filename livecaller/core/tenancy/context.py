"""Entering an organization: the only way to see its rows.

The tenant lives in two places that always change together: a context variable that the managers read, and
the PostgreSQL setting `app.tenant`, local to the transaction, that the row security policies read. A
session-level setting would leak through a pooled connection, so it is never used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal
from uuid import UUID

from django.db import connection, transaction

CredentialKind = Literal["person", "widget_key"]

_tenant: ContextVar[UUID | None] = ContextVar("livecaller_tenant", default=None)
_credential: ContextVar[CredentialKind | None] = ContextVar("livecaller_credential", default=None)


class TenantError(RuntimeError):
    """Tenant data was asked for outside a tenant, or two tenants were mixed. Always a bug in our code."""


def current_tenant() -> UUID | None:
    """Return the organization entered by the surrounding `tenant()` block, or None."""
    return _tenant.get()


def current_credential() -> CredentialKind | None:
    """Return the kind of credential of the surrounding `credential()` block, or None."""
    return _credential.get()


@contextmanager
def tenant(organization_id: UUID) -> Iterator[None]:
    """Open a transaction that sees exactly one organization.

    Nesting with the same organization joins the outer block; with another one, or inside a `credential()`
    block, it raises `TenantError`.
    Queries must run in the same synchronous function: a lazy queryset evaluated after the block raises
    or returns nothing. Callbacks of `on_commit` run after the block, without a tenant.
    """
    entered = _tenant.get()
    if entered == organization_id:
        yield
        return
    if entered is not None:
        raise TenantError(f"Already inside organization {entered}; leave it before entering another.")
    if _credential.get() is not None:
        raise TenantError("A credential shows rows of other organizations; leave it before entering one.")
    with _local_setting("app.tenant", str(organization_id)):
        token = _tenant.set(organization_id)
        try:
            yield
        finally:
            _tenant.reset(token)


@contextmanager
def credential(kind: CredentialKind, value: str) -> Iterator[None]:
    """Open a transaction that sees only rows carrying this credential, in any organization.

    Used to learn *which* organization a caller belongs to before one can be entered: a person's memberships,
    the widget with a public key. PostgreSQL shows nothing but the rows whose credential column equals `value`
    (see `ProtectTenantTable`), and never lets them be written.
    """
    if _tenant.get() is not None or _credential.get() is not None:
        raise TenantError("A credential is looked up before entering an organization, and one at a time.")
    with _local_setting(f"app.{kind}", value):
        token = _credential.set(kind)
        try:
            yield
        finally:
            _credential.reset(token)


@contextmanager
def organizations_in_turn() -> Iterator[None]:
    """Open a transaction for statements that enter one organization after another by themselves.

    Only for functions of the database that set `app.tenant` before each organization's rows, as the group commit of
    messages does: within one transaction and one round trip. No manager shows anything here. Inside a `tenant()`
    block it joins, and only that organization may be entered.
    """
    if _credential.get() is not None:
        raise TenantError("A credential shows rows of other organizations; leave it before entering one.")
    with transaction.atomic():
        yield


@contextmanager
def _local_setting(name: str, value: str) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic():
        _set_config(name, value)
        yield
        if nested and not connection.needs_rollback:
            # RELEASE keeps what a savepoint set; only a rollback or the end of the transaction forgets it.
            _set_config(name, "")


def _set_config(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])

"""What each database role may do, derived from the models: nothing is granted by hand.

owner migrates, app serves, staff touches neither a tenant table nor a secret, backup reads everything.
"""

from collections.abc import Iterator
from typing import Any  # Django's signal arguments are untyped

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models, transaction

from livecaller.core.database_roles import APP, BACKUP, STAFF
from livecaller.core.personal_data.checks import loaded_map
from livecaller.core.personal_data.terms import Category
from livecaller.core.tenancy.models import TenantModel

READ_WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
APPEND_ONLY = frozenset({"SELECT", "INSERT"})
READ = frozenset({"SELECT"})
ROLES = (APP, STAFF, BACKUP)


def expected_grants() -> dict[tuple[str, str], frozenset[str]]:
    """Return `{(role, table): privileges}` for whole tables, `django_migrations` included."""
    grants = {(APP, "django_migrations"): READ, (BACKUP, "django_migrations"): READ}
    for model in _tables():
        table = model._meta.db_table
        grants[APP, table] = APPEND_ONLY if getattr(model, "append_only", False) else READ_WRITE
        grants[BACKUP, table] = READ
        if not is_tenant_model(model) and not _secrets_of(model):
            grants[STAFF, table] = READ
    return grants


def expected_column_grants() -> dict[tuple[str, str], frozenset[str]]:
    """Return `{(role, table): columns}` where a role reads a table without its secrets."""
    return {
        (STAFF, model._meta.db_table): frozenset(
            str(field.column) for field in model._meta.local_concrete_fields if field.name not in _secrets_of(model)
        )
        for model in _tables()
        if not is_tenant_model(model) and _secrets_of(model)
    }


def is_tenant_model(model: type[models.Model]) -> bool:
    """Say whether the model's rows belong to one organization and lie behind row security."""
    return issubclass(model, TenantModel)


def grant_after_migrate(using: str, **_: Any) -> None:
    """Take everything back and grant what is expected, in one transaction, so that a running product notices nothing.

    Signal handler, runs as the owner of the tables.
    """
    connection = connections[using]
    live = set(connection.introspection.table_names())
    with transaction.atomic(using), connection.cursor() as cursor:
        if not _roles_exist(cursor):
            raise ImproperlyConfigured("The database roles are missing. Run `manage.py create_roles` first.")
        for statement in _statements(live):
            cursor.execute(statement)


def _statements(live: set[str]) -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {', '.join(ROLES)}"
    for (role, table), privileges in expected_grants().items():
        if table in live:
            yield f'GRANT {", ".join(sorted(privileges))} ON "{table}" TO {role}'
    for (role, table), columns in expected_column_grants().items():
        if table in live:
            listed = ", ".join(f'"{column}"' for column in sorted(columns))
            yield f'GRANT SELECT ({listed}) ON "{table}" TO {role}'
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}"
    yield f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {BACKUP}"


def _tables() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _secrets_of(model: type[models.Model]) -> set[str]:
    fields = loaded_map().personal_fields(model).items()
    return {name for name, (annotation, _) in fields if annotation.category is Category.CREDENTIAL}


def _roles_exist(cursor: Any) -> bool:
    cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
    return bool(cursor.fetchone()[0] == len(ROLES))

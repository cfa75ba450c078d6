"""What each database role may do, derived from the models: nothing is granted by hand.

owner migrates, app serves, staff never touches a tenant table, backup reads everything.
"""

from typing import Any  # Django's signal arguments are untyped

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, models

from livecaller.core.tenancy.models import TenantModel

READ_WRITE = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
APPEND_ONLY = frozenset({"SELECT", "INSERT"})
READ = frozenset({"SELECT"})
ROLES = ("livecaller_app", "livecaller_staff", "livecaller_backup")


def expected_grants() -> dict[tuple[str, str], frozenset[str]]:
    """Return `{(role, table): privileges}` for every table of every installed model."""
    grants: dict[tuple[str, str], frozenset[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.managed or model._meta.proxy:
            continue
        writable = APPEND_ONLY if getattr(model, "append_only", False) else READ_WRITE
        grants["livecaller_app", table] = writable
        grants["livecaller_backup", table] = READ
        if not is_tenant_model(model):
            grants["livecaller_staff", table] = READ
    grants["livecaller_app", "django_migrations"] = READ
    grants["livecaller_backup", "django_migrations"] = READ
    return grants


def is_tenant_model(model: type[models.Model]) -> bool:
    """Say whether the model's rows belong to one organization and lie behind row security."""
    return issubclass(model, TenantModel)


def grant_after_migrate(using: str, **_: Any) -> None:
    """Apply `expected_grants` after a migration; signal handler, runs as the owner of the tables."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if not _roles_exist(cursor):
            raise ImproperlyConfigured("The database roles are missing. Run `manage.py create_roles` first.")
        for (role, table), privileges in expected_grants().items():
            if table in tables:
                cursor.execute(f'REVOKE ALL ON "{table}" FROM "{role}"')
                cursor.execute(f'GRANT {", ".join(sorted(privileges))} ON "{table}" TO "{role}"')
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO livecaller_app")
        cursor.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO livecaller_backup")


def _roles_exist(cursor: Any) -> bool:
    cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
    return bool(cursor.fetchone()[0] == len(ROLES))

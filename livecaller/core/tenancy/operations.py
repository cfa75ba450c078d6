"""Migration operations that raise the walls around a tenant table."""

from collections.abc import Mapping
from typing import Any  # Django's migration state is untyped

from django.db.migrations.operations.base import Operation

from livecaller.core.tenancy.models import TenantForeignKey

_CURRENT_TENANT = "NULLIF(current_setting('app.tenant', true), '')::uuid"


class ProtectTenantTable(Operation):
    """Force row security on a model's table and make its tenant references composite.

    `credentials` maps a kind of `livecaller.core.tenancy.context.credential` to a column: rows whose column
    equals the credential in use may be read (never written) before an organization is entered. There is no
    wildcard: without tenant and credential the table looks empty, to its owner too.
    """

    reversible = True

    def __init__(self, model: str, credentials: Mapping[str, str] | None = None) -> None:
        self.model = model
        self.credentials = dict(credentials or {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: walls are not part of Django's model state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for statement in [*policy_statements(model, self.credentials), *reference_statements(model)]:
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        for kind in self.credentials:
            schema_editor.execute(f'DROP POLICY "{table}_by_{kind}" ON "{table}"')
        schema_editor.execute(f'DROP POLICY "{table}_tenant" ON "{table}"')

    def describe(self) -> str:
        return f"Force row security on {self.model}"


class AddTenantReference(Operation):
    """Make one tenant reference composite, for a `TenantForeignKey` added after its table was protected."""

    reversible = True

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: the field itself was added by `AddField`."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        schema_editor.execute(_reference(model, model._meta.get_field(self.field)))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model)
        name = _reference_name(model, model._meta.get_field(self.field))
        schema_editor.execute(f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{name}"')

    def describe(self) -> str:
        return f"Make {self.model}.{self.field} a reference inside one organization"


def policy_statements(model: Any, credentials: Mapping[str, str]) -> list[str]:
    """Return the SQL that enables, forces and defines row security for a tenant model."""
    table = model._meta.db_table
    statements = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        (
            f'CREATE POLICY "{table}_tenant" ON "{table}" '
            f"USING (organization_id = {_CURRENT_TENANT}) WITH CHECK (organization_id = {_CURRENT_TENANT})"
        ),
    ]
    for kind, field_name in credentials.items():
        field = model._meta.get_field(field_name)
        value = f"NULLIF(current_setting('app.{kind}', true), '')"
        cast = "::uuid" if field.is_relation else ""
        statements.append(
            f'CREATE POLICY "{table}_by_{kind}" ON "{table}" FOR SELECT USING ("{field.column}" = {value}{cast})'
        )
    return statements


def reference_statements(model: Any) -> list[str]:
    """Return the SQL of one composite foreign key per `TenantForeignKey` of the model."""
    return [_reference(model, field) for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


def _reference(model: Any, field: Any) -> str:
    table, target = model._meta.db_table, field.remote_field.model._meta.db_table
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{_reference_name(model, field)}" '
        f'FOREIGN KEY ("organization_id", "{field.column}") REFERENCES "{target}" ("organization_id", "id")'
    )


def _reference_name(model: Any, field: Any) -> str:
    return f"{model._meta.db_table}_{field.column}_tenant_fk"[:63]

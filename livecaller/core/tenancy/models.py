"""Abstract bases of every table that belongs to one organization."""

from typing import Any, ClassVar, Self, TypeVar  # Any: Django's field keywords

from django.db import models
from django.db.models.functions import Now

from livecaller.core.ids import uuid7
from livecaller.core.tenancy.context import TenantError, current_credential, current_tenant

M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Rows of the organization entered; raises `TenantError` when none is.

    The filter repeats what row security enforces, so that either wall holds alone.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        rows = super().get_queryset()
        organization_id = current_tenant()
        if organization_id is not None:
            return rows.filter(organization_id=organization_id)
        if current_credential() is not None:
            return rows
        raise TenantError(f"{self.model.__name__} was read outside an organization.")


class PresentManager(TenantManager[M]):
    """Rows of the organization that have not expired and are not restricted."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(expires_at__gt=Now(), restricted_at__isnull=True)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference inside one organization.

    The database constraint is composite, `(organization_id, <column>) -> (organization_id, id)`, added by
    `ProtectTenantTable`: PostgreSQL checks references past row security, so a plain one would accept a
    neighbour's row.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_constraint"]
        return name, path, args, kwargs


class TenantModel(models.Model):
    """A row of one organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: the tenant key begins with it.
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["organization", "id"], name="%(app_label)s_%(class)s_tenant_key"),
        ]


class EndUserDataModel(TenantModel):
    """A row that says something about an end-user: it expires, and it can be restricted.

    `objects` hides what has expired or is restricted; `all_states` shows it to the machinery that deletes,
    exports and restricts, inside the organization all the same.
    """

    expires_at = models.DateTimeField(db_index=True)
    restricted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[PresentManager[Self]] = PresentManager()
    all_states: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta(TenantModel.Meta):
        abstract = True
        base_manager_name = "all_states"

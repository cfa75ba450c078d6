"""One row of any model, filled in by the types of its fields, so that the walls are tried on every table."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any  # models and values of every kind
from uuid import UUID, uuid4

from django.apps import apps
from django.db import models
from django.utils import timezone

from accounts.models import Organization, User
from livecaller.core.tenancy.context import tenant
from livecaller.core.tenancy.models import EndUserDataModel, TenantModel

TENANT_MODELS: list[type[TenantModel]] = [model for model in apps.get_models() if issubclass(model, TenantModel)]
END_USER_MODELS: list[type[EndUserDataModel]] = [
    model for model in TENANT_MODELS if issubclass(model, EndUserDataModel)
]


@dataclass
class Rows:
    """One organization with one row in every tenant table."""

    organization: Organization
    of: dict[type[models.Model], Any] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """The organization's id."""
        return self.organization.pk

    def add(self, model: type[models.Model], **given: Any) -> Any:
        """Return the organization's row of this model, stored with all it refers to; a new one with what is given."""
        if model in self.of and not given:
            return self.of[model]
        values = {f.name: self._value(f) for f in model._meta.local_concrete_fields if _is_required(f)}
        # The base manager, since a row may be made that the others hide.
        row = model._base_manager.create(**{**values, **given})
        return row if given else self.of.setdefault(model, row)

    def _value(self, required: "models.Field[Any, Any]") -> Any:
        if isinstance(required, models.ForeignKey):
            target = required.related_model
            if target is Organization:
                return self.organization
            return _user() if target is User else self.add(target)
        return next(make(required) for kind, make in _VALUES.items() if isinstance(required, kind))


def make_rows(name: str) -> Rows:
    """Store an organization and one row in every tenant table, really and by the rules of the walls."""
    rows = Rows(Organization.objects.create(name=name))
    with tenant(rows.id):
        for model in TENANT_MODELS:
            rows.add(model)
    return rows


def _is_required(candidate: "models.Field[Any, Any]") -> bool:
    # References are always filled, so that each of them can be pointed at a neighbour.
    is_reference = isinstance(candidate, models.ForeignKey)
    return is_reference or not (candidate.has_default() or candidate.null or candidate.blank or candidate.primary_key)


def _user() -> User:
    return User.objects.create_user(f"{secrets.token_hex(6)}@example.com", None, full_name="Somebody")


def _text(required: Any) -> str:
    return str(required.choices[0][0]) if required.choices else secrets.token_hex(16)[: required.max_length or 32]


_numbers = count(1)

_VALUES: dict[type["models.Field[Any, Any]"], Callable[[Any], Any]] = {
    models.EmailField: lambda _: f"{secrets.token_hex(6)}@example.com",
    models.CharField: _text,
    models.TextField: _text,
    models.UUIDField: lambda _: uuid4(),
    models.BooleanField: lambda _: True,
    models.DateTimeField: lambda _: timezone.now() + timedelta(days=1),
    # Positions in a thread are unique.
    models.IntegerField: lambda _: next(_numbers),
    models.BinaryField: lambda _: b"sealed",
    models.JSONField: lambda _: {},
}

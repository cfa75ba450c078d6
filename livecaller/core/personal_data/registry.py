"""The map of personal data: each app says, in its `personal_data.py`, what its tables and stores hold.

The map is read by the checks (`checks`, `schema`), by `manage.py data_map`, and by whatever erases, exports or
restricts a person's data. Nothing about a store is known anywhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from django.apps import apps
from django.db import models

from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Purpose, Retention, StoreKind, Subject

KeptFor = Mapping[Purpose, Retention]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How personal data is treated: one retention rule for each purpose, the legal basis follows from both."""

    subject: Subject
    party: Party
    kept_for: KeptFor
    erase: Erase
    export: Export


@dataclass(frozen=True, slots=True)
class Personal:
    """A field that says something about a person; what is None is as the model's description says."""

    category: Category
    subject: Subject | None = None
    party: Party | None = None
    kept_for: KeptFor | None = None
    erase: Erase | None = None
    export: Export | None = None

    def rules(self, model: Rules) -> Rules:
        """Return the field's own rules over those of its model."""
        given = {name: getattr(self, name) for name in ("subject", "party", "kept_for", "erase", "export")}
        return replace(model, **{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class NotPersonal:
    """A field that says nothing about a person, and why."""

    reason: str


Annotation = Personal | NotPersonal
A = TypeVar("A", Personal, NotPersonal)


@dataclass(frozen=True, slots=True)
class Description:
    """What one model holds. `rules` is None when no field is personal."""

    model: type[models.Model]
    rules: Rules | None
    fields: Mapping[str, Annotation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Data outside the tables. `pattern` is a glob over keys, paths, topics or names of that kind of store."""

    kind: StoreKind
    pattern: str
    holds: str
    categories: frozenset[Category]
    rules: Rules | None


@dataclass(slots=True)
class DataMap:
    """All descriptions. The product has one, `data_map`; tests build their own."""

    descriptions: dict[type[models.Model], Description] = field(default_factory=dict)
    bases: dict[type[models.Model], Mapping[str, Annotation]] = field(default_factory=dict)
    tables: dict[str, Mapping[str, NotPersonal]] = field(default_factory=dict)
    stores: list[Store] = field(default_factory=list)

    def describe(
        self, model: type[models.Model] | str, *, fields: Mapping[str, Annotation], rules: Rules | None = None
    ) -> None:
        """Say what every concrete field of `model` holds; `rules` is required as soon as one is personal.

        Other people's models are named by label (`"sessions.Session"`). Fields inherited from an abstract model
        that `describe_base` knows need no mention.
        """
        known = apps.get_model(model) if isinstance(model, str) else model
        if known in self.descriptions:
            raise ValueError(f"{known._meta.label} is described twice.")
        self.descriptions[known] = Description(known, rules, fields)

    def describe_base(self, base: type[models.Model], *, fields: Mapping[str, Annotation]) -> None:
        """Say what the fields of an abstract model hold, for all models that inherit them."""
        self.bases[base] = fields

    def describe_table(self, table: str, *, columns: Mapping[str, NotPersonal]) -> None:
        """Say what a table without a model of an installed app holds."""
        self.tables[table] = columns

    def describe_store(
        self,
        kind: StoreKind,
        pattern: str,
        *,
        holds: str,
        categories: frozenset[Category] = frozenset(),
        rules: Rules | None = None,
    ) -> None:
        """Say what lies outside the tables; without `rules` the store holds no personal data."""
        self.stores.append(Store(kind=kind, pattern=pattern, holds=holds, categories=categories, rules=rules))

    def annotations(self, model: type[models.Model]) -> dict[str, Annotation]:
        """Return the annotation of each described field of `model`, inherited ones included."""
        known: dict[str, Annotation] = {}
        for ancestor in reversed(model.__mro__):
            known.update(self.bases.get(ancestor, {}))
        description = self.descriptions.get(model)
        return {**known, **(description.fields if description else {})}

    def personal_fields(self, model: type[models.Model]) -> dict[str, tuple[Personal, Rules]]:
        """Return each personal field of `model` with the rules that hold for it."""
        description = self.descriptions.get(model)
        if description is None or description.rules is None:
            return {}
        rules = description.rules
        return {
            name: (annotation, annotation.rules(rules))
            for name, annotation in self.annotations(model).items()
            if isinstance(annotation, Personal)
        }


data_map = DataMap()

describe = data_map.describe
describe_base = data_map.describe_base
describe_table = data_map.describe_table
describe_store = data_map.describe_store


def each(*names: str, are: A) -> dict[str, A]:
    """Return one annotation for several fields: `**each("a", "b", are=personal(...))`."""
    return dict.fromkeys(names, are)

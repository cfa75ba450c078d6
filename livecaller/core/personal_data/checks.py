"""What is wrong with the map of personal data, as sentences that say what to do (ADR 6)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any  # Django's checks framework and fields are untyped

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import models
from django.utils.module_loading import autodiscover_modules

from livecaller.core.personal_data.registry import Annotation, DataMap, NotPersonal, Personal, Rules, Store, data_map
from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Subject
from livecaller.core.tenancy.models import EndUserDataModel, TenantModel

_SHORTEST_REASON = 12
_LAZY = re.compile(r"^\W*(tbd|todo|later|fixme|n/?a|none|unknown|xxx|not personal( data)?|see above)\b", re.IGNORECASE)
# Words of a name that always point at a person or a device, however short-lived or hashed.
_TELLING = {"ip", "ips", "session", "sessions", "ua", "useragent", "fingerprint", "latitude", "longitude"}
_TELLING_PAIRS = ("user_agent", "remote_addr")


def check_registry(**_: Any) -> list[CheckMessage]:
    """Return an error for each fault of the product's map; a Django system check, so a start stops on it."""
    loaded = loaded_map()
    problems = [*model_problems(loaded, apps.get_models(include_auto_created=True)), *store_problems(loaded.stores)]
    return [Error(problem, id="livecaller.E001") for problem in problems]


def loaded_map() -> DataMap:
    """Return the product's map with every app's `personal_data` module read."""
    import_module("livecaller.core.personal_data.ground")
    autodiscover_modules("personal_data")
    return data_map


def model_problems(known: DataMap, installed: Iterable[type[models.Model]]) -> Iterator[str]:
    """Yield what the map lacks or says wrongly about the models; unmanaged and proxy models have no table."""
    present = [model for model in installed if model._meta.managed and not model._meta.proxy]
    for model in present:
        yield from _field_problems(known, model)
        yield from _rule_problems(known, model)
    for model in known.descriptions.keys() - set(present):
        yield f"{model._meta.label} is described and not installed. Remove its description."


def _field_problems(known: DataMap, model: type[models.Model]) -> Iterator[str]:
    annotations, label = known.annotations(model), model._meta.label
    fields = {field.name: field for field in model._meta.local_concrete_fields}
    for name in sorted(fields.keys() - annotations.keys()):
        yield (
            f"{label}.{name} is not in the map of personal data. "
            f"Say what it holds in {model._meta.app_config.name if model._meta.app_config else label}/personal_data.py."
        )
    for name in sorted(annotations.keys() - fields.keys()):
        yield f"{label}.{name} is in the map of personal data and not in the model. Remove it from the map."
    for name in sorted(annotations.keys() & fields.keys()):
        yield from _annotation_problems(f"{label}.{name}", fields[name], annotations[name])


def _annotation_problems(label: str, field: Any, annotation: Annotation) -> Iterator[str]:
    if not isinstance(annotation, NotPersonal):
        return
    yield from _reason_problems(label, annotation.reason)
    if is_telling(field):
        yield f"{label} is an address, a session or a device and so always personal. Give it a category."


def _reason_problems(label: str, reason: str) -> Iterator[str]:
    if len(reason.strip()) < _SHORTEST_REASON or _LAZY.match(reason):
        yield f"{label} has no real reason ({reason!r}). Write why it says nothing about a person, or what it holds."


def is_telling(field: Any) -> bool:
    """Say whether a field points at a person or device by its type or its name."""
    name = field.name.lower()
    return (
        isinstance(field, models.GenericIPAddressField)
        or bool(_TELLING & set(name.split("_")))
        or any(pair in name for pair in _TELLING_PAIRS)
    )


def _rule_problems(known: DataMap, model: type[models.Model]) -> Iterator[str]:
    annotations, label = known.annotations(model), model._meta.label
    names = [name for name, annotation in annotations.items() if isinstance(annotation, Personal)]
    description = known.descriptions.get(model)
    if names and (description is None or description.rules is None):
        yield f"{label} holds personal fields ({', '.join(names)}) and no rules. Give `describe` its rules."
    if description and description.rules and not names:
        yield f"{label} has rules and no personal field. Remove the rules or name the field."
    for name, (annotation, rules) in known.personal_fields(model).items():
        yield from _treatment_problems(f"{label}.{name}", annotation.category, rules)
        yield from _party_problems(f"{label}.{name}", model, annotation.category, rules)


def _treatment_problems(label: str, category: Category, rules: Rules) -> Iterator[str]:
    if not rules.kept_for:
        yield f"{label} has no purpose. Personal data without a purpose may not be kept."
    if (category is Category.CREDENTIAL) and rules.export is not Export.WITHHELD:
        yield f"{label} is a credential and would be exported. Withhold it."
    if rules.erase is Erase.DANGLE and category is not Category.IDENTIFIER:
        yield f"{label} would stay after erasure, which only a bare identifier may."


def _party_problems(label: str, model: type[models.Model], category: Category, rules: Rules) -> Iterator[str]:
    """Hold end-users' data to the walls: behind a tenant, expiring, and never for LiveCaller's own ends."""
    if issubclass(model, EndUserDataModel) and rules.party is not Party.PROCESSOR:
        yield f"{label} lies with end-users' data, so LiveCaller is its processor."
    if Subject.END_USER not in rules.subject:
        return
    if rules.party is not Party.PROCESSOR:
        yield f"{label} is about an end-user, so LiveCaller is its processor."
    bare_reference = category is Category.IDENTIFIER and rules.erase is Erase.DANGLE and issubclass(model, TenantModel)
    if not issubclass(model, EndUserDataModel) and not bare_reference:
        yield f"{label} is about an end-user: its model must be an EndUserDataModel, so that it expires."


def store_problems(stores: Sequence[Store]) -> Iterator[str]:
    """Yield what is wrong with the descriptions of stores outside the tables."""
    seen: set[tuple[object, str]] = set()
    for store in stores:
        label = f"{store.kind.value} {store.pattern}"
        if (store.kind, store.pattern) in seen:
            yield f"{label} is described twice."
        seen.add((store.kind, store.pattern))
        yield from _reason_problems(label, store.holds)
        if bool(store.categories) != (store.rules is not None):
            yield f"{label} needs both categories and rules, or neither."
        for category in store.categories if store.rules else ():
            yield from _store_treatment(label, category, store.rules)


def _store_treatment(label: str, category: Category, rules: Rules | None) -> Iterator[str]:
    if rules is None:
        return
    yield from _treatment_problems(label, category, rules)
    if Subject.END_USER in rules.subject and rules.party is not Party.PROCESSOR:
        yield f"{label} is about an end-user, so LiveCaller is its processor."

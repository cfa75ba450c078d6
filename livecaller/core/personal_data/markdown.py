"""The map of personal data as a page to read: docs/data-map.md."""

from collections.abc import Iterable, Iterator, Mapping

from django.db import models

from livecaller.core.personal_data.registry import DataMap, NotPersonal, Personal, Rules, Store
from livecaller.core.personal_data.terms import Erase, Export, Party, Purpose, Retention

_HEAD = """# What LiveCaller knows about people

Made by `manage.py data_map --write` from the `personal_data.py` of each app; a test fails when it is out of date.
Every column of every table is here, building blocks of others included, and every store outside the tables.

## Why data is used, and on what basis

For end-users' data LiveCaller is the Client's processor, and the basis is the Client's own.

| purpose | basis where LiveCaller decides |
|---|---|
"""


def render(known: DataMap, installed: Iterable[type[models.Model]]) -> str:
    """Return the whole map as Markdown, always in the same order."""
    lines = [f"| {purpose.value} | {purpose.basis(Party.CONTROLLER).value} |" for purpose in Purpose]
    lines += ["", "## Words of the tables", ""]
    for title, terms in (("Kept for", Retention), ("On erasure", Erase), ("On export", Export)):
        lines += [f"{title}:", "", *(f"- **{term.code}**: {term.value}" for term in terms), ""]
    lines += ["## Tables", ""]
    for model in sorted(installed, key=lambda model: model._meta.label):
        if model in known.descriptions:
            lines += [*_model(known, model), ""]
    for table, columns in sorted(known.tables.items()):
        lines += [f"### {table} (no model)", "", *_impersonal(columns), ""]
    lines += ["## Outside the tables", ""]
    for store in sorted(known.stores, key=lambda store: (store.kind.value, store.pattern)):
        lines += [*_store(store), ""]
    return _HEAD + "\n".join(lines).rstrip() + "\n"


_PERSONAL_HEAD = ("| fields | category | about | kept for | on erasure | on export |", "|---|---|---|---|---|---|")
_IMPERSONAL_HEAD = ("| fields | why they are not personal |", "|---|---|")


def _model(known: DataMap, model: type[models.Model]) -> Iterator[str]:
    personal = known.personal_fields(model)
    parties = " and ".join(sorted({rules.party.value for _, rules in personal.values()}))
    yield f"### {model._meta.label}"
    yield ""
    yield f"Table `{model._meta.db_table}`. " + (f"LiveCaller is {parties}." if parties else "Nothing personal.")
    yield ""
    yield from _personal(personal)
    plain = {name: a for name, a in known.annotations(model).items() if isinstance(a, NotPersonal)}
    if personal and plain:
        yield ""
    yield from _impersonal(plain)


def _personal(fields: Mapping[str, tuple[Personal, Rules]]) -> Iterator[str]:
    yield from _PERSONAL_HEAD if fields else ()
    for treatment, names in _grouped({name: _treatment(*field) for name, field in fields.items()}):
        yield f"| {names} | {treatment} |"


def _treatment(annotation: Personal, rules: Rules) -> str:
    cells = (annotation.category.value, rules.subject.words(), _kept(rules), rules.erase.code, rules.export.code)
    return " | ".join(cells)


def _impersonal(fields: Mapping[str, NotPersonal]) -> Iterator[str]:
    yield from _IMPERSONAL_HEAD if fields else ()
    for reason, names in _grouped({name: annotation.reason for name, annotation in fields.items()}):
        yield f"| {names} | {reason} |"


def _grouped(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each text once, with all the names it belongs to."""
    groups: dict[str, list[str]] = {}
    for name, text in texts.items():
        groups.setdefault(text, []).append(f"`{name}`")
    yield from ((text, ", ".join(names)) for text, names in groups.items())


def _kept(rules: Rules) -> str:
    return "; ".join(f"{purpose.value}: {retention.code}" for purpose, retention in rules.kept_for.items())


def _store(store: Store) -> Iterator[str]:
    yield f"### {store.kind.value}: `{store.pattern}`"
    yield ""
    yield store.holds if store.rules else f"{store.holds} Nothing personal."
    if store.rules:
        categories = ", ".join(sorted(category.value for category in store.categories))
        yield ""
        yield f"- {categories}, about: {store.rules.subject.words()}; LiveCaller is {store.rules.party.value}"
        yield f"- kept for {_kept(store.rules)}"
        yield f"- on erasure: {store.rules.erase.code}; on export: {store.rules.export.code}"

"""Rows that PostgreSQL has written as JSON, as instances of their models, and back.

Only for the functions of the database that carry many rows of several organizations in one answer.
"""

from collections.abc import Container, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar  # Any: rows are JSON
from uuid import UUID

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def instance_of(model: type[M], row: Mapping[str, Any]) -> M:
    """Return an instance of a row; columns that were left out are deferred."""
    # Without `__init__`, which costs several times as much: a row of the database needs neither defaults nor signals.
    instance = model.__new__(model)
    state = ModelState()
    state.db, state.adding = "default", False
    values = instance.__dict__
    values["_state"] = state
    for name, column, read in _columns(model):
        if column in row:
            value = row[column]
            values[name] = read(value) if read is not None and value is not None else value
    return instance


def row_of(instance: models.Model, columns: Container[str] | None = None) -> dict[str, Any]:
    """Return every column of an instance, or those of `columns`, with ids and times as they are."""
    return {
        column: getattr(instance, name)
        for name, column, _ in _columns(type(instance))
        if columns is None or column in columns
    }


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, str, Any]]:
    """Return attribute, column and what reads its JSON (None: nothing to do), of each column."""
    return [(one.attname, str(one.column), _reader(one)) for one in model._meta.concrete_fields]


def _reader(column: Any) -> Any:
    target = column.target_field if column.is_relation else column
    if isinstance(target, models.UUIDField):
        return UUID
    return datetime.fromisoformat if isinstance(target, models.DateTimeField) else None

"""Rows that PostgreSQL has written as JSON, as instances of their models, and back.

Only for the functions of the database that carry many rows of several organizations in one answer.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar  # Any: rows are JSON
from uuid import UUID

from django.db import models

M = TypeVar("M", bound=models.Model)


def instance_of(model: type[M], row: Mapping[str, Any]) -> M:
    """Return an instance of a row; columns that were left out are deferred."""
    names, values = [], []
    for name, column, read in _columns(model):
        if column in row:
            value = row[column]
            names.append(name)
            values.append(read(value) if read is not None and value is not None else value)
    return model.from_db("default", names, values)


def row_of(instance: models.Model) -> dict[str, Any]:
    """Return every column of an instance, with ids and times as they are."""
    return {column: getattr(instance, name) for name, column, _ in _columns(type(instance))}


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, str, Any]]:
    """Return attribute, column and what reads its JSON (None: nothing to do), of each column."""
    return [(one.attname, str(one.column), _reader(one)) for one in model._meta.concrete_fields]


def _reader(column: Any) -> Any:
    target = column.target_field if column.is_relation else column
    if isinstance(target, models.UUIDField):
        return UUID
    return datetime.fromisoformat if isinstance(target, models.DateTimeField) else None

"""The map of personal data against the live database: no table and no column may be unknown to it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any  # a cursor of Django or of psycopg2

from django.db import models

from livecaller.core.personal_data.registry import DataMap

# The catalogue and not information_schema, which shows each role only what it has been granted.
_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
"""


def live_columns(cursor: Any) -> dict[str, set[str]]:
    """Return the columns of every table and view of the database; outside `public` the schema is in the name."""
    columns: dict[str, set[str]] = {}
    cursor.execute(_COLUMNS, [])
    for schema, table, column in cursor.fetchall():
        name = table if schema == "public" else f"{schema}.{table}"
        columns.setdefault(name, set()).add(column)
    return columns


def schema_problems(
    known: DataMap, installed: Iterable[type[models.Model]], live: Mapping[str, set[str]]
) -> Iterator[str]:
    """Yield each table or column that only one of the two knows."""
    mapped = mapped_columns(known, installed)
    for table in sorted(live.keys() - mapped.keys()):
        yield f"Table {table} is in the database and not in the map of personal data."
    for table in sorted(mapped.keys() - live.keys()):
        yield f"Table {table} is in the map of personal data and not in the database. Are migrations missing?"
    for table in sorted(live.keys() & mapped.keys()):
        for column in sorted(live[table] - mapped[table]):
            yield f"Column {table}.{column} is in the database and not in the map of personal data."
        for column in sorted(mapped[table] - live[table]):
            yield f"Column {table}.{column} is in the map of personal data and not in the database."


def mapped_columns(known: DataMap, installed: Iterable[type[models.Model]]) -> dict[str, set[str]]:
    """Return the columns that the map speaks about, by table."""
    columns = {table: set(described) for table, described in known.tables.items()}
    for model in installed:
        annotated = known.annotations(model)
        if model._meta.managed and not model._meta.proxy and annotated:
            fields = (field for field in model._meta.local_concrete_fields if field.name in annotated)
            columns[model._meta.db_table] = {str(field.column) for field in fields}
    return columns

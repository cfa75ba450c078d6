"""`manage.py data_map`: the map of personal data as a page, and its comparison with the database."""

from typing import Any  # argparse's namespace

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from livecaller.core.personal_data.checks import loaded_map
from livecaller.core.personal_data.markdown import render
from livecaller.core.personal_data.schema import live_columns, schema_problems


class Command(BaseCommand):
    """Print the map, write it to docs/data-map.md, or compare it with the live database."""

    help = "Shows what personal data LiveCaller holds, field by field."
    # It has to work while the map is incomplete, which is an error of the checks.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/data-map.md instead of printing")
        parser.add_argument("--live", action="store_true", help="compare with the tables of the database")

    def handle(self, *args: Any, **options: Any) -> None:
        known, installed = loaded_map(), apps.get_models(include_auto_created=True)
        if options["live"]:
            self._compare(list(schema_problems(known, installed, _live())))
        elif options["write"]:
            (settings.BASE_DIR / "docs" / "data-map.md").write_text(render(known, installed), encoding="utf-8")
        else:
            self.stdout.write(render(known, installed), ending="")

    def _compare(self, problems: list[str]) -> None:
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("The map knows every table and every column of the database.")


def _live() -> dict[str, set[str]]:
    with connection.cursor() as cursor:
        return live_columns(cursor)

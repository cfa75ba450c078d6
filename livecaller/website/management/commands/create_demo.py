"""`manage.py create_demo`: make the demonstration organization, or find it."""

import json
from typing import Any  # Django passes options of any type

from django.core.management.base import BaseCommand, CommandParser

from livecaller.website import demo


class Command(BaseCommand):
    """Makes the demonstration and says how to sign in."""

    help = "Create the demonstration organization with its people and widget (DEBUG only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the sign-in data as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        made = demo.create_demo()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "organization": made.organization.name,
                        "email": demo.EMAIL,
                        "colleague": demo.COLLEAGUE_EMAIL,
                        "password": demo.PASSWORD,
                        "public_key": made.widget.public_key,
                    }
                )
            )
            return
        self.stdout.write(f"Sign in as {demo.EMAIL} (or {demo.COLLEAGUE_EMAIL}), password: {demo.PASSWORD}")

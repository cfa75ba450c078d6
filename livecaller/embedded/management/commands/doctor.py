"""`manage.py doctor`: says in words what is wrong and what to do."""

import sys
from typing import Any  # Django passes options of any type

from django.core.management.base import BaseCommand

from livecaller.embedded import doctor, environment


class Command(BaseCommand):
    """Prints one line per check; the exit code is 1 when any of them fails."""

    help = "Check this installation and say in words what is wrong and what to do."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in doctor.examine(environment.data_folder()):
            self.stdout.write(doctor.line_of(finding))
            wrong += not finding.is_fine
        self.stdout.write("Everything checked is fine." if not wrong else f"{wrong} of these need your hand.")
        if wrong:
            sys.exit(1)

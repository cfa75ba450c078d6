"""`manage.py up`: LiveCaller on one machine, in the foreground."""

from typing import Any  # Django passes options of any type

from django.core.management.base import BaseCommand

from livecaller.embedded import up
from livecaller.embedded.console import terminal


class Command(BaseCommand):
    """Starts servers and processes, and stops them with Ctrl-C."""

    help = "Start everything LiveCaller needs on this machine; stop it with Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        up.run(terminal())

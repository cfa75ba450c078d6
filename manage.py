#!/usr/bin/env python
"""Django's command line for LiveCaller."""

import os
import sys


def main() -> None:
    """Run one management command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")
    from django.core.management import execute_from_command_line  # settings must be named first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

#!/usr/bin/env python
"""Django's command line for LiveCaller."""

import os
import sys


def main() -> None:
    """Run one management command named on the command line; a wrong environment ends with a sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livecaller.settings")
    from django.core.exceptions import ImproperlyConfigured  # settings must be named first
    from django.core.management import execute_from_command_line

    from livecaller.embedded import environment
    from livecaller.embedded.programs import StartError

    try:
        environment.complete(command=sys.argv[1] if len(sys.argv) > 1 else "")
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, StartError) as error:
        sys.exit(f"LiveCaller cannot start: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

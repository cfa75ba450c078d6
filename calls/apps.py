"""Application configuration of calls."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Calls between end-users and operators through our relay."""

    name = "calls"

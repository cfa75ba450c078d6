"""Application configuration of livecaller.embedded."""

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """See the package's docstring."""

    name = "livecaller.embedded"
    label = "embedded"

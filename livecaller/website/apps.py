"""Application configuration of livecaller.website."""

from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    """See the package's docstring."""

    name = "livecaller.website"
    label = "website"

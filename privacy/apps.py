"""Application configuration of privacy."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """What the policy promises, as running code."""

    name = "privacy"

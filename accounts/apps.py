"""Application configuration of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organizations, memberships, invitations and the audit chain. Controller data."""

    name = "accounts"

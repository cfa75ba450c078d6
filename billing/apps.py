"""Application configuration of billing."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Plans, subscriptions and invoices."""

    name = "billing"

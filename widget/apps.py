"""Application configuration of widget."""

from django.apps import AppConfig


class WidgetConfig(AppConfig):
    """Widgets on Clients' pages, the end-users who open them and their visits."""

    name = "widget"

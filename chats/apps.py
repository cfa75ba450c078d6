"""Application configuration of chats."""

from django.apps import AppConfig


class ChatsConfig(AppConfig):
    """Conversations, messages, files, the inbox and presence."""

    name = "chats"

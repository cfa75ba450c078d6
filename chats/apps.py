"""Application configuration of chats."""

from typing import Any  # a signal hands over what its sender names

from django.apps import AppConfig

from accounts.signals import membership_ended


class ChatsConfig(AppConfig):
    """Conversations, messages, files, the inbox and presence."""

    name = "chats"

    def ready(self) -> None:
        membership_ended.connect(_release_conversations)


def _release_conversations(**told: Any) -> None:
    from chats.services import release_conversations

    release_conversations(actor=told["actor"], membership_id=told["member"].pk)

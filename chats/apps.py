"""Application configuration of chats."""

from typing import Any  # a signal hands over what its sender names

from django.apps import AppConfig

from accounts.signals import membership_ended
from livecaller.core.actors import SystemActor
from widget.signals import end_users_joined


class ChatsConfig(AppConfig):
    """Conversations, messages, files, the inbox and presence."""

    name = "chats"

    def ready(self) -> None:
        membership_ended.connect(_release_conversations)
        end_users_joined.connect(_take_over_authorship)


def _release_conversations(**told: Any) -> None:
    from chats.services import release_conversations

    release_conversations(actor=told["actor"], membership_id=told["member"].pk)


def _take_over_authorship(**told: Any) -> None:
    from chats.services import take_over_authorship

    actor = SystemActor(told["organization_id"])
    take_over_authorship(actor=actor, person_id=told["person_id"], stranger_id=told["stranger_id"])

"""Conversations, who takes part, and messages."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class Conversation(models.Model):
    """A thread; `last_seq` numbers its messages under the row's lock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="conversations")
    last_seq = models.PositiveBigIntegerField(default=0)

    # Said to the type checker, which knows the product's models alone.
    objects: ClassVar[models.Manager["Conversation"]] = models.Manager()

    class Meta:
        app_label = "usual"

    def __str__(self) -> str:
        return str(self.pk)


class Message(models.Model):
    """One message."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    seq = models.PositiveBigIntegerField()
    client_id = models.UUIDField()
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Message"]] = models.Manager()
    conversation_id: uuid.UUID
    author_id: int

    class Meta:
        app_label = "usual"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="usual_message_position"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="usual_message_client"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq}"

"""Closed lists of the chats app; the values are the same in database, wire and TypeScript."""

from django.db import models


class ConversationState(models.TextChoices):
    """Where a conversation stands. Spam is kept apart so that nobody has to look at it."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    SPAM = "spam", "Spam"


class MessageKind(models.TextChoices):
    """What a message is; the body of a system line is a code that the reader's language renders."""

    TEXT = "text", "Text"
    FILES = "files", "Files"
    SYSTEM = "system", "System"


class AuthorKind(models.TextChoices):
    """Who wrote: the two sides of a conversation, or LiveCaller."""

    END_USER = "end_user", "End-user"
    OPERATOR = "operator", "Operator"
    SYSTEM = "system", "System"

"""The sockets: one for operators, one for end-users, and what both can do."""

from chats.consumers.inbox import InboxConsumer
from chats.consumers.widget import WidgetConsumer

__all__ = ["InboxConsumer", "WidgetConsumer"]

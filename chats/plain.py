"""Reading the frequent commands without a serializer, which costs more than all the rest of them.

Each function is certain or silent: it returns what the serializer would, or None where that is not obvious. What is
wrong is always refused by the serializer, which alone knows the sentences.
"""

import re
from typing import Any  # frames are JSON
from uuid import UUID

from chats.rules import BODY_CHARACTERS

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_MESSAGE = frozenset({"conversation", "client_id", "body", "attachments"})


def plain_message(data: Any) -> dict[str, Any] | None:
    """Return the data of `message.send` for a text without files."""
    if type(data) is not dict or data.keys() != _MESSAGE or data["attachments"] != []:
        return None
    conversation, client_id, body = _id(data["conversation"]), _id(data["client_id"]), data["body"]
    if conversation is None or client_id is None or type(body) is not str:
        return None
    if len(body) > BODY_CHARACTERS or not body.isprintable():
        return None
    return {"conversation": conversation, "client_id": client_id, "body": body, "attachments": []}


def plain_nothing(data: Any) -> dict[str, Any] | None:
    """Return the data of a command without any."""
    return {} if type(data) is dict and not data else None


def _id(value: Any) -> UUID | None:
    return UUID(value) if type(value) is str and _ID.fullmatch(value) else None

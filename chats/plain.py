"""Reading the frequent commands without a serializer, which costs more than all the rest of them.

Each function is certain or silent: it returns what the serializer would, or None where that is not obvious. What is
wrong is always refused by the serializer, which alone knows the sentences.
"""

import re
from typing import Any  # frames are JSON
from uuid import UUID

from chats.rules import BODY_CHARACTERS
from chats.serializers import CURSORS_MOST, VERSION_MOST

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
_HELLO = frozenset({"ticket", "epoch", "cursors"})
_CURSOR = frozenset({"version", "note_version"})
_TICKET = re.compile(r"[\w.:-]{1,500}", re.ASCII)
_EPOCH = re.compile(r"\w{1,64}", re.ASCII)
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


def plain_hello(data: Any) -> dict[str, Any] | None:
    """Return the data of `hello`."""
    if type(data) is not dict or data.keys() != _HELLO or type(data["cursors"]) is not dict:
        return None
    ticket, epoch = data["ticket"], data["epoch"]
    if type(ticket) is not str or not _TICKET.fullmatch(ticket):
        return None
    if epoch is not None and (type(epoch) is not str or not _EPOCH.fullmatch(epoch)):
        return None
    cursors = {_id(name): _cursor(cursor) for name, cursor in data["cursors"].items()}
    if None in cursors or None in cursors.values() or len(cursors) > CURSORS_MOST:
        return None
    return {"ticket": ticket, "epoch": epoch, "cursors": cursors}


def plain_nothing(data: Any) -> dict[str, Any] | None:
    """Return the data of a command without any."""
    return {} if type(data) is dict and not data else None


def _cursor(value: Any) -> dict[str, Any] | None:
    if type(value) is not dict or "version" not in value or not value.keys() <= _CURSOR:
        return None
    note_version = value.get("note_version")
    if not _is_version(value["version"]) or not (note_version is None or _is_version(note_version)):
        return None
    return {"version": value["version"], "note_version": note_version}


def _is_version(value: Any) -> bool:
    return type(value) is int and 0 <= value <= VERSION_MOST


def _id(value: Any) -> UUID | None:
    return UUID(value) if type(value) is str and _ID.fullmatch(value) else None

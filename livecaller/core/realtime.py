"""Sending events to sockets, on commit and never before.

Only the apps' `events.py` call `publish`. A frame is serialised once, here, and every consumer passes the same
text on. Valkey is a hint: a lost frame is noticed by its number and fetched (docs/realtime.md, C5).
"""

from collections.abc import Callable, Mapping
from typing import Any  # frames are JSON
from uuid import UUID

import orjson
import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from livecaller.core import metrics

log = structlog.get_logger(__name__)


def frame(
    type_: str, data: Mapping[str, Any], *, conversation: UUID | None = None, version: int | None = None
) -> dict[str, Any]:
    """Return an event frame; `conversation` and `version` number an event of a conversation's log."""
    content: dict[str, Any] = {"type": type_}
    if conversation is not None:
        content["conversation"] = str(conversation)
    if version is not None:
        content["version"] = version
    content["data"] = data
    return content


def publish(topic: str, content: Mapping[str, Any]) -> None:
    """Send an event frame to everybody on `topic` once the surrounding transaction has committed.

    Built beside the write, so `content` shows what was written; nothing is sent when it rolls back.
    """
    message = {
        "type": "deliver",
        "topic": topic,
        "conversation": content.get("conversation"),
        "version": content.get("version"),
        "text": orjson.dumps(content).decode(),
    }
    _on_commit(lambda: _send(topic, message))


def close_sockets(topic: str, *, code: int = 4401) -> None:
    """Close every socket on `topic` (`person.<id>`, `session.<hash>`, `member.<id>`…) after commit."""
    _on_commit(lambda: _send(topic, {"type": "revoke", "code": code}))


def _on_commit(send: Callable[[], None]) -> None:
    # robust: what was committed stays acknowledged even when it cannot be announced.
    transaction.on_commit(send, robust=True)


def _send(topic: str, message: dict[str, Any]) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(topic, message)
    except Exception as error:  # noqa: BLE001 any failure of the layer means the same: the clients fetch later
        metrics.publish_failed()
        log.warning("publish.failed", topic_kind=topic.split(".", 1)[0], error=type(error).__name__)

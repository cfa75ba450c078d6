"""Sending events to sockets, on commit and never before.

Only the apps' `events.py` call `publish`. A frame is serialised once, here, and every consumer passes the same
text on. Valkey is a hint: a lost frame is noticed by its number and fetched (docs/realtime.md, C5).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any  # frames are JSON
from uuid import UUID

import orjson
import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from livecaller.core import metrics

# A hung Valkey must not hold back what is already stored.
SEND_SECONDS = 2

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


Announcement = tuple[str, Mapping[str, Any]]


def publish(topic: str, content: Mapping[str, Any]) -> None:
    """Send an event frame to everybody on `topic` once the surrounding transaction has committed."""
    publish_all([(topic, content)])


def publish_all(announcements: Sequence[Announcement]) -> None:
    """Send `(topic, event frame)` pairs, in this order, once the surrounding transaction has committed.

    Built beside the write, so the contents show what was written; nothing is sent when it rolls back.
    """
    messages = [(topic, _message(topic, content)) for topic, content in announcements]
    _on_commit(lambda: _send(messages))


async def signal(announcements: Sequence[Announcement]) -> None:
    """Send `(topic, event frame)` pairs at once, from a socket: for what is neither stored nor numbered."""
    await _send_each([(topic, _message(topic, content)) for topic, content in announcements])


def close_sockets(topic: str, *, code: int = 4401) -> None:
    """Close every socket on `topic` (of a person, a session, a member, a token…) after commit."""
    _on_commit(lambda: _send([(topic, {"type": "revoke", "code": code})]))


def _on_commit(send: Callable[[], None]) -> None:
    # robust: what was committed stays acknowledged even when it cannot be announced.
    transaction.on_commit(send, robust=True)


def _message(topic: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "deliver",
        "topic": topic,
        "conversation": content.get("conversation"),
        "version": content.get("version"),
        "text": orjson.dumps(content).decode(),
    }


def _send(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    # One hop to the event loop for all of them.
    async_to_sync(_send_each)(messages)


async def _send_each(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(SEND_SECONDS):
            for topic, message in messages:
                await layer.group_send(topic, message)
    except Exception as error:  # noqa: BLE001 any failure of the layer means the same: the clients fetch later
        metrics.publish_failed()
        log.warning("publish.failed", topic_kind=messages[0][0].split(".", 1)[0], error=type(error).__name__)

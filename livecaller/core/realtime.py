"""Sending events to sockets, on commit and never before.

Only the apps' `events.py` call `publish`. A frame is serialised once, here, and every socket passes the same
text on. Delivery is a hint: a lost frame is noticed by its number and fetched (docs/realtime.md, C5).
"""

from collections.abc import Mapping, Sequence
from typing import Any  # frames are JSON
from uuid import UUID

import orjson
from django.db import transaction

from livecaller.core.hub import Closing, Event, hub, post


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


def publish_now(topic: str, content: Mapping[str, Any]) -> None:
    """Send an event frame at once, from synchronous code: for what is true whether or not a transaction commits."""
    post(events_of([(topic, content)]))


def publish_all(announcements: Sequence[Announcement]) -> None:
    """Send `(topic, event frame)` pairs, in this order, once the surrounding transaction has committed.

    Built beside the write, so the contents show what was written; nothing is sent when it rolls back.
    """
    events = events_of(announcements)
    # robust: what was committed stays acknowledged even when it cannot be announced.
    transaction.on_commit(lambda: post(events), robust=True)


def events_of(announcements: Sequence[Announcement]) -> list[Event]:
    """Return `(topic, event frame)` pairs as they go out; a frame that goes to several topics is serialised once."""
    texts: dict[int, str] = {}
    events = []
    for topic, content in announcements:
        text = texts.get(id(content))
        if text is None:
            text = texts[id(content)] = orjson.dumps(content).decode()
        events.append(Event(topic, text, content.get("conversation"), content.get("version")))
    return events


async def signal(announcements: Sequence[Announcement]) -> None:
    """Send `(topic, event frame)` pairs at once, from a socket: for what is neither stored nor numbered."""
    hub().announce(events_of(announcements))


def close_sockets(topic: str, *, code: int = 4401) -> None:
    """Close every socket on `topic` (of a person, a session, a member, a token…) after commit."""
    transaction.on_commit(lambda: post([Closing(topic, code)]), robust=True)

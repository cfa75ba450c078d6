"""Ears for what is announced."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any  # messages of the channel layer

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings

from livecaller.core.hub import GROUP, Notice, unpacked


class Heard:
    """Listens between the processes, so that a test hears what another process would hear, and silence too."""

    def __init__(self) -> None:
        self._server = redis.Redis.from_url(settings.REDIS_URL)
        # redis-py leaves this one function without annotations.
        self._pubsub: Any = self._server.pubsub()  # type: ignore[no-untyped-call]
        self._end = f"end-{uuid.uuid4().hex}"
        self._topics: set[str] = set()
        self._kept: list[dict[str, Any]] = []
        layers: Any = settings.CHANNEL_LAYERS
        self._pubsub.subscribe(self._end, f"{layers['default']['CONFIG']['prefix']}__group__{GROUP}")
        for _ in range(2):
            assert self._next()["type"] == "subscribe"

    def on(self, *topics: str) -> Callable[[], list[dict[str, Any]]]:
        """Listen on topics from now on; the returned function gives all that was sent on them until it is called."""
        self._kept = self._until_now()
        self._topics.update(topics)
        return self._until_now

    def close(self) -> None:
        """Give the connections back."""
        self._pubsub.close()
        self._server.close()

    def _until_now(self) -> list[dict[str, Any]]:
        # Valkey keeps the order: what was sent before this mark comes before it.
        self._server.publish(self._end, b"")
        notices: list[Notice] = []
        while (message := self._next())["channel"].decode() != self._end:
            notices += unpacked(get_channel_layer().deserialize(message["data"])["notices"])
        kept, self._kept = self._kept, []
        return kept + [notice._asdict() for notice in notices if notice.topic in self._topics]

    def _next(self) -> dict[str, Any]:
        message = self._pubsub.get_message(timeout=10)
        assert message is not None, "Valkey did not answer."
        return dict(message)


def codes_of(notices: list[dict[str, Any]]) -> list[int]:
    """Return the codes with which sockets were closed; nothing else may have been heard."""
    return [notice["code"] for notice in notices]


@pytest.fixture
def heard(valkey: None) -> Iterator[Heard]:
    """Ears between the processes."""
    ears = Heard()
    yield ears
    ears.close()

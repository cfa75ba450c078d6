"""Ears for what is announced."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any  # messages of the channel layer

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings


class Heard:
    """Listens on the channel layer, so that a test hears what a socket would hear, and silence too."""

    def __init__(self) -> None:
        self._server = redis.Redis.from_url(settings.REDIS_URL)
        # redis-py leaves this one function without annotations.
        self._pubsub: Any = self._server.pubsub()  # type: ignore[no-untyped-call]
        self._end = f"end-{uuid.uuid4().hex}"

    def on(self, *topics: str) -> Callable[[], list[dict[str, Any]]]:
        """Listen on topics from now on; the returned function gives all that was sent on them until it is called."""
        layers: Any = settings.CHANNEL_LAYERS
        names = [f"{layers['default']['CONFIG']['prefix']}__group__{topic}" for topic in topics]
        self._pubsub.subscribe(self._end, *names)
        for _ in (self._end, *names):
            assert self._next()["type"] == "subscribe"
        return self._until_now

    def close(self) -> None:
        """Give the connections back."""
        self._pubsub.close()
        self._server.close()

    def _until_now(self) -> list[dict[str, Any]]:
        # Valkey keeps the order: what was sent before this mark comes before it.
        self._server.publish(self._end, b"")
        messages = []
        while (message := self._next())["channel"].decode() != self._end:
            messages.append(get_channel_layer().deserialize(message["data"]))
        return messages

    def _next(self) -> dict[str, Any]:
        message = self._pubsub.get_message(timeout=10)
        assert message is not None, "Valkey did not answer."
        return dict(message)


@pytest.fixture
def heard(valkey: None) -> Iterator[Heard]:
    """Ears on the channel layer."""
    ears = Heard()
    yield ears
    ears.close()

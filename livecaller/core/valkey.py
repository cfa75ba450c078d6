"""The connection to Valkey for leases, limits and tickets: everything in it may vanish at any time."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@cache
def client() -> "redis.Redis":
    """Return the process-wide, thread-safe client; answers are text.

    Commands raise `redis.exceptions.RedisError` when Valkey is away; the caller decides whether that opens
    or closes the door.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        # Once more for a line that a restart has broken. The library's own pauses of up to ten seconds would hold back
        # every message while Valkey is away, which is only asked for hints.
        retry=Retry(NoBackoff(), 1),
    )

"""The connection to Valkey for leases, limits and tickets: everything in it may vanish at any time."""

from functools import cache

import redis
from django.conf import settings


@cache
def client() -> "redis.Redis":
    """Return the process-wide, thread-safe client; answers are text.

    Commands raise `redis.exceptions.RedisError` when Valkey is away; the caller decides whether that opens
    or closes the door.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
    )

"""Token buckets in Valkey: one limit for all processes, measured by Valkey's own clock."""

import hashlib
import math
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError

from livecaller.core import metrics
from livecaller.core.errors import RateLimitedError, UnavailableError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

# KEYS[1] bucket; ARGV: tokens a second, burst. Returns 0, or milliseconds until a token is there.
_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local rate, burst = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 't', 'n')
local tokens = burst
if bucket[1] then tokens = math.min(burst, tonumber(bucket[2]) + math.max(0, at - tonumber(bucket[1])) * rate) end
if tokens < 1 then return math.ceil((1 - tokens) / rate) end
redis.call('HSET', KEYS[1], 't', at, 'n', tostring(tokens - 1))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate) + 1000)
return 0
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once, refilled by `burst` every `seconds`.

    `closed`: what happens while Valkey is away. Sign-in refuses (closed), chat goes on (open).
    """

    name: str
    burst: int
    seconds: float
    closed: bool = False

    def take(self, subject: object) -> None:
        """Use one token of `subject`'s bucket; raises `RateLimitedError` with `retry_after` when it is empty.

        `subject` (a person's id, an address) is hashed, so that no identifier is readable in Valkey.
        """
        digest = hashlib.sha256(str(subject).encode()).hexdigest()[:32]
        try:
            wait = client().eval(_TAKE, 1, f"limit:{self.name}:{digest}", self.burst / self.seconds, self.burst)
        except RedisError:
            log.warning("limit.unavailable", limit=self.name)
            if self.closed:
                raise UnavailableError(retry_after=5) from None
            return
        if wait:
            metrics.limit_refused(self.name)
            raise RateLimitedError(retry_after=max(1, math.ceil(int(wait) / 1000)))

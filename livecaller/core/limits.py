"""Token buckets in Valkey: one limit for all processes, measured by Valkey's own clock."""

import math
from dataclasses import dataclass

import structlog
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from livecaller.core import metrics
from livecaller.core.errors import RateLimitedError, UnavailableError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

# KEYS buckets; ARGV: tokens a second and burst of each. Takes one token of every bucket, or of none.
# Returns {0, 0}, or {number of the empty bucket, milliseconds until a token is there}.
_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local left = {}
for i, key in ipairs(KEYS) do
  local rate, burst = tonumber(ARGV[2 * i - 1]) / 1000, tonumber(ARGV[2 * i])
  local bucket = redis.call('HMGET', key, 't', 'n')
  left[i] = burst
  if bucket[1] then left[i] = math.min(burst, tonumber(bucket[2]) + math.max(0, at - tonumber(bucket[1])) * rate) end
  if left[i] < 1 then return {i, math.ceil((1 - left[i]) / rate)} end
end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 't', at, 'n', tostring(left[i] - 1))
  redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i] / ARGV[2 * i - 1] * 1000) + 1000)
end
return {0, 0}
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

        `subject` (a person's id, an address) is hashed with a key, so that no identifier can be read or guessed
        from Valkey: the few billion addresses there are would be tried in no time.
        """
        take_all((self, subject))

    def key(self, subject: object, group: str) -> str:
        """Return the bucket's name; `group` in braces keeps the buckets of one call on one node of a cluster."""
        digest = salted_hmac("livecaller.limit", str(subject), algorithm="sha256").hexdigest()[:32]
        return f"limit:{{{group}}}:{self.name}:{digest}"


def take_all(*takes: tuple[Limit, object]) -> None:
    """Use one token of each `(limit, subject)`, or of none when one of the buckets is empty.

    Raises as `Limit.take`; so a flood that its own limit refuses uses up nobody else's tokens.
    """
    keys = [limit.key(subject, takes[0][0].name) for limit, subject in takes]
    rates = [number for limit, _ in takes for number in (limit.burst / limit.seconds, limit.burst)]
    try:
        answer: list[int] = client().eval(_TAKE, len(keys), *keys, *rates)  # type: ignore[assignment]
    except RedisError:
        log.warning("limit.unavailable", limit=takes[0][0].name)
        if any(limit.closed for limit, _ in takes):
            raise UnavailableError(retry_after=5) from None
        return
    empty, wait = answer
    if empty:
        metrics.limit_refused(takes[empty - 1][0].name)
        raise RateLimitedError(retry_after=max(1, math.ceil(wait / 1000)))

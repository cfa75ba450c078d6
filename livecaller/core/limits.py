"""Token buckets in Valkey: one limit for all processes, measured by Valkey's own clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.utils.crypto import salted_hmac
from redis.commands.core import Script
from redis.exceptions import RedisError

from livecaller.core import metrics
from livecaller.core.errors import LiveCallerError, RateLimitedError, UnavailableError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

# KEYS: buckets, ARGV[1] of them for each ask; ARGV: tokens a second and burst of each bucket.
# Each ask takes one token of every one of its buckets, or of none, one ask after another. Returns for each ask 0 and 0,
# or the number of its empty bucket and the milliseconds until a token is there.
_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local each = tonumber(ARGV[1])
local left, taken, answers = {}, {}, {}
for first = 1, #KEYS, each do
  local empty, wait = 0, 0
  for i = first, first + each - 1 do
    local key, rate, burst = KEYS[i], tonumber(ARGV[2 * i]) / 1000, tonumber(ARGV[2 * i + 1])
    if not left[key] then
      local bucket = redis.call('HMGET', key, 't', 'n')
      left[key] = burst
      if bucket[1] then
        left[key] = math.min(burst, tonumber(bucket[2]) + math.max(0, at - tonumber(bucket[1])) * rate)
      end
    end
    if left[key] < 1 then
      empty, wait = i - first + 1, math.ceil((1 - left[key]) / rate)
      break
    end
  end
  if empty == 0 then
    for i = first, first + each - 1 do
      left[KEYS[i]] = left[KEYS[i]] - 1
      taken[KEYS[i]] = i
    end
  end
  answers[#answers + 1] = empty
  answers[#answers + 1] = wait
end
for key, i in pairs(taken) do
  redis.call('HSET', key, 't', at, 'n', tostring(left[key]))
  redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i + 1] / ARGV[2 * i] * 1000) + 1000)
end
return answers
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
        return f"limit:{{{group}}}:{self.name}:{_digest(str(subject))}"


Takes = tuple[tuple[Limit, object], ...]


def take_all(*takes: tuple[Limit, object]) -> None:
    """Use one token of each `(limit, subject)`, or of none when one of the buckets is empty.

    Raises as `Limit.take`; so a flood that its own limit refuses uses up nobody else's tokens.
    """
    (refusal,) = take_each([takes])
    if refusal is not None:
        raise refusal


def take_each(asks: Sequence[Takes]) -> list[LiveCallerError | None]:
    """Do as `take_all` for each of the asks, in their order and in one round trip, and return the refusals.

    All asks name the same limits, each with subjects of its own.
    """
    group = asks[0][0][0].name
    keys = [limit.key(subject, group) for takes in asks for limit, subject in takes]
    rates = [number for takes in asks for limit, _ in takes for number in (limit.burst / limit.seconds, limit.burst)]
    try:
        answer: list[int] = _script()(keys=keys, args=[len(asks[0]), *rates])
    except RedisError:
        log.warning("limit.unavailable", limit=group)
        is_closed = any(limit.closed for limit, _ in asks[0])
        return [UnavailableError(retry_after=5) if is_closed else None for _ in asks]
    return [
        _refused(takes[empty - 1][0], wait) if empty else None
        for takes, empty, wait in zip(asks, answer[::2], answer[1::2], strict=True)
    ]


def _refused(limit: Limit, milliseconds: int) -> RateLimitedError:
    metrics.limit_refused(limit.name)
    return RateLimitedError(retry_after=max(1, math.ceil(milliseconds / 1000)))


@lru_cache(maxsize=20_000)
def _digest(subject: str) -> str:
    return salted_hmac("livecaller.limit", subject, algorithm="sha256").hexdigest()[:32]


def _script() -> Script:
    """Return the script, known to Valkey by its digest and sent again after Valkey has forgotten it."""
    return client().register_script(_TAKE)

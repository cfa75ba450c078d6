"""Who is there: leases in Valkey, one per socket, that lapse by themselves when nobody renews them.

The same leases count a person's sockets. What is chosen (online, busy, away) is stored in
`Membership.status`; what is true is chosen status and a living lease together. Valkey may be emptied at any
moment: each socket writes its lease again at its next heartbeat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any  # answers of scripts
from uuid import UUID

import structlog
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from chats.rules import Person
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import LiveCallerError, RateLimitedError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

# Two heartbeats may be lost before somebody counts as gone.
LEASE_SECONDS = 50
# Who closes the last window is there for so long yet: a page that is left for the next one, a line that breaks and
# comes back and a process that is replaced are no leaving.
GRACE_SECONDS = 8
OPERATOR_SOCKETS, END_USER_SOCKETS = 20, 5
_ANY_NUMBER = 1_000_000

# Every script begins with the time by Valkey's clock and forgets the person's sockets that ran out.
# KEYS: the person's sockets, the organization's operators, its announced availability.
_BEGIN = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at)
"""

# ARGV: lease in ms, most sockets, socket, operator or ''.
# Returns {-1}, or {1 when nobody was there before, whether availability is known, operators whose leases ran out…}.
_HOLD = (
    _BEGIN
    + """
local till = at + ARGV[1]
local held = redis.call('ZCARD', KEYS[1])
local lingered = redis.call('ZREM', KEYS[1], 'lingers')
if not redis.call('ZSCORE', KEYS[1], ARGV[3]) and held - lingered >= tonumber(ARGV[2]) then return {-1} end
redis.call('ZADD', KEYS[1], till, ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if ARGV[4] ~= '' then
  redis.call('ZADD', KEYS[2], till, ARGV[4])
  redis.call('EXPIRE', KEYS[2], 86400)
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', at)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at)
return {held == 0 and 1 or 0, redis.call('EXISTS', KEYS[3]), unpack(gone)}
"""
)

# ARGV: grace in ms, socket, operator or ''. Returns 1 when it was the person's last socket.
_DROP = (
    _BEGIN
    + """
local was = redis.call('ZREM', KEYS[1], ARGV[2])
if was == 0 or redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
local till = at + ARGV[1]
redis.call('ZADD', KEYS[1], till, 'lingers')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('ZADD', KEYS[2], till, ARGV[3]) end
return 1
"""
)

# ARGV: operator or ''. Returns 1 when nobody is there any more.
_GONE = (
    _BEGIN
    + """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if ARGV[1] ~= '' then redis.call('ZREM', KEYS[2], ARGV[1]) end
return 1
"""
)

_LIVE = """
local now = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], now[1] * 1000 + math.floor(now[2] / 1000), '+inf')
"""

_AVAILABILITY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Beat:
    """What a lease that was taken or renewed brought to light.

    `came`: this person had no living lease before. `gone`: memberships whose leases ran out unannounced.
    `is_availability_known`: somebody has announced since Valkey was last emptied.
    """

    came: bool = False
    gone: tuple[UUID, ...] = ()
    is_availability_known: bool = True

    @property
    def is_quiet(self) -> bool:
        """Say whether nobody has to be told of anything."""
        return not self.came and not self.gone and self.is_availability_known


def take_lease(actor: Person, socket: str) -> Beat:
    """Count a new socket of the actor, as `take_leases` does; raises `RateLimitedError`."""
    (outcome,) = take_leases([(actor, socket)])
    if isinstance(outcome, LiveCallerError):
        raise outcome
    return outcome


def take_leases(sockets: Sequence[tuple[Person, str]]) -> list[Beat | LiveCallerError]:
    """Count new sockets in one round trip; those whose person has as many as allowed are refused.

    Without Valkey nothing is counted, and everybody is let in.
    """
    most = [OPERATOR_SOCKETS if isinstance(actor, OperatorActor) else END_USER_SOCKETS for actor, _ in sockets]
    return [
        RateLimitedError(_("Too many windows are open. Close one of them."), retry_after=30) if beat is None else beat
        for beat in _hold(sockets, most)
    ]


def renew_lease(actor: Person, socket: str) -> Beat:
    """Keep a socket's lease alive, as `renew_leases` does."""
    (beat,) = renew_leases([(actor, socket)])
    return beat


def renew_leases(sockets: Sequence[tuple[Person, str]]) -> list[Beat]:
    """Keep leases alive in one round trip, also when Valkey has forgotten them; without Valkey nothing happens."""
    return [beat or Beat() for beat in _hold(sockets, [_ANY_NUMBER] * len(sockets))]


def drop_leases(sockets: Sequence[tuple[Person, str]]) -> list[bool]:
    """Give leases back in one round trip; say of each whether the person now lingers for the grace, with no other."""
    try:
        with client().pipeline(transaction=False) as pipe:
            for actor, socket in sockets:
                keys = _keys(actor)
                pipe.eval(_DROP, len(keys), *keys, GRACE_SECONDS * 1000, socket, _operator(actor))
            return [bool(answer) for answer in pipe.execute()]
    except RedisError:
        return [False] * len(sockets)


def gone_among(actors: Sequence[Person]) -> list[bool]:
    """Say of each who lingered whether they are gone now: they have not come back, in any process."""
    try:
        with client().pipeline(transaction=False) as pipe:
            for actor in actors:
                keys = _keys(actor)
                pipe.eval(_GONE, len(keys), *keys, _operator(actor))
            return [bool(answer) for answer in pipe.execute()]
    except RedisError:
        return [False] * len(actors)


def live_operators(organization_id: UUID) -> set[UUID]:
    """Return the memberships with a living lease; nobody while Valkey is away."""
    return live_operators_of([organization_id])[organization_id]


def live_operators_of(organization_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Return the memberships with a living lease of each organization; nobody while Valkey is away."""
    try:
        with client().pipeline(transaction=False) as pipe:
            for id_ in organization_ids:
                pipe.eval(_LIVE, 1, _operators_key(id_))
            found = pipe.execute()
    except RedisError:
        found = [[]] * len(organization_ids)
    return {id_: set(map(UUID, members)) for id_, members in zip(organization_ids, found, strict=True)}


def online_end_users(organization_id: UUID, end_user_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the end-users who have the widget open; nobody while Valkey is away."""
    return {id_ for _, id_ in online_among((organization_id, id_) for id_ in end_user_ids)}


def online_among(people: Iterable[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Return those of `(organization, end-user)` who have the widget open; nobody while Valkey is away."""
    asked = list(dict.fromkeys(people))
    if not asked:
        return set()
    try:
        with client().pipeline(transaction=False) as pipe:
            for organization_id, id_ in asked:
                pipe.exists(_sockets_key(organization_id, "end_user", id_))
            found = pipe.execute()
    except RedisError:
        return set()
    return {person for person, exists in zip(asked, found, strict=True) if exists}


def note_availability(organization_id: UUID, *, is_available: bool) -> bool:
    """Remember what is announced to widgets; say whether it differs from what was announced last."""
    value = "1" if is_available else "0"
    try:
        before = client().set(_availability_key(organization_id), value, ex=_AVAILABILITY_SECONDS, get=True)
    except RedisError:
        return False
    return before != value


def _hold(sockets: Sequence[tuple[Person, str]], most: Sequence[int]) -> list[Beat | None]:
    """Take or renew leases; None for one beyond `most`, and nothing has happened where Valkey is away."""
    try:
        with client().pipeline(transaction=False) as pipe:
            for (actor, socket), number in zip(sockets, most, strict=True):
                keys = _keys(actor)
                pipe.eval(_HOLD, len(keys), *keys, LEASE_SECONDS * 1000, number, socket, _operator(actor))
            return [_beat(answer) for answer in pipe.execute()]
    except RedisError:
        log.warning("lease.not_held")
        return [Beat()] * len(sockets)


def _beat(answer: list[Any]) -> Beat | None:
    came, *more = answer
    if came < 0:
        return None
    known, *gone = more
    return Beat(came=bool(came), gone=tuple(UUID(member) for member in gone), is_availability_known=bool(known))


def _keys(actor: Person) -> list[str]:
    organization_id = actor.organization_id
    if isinstance(actor, OperatorActor):
        sockets = _sockets_key(organization_id, "operator", actor.membership_id)
    else:
        sockets = _sockets_key(organization_id, "end_user", actor.end_user_id)
    return [sockets, _operators_key(organization_id), _availability_key(organization_id)]


def _operator(actor: Person) -> str:
    return str(actor.membership_id) if isinstance(actor, OperatorActor) else ""


# The braces keep an organization's keys on one node of a cluster, as scripts over several keys need.
def _sockets_key(organization_id: UUID, kind: str, id_: UUID) -> str:
    return f"sockets:{{{organization_id}}}:{kind}:{id_}"


def _operators_key(organization_id: UUID) -> str:
    return f"operators:{{{organization_id}}}"


def _availability_key(organization_id: UUID) -> str:
    return f"available:{{{organization_id}}}"

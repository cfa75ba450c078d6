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
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import RateLimitedError, UnavailableError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

# Two heartbeats may be lost before somebody counts as gone.
LEASE_SECONDS = 50
OPERATOR_SOCKETS, END_USER_SOCKETS = 20, 5

# KEYS: the person's sockets, the organization's operators, its announced availability.
# ARGV: lease in ms, most sockets, socket, operator or ''.
# Returns {-1}, or {1 when nobody was there before, whether availability is known, operators whose leases ran out…}.
_HOLD = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local till = at + ARGV[1]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at)
local held = redis.call('ZCARD', KEYS[1])
if not redis.call('ZSCORE', KEYS[1], ARGV[3]) and held >= tonumber(ARGV[2]) then return {-1} end
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

# KEYS: as above. ARGV: socket, operator or ''. Returns 1 when it was the person's last socket.
_DROP = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local was = redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at)
if was == 0 or redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
if ARGV[2] ~= '' then redis.call('ZREM', KEYS[2], ARGV[2]) end
return 1
"""

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


def take_lease(actor: OperatorActor | EndUserActor, socket: str) -> Beat:
    """Count a new socket of the actor; raises `RateLimitedError` when the person has as many as allowed."""
    try:
        answer = _hold(actor, socket, most=OPERATOR_SOCKETS if isinstance(actor, OperatorActor) else END_USER_SOCKETS)
    except RedisError:
        raise UnavailableError(retry_after=2) from None
    if answer[0] < 0:
        raise RateLimitedError(_("Too many windows are open. Close one of them."), retry_after=30)
    return _beat(answer)


def renew_lease(actor: OperatorActor | EndUserActor, socket: str) -> Beat:
    """Keep a socket's lease alive, also when Valkey has forgotten it; without Valkey nothing happens."""
    try:
        return _beat(_hold(actor, socket, most=1_000_000))
    except RedisError:
        log.warning("lease.not_renewed")
        return Beat()


def renew_leases(sockets: Sequence[tuple[EndUserActor, str]]) -> list[Beat]:
    """Keep the leases of many sockets alive in one round trip, as `renew_lease` does for one."""
    try:
        with client().pipeline(transaction=False) as pipe:
            for actor, socket in sockets:
                keys = _keys(actor)
                pipe.eval(_HOLD, len(keys), *keys, LEASE_SECONDS * 1000, 1_000_000, socket, "")
            return [_beat(list(answer)) for answer in pipe.execute()]
    except RedisError:
        log.warning("lease.not_renewed")
        return [Beat() for _ in sockets]


def drop_lease(actor: OperatorActor | EndUserActor, socket: str) -> bool:
    """Give a socket's lease back; say whether the person has no other."""
    keys = _keys(actor)
    try:
        return bool(client().eval(_DROP, len(keys), *keys, socket, _operator(actor)))
    except RedisError:
        return False


def live_operators(organization_id: UUID) -> set[UUID]:
    """Return the memberships with a living lease; nobody while Valkey is away."""
    try:
        members: Any = client().eval(_LIVE, 1, _operators_key(organization_id))
    except RedisError:
        return set()
    return {UUID(member) for member in members}


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


def _hold(actor: OperatorActor | EndUserActor, socket: str, *, most: int) -> list[Any]:
    keys = _keys(actor)
    answer: Any = client().eval(_HOLD, len(keys), *keys, LEASE_SECONDS * 1000, most, socket, _operator(actor))
    return list(answer)


def _beat(answer: list[Any]) -> Beat:
    came, known, *gone = answer
    return Beat(came=bool(came), gone=tuple(UUID(member) for member in gone), is_availability_known=bool(known))


def _keys(actor: OperatorActor | EndUserActor) -> list[str]:
    organization_id = actor.organization_id
    if isinstance(actor, OperatorActor):
        sockets = _sockets_key(organization_id, "operator", actor.membership_id)
    else:
        sockets = _sockets_key(organization_id, "end_user", actor.end_user_id)
    return [sockets, _operators_key(organization_id), _availability_key(organization_id)]


def _operator(actor: OperatorActor | EndUserActor) -> str:
    return str(actor.membership_id) if isinstance(actor, OperatorActor) else ""


# The braces keep an organization's keys on one node of a cluster, as scripts over several keys need.
def _sockets_key(organization_id: UUID, kind: str, id_: UUID) -> str:
    return f"sockets:{{{organization_id}}}:{kind}:{id_}"


def _operators_key(organization_id: UUID) -> str:
    return f"operators:{{{organization_id}}}"


def _availability_key(organization_id: UUID) -> str:
    return f"available:{{{organization_id}}}"

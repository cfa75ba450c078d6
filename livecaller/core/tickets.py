"""One-use tickets of 60 seconds that let a socket in, so that no identity ever stands in an address.

A ticket is signed, not stored: giving one out costs no round trip, and a socket that comes back with the one that its
last answer brought is let in while Valkey is away.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import structlog
from django.core import signing
from redis.exceptions import RedisError

from livecaller.core.errors import UnauthenticatedError
from livecaller.core.valkey import client

log = structlog.get_logger(__name__)

TICKET_SECONDS = 60
# A ticket's own time counts in whole seconds, so what is used up is remembered a little longer.
_REMEMBERED_SECONDS = TICKET_SECONDS + 5
_SALT = "livecaller.ticket"

# When each ticket that this process has let in is forgotten, oldest first.
_used_here: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says: `claims` as they were signed, `number` its own and no other's."""

    number: str
    claims: Mapping[str, str]


def issue_ticket(claims: Mapping[str, str]) -> str:
    """Return a ticket that stands for `claims`: who holds it can read them, and nobody can change them."""
    return signing.dumps([secrets.token_urlsafe(16), dict(claims)], salt=_SALT)


def read_ticket(ticket: str) -> Ticket:
    """Return what a ticket says; raises `UnauthenticatedError` when we did not sign it or it is older than 60 s."""
    try:
        number, claims = signing.loads(ticket, salt=_SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        raise UnauthenticatedError("The ticket is unknown or older than a minute. Fetch a new one.") from None
    return Ticket(number, claims)


def use_up(tickets: Sequence[Ticket]) -> list[bool]:
    """Say of each ticket whether this is its first use; one round trip, however many there are.

    Every process is asked through Valkey. While it is away a ticket opens at most one socket of each process.
    """
    here = [_is_first_here(ticket.number) for ticket in tickets]
    try:
        with client().pipeline(transaction=False) as pipe:
            for ticket in tickets:
                pipe.set(f"ticket:{ticket.number}", "", ex=_REMEMBERED_SECONDS, nx=True)
            everywhere = pipe.execute()
    except RedisError:
        log.warning("tickets.not_shared")
        return here
    return [first and bool(stored) for first, stored in zip(here, everywhere, strict=True)]


def used_ticket_error() -> UnauthenticatedError:
    """Return the refusal of a ticket that was used before."""
    return UnauthenticatedError("The ticket was used before. Fetch a new one.")


def _is_first_here(number: str) -> bool:
    now = monotonic()
    # One may be added for each that is looked at, so two are looked at.
    for other, till in list(islice(_used_here.items(), 2)):
        if till <= now:
            _used_here.pop(other, None)
    till = now + _REMEMBERED_SECONDS
    return _used_here.setdefault(number, till) is till

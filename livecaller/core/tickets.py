"""One-use tickets of 60 seconds that let a socket in, so that no identity ever stands in an address."""

import secrets
from typing import Any  # a ticket's claims are whatever its issuer signed

import orjson
from redis.exceptions import RedisError

from livecaller.core.errors import UnauthenticatedError, UnavailableError
from livecaller.core.valkey import client

TICKET_SECONDS = 60


def issue_ticket(claims: dict[str, Any]) -> str:
    """Store `claims` (JSON values) for one redemption within 60 s and return the ticket, 256 random bits.

    Raises `UnavailableError` while Valkey is away.
    """
    ticket = secrets.token_urlsafe(32)
    try:
        client().set(f"ticket:{ticket}", orjson.dumps(claims), ex=TICKET_SECONDS)
    except RedisError:
        raise UnavailableError(retry_after=2) from None
    return ticket


def redeem_ticket(ticket: str) -> dict[str, Any]:
    """Return the claims and forget the ticket; raises `UnauthenticatedError` when it is unknown, used or old."""
    try:
        claims = client().getdel(f"ticket:{ticket}")
    except RedisError:
        raise UnavailableError(retry_after=2) from None
    if not isinstance(claims, str):
        raise UnauthenticatedError("The ticket is unknown, used or older than a minute. Fetch a new one.")
    content: dict[str, Any] = orjson.loads(claims)
    return content

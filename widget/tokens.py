"""Reading the token (JWT) with which a Client's server says who its customer is.

One algorithm, chosen by us and never by the token. Every refusal says why in a sentence that the Client's
developer sees in the console.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any  # a token's claims are anything until they are checked

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from jwt.types import Options
from redis.exceptions import RedisError

from livecaller.core.errors import InvalidError, UnavailableError
from livecaller.core.valkey import client
from widget.models import IdentitySecret, Widget
from widget.options import one_line
from widget.selectors import live_secrets_of, text_of

ALGORITHM = "HS256"
AGE_SECONDS = 15 * 60
SKEW_SECONDS = 60
TOKEN_LENGTH = 8 * 1024
ATTRIBUTES_MOST = 20
# Beyond it a number is no second of any clock, and may not even fit a float.
_LATEST = 1e12
# A header may be nested deeper than the parser goes.
_UNREADABLE = (jwt.InvalidTokenError, ValueError, RecursionError)

# The claims are checked below, each with its own sentence.
_ONLY_SIGNATURE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Claims:
    """A customer of the Client, as its server vouches for them; only what the token names is in `profile`.

    `profile` holds columns of `EndUser`: first_name, last_name, email, phone, attributes.
    """

    subject: str
    profile: Mapping[str, object] = field(default_factory=dict)


def claims_of(widget: Widget, token: str) -> Claims:
    """Return what a valid token says; raises `InvalidError` saying why it is refused. Inside the tenant.

    A token with a `jti` is used up by this call; `UnavailableError` when that cannot be remembered.
    """
    payload = _signed_payload(widget, token)
    _require_fresh(payload, time.time())
    _require_for(widget, payload)
    claims = Claims(_subject(payload), _profile(payload))
    _use_up(widget, payload)
    return claims


def _signed_payload(widget: Widget, token: str) -> dict[str, Any]:
    header = _header(token)
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise _refused(f"The token must be signed with {ALGORITHM} and need no extensions.")
    secrets = live_secrets_of(widget)
    if not secrets:
        raise _refused("This widget has no identity secret. Make one on its install page.")
    if "kid" in header:
        secrets = [secret for secret in secrets if str(secret.pk) == header["kid"]]
        if not secrets:
            raise _refused("The token names a key (kid) that is not in use for this widget.")
    for secret in secrets:
        payload = _opened(token, secret)
        if payload is not None:
            return payload
    raise _refused("The signature does not fit a secret of this widget.")


def _header(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_LENGTH:
        raise _refused(f"The token is longer than {TOKEN_LENGTH} characters.")
    try:
        return jwt.get_unverified_header(token)
    except _UNREADABLE:
        raise _refused("This is not a signed token (JWT).") from None


def _opened(token: str, secret: IdentitySecret) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, text_of(secret), algorithms=[ALGORITHM], options=_ONLY_SIGNATURE)
    except jwt.InvalidSignatureError:
        return None
    except _UNREADABLE:
        raise _refused("This is not a signed token (JWT).") from None


def _require_fresh(payload: Mapping[str, Any], now: float) -> None:
    issued = _moment(payload, "iat")
    if issued is None:
        raise _refused("The token does not say when it was issued (iat).")
    if issued < now - AGE_SECONDS:
        raise _refused("The token is older than 15 minutes (iat). Let your server sign a new one for each page.")
    if issued > now + SKEW_SECONDS:
        raise _refused("The token was issued in the future (iat). Check your server's clock.")
    expires, starts = _moment(payload, "exp"), _moment(payload, "nbf")
    if expires is not None and expires <= now:
        raise _refused("The token has expired (exp).")
    if starts is not None and starts > now + SKEW_SECONDS:
        raise _refused("The token is not valid yet (nbf).")


def _moment(payload: Mapping[str, Any], claim: str) -> float | None:
    value = payload.get(claim)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LATEST:
        raise _refused(f"{claim} must be a number of seconds since 1970.")
    return float(value)


def _require_for(widget: Widget, payload: Mapping[str, Any]) -> None:
    if "aud" not in payload:
        return
    audience = payload["aud"]
    if widget.public_key not in (audience if isinstance(audience, list) else [audience]):
        raise _refused("The token is meant for somebody else (aud). Leave it out or name the widget's key.")


def _subject(payload: Mapping[str, Any]) -> str:
    subject = payload.get("sub")
    if not isinstance(subject, str) or subject != one_line(subject) or not 0 < len(subject) <= 128:
        raise _refused("sub must be a text of 1 to 128 characters that names your customer.")
    return subject


def _profile(payload: Mapping[str, Any]) -> dict[str, object]:
    profile: dict[str, object] = {}
    if "name" in payload:
        first, _, last = _text(payload, "name", 160).partition(" ")
        profile.update(first_name=first[:80], last_name=last[:80])
    if "email" in payload:
        profile["email"] = _email(payload)
    if "mobile" in payload:
        profile["phone"] = _text(payload, "mobile", 32)
    if "attributes" in payload:
        profile["attributes"] = _attributes(payload["attributes"])
    return profile


def _text(payload: Mapping[str, Any], claim: str, length: int) -> str:
    value = payload[claim]
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > length:
        raise _refused(f"{claim} must be a text of at most {length} characters.")
    return one_line(value)


def _email(payload: Mapping[str, Any]) -> str:
    address = _text(payload, "email", 254)
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise _refused("email is not an e-mail address.") from None
    return address.lower()


def _attributes(given: object) -> dict[str, str]:
    if not isinstance(given, Mapping) or len(given) > ATTRIBUTES_MOST:
        raise _refused(f"attributes must be an object with at most {ATTRIBUTES_MOST} fields.")
    return {_attribute(name, 40): _attribute(value, 255) for name, value in given.items()}


def _attribute(value: object, length: int) -> str:
    if not isinstance(value, str | int | float) or len(str(value)) > length:
        raise _refused("attributes must be short texts, numbers or yes/no values.")
    return one_line(str(value).lower() if isinstance(value, bool) else str(value))


def _use_up(widget: Widget, payload: Mapping[str, Any]) -> None:
    if "jti" not in payload:
        return
    if not isinstance(payload["jti"], str) or not 0 < len(payload["jti"]) <= 255:
        raise _refused("jti must be a text of 1 to 255 characters.")
    digest = hashlib.sha256(payload["jti"].encode("utf-8", "replace")).hexdigest()
    # A minute longer than the token itself can be valid.
    remembered = AGE_SECONDS + 2 * SKEW_SECONDS
    try:
        first = client().set(f"jti:{widget.pk}:{digest}", 1, nx=True, ex=remembered)
    except RedisError:
        raise UnavailableError(retry_after=5) from None
    if not first:
        raise _refused("The token was used before (jti). Let your server sign a new one.")


def _refused(reason: str) -> InvalidError:
    return InvalidError(reason, fields={"jwt": [reason]})

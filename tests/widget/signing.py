"""The Client's server: it signs who its customer is."""

import time
from typing import Any  # claims are anything here
from uuid import UUID

import jwt

from tests.cast import Side
from widget.services import rotate_identity_secret


def secret_of(side: Side) -> tuple[UUID, str]:
    """Make a secret of the side's widget; return its kid and text."""
    secret, text = side.inside(lambda: rotate_identity_secret(actor=side.owner, widget_id=side.widget.pk))
    return secret.pk, text


def claims(**more: object) -> dict[str, Any]:
    """Return good claims of the customer 4711, changed by `more` (None leaves one out)."""
    good = {"sub": "4711", "iat": int(time.time()), "name": "Ana María Lopez", "email": "Ana@Customer.example"}
    return {name: value for name, value in {**good, **more}.items() if value is not None}


def signed(text: str, header: dict[str, Any] | None = None, **more: object) -> str:
    """Return a token signed as the Client's server would."""
    return jwt.encode(claims(**more), text, algorithm="HS256", headers=header)

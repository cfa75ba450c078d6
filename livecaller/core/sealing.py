"""Secrets at rest: what we must be able to read again is stored sealed, never plain.

Envelope encryption: every secret has its own random key (AES-256-GCM), and that key is wrapped by a sealing key
of the environment. Changing the sealing key is adding a newer version in front; what older versions sealed stays
readable while they are listed.
"""

import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# The layout: version (1 byte), nonce and wrapped key, nonce and sealed text.
_KEY, _NONCE, _TAG = 32, 12, 16
_WRAPPED = 1 + _NONCE + _KEY + _TAG


class SealBrokenError(RuntimeError):
    """What was stored was not sealed by us, for this place, or with a key we still have."""


def seal(plain: bytes, *, place: str) -> bytes:
    """Return `plain` sealed with the newest key, readable only for the same `place` (such as a row's id)."""
    version = next(iter(settings.SEALING_KEYS))
    head, key = bytes([version]), os.urandom(_KEY)
    wrapped = _encrypt(_sealing_key(settings.SEALING_KEYS[version]), key, head + place.encode())
    return head + wrapped + _encrypt(key, plain, place.encode())


def unseal(sealed: bytes, *, place: str) -> bytes:
    """Return what `seal` was given; raises `SealBrokenError` when that cannot be."""
    secret = settings.SEALING_KEYS.get(sealed[0]) if len(sealed) > _WRAPPED else None
    if secret is None:
        raise SealBrokenError("The sealing key of this secret is not in LIVECALLER_SEALING_KEY any more.")
    try:
        key = _decrypt(_sealing_key(secret), sealed[1:_WRAPPED], sealed[:1] + place.encode())
        return _decrypt(key, sealed[_WRAPPED:], place.encode())
    except InvalidTag:
        raise SealBrokenError("The secret was changed, moved, or sealed with another key.") from None


@cache
def _sealing_key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=b"livecaller sealing key").derive(secret.encode())


def _encrypt(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)

"""Secrets at rest: sealed, bound to their place, readable across a change of keys."""

import pytest
from django.test import override_settings

from livecaller.core.sealing import SealBrokenError, seal, unseal

OLD, NEW = "o" * 32, "n" * 32


def test_what_was_sealed_is_read_again_and_nowhere_visible() -> None:
    sealed = seal(b"lcs_secret", place="row:1")
    assert unseal(sealed, place="row:1") == b"lcs_secret"
    assert b"lcs_secret" not in sealed
    assert sealed != seal(b"lcs_secret", place="row:1")


def test_a_seal_belongs_to_its_place() -> None:
    sealed = seal(b"secret", place="row:1")
    with pytest.raises(SealBrokenError):
        unseal(sealed, place="row:2")


@pytest.mark.parametrize("at", [0, 1, 20, 60, 62, 80, -1])
def test_one_changed_byte_breaks_it(at: int) -> None:
    sealed = bytearray(seal(b"a secret of some length", place="row:1"))
    sealed[at] ^= 1
    with pytest.raises(SealBrokenError):
        unseal(bytes(sealed), place="row:1")


@pytest.mark.parametrize("length", [0, 1, 61])
def test_what_is_too_short_was_never_sealed(length: int) -> None:
    with pytest.raises(SealBrokenError):
        unseal(seal(b"secret", place="row:1")[:length], place="row:1")


def test_a_new_key_seals_and_the_old_ones_still_open() -> None:
    with override_settings(SEALING_KEYS={1: OLD, 0: "s" * 50}):
        sealed = seal(b"secret", place="row:1")
    with override_settings(SEALING_KEYS={2: NEW, 1: OLD, 0: "s" * 50}):
        assert unseal(sealed, place="row:1") == b"secret"
        assert (sealed[0], seal(b"secret", place="row:1")[0]) == (1, 2)


def test_without_its_key_a_seal_says_which_setting_is_missing() -> None:
    with override_settings(SEALING_KEYS={1: OLD, 0: "s" * 50}):
        sealed = seal(b"secret", place="row:1")
    with (
        override_settings(SEALING_KEYS={2: NEW, 0: "s" * 50}),
        pytest.raises(SealBrokenError, match="LIVECALLER_SEALING_KEY"),
    ):
        unseal(sealed, place="row:1")


def test_another_key_under_the_same_version_opens_nothing() -> None:
    with override_settings(SEALING_KEYS={1: OLD}):
        sealed = seal(b"secret", place="row:1")
    with override_settings(SEALING_KEYS={1: NEW}), pytest.raises(SealBrokenError):
        unseal(sealed, place="row:1")

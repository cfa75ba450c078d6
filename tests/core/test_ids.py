"""Ids sort by birth, are unique, and are what RFC 9562 calls version 7."""

import time
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from livecaller.core import ids


def test_an_id_is_a_version_7_uuid() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.uuid7()
    after = time.time_ns() // 1_000_000

    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= after


def test_ids_do_not_repeat() -> None:
    made = [ids.uuid7() for _ in range(20_000)]

    assert len({id_.int & ((1 << 62) - 1) for id_ in made}) == len(made)


def test_ids_sort_by_their_time() -> None:
    times = [0, 1, 2, 1_000, 1_800_000_000_000, 2**48 - 1]
    made = [ids.compose(milliseconds, b"\xff" * 10) for milliseconds in times]

    assert sorted(made, reverse=True)[::-1] == made
    assert ids.compose(1, b"\xff" * 10) < ids.compose(2, b"\x00" * 10)


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_time_and_chance_land_in_their_bits(milliseconds: int, random: bytes) -> None:
    made = ids.compose(milliseconds, random)
    chance = int.from_bytes(random, "big")

    assert made == UUID(str(made))
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == milliseconds
    # 12 bits beside the version and 62 beside the variant: nothing else of the ten bytes is used.
    assert (made.int >> 64) & 0xFFF == chance >> 68
    assert made.int & ((1 << 62) - 1) == chance & ((1 << 62) - 1)

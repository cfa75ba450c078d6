"""What is made of what was found: broken, late, or kept."""

import math

import pytest

from tests.bench.chat.verdict import Verdict
from tests.faults.outcome import Outcome, table
from tests.faults.soaks import slope


def outcome() -> Outcome:
    return Outcome("F0", "nothing happens")


def test_what_is_kept_in_time_passes() -> None:
    fine = outcome()
    fine.require(1, "one is nothing")
    fine.within("back", 9.96, 10)
    fine.judge(Verdict(messages=3))

    assert fine.word == "pass"
    assert fine.figures == ["back 10.0 s (at most 10)", "clean: 3 messages, 0 lost, 0 doubled, 0 gaps"]


def test_what_comes_late_fails_and_is_not_broken() -> None:
    late = outcome()
    late.within("back", 10.1, 10)

    assert (late.broken, late.late) == ([], ["back took 10.1 s, promised are 10"])
    assert late.word == "fail: back took 10.1 s, promised are 10"


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict(), "fail: nothing was written"),
        (Verdict(messages=9, lost=1, examples=["x"]), "fail: BROKEN: 1 lost, 0 doubled, 0 gaps (x)"),
        (Verdict(messages=9, duplicated=2), "fail: BROKEN: 0 lost, 2 doubled, 0 gaps ()"),
        (Verdict(messages=9, gaps=3), "fail: BROKEN: 0 lost, 0 doubled, 3 gaps ()"),
    ],
)
def test_a_bad_verdict_is_broken(verdict: Verdict, word: str) -> None:
    judged = outcome()
    judged.judge(verdict)

    assert (judged.word, judged.late) == (word, [])


def test_what_never_comes_and_what_does_not_hold_is_broken() -> None:
    broken = outcome()
    broken.within("back", math.inf, 10)
    broken.require([], "nobody was there")

    assert broken.word == "fail: back: never; nobody was there"
    assert Outcome(**broken.payload()) == broken


def test_the_table_names_every_failure() -> None:
    fine, late = outcome(), outcome()
    fine.note("a figure")
    late.within("back", 11, 10)

    assert table([fine, late]) == [
        "F0   pass  nothing happens",
        "           a figure",
        "F0   fail  nothing happens",
        "           back 11.0 s (at most 10)",
        "       NOT back took 11.0 s, promised are 10",
    ]


@pytest.mark.parametrize(
    ("samples", "growth"),
    [
        ([(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)], 2.0),
        ([(0.0, 5.0), (1.0, 6.0), (2.0, 5.0)], 0.0),
        ([(0.0, 0.0), (1.0, 3.0), (2.0, 0.0), (3.0, 3.0)], 0.6),
        ([(1.0, 5.0)], 0.0),
        ([(1.0, 5.0), (1.0, 9.0)], 0.0),
    ],
)
def test_growth_is_the_straight_line(samples: list[tuple[float, float]], growth: float) -> None:
    assert slope(samples) == pytest.approx(growth)

"""The open loop: as much as was asked for, spread over everybody, within everybody's limits."""

from collections import Counter, defaultdict
from uuid import UUID

import pytest

from tests.bench.chat.ceiling import Search
from tests.bench.chat.load import Outcome, new_client_id, percentile
from tests.bench.chat.schedule import operators_share, teams_for, turns
from tests.bench.chat.seats import END_USERS, OPERATORS

# chats.rules: 5 a second, 20 at once; 500 a second for an organization.
PERSON_BURST, PERSON_RATE, TEAM_RATE = 20, 5, 500


@pytest.mark.parametrize("rate", [20, 1000, 4950, 15_000])
def test_nobody_exceeds_the_limits(rate: int) -> None:
    teams = max(50, teams_for(rate))
    tokens: dict[tuple[int, str, int], float] = defaultdict(lambda: PERSON_BURST)
    last: dict[tuple[int, str, int], float] = defaultdict(float)
    of_team: Counter[tuple[int, int]] = Counter()
    for turn in turns(rate, 6, teams):
        side, number = ("o", turn.conversation % OPERATORS) if turn.is_by_operator else ("e", turn.conversation)
        person = turn.team, side, number
        tokens[person] = min(PERSON_BURST, tokens[person] + (turn.due - last[person]) * PERSON_RATE) - 1
        last[person] = turn.due
        of_team[turn.team, int(turn.due)] += 1
        assert tokens[person] >= 0, person
    assert max(of_team.values()) <= TEAM_RATE


def test_the_rate_is_the_one_asked_for_and_times_do_not_go_back() -> None:
    plan = list(turns(1000, 20, 50))

    assert len(plan) == pytest.approx(20_000, rel=0.03)
    assert [turn.due for turn in plan] == sorted(turn.due for turn in plan)
    assert 0 < plan[0].due < plan[-1].due < 20
    assert plan == list(turns(1000, 20, 50))
    assert plan != list(turns(1000, 20, 50, seed=1))


def test_both_sides_write_and_every_conversation_is_used() -> None:
    plan = list(turns(2000, 10, 50))
    by_operators = sum(turn.is_by_operator for turn in plan)

    assert {(turn.team, turn.conversation) for turn in plan} == {(t, c) for t in range(50) for c in range(END_USERS)}
    assert by_operators / len(plan) == pytest.approx(operators_share(2000, 50), abs=0.01)
    assert operators_share(100, 50) == 0.5
    assert operators_share(15_000, 152) < 0.1


def test_enough_organizations_work() -> None:
    assert teams_for(99) == 1
    assert teams_for(100) == 2
    assert teams_for(15_000) == 152


def outcome(rate: float, *, is_held: bool) -> Outcome:
    p99 = 20.0 if is_held else 400.0
    return Outcome(rate, 1, 100, 100, 100, 0, 1, p99, 1, p99, 0, 0)


async def test_the_search_finds_what_a_server_holds() -> None:
    asked: list[tuple[float, float]] = []

    async def probe(rate: float, seconds: float) -> Outcome:
        asked.append((rate, seconds))
        return outcome(rate, is_held=rate <= 3300)

    found = await Search(probe, 5, 30, 4, 2).find(500)

    assert found is not None
    assert 3000 < found.rate <= 3300
    assert list(asked[-1]) == [found.rate, 30]
    assert {seconds for _, seconds in asked[:-1]} == {5}


async def test_a_rate_that_is_not_confirmed_is_lowered() -> None:
    async def probe(rate: float, seconds: float) -> Outcome:
        return outcome(rate, is_held=rate <= (900 if seconds == 30 else 1000))

    found = await Search(probe, 5, 30, 4, 1).find(1000)

    assert found is not None
    assert 800 < found.rate <= 900


async def test_a_server_that_holds_little_is_searched_downwards_and_one_that_holds_nothing_has_no_ceiling() -> None:
    async def weak(rate: float, seconds: float) -> Outcome:
        return outcome(rate, is_held=rate <= 33)

    async def dead(rate: float, seconds: float) -> Outcome:
        return outcome(rate, is_held=False)

    found = await Search(weak, 5, 30, 3, 1).find(500)

    assert found is not None
    assert 25 < found.rate <= 33
    assert await Search(dead, 5, 30, 3, 1).find(500) is None


@pytest.mark.parametrize(
    "change", [{"acknowledged": 99}, {"refused": 1}, {"sent": 90, "acknowledged": 90}, {"ack_p99": 251.0}]
)
def test_what_does_not_count_as_held(change: dict[str, float]) -> None:
    held = {"rate": 1.0, "seconds": 1, "planned": 100, "sent": 100, "acknowledged": 100, "refused": 0, "ack_p50": 1,
            "ack_p99": 250.0, "delivery_p50": 1, "delivery_p99": 250.0,
            "late_p99": 0, "generator_share": 0}  # fmt: skip

    assert Outcome(**held).is_held  # type: ignore[arg-type]
    assert not Outcome(**held | change).is_held  # type: ignore[arg-type]


def test_percentiles_are_values_that_were_measured() -> None:
    ordered = [number / 1000 for number in range(1, 201)]

    assert percentile(ordered, 50) == 100
    assert percentile(ordered, 99) == 198
    assert percentile([0.005], 99) == 5


def test_ids_are_random_uuids() -> None:
    ids = {new_client_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert {(UUID(text).version, str(UUID(text)) == text) for text in ids} == {(4, True)}

"""Who writes when: an open loop, in which nobody waits for an answer and nobody exceeds the product's limits."""

import math
import random
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from tests.bench.chat.seats import END_USERS, OPERATORS

# The product allows a person 5 messages a second.
PERSON_RATE = 4.5
_TEAM_RATE = (END_USERS + OPERATORS) * PERSON_RATE


class Turn(NamedTuple):
    """One message: when it is due, in seconds from the start, in whose conversation and by which side."""

    due: float
    team: int
    conversation: int
    is_by_operator: bool


def teams_for(rate: float) -> int:
    """Return how many organizations can write so much without anybody exceeding their limit."""
    return math.ceil(rate / _TEAM_RATE)


def operators_share(rate: float, teams: int) -> float:
    """Return which part of the messages operators write: half, or as much as their own limit allows."""
    return min(0.5, teams * OPERATORS * PERSON_RATE / rate)


def turns(rate: float, seconds: float, teams: int, *, seed: int = 0) -> Iterator[Turn]:
    """Yield the messages of `seconds` at `rate` a second, by their time.

    The gaps between them are exponential, as of people who know nothing of each other. Organizations, and the
    people in them, take turns.
    """
    chance = random.Random(seed)  # noqa: S311 a schedule that can be repeated
    share = operators_share(rate, teams)
    by_end_users, by_operators = [0] * teams, [0] * teams
    due = chance.expovariate(rate)
    for number in count():
        if due >= seconds:
            return
        team, turn = number % teams, number // teams + number % teams
        is_by_operator = math.floor((turn + 1) * share) > math.floor(turn * share)
        taken = by_operators if is_by_operator else by_end_users
        yield Turn(due, team, taken[team] % END_USERS, is_by_operator)
        taken[team] += 1
        due += chance.expovariate(rate)

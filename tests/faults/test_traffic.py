"""What is told of each message, and what is made of it."""

import math
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.bench.chat.line import Address, Hub
from tests.bench.chat.seats import Seat, Team
from tests.bench.chat.wire import Acknowledged, Closed, Person
from tests.faults.traffic import Flight, Traffic

NOWHERE = Address(1, "nowhere.example", "/")


def seat(*conversations: str) -> Seat:
    return Seat(NOWHERE, str, conversations)


@pytest.fixture
async def traffic() -> AsyncIterator[Traffic]:
    """One organization with two operators and two end-users, not connected."""
    hub = Hub()
    yield Traffic(hub, [Team([seat("a", "b"), seat("a", "b")], [seat("a"), seat("b")])], 10)
    hub.close()


def fly(
    traffic: Traffic, conversation: str, due: float, acknowledged: float = math.inf, delivered: float = math.inf
) -> Flight:
    office = traffic.offices[0]
    flight = Flight(due, conversation, office.operators[0], office.end_users[0], acknowledged, acknowledged, delivered)
    traffic.flights[f"{conversation}{due}"] = flight
    return flight


def end(person: Person, code: int, at: float, *, is_ours: bool = False) -> None:
    person.memory.closes.append(Closed(code, at, is_ours))


async def test_accepted_again_is_when_the_last_conversation_was(traffic: Traffic) -> None:
    fly(traffic, "a", 1, acknowledged=2)
    fly(traffic, "b", 1, acknowledged=4.9)
    assert traffic.accepted_again(5) == math.inf

    fly(traffic, "a", 5, acknowledged=6)
    fly(traffic, "b", 3, acknowledged=9)
    fly(traffic, "b", 6, acknowledged=11)

    assert traffic.accepted_again(5) == await traffic.accepted(5, 0) == 4
    assert await traffic.accepted(12, 0) == math.inf
    assert traffic.accepted_again(5, ["a"]) == 1


async def test_acknowledgements_and_answers_of_a_span(traffic: Traffic) -> None:
    fly(traffic, "a", 1, acknowledged=5)
    fly(traffic, "a", 2, acknowledged=6).answered = 3
    fly(traffic, "a", 9, acknowledged=30)

    assert traffic.acknowledged_between(5, 6) == 1
    assert traffic.acknowledged_between(5, 6.1) == 2
    assert traffic.stored_within(1, 6) == 1
    assert traffic.stored_within(1.5, 6) == 0
    assert traffic.longest_answer(0, 9) == 4
    assert traffic.longest_answer(2, 9) == 1
    assert traffic.longest_answer(0, 10) == 21
    assert traffic.longest_answer(40, 50) == 0


async def test_late_deliveries_and_the_99th_of_a_hundred(traffic: Traffic) -> None:
    for number in range(200):
        fly(traffic, "a", number, acknowledged=number + 0.1, delivered=number + 0.2)
    slow = fly(traffic, "b", 50.5, acknowledged=51, delivered=60)
    never = fly(traffic, "b", 60.5, acknowledged=61)

    assert traffic.late_deliveries(0, 1) == [slow, never]
    assert traffic.late_deliveries(55, 1) == [never]
    assert traffic.p99(0, 300) == pytest.approx(200)
    assert traffic.p99(0, 300, ["b"]) == math.inf
    assert traffic.p99(50, 60, ["b"]) == pytest.approx(9500)


async def test_a_refusal_answers_and_a_later_acknowledgement_is_not_earlier(traffic: Traffic) -> None:
    flight = fly(traffic, "a", 1)
    person = flight.sender

    traffic.refused(person, "a1", "unavailable")
    answered = flight.answered
    traffic.acknowledged(person, "a1", answered + 5)

    assert answered < math.inf
    assert (flight.answered, flight.acknowledged) == (answered, answered + 5)
    assert traffic.nacks == Counter(unavailable=1)


async def test_only_the_careless_forget_what_was_refused(traffic: Traffic) -> None:
    careful, careless = traffic.offices[0].operators
    traffic.careless.add(careless)
    for person in (careful, careless):
        traffic.send(person, person, "a", 1)
        traffic.refused(person, next(iter(person.unacknowledged)), "rate_limited")

    assert (len(careful.unacknowledged), len(careless.unacknowledged)) == (1, 0)


async def test_only_the_other_party_receives(traffic: Traffic) -> None:
    flight = fly(traffic, "a", 1)

    traffic.received(flight.sender, "a1", 2)
    assert flight.delivered == math.inf
    traffic.received(flight.other, "a1", 3)
    traffic.received(flight.other, "a1", 4)
    assert flight.delivered == 3


async def test_ends_are_counted_until_everybody_goes(traffic: Traffic) -> None:
    one, two = traffic.offices[0].end_users
    end(one, 1006, 4)
    end(one, 1012, 5)
    end(two, 1006, 6, is_ours=True)
    one.arrived_at, two.arrived_at = 8.0, 20.0
    traffic.leave()
    end(two, 1006, math.inf)

    assert traffic.codes(5) == {1012: 1, -1: 1}
    assert traffic.codes(5, [one]) == {1012: 1}
    assert traffic.longest_absence(5) == 14


async def test_whoever_lacks_a_message_is_not_level(traffic: Traffic) -> None:
    office = traffic.offices[0]
    office.end_users[0].memory.acknowledged["a1"] = Acknowledged(7, 7)
    fly(traffic, "a", 1, acknowledged=2)
    readers = [*office.operators, office.end_users[0]]
    for person in readers[:-1]:
        person.logs["a"].received.append((7, 7, "a1"))

    assert not await traffic.converge(0.1)
    readers[-1].logs["a"].since = 8
    assert await traffic.converge(0.1)


async def test_what_no_fault_may_cause_is_named(traffic: Traffic) -> None:
    person = traffic.people()[0]
    person.memory.faults += ["ticket: TimeoutError", "two numbers: x is 1 and 2"]
    person.memory.refused["x"] = "conflict"

    assert traffic.oddities() == ["refused for good: conflict", "two numbers: x is 1 and 2"]

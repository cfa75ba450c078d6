"""People who write all the time, whatever happens to the servers, and what became of each message."""

import asyncio
import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from time import perf_counter

from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells its class in lower case

from tests.bench.chat.line import Hub
from tests.bench.chat.load import BODY, Office, new_client_id, percentile
from tests.bench.chat.schedule import Turn, turns
from tests.bench.chat.seats import Seat, Team
from tests.bench.chat.verdict import Verdict, judge, stored_rows
from tests.bench.chat.wire import Closed, Person, browser_delay

TICK_SECONDS = 0.002
ARRIVAL_SECONDS = 60
# Two heartbeats, by which a reader notices what nobody told it, and what a limit holds back after an outage.
SETTLE_SECONDS = 90


@dataclass(slots=True)
class Flight:
    """One message; times are `perf_counter()`. `answered`: acknowledged or refused for now, whatever came first."""

    due: float
    conversation: str
    sender: Person
    other: Person
    answered: float = math.inf
    acknowledged: float = math.inf
    delivered: float = math.inf


class Traffic:
    """Organizations at work at a steady rate. Nobody waits for anybody, and everything is resent until it is stored.

    `port`: where people connect, instead of the product's own. `delay`: how long they wait before they come back.
    """

    def __init__(
        self,
        hub: Hub,
        teams: Sequence[Team],
        rate: float,
        *,
        port: int | None = None,
        delay: Callable[[int], float] = browser_delay,
        body: str = BODY,
    ) -> None:
        self.rate = rate
        # Further windows, which write nothing by themselves; everything they are told is judged, too.
        self.windows: list[Person] = []
        # Those who forget what was refused instead of sending it again.
        self.careless: set[Person] = set()
        self.flights: dict[str, Flight] = {}
        self.nacks: Counter[str] = Counter()
        self._hub, self._port, self._delay, self._body = hub, port, delay, body
        self.teams = list(teams)
        self.offices = [self._office(team) for team in teams]
        self._plan: Iterator[Turn] = turns(rate, math.inf, len(teams), seed=int(rate))
        self._writing: asyncio.Task[None] | None = None
        self._left_at = math.inf

    # Who takes part.

    def people(self) -> list[Person]:
        """Return everybody."""
        return [*chain.from_iterable(office.people() for office in self.offices), *self.windows]

    def open_window(self, seat: Seat, port: int | None = None) -> Person:
        """Return one more socket of somebody, not connected yet; `port`: where it connects."""
        window = self._person(seat, port)
        self.windows.append(window)
        return window

    def conversations(self) -> list[str]:
        """Return all conversations."""
        return [conversation for office in self.offices for conversation in office.conversations]

    async def come(self) -> None:
        """Connect everybody; raises `TimeoutError` when they are not let in."""
        for person in self.people():
            person.connect()
        async with asyncio.timeout(ARRIVAL_SECONDS):
            await asyncio.gather(*(person.arrival() for person in self.people()))

    def begin(self) -> None:
        """Write from now on."""
        self._writing = asyncio.create_task(self._write())

    async def end(self) -> None:
        """Write no more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
            self._writing = None

    def leave(self) -> None:
        """Send everybody home."""
        self._left_at = min(self._left_at, perf_counter())
        for person in self.people():
            person.leave()

    async def converge(self, seconds: float = SETTLE_SECONDS) -> bool:
        """Wait until all is acknowledged and every reader has as much as that; say whether it came to that."""
        deadline = perf_counter() + seconds
        while perf_counter() < deadline:
            if not any(person.unacknowledged for person in self.people()) and self._is_level():
                return True
            await asyncio.sleep(0.3)
        return False

    def send(self, writer: Person, other: Person, conversation: str, due: float) -> None:
        """Write one message, whose way to `other` is noted."""
        client_id = new_client_id()
        self.flights[client_id] = Flight(due, conversation, writer, other)
        writer.send(conversation, self._body, client_id)

    # Listener.

    def acknowledged(self, person: Person, client_id: str, at: float) -> None:
        """Note when the sender knew."""
        flight = self.flights[client_id]
        flight.acknowledged = at
        flight.answered = min(flight.answered, at)

    def refused(self, person: Person, client_id: str, code: str) -> None:
        """Note the refusal."""
        self.nacks[code] += 1
        flight = self.flights[client_id]
        flight.answered = min(flight.answered, perf_counter())
        if person in self.careless:
            person.unacknowledged.pop(client_id, None)

    def received(self, person: Person, client_id: str, at: float) -> None:
        """Note when the other party had it."""
        flight = self.flights.get(client_id)
        if flight is not None and flight.other is person:
            flight.delivered = min(flight.delivered, at)

    # What came of it; times are `perf_counter()`.

    def between(self, first: float, last: float) -> list[Flight]:
        """Return the messages that were due in a span."""
        return [flight for flight in self.flights.values() if first <= flight.due < last]

    def acknowledged_between(self, first: float, last: float) -> int:
        """Return how many acknowledgements came in a span."""
        return sum(first <= flight.acknowledged < last for flight in self.flights.values())

    def stored_within(self, first: float, last: float) -> int:
        """Return how many messages were both written and acknowledged in a span."""
        return sum(flight.acknowledged < last for flight in self.between(first, last))

    def accepted_again(self, since: float, conversations: Sequence[str] = ()) -> float:
        """Return the seconds from `since` until every conversation has had an acknowledgement."""
        first: dict[str, float] = dict.fromkeys(conversations or self.conversations(), math.inf)
        for flight in self.flights.values():
            if flight.acknowledged >= since and flight.conversation in first:
                first[flight.conversation] = min(first[flight.conversation], flight.acknowledged)
        return max(first.values()) - since

    def longest_answer(self, first: float, last: float) -> float:
        """Return how long somebody who stayed connected waited for an answer to what they wrote in a span."""
        gone = {person for person in self.people() if self._ends(person, first)}
        waits = [flight.answered - flight.due for flight in self.between(first, last) if flight.sender not in gone]
        return max(waits, default=0.0)

    def late_deliveries(self, since: float, seconds: float) -> list[Flight]:
        """Return the messages due from `since` on that needed longer than `seconds` to the other party."""
        return [flight for flight in self.between(since, math.inf) if flight.delivered - flight.due > seconds]

    def p99(self, first: float, last: float, conversations: Sequence[str] = ()) -> float:
        """Return the milliseconds in which 99 of 100 messages of a span were acknowledged and delivered."""
        chosen = [one for one in self.between(first, last) if not conversations or one.conversation in conversations]
        return percentile(sorted(max(one.acknowledged, one.delivered) - one.due for one in chosen), 99)

    def codes(self, since: float, people: Iterable[Person] | None = None) -> Counter[int]:
        """Return how lines have ended since then: close codes, and -1 for those that people gave up."""
        ends = [end for person in people or self.people() for end in self._ends(person, since)]
        return Counter(-1 if end.is_ours else end.code for end in ends)

    def longest_absence(self, since: float) -> float:
        """Return the seconds that somebody was away whose line ended since then."""
        lost = {person: self._ends(person, since) for person in self.people()}
        return max((person.arrived_at - ends[0].at for person, ends in lost.items() if ends), default=0.0)

    async def accepted(self, since: float, seconds: float = ARRIVAL_SECONDS) -> float:
        """Wait, while people write, until every conversation has had an acknowledgement; return as `accepted_again`."""
        deadline = perf_counter() + seconds
        while True:
            took = self.accepted_again(since)
            if took < math.inf or perf_counter() >= deadline:
                return took
            await asyncio.sleep(0.2)

    async def back(self, since: float, seconds: float = ARRIVAL_SECONDS) -> float:
        """Wait until everybody is connected; return the seconds from `since` until the last was (0: none was cut)."""
        cut = [person for person in self.people() if self._ends(person, since)]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(person.arrival() for person in self.people()))
        except TimeoutError:
            return math.inf
        return max((person.arrived_at - since for person in cut), default=0.0)

    def oddities(self) -> list[str]:
        """Return what no fault may cause: a message refused for good, or answered with another's number."""
        odd: list[str] = []
        for person in self.people():
            odd += [f"refused for good: {code}" for code in person.memory.refused.values()]
            odd += [fault for fault in person.memory.faults if fault.startswith(("two numbers", "another message"))]
        return odd

    def verdict(self, connection: Connection) -> Verdict:
        """Compare the table with what was acknowledged and received; `connection` sees every row and is closed."""
        names = ",".join(f"'{name}'" for name in self.conversations())
        query = (
            "SELECT conversation_id, seq, client_id FROM chats_message "
            f"WHERE client_id IS NOT NULL AND conversation_id IN ({names})"
        )
        with closing(connection):
            stored = stored_rows(connection, query)
        acknowledged = {
            client_id: (self.flights[client_id].conversation, place.seq)
            for person in self.people()
            for client_id, place in person.memory.acknowledged.items()
        }
        return judge(stored, acknowledged, [log for person in self.people() for log in person.logs.values()])

    def _ends(self, person: Person, since: float) -> list[Closed]:
        """Return the ends of a person's lines since then, until everybody was sent home."""
        return [end for end in person.memory.closes if since <= end.at < self._left_at]

    async def _write(self) -> None:
        began = perf_counter()
        turn = next(self._plan)
        start = began - turn.due
        while True:
            while turn.due <= perf_counter() - start:
                self._send(turn, start + turn.due)
                turn = next(self._plan)
            await asyncio.sleep(TICK_SECONDS)

    def _send(self, turn: Turn, due: float) -> None:
        office = self.offices[turn.team]
        end_user, operator = office.end_users[turn.conversation], office.in_charge_of(turn.conversation)
        writer, other = (operator, end_user) if turn.is_by_operator else (end_user, operator)
        self.send(writer, other, office.conversations[turn.conversation], due)

    def _is_level(self) -> bool:
        """Say whether every reader has as many messages as were acknowledged since they came."""
        stored: defaultdict[str, list[int]] = defaultdict(list)
        for person in self.people():
            for client_id, place in person.memory.acknowledged.items():
                stored[self.flights[client_id].conversation].append(place.seq)
        for numbers in stored.values():
            numbers.sort()
        for log in (log for person in self.people() for log in person.logs.values()):
            numbers = stored[log.conversation]
            if len(log.received) < len(numbers) - bisect_left(numbers, log.since or 0):
                return False
        return True

    def _office(self, team: Team) -> Office:
        conversations = [seat.conversations[0] for seat in team.end_users]
        operators, end_users = (list(map(self._person, seats)) for seats in (team.operators, team.end_users))
        return Office(operators, end_users, conversations)

    def _person(self, seat: Seat, port: int | None = None) -> Person:
        port = port or self._port
        address = seat.address if port is None else replace(seat.address, port=port)
        return Person(self._hub, address, seat.new_ticket, seat.conversations, listener=self, delay=self._delay)

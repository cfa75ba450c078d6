"""Writing at a given rate, and what came of it."""

import asyncio
import contextlib
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from time import perf_counter

from tests.bench.chat.line import Hub
from tests.bench.chat.schedule import Turn, teams_for, turns
from tests.bench.chat.seats import Seat, Team
from tests.bench.chat.servers import own_usage
from tests.bench.chat.wire import Person

LATENCY_MOST_MS = 250
TICK_SECONDS = 0.001
# So long may ten organizations take to get in.
ARRIVAL_SECONDS = 60
SETTLE_SECONDS, CONVERGE_SECONDS = 60, 45
# So many bytes are in each message.
BODY = (
    "Could you tell me when my order arrives? I am away all of next week and my neighbour would have to take it.".ljust(
        120
    )
)
_random = random.Random()  # noqa: S311 ids of a benchmark, made fast


@dataclass(slots=True)
class Flight:
    """One message on its way; times are `perf_counter()`."""

    due: float
    other: Person
    acknowledged: float = math.inf
    delivered: float = math.inf


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one probe; latencies are milliseconds from the time that a message was due."""

    rate: float
    seconds: float
    planned: int
    sent: int
    acknowledged: int
    refused: int
    ack_p50: float
    ack_p99: float
    delivery_p50: float
    delivery_p99: float
    late_p99: float
    generator_share: float

    @property
    def p50(self) -> float:
        """The worse of the two latencies, half of the messages."""
        return max(self.ack_p50, self.delivery_p50)

    @property
    def p99(self) -> float:
        """The worse of the two latencies, 99 of 100 messages."""
        return max(self.ack_p99, self.delivery_p99)

    @property
    def is_held(self) -> bool:
        """Say whether the server kept up."""
        return self.acknowledged == self.sent == self.planned and not self.refused and self.p99 <= LATENCY_MOST_MS

    def line(self) -> str:
        """Return it for people."""
        return (
            f"{self.rate:>7.0f}/s {self.seconds:>3.0f} s {'held' if self.is_held else 'NOT held':<8} "
            f"ack {self.ack_p50:.1f} / {self.ack_p99:.1f} ms, delivery {self.delivery_p50:.1f} / "
            f"{self.delivery_p99:.1f} ms, {self.acknowledged} of {self.sent} acknowledged, {self.refused} refused, "
            f"sent {self.late_p99:.1f} ms late, generator {self.generator_share:.0%} of a core"
        )


@dataclass(slots=True)
class Office:
    """The sockets of one organization."""

    operators: list[Person]
    end_users: list[Person]
    conversations: list[str] = field(default_factory=list)

    def in_charge_of(self, conversation: int) -> Person:
        """Return the operator to whom a conversation belongs."""
        return self.operators[conversation % len(self.operators)]

    def people(self) -> list[Person]:
        """Return all of them."""
        return [*self.operators, *self.end_users]


class Load:
    """Organizations at work: connects as many as a rate needs, writes, and keeps everything for the verdict."""

    def __init__(self, hub: Hub, teams: Sequence[Team], make_team: Callable[[], Team]) -> None:
        # A load never spreads over fewer organizations than it was given.
        self._least = len(teams)
        self.offices: list[Office] = []
        # Where each message was written.
        self.conversation_of: dict[str, str] = {}
        self._hub, self._teams, self._make_team = hub, list(teams), make_team
        self._flights: dict[str, Flight] = {}
        self._waiting: set[str] = set()
        self._all_there = asyncio.Event()
        self._refused = 0
        # Messages of the present probe that were acknowledged, and delivered, too late for it to be held.
        self._slow_acks = self._slow_deliveries = 0

    def people(self) -> list[Person]:
        """Return everybody who is connected."""
        return list(chain.from_iterable(office.people() for office in self.offices))

    async def open_offices(self, number: int) -> None:
        """Connect organizations until `number` of them are there; raises `TimeoutError` when they are not let in."""
        while len(self._teams) < number:
            self._teams.append(await asyncio.to_thread(self._make_team))
        missing = self._teams[len(self.offices) : number]
        for first in range(0, len(missing), 10):
            new = [self._office(team) for team in missing[first : first + 10]]
            # Before they are let in: who does not get in has to be sent home, too.
            self.offices.extend(new)
            async with asyncio.timeout(ARRIVAL_SECONDS):
                await asyncio.gather(*(person.arrival() for office in new for person in office.people()))

    async def probe(self, rate: float, seconds: float) -> Outcome:
        """Write at `rate` for `seconds` and wait until all is acknowledged and delivered; stops early when hopeless."""
        teams = max(self._least, teams_for(rate))
        await self.open_offices(teams)
        self._flights, self._refused = {}, 0
        self._slow_acks = self._slow_deliveries = 0
        plan = list(turns(rate, seconds, teams, seed=int(rate)))
        used, began = own_usage(), perf_counter()
        late = await self._write(plan, rate)
        share = (own_usage() - used) / (perf_counter() - began)
        await self.settle()
        return self._outcome((rate, seconds, len(plan)), late, share)

    async def settle(self, seconds: float = SETTLE_SECONDS) -> bool:
        """Wait until every message is acknowledged and has reached the other party; say whether it came to that."""
        self._all_there.clear()
        if self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_there.wait(), seconds)
        return not self._waiting

    async def converge(self, seconds: float = CONVERGE_SECONDS) -> None:
        """Wait until every reader has as much as was acknowledged, or the time is over: the verdict says which.

        The time is that of two heartbeats, by which a reader notices what nobody told it.
        """
        await self.settle()
        stored = Counter(
            self.conversation_of[client_id] for person in self.people() for client_id in person.memory.acknowledged
        )
        deadline = perf_counter() + seconds
        readers = [log for person in self.people() for log in person.logs.values()]
        while readers and perf_counter() < deadline:
            readers = [log for log in readers if len(log.received) < stored[log.conversation]]
            await asyncio.sleep(0.1)

    def close(self) -> None:
        """Send everybody home."""
        for person in self.people():
            person.leave()

    # Listener.

    def acknowledged(self, person: Person, client_id: str, at: float) -> None:
        """Note when the sender knew."""
        flight = self._flights.get(client_id)
        if flight is not None:
            flight.acknowledged = at
            self._slow_acks += at - flight.due > LATENCY_MOST_MS / 1000
            if flight.delivered < math.inf:
                self._land(client_id)

    def refused(self, person: Person, client_id: str, code: str) -> None:
        """Count it: below the limits nothing may be refused."""
        self._refused += 1

    def received(self, person: Person, client_id: str, at: float) -> None:
        """Note when the other party had it; the further reader is looked at in the verdict."""
        flight = self._flights.get(client_id)
        if flight is not None and flight.other is person:
            flight.delivered = at
            self._slow_deliveries += at - flight.due > LATENCY_MOST_MS / 1000
            if flight.acknowledged < math.inf:
                self._land(client_id)

    def _land(self, client_id: str) -> None:
        self._waiting.discard(client_id)
        if not self._waiting:
            self._all_there.set()

    async def _write(self, plan: list[Turn], rate: float) -> list[float]:
        """Write what is due, tick by tick; return by how much each was late."""
        late: list[float] = []
        began, position = perf_counter() + 0.05, 0
        while position < len(plan) and not self._is_hopeless(rate, len(plan)):
            now = perf_counter() - began
            while position < len(plan) and plan[position].due <= now:
                turn = plan[position]
                self._send(turn, began + turn.due)
                late.append(perf_counter() - began - turn.due)
                position += 1
            await asyncio.sleep(TICK_SECONDS)
        return late

    def _is_hopeless(self, rate: float, planned: int) -> bool:
        """Say whether the probe can no longer be held, so that going on would only add to the pile."""
        return max(self._slow_acks, self._slow_deliveries) > planned / 100 or len(self._waiting) > max(rate, 50)

    def _send(self, turn: Turn, due: float) -> None:
        office = self.offices[turn.team]
        end_user, operator = office.end_users[turn.conversation], office.in_charge_of(turn.conversation)
        writer, other = (operator, end_user) if turn.is_by_operator else (end_user, operator)
        client_id = new_client_id()
        self._flights[client_id] = Flight(due, other)
        self._waiting.add(client_id)
        conversation = self.conversation_of[client_id] = office.conversations[turn.conversation]
        writer.send(conversation, BODY, client_id)

    def _office(self, team: Team) -> Office:
        conversations = [seat.conversations[0] for seat in team.end_users]
        operators, end_users = (list(map(self._person, seats)) for seats in (team.operators, team.end_users))
        return Office(operators, end_users, conversations)

    def _person(self, seat: Seat) -> Person:
        person = Person(self._hub, seat.address, seat.new_ticket, seat.conversations, listener=self)
        person.connect()
        return person

    def _outcome(self, asked: tuple[float, float, int], late: list[float], share: float) -> Outcome:
        flights = self._flights.values()
        ack = sorted(flight.acknowledged - flight.due for flight in flights)
        delivery = sorted(flight.delivered - flight.due for flight in flights)
        return Outcome(
            rate=asked[0],
            seconds=asked[1],
            planned=asked[2],
            sent=len(ack),
            acknowledged=sum(one < math.inf for one in ack),
            refused=self._refused,
            ack_p50=percentile(ack, 50),
            ack_p99=percentile(ack, 99),
            delivery_p50=percentile(delivery, 50),
            delivery_p99=percentile(delivery, 99),
            late_p99=percentile(sorted(late), 99),
            generator_share=share,
        )


def percentile(ordered: Sequence[float], part: float) -> float:
    """Return a percentile in milliseconds of sorted seconds, the nearest value that was measured."""
    if not ordered:
        return math.inf
    return ordered[max(0, math.ceil(len(ordered) * part / 100) - 1)] * 1000


def new_client_id() -> str:
    """Return a random id as browsers make it (UUID version 4), several times faster than `uuid.uuid4`."""
    text = _random.randbytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

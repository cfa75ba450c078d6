"""One person on a LiveCaller socket, as a browser behaves there (docs/realtime.md), with a memory for verdicts.

A person says hello, opens conversations, writes, answers for what it has received, resends what was not
acknowledged with the same client_id, comes back after a cut, and fetches what is missing. Everything runs in one
event loop.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple, Protocol  # Any: frames are JSON
from uuid import uuid4

import orjson

from tests.bench.chat.framing import frame
from tests.bench.chat.line import Address, Hub, Line
from tests.bench.chat.log import ConversationLog

HEARTBEAT_SECONDS = 20
# A ticket lives for 60 s; an older one than this is not tried.
TICKET_SECONDS = 55
CURSORS_MOST = 50
FIRST_DELAY, LONGEST_DELAY = (0.2, 4.0), 30.0
# Refusals that mean "later": the message is sent again. Others are final.
_PASSING = {"rate_limited", "unavailable", "internal"}
# Snapshots and signals: nobody here looks at them, so they are not parsed.
_UNREAD = tuple(
    b'{"type":"%s' % kind
    for kind in (b"conversation.updated", b"thread.updated", b"presence.", b"availability.", b"typing.", b"end_user.")
)

TicketSource = Callable[[], Awaitable[str]]
Answered = Callable[[dict[str, Any], float], None]


class Acknowledged(NamedTuple):
    """Where a message was stored."""

    seq: int
    version: int


class Closed(NamedTuple):
    """One end of a line: the close code, and when by `perf_counter()`. `is_ours`: this side did it."""

    code: int
    at: float
    is_ours: bool


class RefusedError(Exception):
    """A command was refused; `code` as in docs/realtime.md, "" when the line broke before the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code or "the line broke")
        self.code = code


class Listener(Protocol):
    """Told of what happens to messages; `at` is `perf_counter()`. Called once for each person and message."""

    def acknowledged(self, person: "Person", client_id: str, at: float) -> None:
        """The person's own message is stored."""

    def refused(self, person: "Person", client_id: str, code: str) -> None:
        """The person's own message was refused, for now or for good."""

    def received(self, person: "Person", client_id: str, at: float) -> None:
        """A message has reached the person."""


class Outgoing(NamedTuple):
    """A message that waits for its acknowledgement."""

    conversation: str
    body: str
    client_id: str


@dataclass(slots=True)
class Memory:
    """What happened to one person. `refused`: for good, by code; `nacks`: refusals for now; `faults`: by text."""

    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    closes: list[Closed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    nacks: int = 0
    resends: int = 0


def browser_delay(attempt: int) -> float:
    """Return seconds to wait before try number `attempt` (from 0) to come back."""
    if attempt == 0:
        return random.uniform(*FIRST_DELAY)  # noqa: S311 spreads load
    return random.uniform(0, min(LONGEST_DELAY, FIRST_DELAY[1] * 2**attempt))  # noqa: S311


class Person:
    """One socket of one person; `logs` and `memory` outlive every cut."""

    def __init__(
        self,
        hub: Hub,
        address: Address,
        tickets: TicketSource,
        conversations: Iterable[str] = (),
        *,
        listener: Listener | None = None,
        delay: Callable[[int], float] = browser_delay,
    ) -> None:
        self.logs = {conversation: ConversationLog(conversation) for conversation in conversations}
        self.memory = Memory()
        self.unacknowledged: dict[str, Outgoing] = {}
        self.listener = listener
        self.is_here = False
        self.arrived_at = 0.0
        self._hub, self._address, self._tickets, self._delay = hub, address, tickets, delay
        self._loop = asyncio.get_running_loop()
        self._line: Line | None = None
        self._stays = False
        self._attempt = 0
        self._number = 0
        self._epoch: str | None = None
        self._ticket: tuple[str, float] | None = None
        # Answers that are waited for: the client_id of a message, or whom to tell.
        self._pending: dict[int, str | Answered] = {}
        self._beat: asyncio.TimerHandle | None = None
        self._beat_id = 0
        self._return: asyncio.TimerHandle | None = None
        self._arrival: asyncio.Future[None] = self._loop.create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    # What a test or a benchmark calls.

    def connect(self) -> None:
        """Come, and come back whenever the line ends, until `leave`; `await arrival()` for the hello's answer."""
        self._stays = True
        if self._line is None:
            self._line = Line(self._hub, self._address, self)

    async def arrival(self) -> None:
        """Return once this person has been let in."""
        while not self.is_here:
            await asyncio.shield(self._arrival)

    def cut(self) -> None:
        """Pull the cable; the person comes back after the delay."""
        self._end(lambda line: line.cut())

    def leave(self) -> None:
        """Go, and do not come back."""
        self._stays = False
        if self._return is not None:
            self._return.cancel()
        self._end(lambda line: line.cut())

    def hold_ticket(self, ticket: str) -> None:
        """Keep a ticket for the next hello, as the answers to hello and heartbeat bring one."""
        self._ticket = (ticket, perf_counter())

    @property
    def has_ticket(self) -> bool:
        """Say whether a ticket is in hand that is still good."""
        return self._ticket is not None and perf_counter() - self._ticket[1] < TICKET_SECONDS

    def send(self, conversation: str, body: str, client_id: str | None = None) -> str:
        """Write a message and return its client_id; it is resent until it is acknowledged or refused for good."""
        outgoing = Outgoing(conversation, body, client_id or str(uuid4()))
        self.unacknowledged[outgoing.client_id] = outgoing
        if self.is_here:
            self._write_message(outgoing)
        return outgoing.client_id

    async def request(self, type_: str, data: dict[str, Any]) -> dict[str, Any]:
        """Send any other command and return its data; raises `RefusedError`."""
        answered: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._command(type_, data, lambda answer, _at: None if answered.done() else answered.set_result(answer))
        answer = await answered
        if not answer.get("ok"):
            raise RefusedError(answer.get("error", {}).get("code", ""))
        content: dict[str, Any] = answer["data"]
        return content

    async def open(self, conversation: str) -> None:
        """Listen to a conversation, and catch up."""
        log = self.logs.setdefault(conversation, ConversationLog(conversation))
        self._take_sync(log, await self.request("conversation.open", _lane(log)), perf_counter())

    # What the line calls.

    def opened(self, line: Line) -> None:
        """Say hello, with the ticket in hand or with a new one."""
        if self._ticket is not None and self.has_ticket:
            ticket, self._ticket = self._ticket[0], None
            self._hello(line, ticket)
            return
        task = self._loop.create_task(self._hello_with_new_ticket(line))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def heard(self, line: Line, payload: bytes, at: float) -> None:
        """Read one frame: an object, or an array of them."""
        if payload.startswith(_UNREAD):
            return
        content = orjson.loads(payload)
        for item in content if type(content) is list else (content,):
            if "re" in item:
                self._answer(item, at)
            elif "conversation" in item:
                self._event(item, at)

    def lost(self, line: Line, code: int) -> None:
        """Note the end, and come back."""
        self.memory.closes.append(Closed(code, perf_counter(), self._line is None))
        self._line, self.is_here, self._beat_id = None, False, 0
        if self._arrival.done():
            self._arrival = self._loop.create_future()
        if self._beat is not None:
            self._beat.cancel()
        for log in self.logs.values():
            log.is_syncing = False
        pending, self._pending = self._pending, {}
        for waiting in pending.values():
            if not isinstance(waiting, str):
                waiting({"ok": False}, perf_counter())
        if self._stays and not self._hub.is_closed:
            self._return = self._loop.call_later(self._delay(self._attempt), self.connect)
            self._attempt += 1

    def _end(self, how: Callable[[Line], None]) -> None:
        line, self._line = self._line, None
        if line is not None:
            how(line)

    # Coming in.

    async def _hello_with_new_ticket(self, line: Line) -> None:
        try:
            ticket = await self._tickets()
        except Exception as error:  # noqa: BLE001 a browser that gets no ticket comes back later, whatever it was
            self.memory.faults.append(f"ticket: {type(error).__name__}")
            if line is self._line:
                self.cut()
            return
        self._hello(line, ticket)

    def _hello(self, line: Line, ticket: str) -> None:
        if line is not self._line:
            return
        cursors = {log.conversation: log.cursor() for log in list(self.logs.values())[:CURSORS_MOST]}
        self._command("hello", {"ticket": ticket, "epoch": self._epoch, "cursors": cursors}, self._welcome)

    def _welcome(self, answer: dict[str, Any], at: float) -> None:
        if not answer["ok"]:
            if "error" in answer:
                self.memory.faults.append(f"hello: {answer['error']['code']}")
            return
        data = answer["data"]
        self.is_here, self.arrived_at, self._attempt = True, at, 0
        self._epoch = data.get("epoch")
        if data.get("ticket"):
            self.hold_ticket(data["ticket"])
        for sync in data.get("syncs", ()):
            self._take_sync(self.logs[sync["conversation"]], sync, at)
        for log in list(self.logs.values())[CURSORS_MOST:]:
            self._fetch(log, "conversation.open")
        for outgoing in list(self.unacknowledged.values()):
            self.memory.resends += 1
            self._write_message(outgoing)
        pause = data.get("heartbeat_seconds", HEARTBEAT_SECONDS)
        self._beat = self._loop.call_later(random.uniform(0.5, 1) * pause, self._heartbeat, pause)  # noqa: S311
        if not self._arrival.done():
            self._arrival.set_result(None)

    # Staying.

    def _heartbeat(self, pause: float) -> None:
        if self._beat_id in self._pending:
            # The last one was never answered: the line is dead, and only one side knows.
            self.cut()
            return
        self._beat_id = self._command("heartbeat", {}, self._compare)
        self._beat = self._loop.call_later(pause, self._heartbeat, pause)

    def _compare(self, answer: dict[str, Any], at: float) -> None:
        if not answer["ok"]:
            return
        if answer["data"].get("ticket"):
            self.hold_ticket(answer["data"]["ticket"])
        for conversation, head in answer["data"].get("heads", {}).items():
            log = self.logs.get(conversation)
            if log is not None and log.is_behind(head["version"]):
                self._fetch(log)

    def _answer(self, answer: dict[str, Any], at: float) -> None:
        waiting = self._pending.pop(answer["re"], None) if answer["re"] else None
        if waiting is None:
            self.memory.faults.append(f"unasked: {answer.get('error', {}).get('code', 'answer')}")
        elif not isinstance(waiting, str):
            waiting(answer, at)
        elif answer["ok"]:
            self._acknowledge(waiting, answer["data"]["message"], at)
        else:
            self._refuse(waiting, answer["error"])

    def _acknowledge(self, client_id: str, message: dict[str, Any], at: float) -> None:
        self.unacknowledged.pop(client_id, None)
        before = self.memory.acknowledged.get(client_id)
        now = Acknowledged(message["seq"], message["version"] or 0)
        if before is not None and before.seq != now.seq:
            self.memory.faults.append(f"two numbers: {client_id} is {before.seq} and {now.seq}")
        if message["client_id"] != client_id:
            self.memory.faults.append(f"another message: {client_id} was answered with {message['client_id']}")
        self.memory.acknowledged[client_id] = now
        if before is None and self.listener is not None:
            self.listener.acknowledged(self, client_id, at)

    def _refuse(self, client_id: str, error: dict[str, Any]) -> None:
        code: str = error["code"]
        if code in _PASSING:
            self.memory.nacks += 1
            self._loop.call_later(error.get("retry_after") or 1, self._resend, client_id)
        elif code != "unauthenticated":
            self.memory.refused[client_id] = code
            self.unacknowledged.pop(client_id, None)
        if self.listener is not None:
            self.listener.refused(self, client_id, code)

    def _resend(self, client_id: str) -> None:
        outgoing = self.unacknowledged.get(client_id)
        if outgoing is not None and self.is_here:
            self.memory.resends += 1
            self._write_message(outgoing)

    def _event(self, event: dict[str, Any], at: float) -> None:
        log = self.logs.get(event["conversation"])
        if log is None:
            return
        client_id = log.take(event)
        if client_id and self.listener is not None:
            self.listener.received(self, client_id, at)
        if log.held:
            self._tell(log.release(), at)
            if log.held:
                self._fetch(log)

    def _take_sync(self, log: ConversationLog, sync: dict[str, Any], at: float) -> None:
        self._tell(log.take_sync(sync), at)
        if log.is_behind():
            self._fetch(log)

    def _tell(self, client_ids: Iterable[str], at: float) -> None:
        if self.listener is not None:
            for client_id in client_ids:
                self.listener.received(self, client_id, at)

    def _fetch(self, log: ConversationLog, type_: str = "conversation.sync") -> None:
        if log.is_syncing or not self.is_here:
            return
        log.is_syncing = True

        def fetched(answer: dict[str, Any], at: float) -> None:
            log.is_syncing = False
            if answer["ok"]:
                self._take_sync(log, answer["data"], at)
            elif answer.get("error", {}).get("code") in _PASSING:
                self._loop.call_later(answer["error"].get("retry_after") or 1, self._fetch, log, type_)

        self._command(type_, _lane(log), fetched)

    # Writing.

    def _write_message(self, outgoing: Outgoing) -> None:
        data = {"conversation": outgoing.conversation, "client_id": outgoing.client_id, "body": outgoing.body}
        self._command("message.send", {**data, "attachments": []}, outgoing.client_id)

    def _command(self, type_: str, data: dict[str, Any], waiting: str | Answered) -> int:
        self._number += 1
        if self._line is None:
            if not isinstance(waiting, str):
                waiting({"ok": False}, perf_counter())
            return 0
        self._pending[self._number] = waiting
        self._line.write(frame(orjson.dumps({"id": self._number, "type": type_, "data": data})))
        return self._number


def _lane(log: ConversationLog) -> dict[str, Any]:
    return {
        "conversation": log.conversation,
        "after_version": log.version,
        "after_note_version": None if log.version is None else log.note_version,
    }

"""A person on a socket: what is sent survives the line, what is missing is fetched, and all of it is remembered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any  # frames are JSON

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from tests.bench.chat.line import CLOSE_ABNORMAL, CLOSE_REFUSED, Address, Hub
from tests.bench.chat.wire import Acknowledged, Person, RefusedError, browser_delay
from tests.bench.peer import Call, Frame, created, greet, message, peer, sync

A = "a"
NextCall = Callable[[], Awaitable[Call]]


async def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 the people under test have no event for each thing that may happen
            await asyncio.sleep(0.005)


class Stage:
    """A person and the server that they talk to."""

    def __init__(self, hub: Hub, address: Address, next_call: NextCall) -> None:
        self.hub, self.address, self.next_call = hub, address, next_call
        self.tickets: list[str] = []

    async def ticket(self) -> str:
        """Hand out a ticket and remember it."""
        self.tickets.append(f"ticket-{len(self.tickets)}")
        return self.tickets[-1]

    def person(self, *conversations: str, **options: Any) -> Person:
        """Return somebody who comes back at once."""
        return Person(self.hub, self.address, self.ticket, conversations, delay=lambda _: 0, **options)

    async def came(self, *conversations: str, **welcome: Any) -> tuple[Person, Call]:
        """Return somebody who has been let in, and the server's side of it."""
        person = self.person(*conversations)
        person.connect()
        call = await self.next_call()
        await call.welcome(**{"syncs": [sync(one, 0) for one in conversations], **welcome})
        await person.arrival()
        return person, call


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A server that is told what to do, and the client's hub."""
    async with peer() as (address, next_call):
        hub = Hub()
        yield Stage(hub, address, next_call)
        hub.close()


async def test_a_message_is_sent_and_acknowledged(stage: Stage) -> None:
    person, call = await stage.came(A)
    name = person.send(A, "Hello")
    frame = await call.next("message.send")

    assert frame["data"] == {"conversation": A, "client_id": name, "body": "Hello", "attachments": []}
    assert list(person.unacknowledged) == [name]
    await call.answer(frame, message=message(A, 1, name))
    await until(lambda: person.memory.acknowledged)

    assert person.memory.acknowledged == {name: Acknowledged(1, 1)}
    assert person.unacknowledged == {}


async def test_hello_names_the_ticket_the_epoch_and_where_the_reader_stopped(stage: Stage) -> None:
    person, call = await stage.came(A, epoch="history")
    await call.send(created(A, 1, "x"), created(A, 2, "y"))
    await until(lambda: person.logs[A].version == 2)
    person.cut()
    back = await stage.next_call()
    hello = await back.welcome(ticket="from the answer")
    await until(lambda: person.is_here)
    person.cut()
    again = await (await stage.next_call()).welcome()

    assert hello["data"] == {
        "ticket": "ticket-1",
        "epoch": "history",
        "cursors": {A: {"version": 2, "note_version": 0}},
    }
    assert again["data"]["ticket"] == "from the answer"
    assert stage.tickets == ["ticket-0", "ticket-1"]


async def test_what_was_not_acknowledged_is_sent_again_with_the_same_id_in_order(stage: Stage) -> None:
    person, call = await stage.came(A)
    sent = [person.send(A, str(number)) for number in range(3)]
    first = await call.next("message.send")
    await call.answer(first, message=message(A, 1, sent[0]))
    await until(lambda: person.memory.acknowledged)
    # The second is stored, but nobody hears of it.
    person.cut()
    sent.append(person.send(A, "written while away"))
    back = await stage.next_call()
    await back.welcome(syncs=[sync(A, 2, message(A, 2, sent[1]), last_seq=2)])
    for seq in (2, 3, 4):
        frame = await back.next("message.send")
        assert frame["data"]["client_id"] == sent[seq - 1]
        await back.answer(frame, message=message(A, seq, sent[seq - 1]))
    await until(lambda: len(person.memory.acknowledged) == 4)

    assert person.memory.resends == 3
    assert [seq for seq, _, _ in person.logs[A].received] == [2]
    assert person.memory.faults == []


async def test_a_passing_refusal_is_tried_again_and_a_final_one_is_not(stage: Stage) -> None:
    person, call = await stage.came(A)
    slow, wrong = person.send(A, "slow"), person.send(A, "wrong")
    await call.refuse(await call.next("message.send"), "rate_limited", retry_after=0.01)
    await call.refuse(await call.next("message.send"), "conflict")
    frame = await call.next("message.send")
    await call.answer(frame, message=message(A, 1, slow))
    await until(lambda: person.memory.acknowledged)

    assert frame["data"]["client_id"] == slow
    assert (person.memory.nacks, person.memory.refused) == (1, {wrong: "conflict"})
    assert person.unacknowledged == {}


async def test_an_answer_with_another_number_is_a_fault(stage: Stage) -> None:
    person, call = await stage.came(A)
    name = person.send(A, "x")
    frame = await call.next("message.send")
    await call.answer(frame, message=message(A, 1, name))
    await until(lambda: person.memory.acknowledged)
    person.send(A, "x", name)
    again = await call.next("message.send")
    await call.answer(again, message=message(A, 2, name))
    await until(lambda: person.memory.faults)

    assert person.memory.faults == [f"two numbers: {name} is 1 and 2"]


async def test_an_answer_that_nobody_waits_for_is_a_fault(stage: Stage) -> None:
    person, call = await stage.came(A)
    await call.send({"re": None, "ok": False, "error": {"code": "invalid", "message": "No."}})
    await call.send({"re": 900, "ok": True, "data": {}}, created(A, 1, "x"))
    await until(lambda: person.logs[A].version == 1)

    assert person.memory.faults == ["unasked: invalid", "unasked: answer"]


async def test_frames_are_read_one_by_one_or_as_an_array(stage: Stage) -> None:
    person, call = await stage.came(A)
    name = person.send(A, "x")
    frame = await call.next("message.send")
    snapshot = {"type": "conversation.updated", "data": {"conversation": {"id": A}}}
    answer = {"re": frame["id"], "ok": True, "data": {"message": message(A, 1, name)}}
    await call.send(snapshot)
    await call.send(answer, created(A, 1, name), snapshot, created(A, 2, "y"))
    await call.send(created(A, 3, "z"))
    await until(lambda: person.logs[A].version == 3)

    assert person.memory.acknowledged == {name: Acknowledged(1, 1)}
    assert person.logs[A].received == [(1, 1, name), (2, 2, "y"), (3, 3, "z")]


async def test_a_gap_is_fetched(stage: Stage) -> None:
    person, call = await stage.came(A)
    await call.send(created(A, 1, "x"))
    await call.send(created(A, 4, "w"))
    frame = await call.next("conversation.sync")
    await call.answer(frame, **sync(A, 3, message(A, 2, "y"), message(A, 3, "z"), last_seq=3))
    await until(lambda: person.logs[A].version == 4)

    assert frame["data"] == {"conversation": A, "after_version": 1, "after_note_version": 0}
    assert [name for _, _, name in person.logs[A].received] == ["x", "y", "z", "w"]
    assert person.logs[A].jumps == 1


async def test_a_head_that_is_further_on_is_fetched(stage: Stage) -> None:
    person, call = await stage.came(A, heartbeat_seconds=0.02)
    await call.answer(await call.next("heartbeat"), heads={A: {"version": 1, "note_version": 0}}, ticket="fresh")
    frame = await call.next("conversation.sync")
    await call.answer(frame, **sync(A, 1, message(A, 1, "x"), last_seq=1))
    await until(lambda: person.logs[A].version == 1)

    assert [name for _, _, name in person.logs[A].received] == ["x"]
    assert person.has_ticket


async def test_a_dead_line_is_noticed_by_a_heartbeat_without_an_answer(stage: Stage) -> None:
    person, _ = await stage.came(A, heartbeat_seconds=0.02)
    await (await stage.next_call()).welcome()
    await until(lambda: person.is_here)

    assert [(closed.code, closed.is_ours) for closed in person.memory.closes] == [(CLOSE_ABNORMAL, True)]


async def test_a_close_by_the_server_is_noted_with_its_code_and_the_person_comes_back(stage: Stage) -> None:
    person, call = await stage.came(A)
    await call.socket.close(4008)
    await (await stage.next_call()).welcome()
    await until(lambda: person.is_here)
    person.leave()

    assert [(closed.code, closed.is_ours) for closed in person.memory.closes] == [(4008, False), (CLOSE_ABNORMAL, True)]
    assert not person.is_here


async def test_a_refused_hello_is_a_fault_and_the_next_ticket_is_new(stage: Stage) -> None:
    person = stage.person(A)
    person.connect()
    call = await stage.next_call()
    await call.refuse(await call.next("hello"), "unauthenticated")
    await call.socket.close(4401)
    hello = await (await stage.next_call()).welcome()
    await person.arrival()

    assert person.memory.faults == ["hello: unauthenticated"]
    assert hello["data"]["ticket"] == "ticket-1"


async def test_a_ticket_that_cannot_be_had_is_asked_for_again(stage: Stage) -> None:
    answers = iter(["", "here"])

    async def ticket() -> str:
        answer = next(answers)
        if not answer:
            raise ConnectionError
        return answer

    person = Person(stage.hub, stage.address, ticket, delay=lambda _: 0)
    person.connect()
    await stage.next_call()
    hello = await (await stage.next_call()).welcome()
    await person.arrival()

    assert (hello["data"]["ticket"], person.memory.faults) == ("here", ["ticket: ConnectionError"])


async def test_commands_are_answered_refused_or_broken_off(stage: Stage) -> None:
    person, call = await stage.came()

    async def outcome(answer: Callable[[Frame], Awaitable[None]]) -> object:
        request = asyncio.create_task(person.request("presence.set", {"status": "busy"}))
        await answer(await call.next("presence.set"))
        try:
            return await request
        except RefusedError as refusal:
            return refusal.code

    assert await outcome(lambda frame: call.answer(frame, member={})) == {"member": {}}
    assert await outcome(lambda frame: call.refuse(frame, "forbidden")) == "forbidden"
    assert await outcome(lambda _: call.socket.close()) == ""


async def test_opening_a_conversation_listens_and_catches_up(stage: Stage) -> None:
    person, call = await stage.came()
    opening = asyncio.create_task(person.open(A))
    frame = await call.next("conversation.open")
    await call.answer(frame, **sync(A, 9, last_seq=9))
    await opening
    await call.send(created(A, 10, "x"))
    await until(lambda: person.logs[A].received)

    assert frame["data"] == {"conversation": A, "after_version": None, "after_note_version": None}
    assert person.logs[A].received == [(10, 10, "x")]


async def test_more_conversations_than_a_hello_takes_are_opened_after_it(stage: Stage) -> None:
    rooms = [str(number) for number in range(52)]
    person = stage.person(*rooms)
    person.connect()
    call = await stage.next_call()
    hello = await call.welcome(syncs=[sync(room, 0) for room in rooms[:50]])
    opened = [(await call.next("conversation.open"))["data"]["conversation"] for _ in range(2)]

    assert list(hello["data"]["cursors"]) == rooms[:50]
    assert opened == rooms[50:]


async def test_long_messages_pieces_and_pings(stage: Stage) -> None:
    person, call = await stage.came(A)
    long = (
        '{"type": "message.created", "conversation": "a", "version": 1, "data": {"message": {"seq": 1, "version": 1, '
    )
    long += f'"client_id": "x", "body": "{"y" * 300_000}"}}}}}}'
    await call.socket.send([long[:10], long[10:200_000], long[200_000:]])
    pong = await call.socket.ping()
    await asyncio.wait_for(pong, 10)
    await call.socket.send(long.replace('"version": 1', '"version": 2').replace('"seq": 1', '"seq": 2'))
    await until(lambda: person.logs[A].version == 2)
    name = person.send(A, "z" * 100_000)
    frame = await call.next("message.send")

    assert [seq for seq, _, _ in person.logs[A].received] == [1, 2]
    assert (frame["data"]["client_id"], len(frame["data"]["body"])) == (name, 100_000)


async def test_a_reader_that_is_slow_to_be_read_loses_nothing(stage: Stage) -> None:
    person, call = await stage.came(A)
    call.socket.transport.pause_reading()
    sent = [person.send(A, "w" * 15_000) for _ in range(500)]
    call.socket.transport.resume_reading()
    arrived = [(await call.next("message.send"))["data"]["client_id"] for _ in sent]

    assert arrived == sent


async def test_a_server_that_refuses_the_upgrade_is_tried_again() -> None:
    refusals = [HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE]

    def process(socket: ServerConnection, request: Request) -> Response | None:
        return socket.respond(refusals.pop(0), "no") if refusals else None

    async with serve(greet, "127.0.0.1", 0, process_request=process, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        hub = Hub()
        stage = Stage(hub, Address(port, "localhost", "/ws"), asyncio.Future)
        person = stage.person()
        person.connect()
        await person.arrival()
        codes = [closed.code for closed in person.memory.closes]
        hub.close()

    assert codes == [CLOSE_REFUSED, CLOSE_REFUSED]


async def test_nobody_comes_back_to_a_closed_hub(stage: Stage) -> None:
    person, call = await stage.came(A)
    stage.hub.close()
    await until(lambda: call.socket.close_code is not None)

    assert call.socket.close_code == CloseCode.ABNORMAL_CLOSURE
    assert not person.is_here


def test_people_come_back_at_random_and_ever_later() -> None:
    first, later = [browser_delay(0) for _ in range(500)], [browser_delay(9) for _ in range(500)]

    assert 0.2 <= min(first) < 1
    assert 3 < max(first) <= 4
    assert min(later) < 10
    assert 20 < max(later) <= 30

"""Bad input on a socket: a typed refusal, the line stays up where it can, nothing is half-stored."""

import json
from uuid import uuid4

import pytest
from django.conf import settings

from chats.rules import PERSON_MESSAGES
from livecaller.core.tickets import issue_ticket
from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import (
    Socket,
    apart,
    inbox,
    open_in,
    operator_ticket,
    session_of,
    visitor_ticket,
    widget,
)
from tests.widget.limits import use_up

UNREADABLE = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"hello"',
    '{"id": 1}',
    '{"id": 0, "type": "heartbeat", "data": {}}',
    '{"id": -1, "type": "heartbeat"}',
    '{"id": true, "type": "heartbeat"}',
    '{"id": 1.5, "type": "heartbeat"}',
    '{"id": "1", "type": "heartbeat"}',
    '{"id": 9007199254740993, "type": "heartbeat"}',
    '{"id": 1, "type": 7}',
    '{"id": 1, "type": "heartbeat", "data": {}, "more": 1}',
    '{"id": 1, "type": "heartbeat", "data": NaN}',
    '{"id": 1, "type": "\\ud800"}',
    "[" * 10_000 + "]" * 10_000,
    '{"id": 1, "type": "heartbeat", "data": ' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}",
    json.dumps({"id": 1, "type": "message.send", "data": {"body": "x" * 17_000}}),
    "\u0000",
]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
async def test_a_frame_that_cannot_be_read_is_refused_and_the_line_stays(committed_cast: Cast, text: str) -> None:
    end_user, _ = await widget(committed_cast.a)

    await end_user.raw(text)

    refusal = await end_user.answer()
    assert (refusal["re"], refusal["ok"], refusal["error"]["code"]) == (None, False, "invalid")
    assert (await end_user.do("heartbeat"))["heads"] == {}
    await end_user.hang_up()


async def test_a_binary_frame_is_refused_and_the_line_stays(committed_cast: Cast) -> None:
    end_user, _ = await widget(committed_cast.a)

    await end_user.raw(binary=b'{"id": 1, "type": "heartbeat", "data": {}}')

    assert (await end_user.answer())["error"]["code"] == "invalid"
    assert await end_user.do("heartbeat")
    await end_user.hang_up()


async def test_twenty_unreadable_frames_in_a_row_end_the_line(committed_cast: Cast) -> None:
    end_user, _ = await widget(committed_cast.a)
    for _ in range(19):
        await end_user.raw("nonsense")
        await end_user.answer()
    # One that can be read begins the count anew.
    await end_user.do("heartbeat")

    for _ in range(20):
        await end_user.raw("nonsense")

    assert await end_user.closed() == 4400


REFUSED = [
    ("nonsense", {}),
    ("websocket.disconnect", {}),
    ("deliver", {"text": "forged"}),
    ("heartbeat", {"more": 1}),
    ("heartbeat", []),
    ("heartbeat", None),
    ("hello", {"ticket": "x", "epoch": None, "cursors": {}}),
    ("conversation.open", {}),
    ("conversation.open", {"conversation": 7, "after_version": None}),
    ("conversation.open", {"conversation": "nonsense", "after_version": None}),
    ("conversation.open", {"conversation": str(uuid4()), "after_version": -1}),
    ("conversation.open", {"conversation": str(uuid4()), "after_version": 1.5}),
    ("conversation.open", {"conversation": str(uuid4()), "after_version": "1"}),
    ("conversation.open", {"conversation": str(uuid4()), "after_version": True}),
    ("conversation.open", {"conversation": str(uuid4()), "after_version": 2**60}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": 7, "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": None, "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": "a\0b", "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": "", "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": 5, "body": "x", "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": "x" * 4001, "attachments": []}),
    ("message.send", {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": "x", "attachments": "x"}),
    (
        "message.send",
        {
            "conversation": str(uuid4()),
            "client_id": str(uuid4()),
            "body": "x",
            "attachments": [str(uuid4()) for _ in range(11)],
        },
    ),
    (
        "message.send",
        {"conversation": str(uuid4()), "client_id": str(uuid4()), "body": "x", "attachments": [], "seq": 1},
    ),
    ("conversation.read", {"conversation": str(uuid4()), "seq": None}),
    ("presence.set", {"status": "offline"}),
    ("conversation.assign", {"conversation": str(uuid4())}),
]


async def test_a_command_that_makes_no_sense_is_refused_and_the_line_stays(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)

    for type_, data in REFUSED:
        answer = await operator.ask(type_, data)
        assert (answer["re"], answer["ok"]) == (operator.number, False), (type_, data)
        assert answer["error"]["code"] == "invalid", (type_, data, answer)

    assert (await operator.do("heartbeat"))["heads"] == {}
    row = await apart(lambda: story.reread(a, pk))
    assert (row.version, row.note_version) == (1, 0)
    await operator.hang_up()


async def test_foreign_ids_are_not_found_and_nothing_changes(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    foreign = await apart(lambda: story.started(b, "theirs"))
    message = (await apart(lambda: story.messages(b, foreign)))[0].pk
    mine = await apart(lambda: story.started(a))
    client = await apart(a.owner_client)
    owner, _ = await inbox(client)
    end_user, _ = await widget(a)
    where: dict[str, object] = {"conversation": foreign}
    commands: list[tuple[str, dict[str, object]]] = [
        ("conversation.open", {**where, "after_version": None}),
        ("conversation.sync", {**where, "after_version": 0}),
        ("message.send", {**where, "client_id": uuid4(), "body": "x", "attachments": []}),
        ("message.edit", {**where, "message": message, "body": "x"}),
        ("message.edit", {"conversation": mine, "message": message, "body": "x"}),
        ("message.delete", {**where, "message": message}),
        ("conversation.read", {**where, "seq": 1}),
        ("conversation.close", where),
        ("typing.start", where),
        ("typing.stop", where),
    ]
    for_operators: list[tuple[str, dict[str, object]]] = [
        ("note.send", {**where, "client_id": uuid4(), "body": "x"}),
        ("conversation.assign", {**where, "assignee": None}),
        ("conversation.reopen", where),
        ("conversation.mark_spam", where),
    ]

    for type_, data in commands:
        assert await end_user.refused(type_, **data) == "not_found", type_
    for type_, data in [*commands, *for_operators]:
        assert await owner.refused(type_, **data) == "not_found", type_
    taken = {"conversation": mine, "assignee": b.operator.membership_id}
    assert await owner.refused("conversation.assign", **taken) == "invalid"

    row = await apart(lambda: story.reread(b, foreign))
    assert (row.version, row.note_version, row.state) == (1, 0, "open")
    assert [message.body for message in await apart(lambda: story.messages(b, foreign))] == ["theirs"]
    for socket in (owner, end_user):
        await socket.hang_up()


async def test_a_flood_of_messages_is_refused_and_others_feel_nothing(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    client = await apart(a.operator_client)
    end_user, _ = await widget(a)
    operator, _ = await inbox(client)

    answers = []
    for number in range(60):
        if number >= 40:
            # However slow the machine is: the bucket must not have refilled meanwhile.
            use_up(PERSON_MESSAGES, a.end_user.end_user_id)
        answers.append(
            await end_user.ask(
                "message.send", {"conversation": str(pk), "client_id": str(uuid4()), "body": "spam", "attachments": []}
            )
        )

    refused = [answer["error"] for answer in answers if not answer["ok"]]
    assert {(error["code"], error["retry_after"]) for error in refused} == {("rate_limited", 1)}
    assert len(await apart(lambda: story.messages(a, pk))) == 1 + 60 - len(refused)
    assert await operator.do("message.send", conversation=pk, client_id=uuid4(), body="calm", attachments=[])
    for socket in (end_user, operator):
        await socket.hang_up()


async def test_a_flood_of_commands_is_refused_and_the_line_stays(committed_cast: Cast) -> None:
    end_user, _ = await widget(committed_cast.a)

    answers = [await end_user.ask("conversation.leave", {"conversation": str(uuid4())}) for _ in range(300)]

    codes = {answer["error"]["code"] for answer in answers if not answer["ok"]}
    assert codes == {"rate_limited"}
    assert sum(answer["ok"] for answer in answers) >= 99
    await end_user.hang_up()


async def test_only_the_right_page_may_open_a_socket(committed_cast: Cast) -> None:
    site, frame = settings.SITE_URL, settings.WIDGET_URL
    wrong = [None, "", "null", "https://evil.example", site + "/", site.replace("http", "https"), site.upper(), frame]
    for path, right in (("/ws/inbox", site), ("/ws/widget", frame)):
        for origin in [*wrong, site]:
            if origin != right:
                socket = await Socket(path, origin).connect()
                assert await socket.closed() == 4403, (path, origin)


async def test_nothing_is_served_before_the_hello(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    socket = await Socket("/ws/widget", settings.WIDGET_URL).connect()

    for type_ in ("heartbeat", "conversation.open", "message.send"):
        assert await socket.refused(type_, conversation=pk) == "unauthenticated"

    assert await socket.refused("hello", ticket="made-up", epoch=None, cursors={}) == "unauthenticated"
    assert await socket.closed() == 4401


async def test_a_ticket_is_good_once(committed_cast: Cast) -> None:
    a = committed_cast.a
    ticket = await apart(lambda: visitor_ticket(a))
    first = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    await first.do("hello", ticket=ticket, epoch=None, cursors={})

    second = await Socket("/ws/widget", settings.WIDGET_URL).connect()

    assert await second.refused("hello", ticket=ticket, epoch=None, cursors={}) == "unauthenticated"
    assert await second.closed() == 4401
    assert await first.do("heartbeat")
    await first.hang_up()


async def test_a_ticket_opens_its_own_door_only(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    for path, origin, ticket in (
        ("/ws/inbox", settings.SITE_URL, await apart(lambda: visitor_ticket(a))),
        ("/ws/widget", settings.WIDGET_URL, await apart(lambda: operator_ticket(client))),
    ):
        socket = await Socket(path, origin, session_of(client)).connect()
        assert await socket.refused("hello", ticket=ticket, epoch=None, cursors={}) == "unauthenticated"
        assert await socket.closed() == 4401


async def test_an_operators_ticket_is_bound_to_the_session(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, other = await apart(a.operator_client), await apart(a.owner_client)
    # The same person in another browser, too: the session is what counts.
    second = await apart(a.operator_client)
    for cookie in ("", session_of(other), session_of(second)):
        ticket = await apart(lambda: operator_ticket(client))
        thief = await Socket("/ws/inbox", settings.SITE_URL, cookie).connect()
        assert await thief.refused("hello", ticket=ticket, epoch=None, cursors={}) == "unauthenticated"
        assert await thief.closed() == 4401


async def test_the_token_of_one_widget_gets_no_ticket_of_another(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b

    def ask() -> int:
        path = f"/api/v1/widget/{b.widget.public_key}/socket-tickets"
        return int(a.end_user_client().post(path, {}, content_type="application/json").status_code)

    assert await apart(ask) == 401


async def test_a_ticket_that_names_another_person_is_refused(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    claims = {
        "kind": "end_user",
        "organization": str(a.organization.pk),
        "end_user": str(b.end_user.end_user_id),
        "token": str(uuid4()),
    }
    forged = await apart(lambda: issue_ticket(claims))
    socket = await Socket("/ws/widget", settings.WIDGET_URL).connect()

    assert await socket.refused("hello", ticket=forged, epoch=None, cursors={}) == "unauthenticated"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ticket": "x", "epoch": None},
        {"ticket": "x", "epoch": None, "cursors": []},
        {"ticket": "x", "epoch": None, "cursors": {"nonsense": {"version": 1}}},
        {"ticket": "x", "epoch": None, "cursors": {str(uuid4()): {"version": 1} for _ in range(51)}},
        {"ticket": "x", "epoch": None, "cursors": {str(uuid4()): {"version": "1"}}},
    ],
)
async def test_a_hello_that_makes_no_sense_ends_the_line(committed_cast: Cast, data: object) -> None:
    socket = await Socket("/ws/widget", settings.WIDGET_URL).connect()

    assert (await socket.ask("hello", data))["error"]["code"] == "invalid"
    assert await socket.closed() == 4400


async def test_no_more_than_a_hundred_conversations_are_heard_at_once(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    operator, _ = await inbox(client)
    pk = await apart(lambda: story.started(a))
    await open_in(operator, pk)

    refusals = set()
    for _ in range(40):
        refusals.add(await operator.refused("conversation.open", conversation=uuid4(), after_version=None))

    # What is not there is not heard, and takes no place.
    assert refusals == {"not_found"}
    assert set((await operator.do("heartbeat"))["heads"]) == {str(pk)}
    await operator.hang_up()

"""Two people on two sockets: what is acknowledged, what is heard, and in which order."""

import json
from typing import Any  # a hello's data is JSON
from uuid import uuid4

import pytest

from chats.models import Conversation
from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import Frame, Socket, apart, inbox, open_in, widget


def body_of(frame: Frame) -> str:
    return str(frame["data"]["message"]["body"])


async def test_a_message_reaches_the_other_side_and_the_ack_comes_first(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    pk = await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    end_user, _ = await widget(a)
    await open_in(operator, pk)
    await open_in(end_user, pk)

    sent = await end_user.do("message.send", conversation=pk, client_id=uuid4(), body="Is it there?", attachments=[])

    # The answer was read before any event of the message could be.
    assert [frame["type"] for frame in end_user.events if frame["type"].startswith("message.")] == []
    own, theirs = await end_user.event("message.created"), await operator.event("message.created")
    assert own == theirs
    assert own["data"]["message"] == sent["message"]
    assert (own["conversation"], own["version"]) == (str(pk), 2)

    await operator.do("message.send", conversation=pk, client_id=uuid4(), body="Yes", attachments=[])
    assert body_of(await end_user.event("message.created")) == "Yes"
    thread = (await end_user.event("thread.updated"))["data"]["thread"]
    assert thread["last_seq"] in {2, 3}
    snapshot = (await operator.event("conversation.updated"))["data"]["conversation"]
    assert snapshot["end_user"]["is_online"] is True
    await operator.hang_up()
    await end_user.hang_up()


async def test_a_resend_on_the_line_has_the_same_number_and_no_second_event(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    await open_in(operator, pk)
    words = {"conversation": pk, "client_id": uuid4(), "body": "once", "attachments": []}

    first, again = await operator.do("message.send", **words), await operator.do("message.send", **words)

    assert first == again
    assert await operator.refused("message.send", **{**words, "body": "twice"}) == "conflict"
    await operator.do("message.send", **{**words, "client_id": uuid4(), "body": "end"})
    bodies = [body_of(await operator.event("message.created")) for _ in range(2)]
    assert bodies == ["once", "end"]
    await operator.hang_up()


async def test_reading_typing_closing_are_heard_by_the_other_side(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    end_user, hello = await widget(a)
    await open_in(operator, pk)
    await open_in(end_user, pk)

    assert await operator.do("conversation.read", conversation=pk, seq=1) == {"version": 2}
    read = await end_user.event("conversation.read")
    assert (read["version"], read["data"]) == (2, {"reader": "operator", "seq": 1})

    await operator.do("typing.start", conversation=pk)
    typing = await end_user.event("typing.started")
    assert typing["data"]["author"] == {"kind": "operator", "id": str(a.operator.membership_id), "name": "Otto"}
    assert "version" not in typing
    await operator.do("typing.stop", conversation=pk)
    assert (await end_user.event("typing.stopped"))["data"]["conversation"] == str(pk)

    await operator.do("conversation.assign", conversation=pk, assignee=a.operator.membership_id)
    changed = await end_user.event("conversation.changed")
    assert changed["data"] == {"state": "open", "operator": {"id": str(a.operator.membership_id), "name": "Otto"}}

    closed = await end_user.do("conversation.close", conversation=pk)
    assert closed["thread"]["state"] == "closed"
    assert (await operator.event("message.created"))["data"]["message"]["body"] == "closed"
    assert (await operator.event("conversation.changed"))["data"]["state"] == "closed"
    assert hello["me"]["id"] == str(a.end_user.end_user_id)
    await operator.hang_up()
    await end_user.hang_up()


async def test_typing_is_said_once_in_two_seconds_and_ends_with_the_line(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    end_user, _ = await widget(a)
    await open_in(operator, pk)
    await open_in(end_user, pk)

    for _ in range(5):
        await end_user.do("typing.start", conversation=pk)
    await end_user.hang_up()

    frames = await operator.events_until("typing.stopped")
    assert [frame["type"] for frame in frames].count("typing.started") == 1
    await operator.hang_up()


async def test_a_hello_catches_up_and_goes_on_live(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    pk, other = await apart(lambda: story.started(a)), await apart(lambda: story.started(a))
    foreign = await apart(lambda: story.started(committed_cast.b))
    operator, hello = await inbox(client)
    await operator.hang_up()
    await apart(lambda: story.send(a.end_user, pk, "while you were away"))
    await apart(lambda: story.note(a.owner, pk, "and a note"))

    cursors = {str(pk): {"version": 1, "note_version": 0}, str(other): {"version": 1, "note_version": 0}}
    operator, again = await inbox(
        client, epoch=hello["epoch"], cursors={**cursors, str(foreign): {"version": 0, "note_version": 0}}
    )

    syncs = {sync["conversation"]: sync for sync in again["syncs"]}
    assert set(syncs) == {str(pk), str(other)}
    assert [message["body"] for message in syncs[str(pk)]["messages"]] == ["while you were away"]
    assert [note["body"] for note in syncs[str(pk)]["notes"]] == ["and a note"]
    assert syncs[str(other)]["messages"] == []
    await apart(lambda: story.send(a.end_user, pk, "live"))
    assert body_of(await operator.event("message.created")) == "live"
    heads = (await operator.do("heartbeat"))["heads"]
    assert heads[str(pk)] == {"version": 3, "note_version": 1}
    assert set(heads) == set(syncs)
    await operator.hang_up()


@pytest.mark.parametrize("side", ["operator", "end_user"])
async def test_a_hello_with_cursors_that_mean_nothing_starts_afresh(committed_cast: Cast, side: str) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)

    async def come(**hello: Any) -> tuple[Socket, Frame]:
        return await (inbox(client, **hello) if side == "operator" else widget(a, **hello))

    future, floor, good = [await apart(lambda: story.started(a, "one")) for _ in range(3)]
    foreign = await apart(lambda: story.started(committed_cast.b))
    for pk in (future, floor, good):
        await apart(lambda pk=pk: story.send(a.owner, pk, "two"))  # type: ignore[misc]
    await apart(lambda: a.inside(lambda: Conversation.objects.filter(pk=floor).update(floor_version=2)))
    versions = {future: 2**40, floor: 1, good: 1, foreign: 1, uuid4(): 1}
    cursors = {str(pk): {"version": version, "note_version": 0} for pk, version in versions.items()}
    socket, first = await come(cursors=cursors, epoch="another history")
    await socket.hang_up()
    socket, again = await come(cursors=cursors, epoch=first["epoch"])

    # Of another history nothing is believed, and what is somebody else's is not there at all.
    assert modes(first) == {str(future): "reload", str(floor): "reload", str(good): "reload"}
    assert modes(again) == {str(future): "reload", str(floor): "reload", str(good): "delta"}
    assert {sync["version"] for sync in (*first["syncs"], *again["syncs"])} == {2}
    # The line goes on, in every conversation that is the person's.
    await apart(lambda: story.send(a.owner, future, "three"))
    assert body_of(await socket.event("message.created")) == "three"
    await socket.hang_up()


def modes(hello: Frame) -> dict[str, str]:
    return {sync["conversation"]: sync["mode"] for sync in hello["syncs"]}


async def test_what_a_sync_has_brought_is_not_sent_again(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    await open_in(operator, pk)

    # Both are committed and on their way while the socket is busy; the sync reads them first.
    await apart(lambda: story.send(a.end_user, pk, "two"))
    command = {"conversation": str(pk), "after_version": 1, "after_note_version": 0}
    await operator.raw(json.dumps({"id": 99, "type": "conversation.sync", "data": command}))
    sync = (await operator.answer())["data"]
    assert [message["body"] for message in sync["messages"]] == ["two"]
    await apart(lambda: story.send(a.end_user, pk, "three"))

    frames = await operator.events_until("message.created")
    bodies = [body_of(frame) for frame in frames if frame["type"] == "message.created"]
    # Either the event came before the sync, or not at all; never after it.
    assert bodies in (["three"], ["two"])
    await operator.hang_up()


async def test_notes_stay_on_the_operators_side(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    owner_client = await apart(a.owner_client)
    operator, _ = await inbox(client)
    owner, _ = await inbox(owner_client)
    end_user, _ = await widget(a)
    await open_in(owner, pk)
    await open_in(end_user, pk)

    written = await operator.do("note.send", conversation=pk, client_id=uuid4(), body="careful")
    assert (await owner.event("note.created"))["data"] == written
    assert await end_user.refused("note.send", conversation=pk, client_id=uuid4(), body="me too") == "invalid"
    await operator.do("message.send", conversation=pk, client_id=uuid4(), body="end", attachments=[])

    frames = await end_user.events_until("message.created")
    assert {frame["type"] for frame in frames} <= {"message.created", "thread.updated", "availability.changed"}
    assert frames[-1]["version"] == 2
    for socket in (operator, owner, end_user):
        await socket.hang_up()


async def test_a_left_conversation_is_silent(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    left, kept = await apart(lambda: story.started(a)), await apart(lambda: story.started(a))
    operator, _ = await inbox(client)
    await open_in(operator, left)
    await open_in(operator, kept)
    await operator.do("conversation.leave", conversation=left)

    await apart(lambda: story.send(a.end_user, left, "unheard"))
    await apart(lambda: story.send(a.end_user, kept, "heard"))

    frames = await operator.events_until("message.created")
    assert body_of(frames[-1]) == "heard"
    assert await operator.refused("typing.start", conversation=left) == "not_found"
    await operator.hang_up()


async def test_every_command_of_the_table_is_served(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, hello = await inbox(client)
    assert {member["name"]: member["status"] for member in hello["members"]} == {"Olga": "offline", "Otto": "online"}
    sync = await open_in(operator, pk)
    assert sync["mode"] == "reload"
    message = (await operator.do("message.send", conversation=pk, client_id=uuid4(), body="a", attachments=[]))[
        "message"
    ]
    edited = await operator.do("message.edit", conversation=pk, message=message["id"], body="b")
    assert edited["message"]["edited_at"] is not None
    deleted = await operator.do("message.delete", conversation=pk, message=message["id"])
    assert deleted["message"]["body"] == ""
    spam = await operator.do("conversation.mark_spam", conversation=pk)
    assert spam["conversation"]["state"] == "spam"
    assert (await operator.do("conversation.reopen", conversation=pk))["conversation"]["state"] == "open"
    assert (await operator.do("conversation.close", conversation=pk))["conversation"]["state"] == "closed"
    assert (await operator.do("presence.set", status="busy"))["member"]["status"] == "busy"
    assert await operator.do("typing.stop", conversation=pk) == {}
    await operator.hang_up()

"""Every socket command x every kind of caller, with the neighbour's ids: refused, unchanged, unheard."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any  # frames are JSON
from uuid import uuid4

import pytest

from chats.consumers import InboxConsumer, WidgetConsumer
from chats.consumers.chat import ChatConsumer
from tests.cast import Cast, Side
from tests.chats import sockets
from tests.chats.sockets import apart
from tests.ears import Heard
from tests.security.story import Story, tell
from tests.security.witness import print_of

Data = Callable[[Story], dict[str, Any]]


def _conversation(story: Story, **more: Any) -> dict[str, Any]:
    return {"conversation": story.ids["conversation_id"], **more}


# A command that is not here fails `test_every_command_is_in_the_matrix`. None: it names nobody.
COMMANDS: dict[str, Data | None] = {
    "heartbeat": None,
    "presence.set": None,
    "conversation.open": lambda story: _conversation(story, after_version=None),
    "conversation.sync": lambda story: _conversation(story, after_version=None),
    "conversation.leave": None,
    "conversation.read": lambda story: _conversation(story, seq=1),
    "conversation.assign": lambda story: _conversation(story, assignee=story.ids["membership_id"]),
    "conversation.close": _conversation,
    "conversation.reopen": _conversation,
    "conversation.mark_spam": _conversation,
    "message.send": lambda story: _conversation(story, client_id=str(uuid4()), body="x", attachments=[]),
    "message.edit": lambda story: _conversation(story, message=story.ids["message_id"], body="x"),
    "message.delete": lambda story: _conversation(story, message=story.ids["message_id"]),
    "typing.start": _conversation,
    "typing.stop": _conversation,
    "note.send": lambda story: _conversation(story, client_id=str(uuid4()), body="x"),
}
NAMING = sorted(name for name, data in COMMANDS.items() if data is not None)


@pytest.fixture
def stories(committed_cast: Cast) -> tuple[Story, Story]:
    """The attacker's and the neighbour's organization, committed, with one of everything."""
    return tell(committed_cast.a), tell(committed_cast.b)


def test_every_command_is_in_the_matrix() -> None:
    for consumer in (InboxConsumer, WidgetConsumer):
        assert issubclass(consumer, ChatConsumer)
        assert set(consumer.commands) <= set(COMMANDS)
    assert set(COMMANDS) == set(InboxConsumer.commands) | set(WidgetConsumer.commands)


@pytest.mark.parametrize("caller", ["operator", "owner", "end_user"])
async def test_a_strangers_commands_meet_a_wall(caller: str, stories: tuple[Story, Story], heard: Heard) -> None:
    mine, theirs = stories
    before = await apart(lambda: print_of(theirs.side.organization.pk))
    conversation = f"conversation.{theirs.side.organization.pk}.{theirs.conversation.pk}"
    announced = heard.on(*(f"{conversation}.{end}" for end in ("operators", "end_user", "notes")))
    table = (WidgetConsumer if caller == "end_user" else InboxConsumer).commands
    async with socket_of(mine.side, caller) as socket:
        for name in NAMING:
            data = COMMANDS[name]
            assert data is not None
            answer = await socket.ask(name, data(theirs))
            assert answer["ok"] is False, name
            assert answer["error"]["code"] == ("not_found" if name in table else "invalid"), (name, answer)
            check_silence(answer, theirs)
        still_there = await socket.ask("heartbeat", {})
        assert still_there["data"]["heads"] == {}
    assert await apart(announced) == []
    assert await apart(lambda: print_of(theirs.side.organization.pk)) == before


@pytest.mark.parametrize("caller", ["operator", "owner", "end_user"])
async def test_the_same_commands_work_for_their_own_people(
    caller: str, stories: tuple[Story, Story], heard: Heard
) -> None:
    """Something could have been read, changed and heard."""
    _, theirs = stories
    before = await apart(lambda: print_of(theirs.side.organization.pk))
    topic = f"conversation.{theirs.side.organization.pk}.{theirs.conversation.pk}.operators"
    announced = heard.on(topic)
    table = (WidgetConsumer if caller == "end_user" else InboxConsumer).commands
    async with socket_of(theirs.side, caller) as socket:
        opened = await socket.ask("conversation.open", _conversation(theirs, after_version=None))
        assert theirs.word in str(opened)
        for name in ("typing.start", "message.send", "conversation.read", "conversation.close"):
            assert name in table
            data = COMMANDS[name]
            assert data is not None
            answer = await socket.ask(name, data(theirs))
            assert answer["ok"] is True, (name, answer)
    assert await apart(announced) != []
    assert await apart(lambda: print_of(theirs.side.organization.pk)) != before


async def test_a_leak_is_noticed(stories: tuple[Story, Story]) -> None:
    """The test of the test."""
    _, theirs = stories
    with pytest.raises(AssertionError):
        check_silence({"data": {"body": f"about {theirs.word}"}}, theirs)


def check_silence(frame: dict[str, Any], theirs: Story) -> None:
    """Raise when a frame carries one of the neighbour's words or ids."""
    for secret in theirs.secrets:
        assert secret not in str(frame)


@asynccontextmanager
async def socket_of(side: Side, caller: str) -> AsyncIterator[sockets.Socket]:
    """Open a socket as the caller's browser does."""
    if caller == "end_user":
        socket, _ = await sockets.widget(side)
    else:
        client = await apart(side.owner_client if caller == "owner" else side.operator_client)
        socket, _ = await sockets.inbox(client)
    yield socket
    await socket.hang_up()

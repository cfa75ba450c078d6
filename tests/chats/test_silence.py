"""The outsider hears nothing. Each silence ends with a sound of the outsider's own, so that it could have heard."""

from uuid import UUID

from accounts.enums import PresenceStatus
from chats import services
from tests.cast import Cast, Side
from tests.chats import story
from tests.chats.sockets import Frame, Socket, apart, inbox, open_in, widget


def everything_happens(side: Side, pk: UUID) -> None:
    """Do all that announces anything in a conversation of the side."""
    operator, end_user = side.operator, side.end_user
    stored = story.send(end_user, pk, "secret-word of the neighbour")
    story.send(operator, pk, "secret-word of the operator")
    story.note(operator, pk, "secret-word of the team")

    def act() -> None:
        services.edit_message(actor=end_user, conversation_id=pk, message_id=stored.message.pk, body="secret-word, new")
        services.delete_message(actor=end_user, conversation_id=pk, message_id=stored.message.pk)
        services.mark_read(actor=operator, conversation_id=pk, seq=2)
        services.mark_read(actor=end_user, conversation_id=pk, seq=2)
        services.assign_conversation(actor=operator, conversation_id=pk, assignee_id=operator.membership_id)
        services.close_conversation(actor=operator, conversation_id=pk)
        services.reopen_conversation(actor=operator, conversation_id=pk)
        services.mark_spam(actor=operator, conversation_id=pk)
        services.change_presence(actor=operator, status=PresenceStatus.AWAY)
        services.change_presence(actor=operator, status=PresenceStatus.ONLINE)

    side.inside(act)
    story.start(side, "secret-word in a new conversation")


def is_clean(frames: list[Frame], side: Side, *ids: UUID) -> bool:
    """Say whether nothing of `side` is in the frames."""
    text = str(frames)
    foreign = (side.organization.pk, side.end_user.end_user_id, side.operator.membership_id, side.widget.pk, *ids)
    return "secret-word" not in text and not any(str(id_) in text for id_ in foreign)


async def test_the_neighbours_operators_and_end_users_hear_nothing(committed_cast: Cast) -> None:
    a, b = committed_cast.a, committed_cast.b
    pk, own = await apart(lambda: story.started(a)), await apart(lambda: story.started(b))
    client = await apart(b.owner_client)
    owner, _ = await inbox(client, epoch=None, cursors={str(pk): {"version": 1, "note_version": 0}})
    end_user, hello = await widget(b, cursors={str(pk): {"version": 1}})
    assert hello["syncs"] == []
    for socket in (owner, end_user):
        assert await socket.refused("conversation.open", conversation=pk, after_version=None) == "not_found"
        await open_in(socket, own)

    await apart(lambda: everything_happens(a, pk))
    await apart(lambda: story.send(b.operator, own, "our own"))

    for socket in (owner, end_user):
        frames = await socket.events_until("message.created")
        assert frames[-1]["data"]["message"]["body"] == "our own"
        assert is_clean(frames, a, pk), frames
        await socket.hang_up()


async def test_another_end_user_of_the_same_widget_hears_nothing(committed_cast: Cast) -> None:
    a = committed_cast.a
    stranger = await apart(lambda: story.another_end_user(a))
    theirs = await apart(lambda: story.start(a, "secret-word", actor=stranger).conversation.pk)
    own = await apart(lambda: story.started(a))
    end_user, _ = await widget(a)
    assert await end_user.refused("conversation.open", conversation=theirs, after_version=None) == "not_found"
    await open_in(end_user, own)

    await apart(lambda: story.send(stranger, theirs, "secret-word again"))
    await apart(lambda: story.send(a.operator, theirs, "secret-word answered"))
    await apart(lambda: story.send(a.operator, own, "for you"))

    frames = await end_user.events_until("message.created")
    assert frames[-1]["data"]["message"]["body"] == "for you"
    text = str(frames)
    assert "secret-word" not in text
    assert str(theirs) not in text
    assert str(stranger.end_user_id) not in text
    await end_user.hang_up()


async def test_an_end_user_hears_nothing_that_is_for_operators(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    client = await apart(a.owner_client)
    owner, _ = await inbox(client)
    end_user, _ = await widget(a)
    await open_in(owner, pk)
    await open_in(end_user, pk)

    await apart(lambda: everything_happens(a, pk))
    await apart(lambda: a.inside(lambda: services.reopen_conversation(actor=a.operator, conversation_id=pk)))
    await apart(lambda: story.send(a.operator, pk, "the end"))

    heard = await heard_until_the_end(end_user)
    assert {frame["type"] for frame in heard} <= {
        "message.created",
        "message.updated",
        "conversation.read",
        "conversation.changed",
        "thread.updated",
        "availability.changed",
    }
    text = str(heard)
    assert "of the team" not in text
    assert "spam" not in text
    for name in ("note_version", "waiting_since", "assignee", "page_url", "is_online"):
        assert name not in text, name
    # The owner heard all of it, so it was there to be heard.
    kinds = {frame["type"] for frame in await heard_until_the_end(owner)}
    assert {"note.created", "conversation.updated", "message.updated", "conversation.read"} <= kinds
    for socket in (owner, end_user):
        await socket.hang_up()


async def heard_until_the_end(socket: Socket) -> list[Frame]:
    """Return all frames up to the message "the end"."""
    frames: list[Frame] = []
    while not (frames and frames[-1]["type"] == "message.created" and "the end" in str(frames[-1])):
        frames += await socket.events_until("message.created")
    return frames


async def test_an_end_users_lane_has_no_gap_whatever_the_team_does(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    end_user, _ = await widget(a)
    await open_in(end_user, pk)

    await apart(lambda: everything_happens(a, pk))
    await apart(lambda: a.inside(lambda: services.reopen_conversation(actor=a.operator, conversation_id=pk)))
    await apart(lambda: story.send(a.operator, pk, "the end"))

    frames = await heard_until_the_end(end_user)
    versions = [frame["version"] for frame in frames if "version" in frame]
    assert versions == list(range(2, (await apart(lambda: story.reread(a, pk))).version + 1))
    assert (await end_user.do("heartbeat"))["heads"] == {str(pk): {"version": versions[-1], "note_version": None}}
    answer = await end_user.do(
        "conversation.sync", conversation=pk, after_version=versions[-1], after_note_version=None
    )
    assert (answer["mode"], answer["messages"]) == ("delta", [])
    await end_user.hang_up()

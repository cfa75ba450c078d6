"""Presence that cannot lie: online is who chose it and has a living lease."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any  # redis-py mixes both kinds of client in its types

import pytest
from django.db import connections

from accounts.enums import PresenceStatus
from accounts.models import Membership
from chats import services
from chats.presence import Beat, drop_leases, gone_among, live_operators, online_end_users, renew_lease, take_lease
from chats.rules import Person
from chats.selectors import available_in
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import RateLimitedError
from livecaller.core.valkey import client as valkey
from tests.cast import Cast, Side
from tests.chats import story
from tests.chats.sockets import apart, inbox, widget
from tests.ears import Heard


def lapse(side: Side) -> None:
    """Let 50 seconds pass for every lease of the organization."""
    server: Any = valkey()
    for key in server.keys(f"*{{{side.organization.pk}}}*"):
        if server.type(key) == "zset":
            server.zadd(key, dict.fromkeys(server.zrange(key, 0, -1), 1))


def is_available(side: Side) -> bool:
    return side.inside(lambda: available_in(side.organization.pk))


def test_a_lease_makes_present_until_it_lapses(cast: Cast) -> None:
    operator, organization_id = cast.a.operator, cast.a.organization.pk
    assert (live_operators(organization_id), is_available(cast.a)) == (set(), False)

    assert take_lease(operator, "one").came
    assert not take_lease(operator, "two").came
    assert (live_operators(organization_id), is_available(cast.a)) == ({operator.membership_id}, True)

    lapse(cast.a)
    assert (live_operators(organization_id), is_available(cast.a)) == (set(), False)
    # The neighbour has leases of their own.
    assert take_lease(cast.b.operator, "one").came
    assert not is_available(cast.a)


def drop(actor: Person, socket: str) -> bool:
    return drop_leases([(actor, socket)]) == [True]


def test_who_closes_the_last_window_lingers_and_is_gone_after_the_grace(cast: Cast) -> None:
    for actor in (cast.a.operator, cast.a.end_user):
        take_lease(actor, "one")
        take_lease(actor, "two")
        assert not drop(actor, "one")
        assert gone_among([actor]) == [False]

        assert drop(actor, "two")

        assert gone_among([actor]) == [False]
        assert is_available(cast.a)
        # Dropping what was never taken says nothing about anybody.
        assert not drop(actor, "two")
    lapse(cast.a)
    assert gone_among([cast.a.operator, cast.a.end_user]) == [True, True]
    assert not is_available(cast.a)


def test_who_comes_back_within_the_grace_has_not_come_and_has_not_gone(cast: Cast) -> None:
    for actor in (cast.a.operator, cast.a.end_user):
        assert take_lease(actor, "one").came
        assert drop(actor, "one")

        assert not take_lease(actor, "two").came

        assert gone_among([actor]) == [False]
        drop(actor, "two")
        lapse(cast.a)
        assert take_lease(actor, "three").came


def test_who_lingers_has_all_windows_yet(cast: Cast) -> None:
    take_lease(cast.a.end_user, "one")
    drop(cast.a.end_user, "one")

    for number in range(5):
        take_lease(cast.a.end_user, str(number))
    with pytest.raises(RateLimitedError):
        take_lease(cast.a.end_user, "sixth")


def test_the_next_heartbeat_of_anybody_finds_who_is_gone(cast: Cast) -> None:
    take_lease(cast.a.operator, "dead process")
    lapse(cast.a)

    beat = take_lease(cast.a.end_user, "somebody else")

    assert beat.gone == (cast.a.operator.membership_id,)
    assert renew_lease(cast.a.end_user, "somebody else").gone == ()


def test_leases_come_back_after_valkey_was_emptied(cast: Cast) -> None:
    take_lease(cast.a.operator, "one")
    valkey().flushdb()
    assert not is_available(cast.a)

    assert renew_lease(cast.a.operator, "one") == Beat(came=True, gone=(), is_availability_known=False)

    assert is_available(cast.a)


def test_sockets_are_capped_and_renewing_is_not(cast: Cast) -> None:
    for number in range(5):
        take_lease(cast.a.end_user, str(number))

    with pytest.raises(RateLimitedError):
        take_lease(cast.a.end_user, "sixth")

    renew_lease(cast.a.end_user, "4")
    valkey().flushdb()
    for number in range(6):
        renew_lease(cast.a.end_user, str(number))
    for number in range(20):
        take_lease(cast.a.operator, str(number))
    with pytest.raises(RateLimitedError):
        take_lease(cast.a.operator, "twenty-first")


@pytest.mark.parametrize(
    ("status", "expected"),
    [(PresenceStatus.ONLINE, True), (PresenceStatus.BUSY, False), (PresenceStatus.AWAY, False)],
)
def test_only_online_is_available(cast: Cast, status: PresenceStatus, expected: bool) -> None:  # noqa: FBT001
    take_lease(cast.a.operator, "one")

    cast.a.inside(lambda: services.change_presence(actor=cast.a.operator, status=status))

    assert is_available(cast.a) is expected


def test_who_is_switched_off_is_not_available(cast: Cast) -> None:
    take_lease(cast.a.operator, "one")
    assert is_available(cast.a)

    cast.a.inside(lambda: Membership.objects.update(is_active=False))

    assert not is_available(cast.a)


def test_end_users_are_online_while_the_widget_is_open(cast: Cast) -> None:
    person, organization_id = cast.a.end_user.end_user_id, cast.a.organization.pk
    take_lease(cast.a.end_user, "one")
    assert online_end_users(organization_id, [person, cast.b.end_user.end_user_id]) == {person}

    valkey().flushdb()

    assert online_end_users(organization_id, [person]) == set()


def test_a_changed_mind_is_told_once(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    take_lease(a.operator, "one")
    a.inside(lambda: services.note_beats([(a.operator, Beat(came=True))]))
    listen = heard.on(f"presence.{a.organization.pk}", f"availability.{a.organization.pk}")

    for _ in range(2):
        a.inside(lambda: services.change_presence(actor=a.operator, status=PresenceStatus.AWAY))

    frames = [json.loads(message["text"]) for message in listen()]
    assert [frame["type"] for frame in frames] == ["presence.changed", "availability.changed"]
    assert frames[0]["data"]["member"]["status"] == "away"
    assert frames[1]["data"] == {"available": False}


def test_two_who_leave_at_once_leave_nobody(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    people = (a.operator, a.owner)
    for actor in people:
        take_lease(actor, "one")
    listen = heard.on(f"availability.{a.organization.pk}")

    def choose(status: PresenceStatus) -> None:
        begin = Barrier(len(people))

        def one(actor: OperatorActor) -> None:
            begin.wait(timeout=30)
            a.inside(partial(services.change_presence, actor=actor, status=status))
            connections.close_all()

        with ThreadPoolExecutor(len(people)) as pool:
            list(pool.map(one, people))

    for _ in range(10):
        for status, is_there in ((PresenceStatus.AWAY, False), (PresenceStatus.ONLINE, True)):
            choose(status)
            announced = [json.loads(message["text"])["data"]["available"] for message in listen()]
            # Whatever was said in between, the last word is true.
            assert announced[-1:] == [is_there]


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits eight seconds in a test."""
    monkeypatch.setattr("chats.presence.GRACE_SECONDS", 1)


@pytest.mark.usefixtures("short_grace")
async def test_coming_and_going_is_seen_by_the_team_and_the_widgets(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, colleague = await apart(a.operator_client), await apart(a.owner_client)
    away = partial(services.change_presence, actor=a.owner, status=PresenceStatus.AWAY)
    await apart(lambda: a.inside(away))
    owner, _ = await inbox(colleague)
    end_user, hello = await widget(a)
    assert hello["available"] is False

    operator, greeting = await inbox(client)

    assert greeting["me"]["status"] == "online"
    came = await owner.event("presence.changed")
    while came["data"]["member"]["id"] != greeting["me"]["id"]:
        came = await owner.event("presence.changed")
    assert came["data"]["member"]["status"] == "online"
    assert (await end_user.event("availability.changed"))["data"] == {"available": True}

    await operator.hang_up()

    gone = await owner.event("presence.changed")
    assert gone["data"]["member"] == {**greeting["me"], "status": "offline"}
    assert (await end_user.event("availability.changed"))["data"] == {"available": False}
    for socket in (owner, end_user):
        await socket.hang_up()


@pytest.mark.usefixtures("short_grace")
async def test_operators_see_an_end_user_come_and_go(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    client = await apart(a.operator_client)
    operator, _ = await inbox(client)

    end_user, _ = await widget(a)
    came = (await operator.event("conversation.updated"))["data"]["conversation"]
    await end_user.hang_up()
    again, _ = await widget(a)
    await again.hang_up()
    # The page between was no leaving and no coming: the next that is heard is that they are gone.
    gone = (await operator.event("conversation.updated"))["data"]["conversation"]

    assert (came["id"], came["end_user"]["is_online"]) == (str(pk), True)
    assert (gone["id"], gone["end_user"]["is_online"]) == (str(pk), False)
    await operator.hang_up()


async def test_presence_heals_after_valkey_was_emptied(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    operator, _ = await inbox(client)
    end_user, hello = await widget(a)
    assert hello["available"] is True
    await apart(lambda: valkey().flushdb())

    # The end-user's heartbeat comes first and finds nobody; the operator's makes it good.
    await end_user.do("heartbeat")
    assert (await end_user.event("availability.changed"))["data"] == {"available": False}
    await operator.do("heartbeat")
    assert (await end_user.event("availability.changed"))["data"] == {"available": True}
    for socket in (operator, end_user):
        await socket.hang_up()


async def test_a_process_that_died_is_noticed_by_the_others(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    operator, greeting = await inbox(client)
    end_user, hello = await widget(a)
    assert hello["available"] is True

    await apart(lambda: lapse(a))
    await end_user.do("heartbeat")

    assert (await end_user.event("availability.changed"))["data"] == {"available": False}
    seen = await operator.event("presence.changed")
    while seen["data"]["member"]["status"] != "offline":
        seen = await operator.event("presence.changed")
    assert seen["data"]["member"]["id"] == greeting["me"]["id"]
    for socket in (operator, end_user):
        await socket.hang_up()

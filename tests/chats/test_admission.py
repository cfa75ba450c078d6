"""Whoever loses what let them in is thrown out at once, and nobody opens more windows than allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any  # redis-py mixes both kinds of client in its types

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import events as accounts_events
from accounts.models import Membership
from livecaller.core.valkey import client as valkey
from tests.cast import Cast, Side
from tests.chats import story
from tests.chats.sockets import Socket, apart, inbox, open_in, operator_ticket, session_of, visitor_ticket, widget
from widget.models import VisitorToken, Widget


@dataclass
class Scene:
    """An operator's browser and what may happen to it."""

    side: Side
    client: Client

    def session_key(self) -> str:
        return self.client.cookies[settings.SESSION_COOKIE_NAME].value


def signs_out(scene: Scene) -> None:
    accounts_events.session_ended(scene.session_key())


def changes_password(scene: Scene) -> None:
    accounts_events.password_changed(scene.side.operator_user.pk)


def is_removed(scene: Scene) -> None:
    accounts_events.member_removed(scene.side.organization.pk, scene.side.operator.membership_id)


@pytest.mark.parametrize("happens", [signs_out, changes_password, is_removed])
async def test_an_operator_is_thrown_out_at_once(committed_cast: Cast, happens: Callable[[Scene], None]) -> None:
    a = committed_cast.a
    client, colleague = await apart(a.operator_client), await apart(a.owner_client)
    operator, _ = await inbox(client)
    owner, _ = await inbox(colleague)

    await apart(lambda: happens(Scene(a, client)))

    assert await operator.closed() == 4401
    assert await owner.do("heartbeat")
    await owner.hang_up()


def session_row_is_gone(scene: Scene) -> None:
    Session.objects.filter(session_key=scene.session_key()).delete()


def person_is_switched_off(scene: Scene) -> None:
    scene.side.operator_user.is_active = False
    scene.side.operator_user.save()


def password_is_another(scene: Scene) -> None:
    scene.side.operator_user.set_password("another long password")
    scene.side.operator_user.save()


def membership_is_switched_off(scene: Scene) -> None:
    rows = Membership.objects.filter
    scene.side.inside(lambda: rows(pk=scene.side.operator.membership_id).update(is_active=False))


@pytest.mark.parametrize(
    "silently", [session_row_is_gone, person_is_switched_off, password_is_another, membership_is_switched_off]
)
async def test_a_revocation_that_was_not_heard_counts_at_the_next_heartbeat(
    committed_cast: Cast, silently: Callable[[Scene], None]
) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    operator, _ = await inbox(client)
    assert await operator.do("heartbeat")

    await apart(lambda: silently(Scene(a, client)))

    assert await operator.refused("heartbeat") == "unauthenticated"
    assert await operator.closed() == 4401


async def test_a_forgotten_browser_is_thrown_out_at_once(committed_cast: Cast) -> None:
    a = committed_cast.a
    end_user, _ = await widget(a)

    def forget() -> int:
        response = a.end_user_client().delete(f"/api/v1/widget/{a.widget.public_key}/session")
        return int(response.status_code)

    assert await apart(forget) == 204
    assert await end_user.closed() == 4401


async def test_a_dead_token_or_a_widget_switched_off_ends_at_the_next_heartbeat(committed_cast: Cast) -> None:
    for side, switch_off in (
        (committed_cast.a, lambda: VisitorToken.objects.update(revoked_at="2026-01-01T00:00:00Z")),
        (committed_cast.b, lambda: Widget.objects.update(is_active=False)),
    ):
        end_user, _ = await widget(side)
        await apart(partial(side.inside, switch_off))
        assert await end_user.refused("heartbeat") == "unauthenticated"
        assert await end_user.closed() == 4401


async def test_a_ticket_of_a_session_that_has_ended_opens_nothing(committed_cast: Cast) -> None:
    a = committed_cast.a
    client = await apart(a.operator_client)
    ticket = await apart(lambda: operator_ticket(client))
    await apart(lambda: session_row_is_gone(Scene(a, client)))

    socket = await Socket("/ws/inbox", settings.SITE_URL, session_of(client)).connect()

    assert await socket.refused("hello", ticket=ticket, epoch=None, cursors={}) == "unauthenticated"
    assert await socket.closed() == 4401


async def test_five_windows_of_an_end_user_and_no_sixth(committed_cast: Cast) -> None:
    a = committed_cast.a
    sockets = [(await widget(a))[0] for _ in range(5)]

    ticket = await apart(lambda: visitor_ticket(a))
    sixth = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    answer = await sixth.ask("hello", {"ticket": ticket, "epoch": None, "cursors": {}})
    assert (answer["error"]["code"], answer["error"]["retry_after"]) == ("rate_limited", 30)
    assert await sixth.closed() == 4429

    await sockets[0].hang_up()
    again, _ = await widget(a)
    other, _ = await widget(committed_cast.b)
    for socket in (*sockets[1:], again, other):
        await socket.hang_up()


async def test_the_windows_of_a_dead_process_free_their_places(committed_cast: Cast) -> None:
    a = committed_cast.a
    sockets = [(await widget(a))[0] for _ in range(5)]
    sixth = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    ticket = await apart(lambda: visitor_ticket(a))
    assert await sixth.refused("hello", ticket=ticket, epoch=None, cursors={}) == "rate_limited"
    key = f"sockets:{{{a.organization.pk}}}:end_user:{a.end_user.end_user_id}"

    # As if 50 seconds had passed without a heartbeat of any of them.
    server: Any = valkey()
    await apart(lambda: server.zadd(key, dict.fromkeys(server.zrange(key, 0, -1), 1)))

    again, hello = await widget(a)
    assert hello["me"]["id"] == str(a.end_user.end_user_id)
    for socket in (*sockets, again):
        await socket.hang_up()


async def test_the_name_of_today_is_written_under_a_message(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    client = await apart(a.operator_client)
    operator, _ = await inbox(client)
    await open_in(operator, pk)
    rename = Membership.objects.filter
    await apart(lambda: a.inside(lambda: rename(pk=a.operator.membership_id).update(display_name="Otto II")))
    await operator.do("heartbeat")

    sent = await operator.do("message.send", conversation=pk, client_id=pk, body="It is me", attachments=[])

    assert sent["message"]["author"]["name"] == "Otto II"
    await operator.hang_up()

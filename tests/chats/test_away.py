"""What goes on while Valkey is away or PostgreSQL drops its connections."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import Any  # answers are JSON
from uuid import uuid4

import pytest
from channels.layers import channel_layers, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.enums import PresenceStatus
from chats import services
from livecaller.core.database import in_database_thread
from livecaller.core.valkey import client
from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import Socket, apart, inbox, open_in, visitor_ticket
from tests.conftest import DATABASE, superuser

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_valkey(valkey: None, settings: Any) -> Iterator[None]:
    """A Valkey that does not answer: nobody listens on port 1."""
    settings.REDIS_URL = NOWHERE
    layer = get_channel_layer()
    channel_layers.set("default", RedisPubSubChannelLayer(hosts=[{"address": NOWHERE}]))
    client.cache_clear()
    yield
    channel_layers.set("default", layer)
    client.cache_clear()


def test_messages_are_stored_and_acknowledged_without_valkey(committed_cast: Cast, no_valkey: None) -> None:
    a = committed_cast.a
    pk = story.started(a)

    story.send(a.operator, pk, "still here")
    story.note(a.operator, pk, "and noted")
    a.inside(lambda: services.mark_read(actor=a.end_user, conversation_id=pk, seq=2))
    a.inside(lambda: services.change_presence(actor=a.operator, status=PresenceStatus.BUSY))

    row = story.reread(a, pk)
    assert (row.last_seq, row.version, row.note_version) == (2, 3, 1)


def test_rest_goes_on_without_valkey(committed_cast: Cast, no_valkey: None) -> None:
    a = committed_cast.a
    pk = story.started(a)
    browser: Client = a.operator_client()

    sent: Any = browser.post(
        f"/api/v1/conversations/{pk}/messages",
        {"client_id": str(uuid4()), "body": "by hand"},
        content_type="application/json",
    )
    assert sent.status_code == 201
    listed: Any = browser.get("/api/v1/conversations")
    assert listed.json()["results"][0]["end_user"]["is_online"] is False
    members: Any = browser.get("/api/v1/members")
    assert {member["status"] for member in members.json()} == {"offline"}


async def test_sockets_are_let_in_without_valkey_and_a_ticket_once(committed_cast: Cast, no_valkey: None) -> None:
    a = committed_cast.a
    pk = await apart(lambda: story.started(a))
    ticket = await apart(lambda: visitor_ticket(a))
    hello = {"ticket": ticket, "epoch": None, "cursors": {str(pk): {"version": 0}}}
    end_user = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    operator, _ = await inbox(await apart(a.operator_client))
    await open_in(operator, pk)

    assert [sync["conversation"] for sync in (await end_user.do("hello", **hello))["syncs"]] == [str(pk)]
    await operator.do("message.send", conversation=pk, client_id=str(uuid4()), body="without", attachments=[])
    assert (await end_user.event("message.created"))["data"]["message"]["body"] == "without"

    thief = await Socket("/ws/widget", settings.WIDGET_URL).connect()
    assert await thief.refused("hello", **hello) == "unauthenticated"
    for socket in (end_user, operator):
        await socket.hang_up()


def drop_all_connections() -> None:
    """Do to the database what its restart does to everybody connected."""
    with closing(superuser()) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
            [DATABASE, "livecaller_app"],
        )


async def test_lost_database_connections_cost_one_retry_and_never_a_message(committed_cast: Cast) -> None:
    a = committed_cast.a
    browser, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    operator, _ = await inbox(browser)
    await open_in(operator, pk)
    # Every database thread has a connection that will be lost.
    await asyncio.gather(*(in_database_thread(connection.ensure_connection) for _ in range(8)))
    words = {"conversation": str(pk), "client_id": str(uuid4()), "body": "once", "attachments": []}

    await apart(drop_all_connections)

    answers = [await operator.ask("message.send", words) for _ in range(12)]

    # The first thread that finds its connection dead says so; no other has to find out by itself.
    refused = [answer["error"]["code"] for answer in answers if not answer["ok"]]
    assert refused in ([], ["unavailable"])
    assert len({answer["data"]["message"]["id"] for answer in answers if answer["ok"]}) == 1
    assert [message.body for message in await apart(lambda: story.messages(a, pk))] == ["Hello", "once"]
    await operator.hang_up()

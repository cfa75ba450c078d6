"""A web process that is asked to end: what it has begun it finishes, and it says goodbye to everybody."""

import asyncio
import http.client
import json
import signal
from contextlib import closing
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import SECONDS, apart
from tests.chats.web import Line, Web, inbox_line, web_process, widget_line
from tests.conftest import DATABASE, superuser
from tests.waiting import wait_for


async def close_code(line: Line) -> int | None:
    """Return the code with which the server closes the line."""
    with pytest.raises(ConnectionClosed) as closed:
        await line.event("nothing more")
    return closed.value.rcvd.code if closed.value.rcvd else None


def takes_nobody(web: Web) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS)
    try:
        line.connect()
    except ConnectionRefusedError:
        return True
    finally:
        line.close()
    return False


async def test_a_command_in_flight_is_answered_before_the_goodbye(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    words = {"conversation": str(pk), "client_id": str(uuid4()), "body": "on its way", "attachments": []}
    with web_process() as web, closing(superuser(DATABASE)) as other, other.cursor() as cursor:
        async with inbox_line(web, client) as (operator, _), widget_line(web, a) as (end_user, _):
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM chats_conversation WHERE id = %s FOR UPDATE", [str(pk)])
            await end_user.socket.send(json.dumps({"id": 9, "type": "message.send", "data": words}))
            await apart(lambda: wait_for(somebody_waits))

            web.process.send_signal(signal.SIGTERM)
            await apart(lambda: wait_for(lambda: takes_nobody(web)))
            # Whoever waits for nothing goes first.
            assert await close_code(operator) == 1012
            assert web.process.poll() is None
            cursor.execute("COMMIT")
            answer = await end_user.answer()

            assert (answer["re"], answer["ok"]) == (9, True)
            assert await close_code(end_user) == 1012
        async with asyncio.timeout(SECONDS):
            await apart(web.process.wait)

    assert [message.body for message in await apart(lambda: story.messages(a, pk))] == ["Hello", "on its way"]


def somebody_waits() -> bool:
    """Say whether some statement of the product waits for a lock."""
    with closing(superuser()) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'", [DATABASE]
        )
        row = cursor.fetchone()
    return bool(row and row[0])

"""The same promises on real web processes: across two of them, and when one of them dies."""

import asyncio
import http.client
import itertools
import json
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.cast import Cast
from tests.chats import story
from tests.chats.sockets import SECONDS, apart
from tests.chats.web import Line, Web, inbox_line, web_process, widget_line


async def opened(line: Line, pk: UUID) -> None:
    await line.do("conversation.open", conversation=pk, after_version=None, after_note_version=None)


async def test_two_processes_are_one_chat_and_one_may_die(committed_cast: Cast) -> None:
    a = committed_cast.a
    client, pk = await apart(a.operator_client), await apart(lambda: story.started(a))
    with web_process() as one, web_process() as two:
        async with inbox_line(one, client) as (operator, _):
            await opened(operator, pk)
            async with widget_line(two, a) as (end_user, hello):
                await opened(end_user, pk)
                assert hello["available"] is True
                words = {"conversation": pk, "attachments": []}
                await end_user.do("message.send", **words, client_id=uuid4(), body="across")
                heard = await operator.event("message.created")
                assert (heard["data"]["message"]["body"], heard["version"]) == ("across", 2)

                last = uuid4()
                acknowledged = await end_user.do("message.send", **words, client_id=last, body="acknowledged")
                two.kill()
                with pytest.raises(ConnectionClosed):
                    await end_user.event("nothing more")

            sent = await operator.do("message.send", **words, client_id=uuid4(), body="while you were away")
            cursors = {str(pk): {"version": 2}}
            async with widget_line(one, a, epoch=hello["epoch"], cursors=cursors) as (end_user, back):
                bodies = [message["body"] for message in back["syncs"][0]["messages"]]
                assert bodies == ["acknowledged", "while you were away"]
                # The outbox does not know that it arrived, and sends it again.
                again = await end_user.do("message.send", **words, client_id=last, body="acknowledged")
                assert again == acknowledged
                assert sent["message"]["seq"] == again["message"]["seq"] + 1

    messages = await apart(lambda: story.messages(a, pk))
    assert [message.seq for message in messages] == [1, 2, 3, 4]


async def test_frames_that_break_the_line_break_only_that_line(committed_cast: Cast) -> None:
    a = committed_cast.a
    with web_process() as web:
        async with widget_line(web, a) as (calm, _):
            async with widget_line(web, a) as (line, _):
                await line.socket.send(json.dumps({"id": 1, "type": "heartbeat", "data": {"x": "y" * 100_000}}))
                refusal = await line.answer()
                assert (refusal["re"], refusal["error"]["code"]) == (None, "invalid")
                await line.socket.send(b"\x00\x01")
                assert (await line.answer())["error"]["code"] == "invalid"
                assert await line.do("heartbeat")

                # RFC 6455 leaves no choice here: text that is not UTF-8 ends the connection.
                line.socket.protocol.send_frame(Frame(Opcode.TEXT, b"\xff\xfe{"))
                line.socket.send_data()
                assert await closed_with(line) == 1007
            async with widget_line(web, a) as (line, _):
                # The server says it as soon as it knows the length, and does not take the rest.
                with suppress(ConnectionClosed):
                    await line.socket.send("x" * 20_000_000)
                assert await closed_with(line) == 1009
            assert await calm.do("heartbeat")


async def test_half_a_frame_waits_alone_and_not_forever(committed_cast: Cast) -> None:
    a = committed_cast.a
    with web_process() as web:
        async with widget_line(web, a) as (calm, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
            writer.write(UPGRADE.format(host=settings.WIDGET_HOST, origin=settings.WIDGET_URL).encode())
            assert b"101" in await reader.readuntil(b"\r\n\r\n")
            # A masked text frame of 100 bytes, of which 20 come.
            writer.write(bytes([0x81, 0x80 | 100, 0, 0, 0, 0]) + b'{"id":1,"type":"hell')
            assert await calm.do("heartbeat")
            # No hello came, so it is told to go: 0x88 is a close frame, 4401 its code.
            async with asyncio.timeout(SECONDS):
                assert await reader.readexactly(4) == bytes([0x88, 2]) + (4401).to_bytes(2, "big")
            writer.close()
            assert await calm.do("heartbeat")


UPGRADE = (
    "GET /ws/widget HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def post(web: Web, body: Iterable[bytes] | None, **headers: str) -> tuple[int, str]:
    """Post a body in pieces, or only headers that promise one, and return status and code of the answer."""
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS)
    about = {"Host": settings.SITE_HOST, "Content-Type": "application/json", **headers}
    try:
        if body is None:
            line.putrequest("POST", "/api/v1/conversations", skip_host=True)
            for name, value in about.items():
                line.putheader(name, value)
            line.endheaders()
        else:
            # The server answers before it has read everything, and may hang up on the rest.
            with suppress(BrokenPipeError, ConnectionResetError):
                line.request("POST", "/api/v1/conversations", body, about, encode_chunked=True)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())["error"]["code"]
    finally:
        line.close()


def test_a_body_without_end_is_not_kept(database: str, valkey: None) -> None:
    piece = b"x" * 65_536
    with web_process() as web:
        assert post(web, None, **{"Content-Length": "99999999999"}) == (413, "too_large")
        endless = {"Transfer-Encoding": "chunked"}
        assert post(web, itertools.repeat(piece, 400), **endless) == (413, "too_large")
        # As large as a file may be: read, and refused for what it is.
        assert post(web, itertools.repeat(piece, 300), **endless)[0] in {401, 403, 413}
        assert post(web, None, **{"Content-Length": "0"})[0] in {401, 403}


async def closed_with(line: Line) -> int | None:
    """Return the code with which the server closed the line."""
    try:
        while True:
            await line.frame()
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else None

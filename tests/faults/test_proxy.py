"""The bad network does what it says, and nothing else: it keeps the order and loses nothing that it does not cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import perf_counter

import pytest

from tests.faults.proxy import SlowProxy

SECONDS = 30


class Scene:
    """A proxy before a server that says everything back, and ends when its peer does."""

    def __init__(self) -> None:
        self.was_reset = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionResetError:
            self.was_reset.set()
        await ended(writer)


async def ended(writer: asyncio.StreamWriter) -> None:
    """Close a line and wait until it is closed, however it ends."""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@pytest.fixture
async def scene() -> Scene:
    """The server's side."""
    return Scene()


@pytest.fixture
async def proxy(scene: Scene) -> AsyncIterator[SlowProxy]:
    """The proxy."""
    server = await asyncio.start_server(scene.answer, "127.0.0.1", 0)
    async with SlowProxy(server.sockets[0].getsockname()[1]) as running:
        yield running
    server.close()
    await server.wait_closed()


async def line(proxy: SlowProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def said_back(proxy: SlowProxy, text: bytes) -> bytes:
    reader, writer = await line(proxy)
    writer.write(text)
    async with asyncio.timeout(SECONDS):
        answer = await reader.readexactly(len(text))
    await ended(writer)
    return answer


async def test_pieces_that_need_differently_long_keep_their_order(proxy: SlowProxy) -> None:
    proxy.delay, proxy.jitter = 0.01, 0.01
    reader, writer = await line(proxy)
    pieces = [f"{number:05}".encode() for number in range(300)]

    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)
    writer.write_eof()
    async with asyncio.timeout(SECONDS):
        assert await reader.read(-1) == b"".join(pieces)
    await ended(writer)


async def test_nothing_is_earlier_than_the_delay_or_faster_than_the_rate(proxy: SlowProxy) -> None:
    proxy.delay = 0.1
    began = perf_counter()
    assert await said_back(proxy, b"there and back") == b"there and back"
    assert perf_counter() - began >= 0.2

    proxy.delay, proxy.rate = 0.0, 100_000
    began = perf_counter()
    assert await said_back(proxy, b"x" * 10_000) == b"x" * 10_000
    assert perf_counter() - began >= 0.1


async def test_a_whim_stays_within_the_jitter_and_is_never_negative(proxy: SlowProxy) -> None:
    proxy.delay, proxy.jitter = 0.5, 0.2
    assert all(0.3 <= proxy.travel() <= 0.7 for _ in range(100))
    proxy.delay = 0.0
    assert min(proxy.travel() for _ in range(100)) == 0.0


async def test_a_stalled_road_is_silent_until_it_is_released_and_new_ones_are_free(proxy: SlowProxy) -> None:
    reader, writer = await line(proxy)
    writer.write(b"before")
    async with asyncio.timeout(SECONDS):
        assert await reader.readexactly(6) == b"before"

    roads = proxy.stall()
    writer.write(b"during")
    silent = asyncio.create_task(reader.readexactly(6))
    # Twenty others go there and back in the meantime.
    for number in range(20):
        assert await said_back(proxy, b"%05d" % number)
    assert not silent.done()
    proxy.release(roads)

    async with asyncio.timeout(SECONDS):
        assert await silent == b"during"
    assert len(roads) == 1
    await ended(writer)


async def test_a_cut_resets_both_sides(scene: Scene, proxy: SlowProxy) -> None:
    reader, writer = await line(proxy)
    writer.write(b"x")
    await reader.readexactly(1)

    await proxy.cut()

    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    async with asyncio.timeout(SECONDS):
        await scene.was_reset.wait()
    assert proxy.roads == set()
    await ended(writer)


async def test_nobody_behind_it_ends_the_road(proxy: SlowProxy) -> None:
    # Port 1 of loopback: nobody listens there.
    proxy.target = 1
    reader, writer = await line(proxy)

    async with asyncio.timeout(SECONDS):
        assert await reader.read(1) == b""
    await ended(writer)

"""Frames: what the client writes, a server reads, and what a server may send in pieces arrives whole."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from tests.bench.chat.framing import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    Control,
    FrameReader,
    ProtocolError,
    accepts,
    frame,
)

SIZES = (0, 1, 125, 126, 127, 65535, 65536, 300_000)


def served(payload: bytes, opcode: Opcode = Opcode.TEXT, *, is_final: bool = True) -> bytes:
    """Return a frame as the library of the product's server writes it."""
    return Frame(opcode, payload, is_final).serialize(mask=False, extensions=[])


@pytest.mark.parametrize("size", SIZES)
def test_a_server_reads_what_is_written(size: int) -> None:
    server = ServerProtocol(max_size=None)
    server.state = server.state.OPEN
    server.parser = server.parse()
    next(server.parser)

    server.receive_data(frame(b"a" * size))

    (read,) = server.events_received()
    assert isinstance(read, Frame)
    assert (read.opcode, bytes(read.data), read.fin) == (Opcode.TEXT, b"a" * size, True)


@pytest.mark.parametrize("size", SIZES)
def test_what_a_server_writes_is_read(size: int) -> None:
    assert FrameReader().feed(served(b"b" * size)) == [b"b" * size]


@given(st.lists(st.integers(0, 70_000), max_size=8), st.integers())
def test_it_does_not_matter_how_the_bytes_arrive(sizes: list[int], seed: int) -> None:
    messages = [bytes([number]) * size for number, size in enumerate(sizes)]
    data, chance, reader, found = b"".join(map(served, messages)), random.Random(seed), FrameReader(), []  # noqa: S311 seeded
    at = 0
    while at < len(data):
        step = chance.choice((1, 2, 3, 200, 100_000))
        found += reader.feed(data[at : at + step])
        at += step

    assert found == messages


def test_a_message_in_pieces_is_whole_and_a_ping_may_come_between() -> None:
    pieces = [
        served(b"one ", is_final=False),
        served(b"?", Opcode.PING),
        served(b"two ", Opcode.CONT, is_final=False),
        served(b"three", Opcode.CONT),
        served(b"next"),
    ]

    assert FrameReader().feed(b"".join(pieces)) == [Control(PING, b"?"), b"one two three", b"next"]


def test_an_empty_first_piece_is_a_piece() -> None:
    reader = FrameReader()

    assert reader.feed(served(b"", is_final=False)) == []
    assert reader.feed(served(b"rest", Opcode.CONT)) == [b"rest"]


def test_a_close_carries_its_code() -> None:
    (control,) = FrameReader().feed(served((4008).to_bytes(2, "big") + b"slow", Opcode.CLOSE))

    assert control == Control(CLOSE, (4008).to_bytes(2, "big") + b"slow")


@pytest.mark.parametrize(
    "data",
    [
        frame(b"masked"),
        bytes((0x80 | 0x40 | TEXT, 0)),
        bytes((0x80 | 0x3, 0)),
        bytes((PING, 0)),
        bytes((0x80 | PING, 126)) + (126).to_bytes(2, "big") + b"x" * 126,
        bytes((0x80 | CONTINUATION, 0)),
        bytes((TEXT, 0, 0x80 | BINARY, 0)),
    ],
    ids=["masked", "compressed", "unknown", "ping in pieces", "long ping", "no first piece", "two firsts"],
)
def test_what_the_standard_forbids_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)


def test_an_upgrade_is_taken_only_for_its_own_key() -> None:
    # The example of RFC 6455, section 1.3.
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSEC-WebSocket-Accept: %s"

    assert accepts(key, response % b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert not accepts(key, response % b"AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    assert not accepts(key, response.replace(b"101", b"403") % b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")

"""The measurement against the product itself, small: its people get in, write, resume, and the table is judged."""

import asyncio
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.bench.chat.line import Hub
from tests.bench.chat.load import Load
from tests.bench.chat.people import make_team
from tests.bench.chat.target import OUR_MESSAGES, verdict_of
from tests.bench.chat.verdict import Verdict
from tests.chats.web import Web, web_process
from tests.conftest import superuser
from tests.servers import Servers


@pytest.fixture
def web(committed: None) -> Iterator[Web]:
    """One web process of the product."""
    with web_process() as running:
        yield running


async def test_everything_written_through_a_cut_is_there_once_and_a_planted_loss_is_seen(
    web: Web, database: str, real_servers: Servers
) -> None:
    backup = real_servers.url("livecaller_backup", database)
    team = await asyncio.to_thread(make_team, web.port)
    hub = Hub()
    load = Load(hub, [team], lambda: make_team(web.port))

    first = await load.probe(20, 1)
    for person in load.people():
        person.cut()
    # Written while nobody is connected: sent after the hello.
    second = await load.probe(20, 1)
    await load.converge()
    verdict = await asyncio.to_thread(verdict_of, load, backup, OUR_MESSAGES)
    stored = await asyncio.to_thread(_spoil, database)
    spoiled = await asyncio.to_thread(verdict_of, load, backup, OUR_MESSAGES)
    load.close()
    hub.close()

    assert first.acknowledged == first.sent == first.planned > 0
    assert second.acknowledged == second.sent > 0
    assert (verdict.line(), verdict.messages) == (Verdict(messages=stored).line(), first.sent + second.sent)
    assert sum(person.memory.resends for person in load.people()) > 0
    # One row less: its sender was told that it is stored, and three readers were shown it.
    assert (spoiled.lost, spoiled.duplicated) == (4, 0)


def _spoil(database: str) -> int:
    """Take the last message of some conversation away; return how many there were."""
    with closing(superuser(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chats_message")
        row = cursor.fetchone()
        assert row is not None
        cursor.execute("DELETE FROM chats_message WHERE id = (SELECT id FROM chats_message ORDER BY seq DESC LIMIT 1)")
        assert cursor.rowcount == 1
    return int(row[0])

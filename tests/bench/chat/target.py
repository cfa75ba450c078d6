"""The three servers that are measured, each as something to talk to, to watch and to judge."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg2

from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.environment import DATABASE
from tests.bench.chat import people
from tests.bench.chat.load import Load
from tests.bench.chat.seats import Team
from tests.bench.chat.servers import children
from tests.bench.chat.verdict import Verdict, judge, stored_rows
from tests.e2e.product import Product, running_product

WEB_PROCESSES = 2
OUR_MESSAGES = "SELECT conversation_id, seq, client_id FROM chats_message WHERE client_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Target:
    """One system under measurement.

    `web` and `everything` are the roots of its processes; `verdict` compares its table with what the load knows.
    `first_rate`: where the search for the ceiling begins.
    """

    name: str
    web: Callable[[], list[int]]
    everything: Callable[[], list[int]]
    make_team: Callable[[], Team]
    verdict: Callable[[Load], Verdict]
    first_rate: float
    is_ours: bool = False


@contextmanager
def our_product(**variables: str) -> Iterator[Target]:
    """Start LiveCaller as `make up` does, with two web processes and more `variables`."""
    with running_product(LIVECALLER_WEB_PROCESSES=str(WEB_PROCESSES), **variables) as product:
        credentials = credentials_of(product.data)
        people.use(product.data, product.environment)
        backup = f"postgres://livecaller_backup:{credentials.backup}@127.0.0.1:{_pg_port(product)}/{DATABASE}"
        yield Target(
            name="LiveCaller",
            web=lambda: [pid for name, pid in _pids(product).items() if name.startswith("web")],
            everything=children,
            make_team=lambda: people.make_team(product.port),
            verdict=lambda load: verdict_of(load, backup, OUR_MESSAGES),
            first_rate=250,
            is_ours=True,
        )


def verdict_of(load: Load, url: str, query: str, *, is_numbered: bool = True) -> Verdict:
    """Judge what a load knows by the table that `query` (conversation, seq, client_id) reads."""
    with closing(psycopg2.connect(url)) as connection:
        stored = stored_rows(connection, query)
    acknowledged = {
        client_id: (load.conversation_of[client_id], place.seq)
        for person in load.people()
        for client_id, place in person.memory.acknowledged.items()
    }
    readers = [log for person in load.people() for log in person.logs.values()]
    return judge(stored, acknowledged, readers, is_numbered=is_numbered)


def _pids(product: Product) -> dict[str, int]:
    return {row["name"]: row["pid"] for row in json.loads((product.data / "processes.json").read_text())}


def _pg_port(product: Product) -> str:
    return product.environment["LIVECALLER_PG_PORT"]

"""PostgreSQL killed, frozen, full and locked: no acknowledgement without a commit, and no restart by hand."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from signal import SIGQUIT
from time import perf_counter

import psycopg2

from tests.faults.laboratory import Laboratory, apart
from tests.faults.outcome import Outcome
from tests.faults.traffic import Traffic

# So many conversations does somebody hold who has left a transaction open.
HELD = 10


async def postgres_killed(lab: Laboratory, outcome: Outcome) -> None:
    """F8: PostgreSQL is shut down without a farewell (`-m immediate`) and started again."""
    pids = [part.pid for part in lab.installation.web]
    async with lab.under_load(outcome) as traffic:
        await apart(lab.installation.database.end, SIGQUIT)
        ended = perf_counter()
        await asyncio.sleep(lab.size.pick(10, 2))
        started = perf_counter()
        await apart(lab.installation.start_database)
        answered = perf_counter()
        await asyncio.sleep(lab.size.pick(20, 1))
        outcome.within("accepted again by all conversations", await traffic.accepted(answered), 10)
    false = traffic.stored_within(ended, started)
    outcome.require(not false, f"{false} acknowledgements came while PostgreSQL was down")
    outcome.require(traffic.nacks["unavailable"], "nobody was told to come back")
    outcome.require(pids == [part.pid for part in lab.installation.web], "a web process was started again")
    outcome.require(not traffic.codes(ended), f"lines ended: {dict(traffic.codes(ended))}")


async def postgres_frozen(lab: Laboratory, outcome: Outcome) -> None:
    """F9: PostgreSQL is stopped by SIGSTOP for half a minute: it neither answers nor hangs up."""
    before = lab.installation.web_megabytes()
    async with lab.under_load(outcome) as traffic:
        await apart(lab.installation.database.hold)
        held = perf_counter()
        try:
            await asyncio.sleep(lab.size.pick(30, 3))
            grown = lab.installation.web_megabytes() - before
        finally:
            await apart(lab.installation.database.resume)
        resumed = perf_counter()
        await asyncio.sleep(lab.size.pick(20, 1))
        outcome.within("accepted again by all conversations", await traffic.accepted(resumed), 5)
    false = traffic.stored_within(held, resumed)
    outcome.require(not false, f"{false} acknowledgements came while PostgreSQL was frozen")
    gone = traffic.codes(held)
    outcome.note(f"{gone.total()} lines ended: {dict(gone)}")
    outcome.within("everybody had an answer or a refusal", traffic.longest_answer(held, resumed), 10)
    outcome.within("memory of the web processes grew by", grown, 100, "MB")


async def postgres_full_and_locked(lab: Laboratory, outcome: Outcome) -> None:
    """F10: all connections used up, conversations held by an idle transaction, the whole table locked."""
    seconds = lab.size.pick(20, 1.5)
    async with lab.under_load(outcome) as traffic:
        for what, trouble in (("connections", _crowded), ("idle transaction", _held), ("table lock", _locked)):
            before = traffic.nacks["unavailable"]
            async with trouble(lab, traffic, outcome):
                began = perf_counter()
                await asyncio.sleep(seconds)
            freed = perf_counter()
            await asyncio.sleep(lab.size.pick(15, 1))
            outcome.within(f"{what}: accepted again by all", await traffic.accepted(freed), 5)
            outcome.note(f"{what}: {traffic.nacks['unavailable'] - before} refused for now")
            outcome.note(f"{what}: the longest wait was {traffic.longest_answer(began, freed):.1f} s")


@asynccontextmanager
async def _crowded(lab: Laboratory, traffic: Traffic, outcome: Outcome) -> AsyncIterator[None]:
    """Use up all connections that the product may have, those of the web processes included."""
    before = traffic.nacks["unavailable"]
    taken = await apart(_take_all_connections, lab)
    yield
    for connection in taken:
        connection.close()
    outcome.require(len(taken) > 100, f"only {len(taken)} connections could be taken")
    outcome.require(traffic.nacks["unavailable"] > before, "connections: nobody was told to come back")


def _take_all_connections(lab: Laboratory) -> "list[psycopg2.extensions.connection]":
    taken: list[psycopg2.extensions.connection] = []
    with closing(lab.installation.connect()) as superuser:
        for _ in range(5):
            with superuser.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'livecaller_app' "
                    "AND application_name <> 'crowd'"
                )
            taken += _until_refused(lab)
    return taken


def _until_refused(lab: Laboratory) -> "Iterator[psycopg2.extensions.connection]":
    while True:
        try:
            connection = lab.installation.connect("livecaller_app")
        except psycopg2.OperationalError:
            return
        with connection.cursor() as cursor:
            cursor.execute("SET application_name = 'crowd'")
        yield connection


@asynccontextmanager
async def _held(lab: Laboratory, traffic: Traffic, outcome: Outcome) -> AsyncIterator[None]:
    """Leave a transaction open that has locked some conversations; the others must go on."""
    held = traffic.conversations()[:HELD]
    others = set(traffic.conversations()[HELD:])
    names = ",".join(f"'{name}'" for name in held)
    with _transaction(lab, f"SELECT FROM chats_conversation WHERE id IN ({names}) FOR UPDATE"):
        began = perf_counter()
        yield
        ended = perf_counter()
    stored = {one.conversation for one in traffic.between(began, ended) if one.acknowledged < ended}
    outcome.require(not stored & set(held), "a held conversation took a message")
    due = [one for one in traffic.between(began, ended - 1) if one.conversation in others]
    waiting = sum(one.acknowledged >= ended for one in due)
    outcome.require(len(due) > waiting, "idle transaction: all others came to a halt, too")
    outcome.within("idle transaction: of the others waited", 100 * waiting / max(1, len(due)), 10, "%")


@asynccontextmanager
async def _locked(lab: Laboratory, traffic: Traffic, outcome: Outcome) -> AsyncIterator[None]:
    """Lock the table of the messages, as a careless migration does."""
    with _transaction(lab, "LOCK TABLE chats_message IN ACCESS EXCLUSIVE MODE"):
        began = perf_counter()
        yield
        false = traffic.stored_within(began, perf_counter())
        outcome.require(not false, f"{false} acknowledgements came while the table was locked")


@contextmanager
def _transaction(lab: Laboratory, statement: str) -> Iterator[None]:
    with closing(lab.installation.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(statement)
        yield
        cursor.execute("ROLLBACK")

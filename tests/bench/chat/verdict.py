"""Whether every message is where it has to be, once: said from the table, never by the server that was measured."""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells its class in lower case

from tests.bench.chat.log import ConversationLog

# (seq, client_id) of each message of a conversation.
Rows = Sequence[tuple[int, str]]


@dataclass(slots=True)
class Verdict:
    """What is wrong; all zero is the promise kept. `examples` says where, a few of each kind.

    lost: acknowledged and not in the table, or there under another number, or shown to a reader and not in the
    table. duplicated: in the table, or with one reader, more than once. gaps: numbers that the table or a reader
    lacks.
    """

    messages: int = 0
    lost: int = 0
    duplicated: int = 0
    gaps: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Say whether nothing is wrong."""
        return not (self.lost or self.duplicated or self.gaps)

    def line(self) -> str:
        """Return it for people."""
        if self.is_clean:
            return f"clean: {self.messages} messages, 0 lost, 0 doubled, 0 gaps"
        return f"BROKEN: {self.lost} lost, {self.duplicated} doubled, {self.gaps} gaps ({'; '.join(self.examples[:3])})"

    def note(self, kind: str, number: int, where: str) -> None:
        """Count `number` faults of a kind."""
        if number:
            setattr(self, kind, getattr(self, kind) + number)
            if len(self.examples) < 20:
                self.examples.append(f"{kind} {number}: {where}")


def stored_rows(connection: Connection, query: str) -> dict[str, list[tuple[int, str]]]:
    """Return what a query of (conversation, seq, client_id) finds, by conversation and seq.

    The columns must hold neither tabs nor line breaks.
    """
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", text)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for line in text.getvalue().splitlines():
        conversation, seq, client_id = line.split("\t")
        found[conversation].append((int(seq), client_id))
    for rows in found.values():
        rows.sort()
    return dict(found)


def judge(
    stored: Mapping[str, Rows],
    acknowledged: Mapping[str, tuple[str, int]],
    readers: Iterable[ConversationLog],
    *,
    is_numbered: bool = True,
) -> Verdict:
    """Compare the table with what was acknowledged (client_id: conversation and seq) and with what was received.

    `is_numbered`: False for a server whose numbers are no unbroken row in each conversation.
    """
    verdict = Verdict(messages=sum(map(len, stored.values())))
    for conversation, rows in stored.items():
        _judge_table(verdict, conversation, rows, is_numbered=is_numbered)
    places = {client_id: (name, seq) for name, rows in stored.items() for seq, client_id in rows}
    for client_id, place in acknowledged.items():
        verdict.note("lost", int(places.get(client_id) != place), f"{client_id} was acknowledged at {place}")
    for reader in readers:
        _judge_reader(verdict, reader, stored.get(reader.conversation, ()))
    return verdict


def _judge_table(verdict: Verdict, conversation: str, rows: Rows, *, is_numbered: bool) -> None:
    numbers, names = {seq for seq, _ in rows}, {client_id for _, client_id in rows}
    verdict.note("duplicated", len(rows) - min(len(names), len(numbers)), f"rows of {conversation}")
    if is_numbered:
        verdict.note("gaps", max(numbers) - min(numbers) + 1 - len(numbers), f"numbers of {conversation}")


def _judge_reader(verdict: Verdict, reader: ConversationLog, rows: Rows) -> None:
    where = f"a reader of {reader.conversation}"
    expected = {row for row in rows if row[0] >= (reader.since or 0)}
    received = Counter((seq, client_id) for seq, _, client_id in reader.received)
    verdict.note("duplicated", received.total() - len(received), where)
    verdict.note("lost", len(received.keys() - expected), f"{where} has what is not stored")
    verdict.note("gaps", len(expected - received.keys()), where)

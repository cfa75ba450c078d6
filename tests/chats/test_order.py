"""Many people at once, in any order: one order comes out, without a gap, and nobody counts twice."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from threading import Barrier
from typing import Any, TypeVar  # Any: frames are JSON
from uuid import UUID, uuid5

from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chats import services
from chats.events import OPERATORS, conversation_topic, notes_topic
from chats.rules import Person
from chats.services import Stored
from livecaller.core.actors import OperatorActor
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.chats import story
from tests.ears import Heard

SPACE = UUID("6f1c1c1e-0000-4000-8000-000000000000")
WORKERS = 4
R = TypeVar("R")

# What one person does, one after another. The number is a client_id: the same one again is a resend.
STEP = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 5)),
    st.tuples(st.just("send"), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(0, 5)),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("read"), st.integers(0, 12)),
    st.tuples(st.just("note"), st.integers(0, 3)),
    st.tuples(st.just("close"), st.just(0)),
    st.tuples(st.just("assign"), st.booleans()),
)
PLANS = st.lists(st.lists(STEP, min_size=2, max_size=6), min_size=2, max_size=WORKERS)


@dataclass
class Worker:
    """One person in a thread of their own; two threads may be the same person in two windows."""

    side: Side
    actor: Person
    conversation_id: UUID
    name: str
    acknowledged: dict[UUID, Stored] = field(default_factory=dict)

    def run(self, plan: list[tuple[str, int]], begin: Barrier) -> None:
        """Do the plan when all others are ready."""
        begin.wait(timeout=30)
        for verb, number in plan:
            with tenant(self.side.organization.pk):
                getattr(self, verb)(number)

    def send(self, number: int) -> None:
        client_id = uuid5(SPACE, f"{self.name}-{number}")
        stored = services.send_message(
            actor=self.actor, conversation_id=self.conversation_id, client_id=client_id, body=f"{self.name} {number}"
        )
        former = self.acknowledged.setdefault(client_id, stored)
        assert (former.message.pk, former.message.seq) == (stored.message.pk, stored.message.seq)

    def edit(self, number: int) -> None:
        self._change(number, lambda pk: self._edit(pk, f"{self.name} {number} again"))

    def delete(self, number: int) -> None:
        self._change(
            number,
            lambda pk: services.delete_message(actor=self.actor, conversation_id=self.conversation_id, message_id=pk),
        )

    def read(self, number: int) -> None:
        services.mark_read(actor=self.actor, conversation_id=self.conversation_id, seq=number)

    def note(self, number: int) -> None:
        if isinstance(self.actor, OperatorActor):
            story.note(
                self.actor, self.conversation_id, f"{number}", client_id=uuid5(SPACE, f"note-{self.name}-{number}")
            )

    def close(self, number: int) -> None:
        services.close_conversation(actor=self.actor, conversation_id=self.conversation_id)

    def assign(self, is_taken: int) -> None:
        if self.actor is self.side.operator:
            services.assign_conversation(
                actor=self.side.operator,
                conversation_id=self.conversation_id,
                assignee_id=self.side.operator.membership_id if is_taken else None,
            )

    def _edit(self, pk: UUID, body: str) -> object:
        return services.edit_message(actor=self.actor, conversation_id=self.conversation_id, message_id=pk, body=body)

    def _change(self, number: int, change: Callable[[UUID], object]) -> None:
        stored = self.acknowledged.get(uuid5(SPACE, f"{self.name}-{number}"))
        # What this window has deleted it does not edit.
        if stored is not None and stored.message.deleted_at is None:
            changed = change(stored.message.pk)
            assert isinstance(changed, Stored)
            self.acknowledged[uuid5(SPACE, f"{self.name}-{number}")] = changed


@dataclass
class Run:
    """What came out of all plans done at once."""

    side: Side
    conversation_id: UUID
    workers: list[Worker]
    frames: list[dict[str, Any]]


def run(side: Side, plans: list[list[tuple[str, int]]]) -> Run:
    """Do all plans at once in a new conversation and hear what is announced of it."""
    # The story is about order; the daily allowance and the rate have their own tests.
    story.forget_limits()
    person = story.another_end_user(side)
    pk = story.start(side, actor=person).conversation.pk
    people: list[Person] = [person, side.operator, side.owner, person]
    workers = [Worker(side, actor, pk, f"w{number}") for number, actor in enumerate(people[: len(plans)])]
    with closing(Heard()) as heard:
        organization_id = side.organization.pk
        listen = heard.on(conversation_topic(organization_id, pk, OPERATORS), notes_topic(organization_id, pk))
        at_once([partial(worker.run, plan) for worker, plan in zip(workers, plans, strict=True)])
        frames = [json.loads(message["text"]) for message in listen()]
    return Run(side, pk, workers, frames)


def at_once(works: list[Callable[[Barrier], R]]) -> list[R]:
    """Run each work in a thread of its own; all wait for the barrier that they are given."""
    begin = Barrier(len(works))

    def work_and_hang_up(work: Callable[[Barrier], R]) -> R:
        try:
            return work(begin)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(work_and_hang_up, work) for work in works]]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=PLANS)
def test_any_interleaving_has_one_order(committed_cast: Cast, plans: list[list[tuple[str, int]]]) -> None:
    done = run(committed_cast.a, plans)

    conversation = story.reread(done.side, done.conversation_id)
    messages = story.messages(done.side, done.conversation_id)
    assert [message.seq for message in messages] == list(range(1, conversation.last_seq + 1))
    assert len({message.version for message in messages}) == len(messages)

    acknowledged = {stored.message.pk for worker in done.workers for stored in worker.acknowledged.values()}
    written = [message.client_id for message in messages if message.client_id]
    assert acknowledged <= {message.pk for message in messages}
    assert len(written) == len(set(written)) == len(acknowledged) + 1

    # Every change was announced with a version of its own, and no version is missing. The first came before.
    versions = [frame["version"] for frame in done.frames if not frame["type"].startswith("note.")]
    notes = [frame["version"] for frame in done.frames if frame["type"].startswith("note.")]
    assert sorted(versions) == list(range(2, conversation.version + 1))
    assert sorted(notes) == list(range(1, conversation.note_version + 1))


def test_resends_at_once_store_one_message(committed_cast: Cast) -> None:
    side = committed_cast.a
    pk = story.started(side)
    workers = [Worker(side, side.operator, pk, "same") for _ in range(WORKERS)]
    # Four windows of one person: within the person's own limit of twenty at once.
    plan: list[tuple[str, int]] = [("send", 1)] * 4

    at_once([partial(worker.run, plan) for worker in workers])

    assert [message.body for message in story.messages(side, pk)] == ["Hello", "same 1"]
    assert story.reread(side, pk).version == 2


def test_a_double_click_starts_one_conversation(committed_cast: Cast) -> None:
    side = committed_cast.a
    client_id = uuid5(SPACE, "start")

    def click(begin: Barrier) -> UUID:
        begin.wait(timeout=30)
        return story.start(side, "Hello", client_id=client_id).conversation.pk

    found = set(at_once([click] * WORKERS))

    assert len(found) == 1
    assert len(story.messages(side, found.pop())) == 1

"""Going: leases are given back together, and who has not come back after the grace is said to be gone."""

import asyncio
from collections.abc import Sequence

from chats import presence
from chats.rules import Person
from chats.services import note_leavings
from livecaller.core.batches import PerLoop
from livecaller.core.errors import LiveCallerError

# The grace is over by Valkey's clock when it is over by ours.
_SPARE_SECONDS = 0.2


def _tell(actors: Sequence[Person]) -> list[None]:
    note_leavings(actors)
    return [None] * len(actors)


_dropping: PerLoop[tuple[Person, str], bool] = PerLoop(presence.drop_leases, "leases")
_telling: PerLoop[Person, None] = PerLoop(_tell, "leavings")
_tasks: set[asyncio.Task[None]] = set()


async def leave(actor: Person, socket: str) -> None:
    """Give the lease of a socket back; never raises. Where that fails the lease runs out by itself."""
    try:
        lingers = await _dropping.ask(actor.organization_id, (actor, socket))
    except LiveCallerError:
        return
    if lingers:
        asyncio.get_running_loop().call_later(presence.GRACE_SECONDS + _SPARE_SECONDS, _tell_later, actor)


def _tell_later(actor: Person) -> None:
    task = asyncio.create_task(_tell_gone(actor))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _tell_gone(actor: Person) -> None:
    try:
        await _telling.ask(actor.organization_id, actor)
    except LiveCallerError:
        # Lists that are fetched say it anyway, since they ask the leases.
        return

"""Who takes part, whatever server they talk to."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench.chat.line import Address

OPERATORS, END_USERS = 2, 20
issuing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="tickets")


@dataclass(frozen=True, slots=True)
class Seat:
    """One person and how they get in: `ticket` returns a new one-use ticket and may block."""

    address: Address
    ticket: Callable[[], str]
    conversations: tuple[str, ...]

    async def new_ticket(self) -> str:
        """Return a new ticket without blocking the loop."""
        return await asyncio.get_running_loop().run_in_executor(issuing, self.ticket)


@dataclass(frozen=True, slots=True)
class Team:
    """One organization: conversation number i is that of end-user i, and operator i % 2 is in charge of it."""

    operators: list[Seat]
    end_users: list[Seat]

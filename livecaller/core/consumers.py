"""The base of every socket: one table of commands, one way to answer, one way to refuse.

A socket is `CommandConsumer` plus a table. Frames are handled one after another, and what is heard meanwhile waits,
so an answer always leaves before the event that the command caused; see docs/realtime.md for the wire.

Channels' router leads here. The consumer itself is plain ASGI: a queue, a channel name and a dispatch for each
socket would cost more than everything else that a quiet socket has (docs/adr/0009).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar  # Any: frames are JSON

import orjson
import structlog
from django.http import parse_cookie
from django.utils import translation
from rest_framework import serializers

from livecaller.core import metrics
from livecaller.core.actors import Actor
from livecaller.core.api import StrictSerializer, validated
from livecaller.core.database import in_database_thread
from livecaller.core.errors import InvalidError, LiveCallerError, RateLimitedError, UnauthenticatedError
from livecaller.core.frames import Frame, readable
from livecaller.core.hub import Event, hub
from livecaller.core.languages import language_of
from livecaller.core.outbox import Lane, Outbox
from livecaller.core.tenancy.context import tenant

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A", bound=Actor)

HELLO_SECONDS = 10
SILENCE_SECONDS = 45
# A reader that takes nothing off the line for so long is let go; it resumes by its cursors.
SLOW_SECONDS = 10
# How long an event waits for the one before it, which another process may be about to announce.
EARLY_SECONDS = 0.15
# What may wait for one reader; beyond it the reader is let go, since it resumes more cheaply than it is stored for.
WAITING_BYTES = 1024 * 1024
UNREADABLE_FRAMES = 20
# Commands of one socket: enough to open everything after a reconnect, too few to keep a process busy.
COMMANDS_BURST, COMMANDS_A_SECOND = 100, 20

CLOSE_PROTOCOL, CLOSE_IDENTITY, CLOSE_ORIGIN, CLOSE_SILENT, CLOSE_TOO_MANY = 4400, 4401, 4403, 4408, 4429
CLOSE_COME_BACK, CLOSE_SLOW = 1012, 4008

# A server in trouble must not look like a sign-out, which clients take for final.
_CLOSE_AFTER_REFUSED_HELLO = {
    "invalid": CLOSE_PROTOCOL,
    "rate_limited": CLOSE_TOO_MANY,
    "unavailable": CLOSE_COME_BACK,
    "internal": CLOSE_COME_BACK,
}


class NoData(StrictSerializer):
    """A command without data."""


Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table: what the data must look like and the coroutine that serves it.

    `plain` returns the parsed data where it is certain that `data` would accept it, and None otherwise: a serializer
    costs more than the rest of a frequent command.
    """

    data: type[serializers.Serializer[Any]]
    serve: Callable[[Any, dict[str, Any]], Awaitable[Answer]]
    plain: Callable[[Any], dict[str, Any] | None] | None = None

    def parsed(self, data: Any) -> dict[str, Any]:
        """Return the data as `serve` takes it; raises `InvalidError`."""
        known = self.plain(data) if self.plain is not None else None
        return validated(self.data, data) if known is None else known


class CommandConsumer(Generic[A]):
    """One socket of one person.

    Subclasses give `door` (a metric label), `origin` (exact), `commands`, and `hello`, whose coroutine redeems the
    ticket, sets `self.actor` and answers, or raises `UnauthenticatedError`.
    """

    door: ClassVar[str]
    commands: ClassVar[Mapping[str, Command]]
    hello: ClassVar[Command]

    def __init__(self) -> None:
        self.actor: A | None = None
        self.outbox = Outbox(self._wait_for_overtaken)
        self._is_serving = False
        self._flushing: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._unreadable = 0
        self._heard_at = 0.0
        self._allowance = float(COMMANDS_BURST)
        self._allowed_at = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._is_cut = False
        self._close_after_answer: int | None = None
        # In which refusals are said: the handshake tells.
        self.language = "en"

    @classmethod
    def as_asgi(cls) -> Callable[..., Any]:
        """Return the ASGI application: a consumer for each socket."""

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await cls()(scope, receive, send)

        return application

    @property
    def origin(self) -> str:
        """Return the only origin whose pages may open this socket."""
        raise NotImplementedError

    async def still_welcome(self) -> bool:
        """Say whether the person may stay; asked at each heartbeat, in case a revocation was lost."""
        raise NotImplementedError

    async def farewell(self) -> None:
        """Release what `welcome` took. Called once, also when `welcome` never ran."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket to its end, and clean up however it ends."""
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._send = send
        self._task = asyncio.current_task()
        self._loop, self._hub = asyncio.get_running_loop(), hub()
        await receive()
        metrics.sockets_changed(self.door, 1)
        try:
            await send({"type": "websocket.accept"})
            await self._serve_line(receive)
        except asyncio.CancelledError:
            if not self._is_cut:
                raise
        except OSError:
            # The browser is gone; ASGI servers say so when something is sent.
            self._is_closed = True
        finally:
            await self._leave()

    async def _serve_line(self, receive: Any) -> None:
        if self._header(b"origin") != self.origin:
            await self.close(CLOSE_ORIGIN)
            return
        self._heard_at = self._now()
        self._watch_silence()
        cookies = parse_cookie(self._header(b"cookie"))
        self.language = language_of(cookies=cookies, accepted=self._header(b"accept-language"))
        while (message := await receive())["type"] == "websocket.receive":
            self._heard_at = self._now()
            await self._receive(message.get("text"))

    async def close(self, code: int) -> None:
        """Close once; whatever is sent or closed later is dropped."""
        if not self._is_closed:
            self._is_closed = True
            await self._send({"type": "websocket.close", "code": code})

    def hear(self, event: Event) -> None:
        """Take an event of the hub: sent at once, or after the answer that is being worked on."""
        if self._is_closed:
            return
        self.outbox.hear(event)
        if self.outbox.size > WAITING_BYTES:
            self._let_go()
        else:
            self._wake()

    def _wait_for_overtaken(self, lane: Lane) -> None:
        self._loop.call_later(EARLY_SECONDS, self._release, lane)

    def _release(self, lane: Lane) -> None:
        self.outbox.release(lane)
        self._wake()

    def _wake(self) -> None:
        if self.outbox and not self._is_serving and self._flushing is None and not self._is_closed:
            self._flushing = asyncio.create_task(self._flush())

    def revoke(self, code: int) -> None:
        """Close because the person signed out, was removed, or lost what let them in."""
        if not self._is_closed and self._ending is None:
            self._ending = asyncio.create_task(self._cut(code))

    def retire(self, code: int) -> None:
        """Close once the command that is being served has its answer."""
        if self._is_serving:
            self._close_after_answer = code
        else:
            self.revoke(code)

    def subscribe(self, topic: str) -> None:
        """Receive what is published on `topic` until the socket closes or `unsubscribe`."""
        self.outbox.topics.add(topic)
        self._hub.listen(topic, self)

    def unsubscribe(self, topic: str) -> None:
        """Stop receiving what is published on `topic`."""
        self.outbox.topics.discard(topic)
        self._hub.leave(topic, self)

    def forget_topics(self) -> None:
        """Stop receiving anything; what has been heard and not been sent is dropped."""
        for topic in list(self.outbox.topics):
            self.unsubscribe(topic)

    async def in_tenant(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await a service or selector on a database thread, inside the actor's organization."""
        organization_id = self.known_actor.organization_id

        def entered() -> R:
            with tenant(organization_id):
                return function(*args, **kwargs)

        return await in_database_thread(entered)

    @property
    def known_actor(self) -> A:
        """Return the actor; raises `UnauthenticatedError` before the hello."""
        if self.actor is None:
            raise UnauthenticatedError("Say hello with a ticket first.")
        return self.actor

    async def _receive(self, text: str | None) -> None:
        self._is_serving = True
        try:
            frame = readable(text)
        except InvalidError as refusal:
            await self._refuse_unreadable(refusal)
        else:
            self._unreadable = 0
            await self._answer(frame)

    async def _answer(self, frame: Frame) -> None:
        known = frame.type == "hello" or frame.type in self.commands
        with translation.override(self.language):
            answer, outcome = await self._outcome(frame, command=frame.type if known else "unknown")
        metrics.command_served(frame.type if known else "unknown", outcome)
        await self._say(orjson.dumps(answer).decode())
        if self._close_after_answer is not None:
            await self.close(self._close_after_answer)
        elif frame.type == "hello" and self.actor is None:
            await self.close(_CLOSE_AFTER_REFUSED_HELLO.get(outcome, CLOSE_IDENTITY))

    async def _outcome(self, frame: Frame, *, command: str) -> tuple[Answer, str]:
        """Return the answer to a command and, for the count, `ok` or the code of its refusal."""
        try:
            self._use_allowance()
            return {"re": frame.id, "ok": True, "data": await self._serve(frame)}, "ok"
        except LiveCallerError as refusal:
            return {"re": frame.id, "ok": False, "error": refusal.payload()}, refusal.code
        except Exception:
            log.exception("command.failed", command=command)
            return {"re": frame.id, "ok": False, "error": LiveCallerError().payload()}, "internal"

    async def _say(self, text: str) -> None:
        """Send an answer, and then what was heard while it was worked on."""
        self.outbox.answer(text)
        self._is_serving = False
        if self._flushing is None:
            await self._flush()
        else:
            await self._flushing

    async def _flush(self) -> None:
        """Send all that waits, as few frames as possible, one after another."""
        try:
            while self.outbox and not self._is_closed:
                if text := self.outbox.take():
                    await self._put(text)
        except OSError:
            self._abandon()
        finally:
            self._flushing = None

    async def _put(self, text: str) -> None:
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self._let_go()

    def _let_go(self) -> None:
        """End the line of somebody who does not read."""
        if self._ending is None:
            metrics.slow_reader_dropped(self.door)
            self._ending = asyncio.create_task(self._cut(CLOSE_SLOW))

    async def _cut(self, code: int) -> None:
        """Close, and end the consumer at once when even the close frame waits behind what nobody reads."""
        try:
            async with asyncio.timeout(1):
                await self.close(code)
        except (TimeoutError, OSError):
            self._abandon()

    def _abandon(self) -> None:
        """End the consumer of a line that is lost."""
        self._is_closed = self._is_cut = True
        if self._task is not None:
            self._task.cancel()

    async def _leave(self) -> None:
        self._is_closed = True
        if self._watch is not None:
            self._watch.cancel()
        self.forget_topics()
        metrics.sockets_changed(self.door, -1)
        try:
            await self.farewell()
        finally:
            self.outbox.end()

    def _use_allowance(self) -> None:
        now = self._now()
        earned = (now - self._allowed_at) * COMMANDS_A_SECOND
        self._allowance = min(COMMANDS_BURST, self._allowance + earned)
        self._allowed_at = now
        if self._allowance < 1:
            raise RateLimitedError(retry_after=1)
        self._allowance -= 1

    async def _serve(self, frame: Frame) -> Answer:
        if frame.type == "hello":
            if self.actor is not None:
                raise InvalidError("This socket has already said hello.")
            return await self.hello.serve(self, self.hello.parsed(frame.data))
        command = self.commands.get(frame.type)
        if command is None:
            raise InvalidError("This command is not known.")
        self.known_actor  # noqa: B018 refuses before anything is parsed
        if frame.type == "heartbeat" and not await self.still_welcome():
            self._close_after_answer = CLOSE_IDENTITY
            raise UnauthenticatedError
        return await command.serve(self, command.parsed(frame.data))

    async def _refuse_unreadable(self, refusal: InvalidError) -> None:
        self._unreadable += 1
        await self._say(orjson.dumps({"re": None, "ok": False, "error": refusal.payload()}).decode())
        if self._unreadable >= UNREADABLE_FRAMES:
            await self.close(CLOSE_PROTOCOL)

    def _watch_silence(self) -> None:
        """Close a socket that never says hello, or whose line is half-open; not one that waits for our answer."""
        allowed = HELLO_SECONDS if self.actor is None else SILENCE_SECONDS
        left = self._heard_at + allowed - self._now()
        if left > 0 or self._is_serving:
            self._watch = self._loop.call_later(max(left, 1), self._watch_silence)
        else:
            self.revoke(CLOSE_IDENTITY if self.actor is None else CLOSE_SILENT)

    def _now(self) -> float:
        return self._loop.time()

    def _header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self._headers if key == name), "")

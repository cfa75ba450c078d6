"""The base of every socket: one table of commands, one way to answer, one way to refuse.

A socket is `CommandConsumer` plus a table. Frames are handled one after another, so an answer always leaves
before the event that the command caused; see docs/realtime.md for the wire.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar  # Any: frames are JSON

import orjson
import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import parse_cookie
from django.utils import translation
from redis.exceptions import RedisError
from rest_framework import serializers

from livecaller.core import metrics
from livecaller.core.actors import Actor
from livecaller.core.api import StrictSerializer, validated
from livecaller.core.database import in_database_thread
from livecaller.core.errors import InvalidError, LiveCallerError, RateLimitedError, UnauthenticatedError
from livecaller.core.languages import language_of
from livecaller.core.tenancy.context import tenant

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A", bound=Actor)

FRAME_BYTES = 16 * 1024
HELLO_SECONDS = 10
SILENCE_SECONDS = 45
# A reader that takes nothing off the line for so long is let go; it resumes by its cursors.
SLOW_SECONDS = 10
LAYER_SECONDS = 2
UNREADABLE_FRAMES = 20
# Commands of one socket: enough to open everything after a reconnect, too few to keep a process busy.
COMMANDS_BURST, COMMANDS_A_SECOND = 100, 20
COMMAND_ID_MOST = 2**53

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
    """One row of the table: what the data must look like and the coroutine that serves it."""

    data: type[serializers.Serializer[Any]]
    serve: Callable[[Any, dict[str, Any]], Awaitable[Answer]]


class CommandConsumer(AsyncWebsocketConsumer, Generic[A]):  # type: ignore[misc]
    """One socket of one person.

    Subclasses give `door` (a metric label), `origin` (exact), `commands` (without `hello`), and implement
    `welcome`, which redeems the ticket, sets `self.actor` and answers the hello.
    """

    door: ClassVar[str]
    commands: ClassVar[Mapping[str, Command]]
    hello_data: ClassVar[type[serializers.Serializer[Any]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor: A | None = None
        self.topics: set[str] = set()
        # What this socket has been given of each (conversation, lane): older events are dropped here.
        self.given: dict[tuple[str, str], int] = {}
        # Topics that Valkey has not taken yet; tried again at each heartbeat.
        self._unheard: set[str] = set()
        self._unreadable = 0
        self._heard_at = 0.0
        self._allowance = float(COMMANDS_BURST)
        self._allowed_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_counted = False
        self._is_closed = False
        self._is_cut = False
        self._close_after_answer: int | None = None

    @property
    def origin(self) -> str:
        """Return the only origin whose pages may open this socket."""
        raise NotImplementedError

    async def welcome(self, data: dict[str, Any]) -> Answer:
        """Serve `hello`: redeem the ticket, set `self.actor`, subscribe, answer. Raises `UnauthenticatedError`."""
        raise NotImplementedError

    async def still_welcome(self) -> bool:
        """Say whether the person may stay; asked at each heartbeat, in case a revocation was lost."""
        raise NotImplementedError

    async def farewell(self) -> None:
        """Release what `welcome` took. Called once, also when `welcome` never ran."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket to its end, and clean up however it ends: an exception skips `disconnect`."""
        self._task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_cut:
                raise
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand one frame or event on.

        Channels hops to a thread before each, to close old connections; ours live on threads of their own.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        metrics.sockets_changed(self.door, 1)
        self._is_counted = True
        await self.accept()
        if self._header(b"origin") != self.origin:
            await self.close(CLOSE_ORIGIN)
            return
        self._heard_at = self._now()
        self._watch = asyncio.create_task(self._close_when_silent())

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def send(  # Channels' own signature
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,
        close: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Send one frame; on a socket that is being closed it is dropped. Lets go of a reader that does not read."""
        if self._is_closed:
            return
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await super().send(text_data=text_data, bytes_data=bytes_data)
        except TimeoutError:
            metrics.slow_reader_dropped(self.door)
            await self._cut(CLOSE_SLOW)

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close once; whatever is sent or closed later is dropped."""
        if not self._is_closed:
            self._is_closed = True
            await super().close(code, reason)

    async def _cut(self, code: int) -> None:
        """Close, and end the consumer at once when even the close frame waits behind what nobody reads."""
        try:
            async with asyncio.timeout(1):
                await self.close(code)
        except TimeoutError:
            self._is_cut = True
            if self._task is not None:
                self._task.cancel()

    async def _leave(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for topic in list(self.topics):
            await self.unsubscribe(topic)
        if self._is_counted:
            metrics.sockets_changed(self.door, -1)
            await self.farewell()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self._heard_at = self._now()
        try:
            frame = _readable(text_data)
        except InvalidError as refusal:
            await self._refuse_unreadable(refusal)
            return
        self._unreadable = 0
        await self._answer(frame)

    async def deliver(self, message: dict[str, Any]) -> None:
        """Pass an event on, unless this socket has left its topic or has already been given its version."""
        if message["topic"] not in self.topics:
            return
        conversation, version = message["conversation"], message["version"]
        if conversation is not None and version is not None:
            lane = (conversation, _lane(message["topic"]))
            given = self.given.get(lane, -1)
            if version <= given:
                return
            # Two processes may announce in another order than they committed: a late one must still pass.
            if version == given + 1:
                self.given[lane] = version
        await self.send(text_data=message["text"])

    async def revoke(self, message: dict[str, Any]) -> None:
        """Close because the person signed out, was removed, or lost what let them in."""
        await self.close(message["code"])

    async def subscribe(self, topic: str) -> None:
        """Receive what is published on `topic` until the socket closes or `unsubscribe`.

        While Valkey is away nothing is heard; heads at heartbeats tell the client what to fetch.
        """
        self.topics.add(topic)
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await self.channel_layer.group_add(topic, self.channel_name)
        except (RedisError, OSError, TimeoutError):
            self._unheard.add(topic)
        else:
            self._unheard.discard(topic)

    async def unsubscribe(self, topic: str) -> None:
        """Stop receiving what is published on `topic`."""
        self.topics.discard(topic)
        self._unheard.discard(topic)
        try:
            async with asyncio.timeout(LAYER_SECONDS):
                await self.channel_layer.group_discard(topic, self.channel_name)
        except (RedisError, OSError, TimeoutError):
            log.warning("unsubscribe.failed")

    async def resubscribe(self) -> None:
        """Try again the topics that Valkey could not take."""
        for topic in list(self._unheard):
            await self.subscribe(topic)

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

    async def _answer(self, frame: "_Frame") -> None:
        known = frame.type == "hello" or frame.type in self.commands
        with translation.override(self._language()):
            answer, outcome = await self._outcome(frame, command=frame.type if known else "unknown")
        metrics.command_served(frame.type if known else "unknown", outcome)
        await self.send(text_data=orjson.dumps(answer).decode())
        if self._close_after_answer is not None:
            await self.close(self._close_after_answer)
        elif frame.type == "hello" and self.actor is None:
            await self.close(_CLOSE_AFTER_REFUSED_HELLO.get(outcome, CLOSE_IDENTITY))

    async def _outcome(self, frame: "_Frame", *, command: str) -> tuple[Answer, str]:
        """Return the answer to a command and, for the count, `ok` or the code of its refusal."""
        try:
            self._use_allowance()
            return {"re": frame.id, "ok": True, "data": await self._serve(frame)}, "ok"
        except LiveCallerError as refusal:
            return {"re": frame.id, "ok": False, "error": refusal.payload()}, refusal.code
        except Exception:
            log.exception("command.failed", command=command)
            return {"re": frame.id, "ok": False, "error": LiveCallerError().payload()}, "internal"

    def _language(self) -> str:
        cookies = parse_cookie(self._header(b"cookie"))
        return language_of(cookies=cookies, accepted=self._header(b"accept-language"))

    def _use_allowance(self) -> None:
        now = self._now()
        earned = (now - self._allowed_at) * COMMANDS_A_SECOND
        self._allowance = min(COMMANDS_BURST, self._allowance + earned)
        self._allowed_at = now
        if self._allowance < 1:
            raise RateLimitedError(retry_after=1)
        self._allowance -= 1

    async def _serve(self, frame: "_Frame") -> Answer:
        if frame.type == "hello":
            if self.actor is not None:
                raise InvalidError("This socket has already said hello.")
            return await self.welcome(validated(self.hello_data, frame.data))
        command = self.commands.get(frame.type)
        if command is None:
            raise InvalidError("This command is not known.")
        self.known_actor  # noqa: B018 refuses before anything is parsed
        if frame.type == "heartbeat":
            await self.resubscribe()
            if not await self.still_welcome():
                self._close_after_answer = CLOSE_IDENTITY
                raise UnauthenticatedError
        return await command.serve(self, validated(command.data, frame.data))

    async def _refuse_unreadable(self, refusal: InvalidError) -> None:
        self._unreadable += 1
        await self.send(text_data=orjson.dumps({"re": None, "ok": False, "error": refusal.payload()}).decode())
        if self._unreadable >= UNREADABLE_FRAMES:
            await self.close(CLOSE_PROTOCOL)

    async def _close_when_silent(self) -> None:
        """Close a socket that never says hello, or whose line is half-open."""
        while True:
            allowed = HELLO_SECONDS if self.actor is None else SILENCE_SECONDS
            left = self._heard_at + allowed - self._now()
            if left <= 0:
                await self._cut(CLOSE_IDENTITY if self.actor is None else CLOSE_SILENT)
                return
            await asyncio.sleep(left)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), "")


@dataclass(frozen=True, slots=True)
class _Frame:
    id: int
    type: str
    data: Any


def _readable(text: str | None) -> _Frame:
    """Return the command in a client's frame; raises `InvalidError` when there is none to answer to."""
    if text is None:
        raise InvalidError("Send text frames of JSON; binary frames are not read.")
    if len(text) > FRAME_BYTES or len(text.encode("utf-8", "surrogatepass")) > FRAME_BYTES:
        raise InvalidError("The frame is larger than 16 kB.")
    try:
        content = orjson.loads(text)
    except ValueError:
        raise InvalidError("The frame is not valid JSON.") from None
    if not isinstance(content, dict) or set(content) - {"id", "type", "data"}:
        raise InvalidError("Send an object with id, type and data.")
    number, type_ = content.get("id"), content.get("type")
    if type(number) is not int or not 0 < number < COMMAND_ID_MOST or not isinstance(type_, str):
        raise InvalidError("The id must be a positive whole number and the type a text.")
    return _Frame(number, type_[:64], content.get("data", {}))


def _lane(topic: str) -> str:
    return "notes" if topic.endswith(".notes") else "public"

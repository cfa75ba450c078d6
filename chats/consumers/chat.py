"""What both sides of a conversation can do on a socket; each command calls one service or selector."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar  # Any: frames are JSON
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from chats import events, services
from chats.admission import EndUserPass, OperatorPass
from chats.consumers.leaving import leave
from chats.models import Conversation
from chats.payloads import Payload, author_payload
from chats.plain import plain_hello, plain_message
from chats.rules import Person, author_of
from chats.selectors import Cursor, payload_of, sync_of
from chats.serializers import (
    ConversationData,
    EditData,
    HelloData,
    LaneData,
    MessageData,
    OneMessageData,
    ReadData,
)
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.batches import PerLoop
from livecaller.core.consumers import Answer, Command, CommandConsumer
from livecaller.core.errors import InvalidError, LiveCallerError, NotFoundError
from livecaller.core.tickets import Ticket, read_ticket

A = TypeVar("A", OperatorActor, EndUserActor)
R = TypeVar("R")
Pass = OperatorPass | EndUserPass

HEARTBEAT_SECONDS = 20
OPEN_MOST = 100
TYPING_SECONDS, TYPING_STEP_SECONDS = 6, 2
# A conversation that another process holds is free again after its COMMIT, so the next batch mostly gets it.
BATCH_TRIES = 3


class ChatConsumer(CommandConsumer[A]):
    """A socket of somebody who talks.

    Subclasses say who may come in (`read_pass`, `greet`) and stay (`still_welcome`), what they hear of beside the
    conversations they have open (`topics`), and which topics a conversation has for them (`topics_of`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.socket = uuid4().hex
        self.opened: set[UUID] = set()
        # When this person was last said to type, by conversation.
        self.typing: dict[UUID, float] = {}

    def read_pass(self, ticket: Ticket) -> Pass:
        """Return whom the ticket was given to, and keep it; asks nobody. Raises `UnauthenticatedError`."""
        raise NotImplementedError

    def topics(self) -> Iterable[str]:
        """Return the topics that the person hears always, and those that end what the pass stands for."""
        raise NotImplementedError

    def topics_of(self, organization_id: UUID, conversation_id: UUID) -> Iterable[str]:
        """Return the topics of a conversation for this side."""
        raise NotImplementedError

    async def greet(self, ticket: Ticket, cursors: Mapping[UUID, Cursor], epoch: str | None) -> Answer:
        """Use the ticket up, take a lease, set `self.actor`, and return what this side is told."""
        raise NotImplementedError

    async def welcome(self, data: Mapping[str, Any]) -> Answer:
        """Let the person in and catch up on every conversation of the cursors.

        Listens first and reads then, so that nothing falls between; who is not let in has heard nothing.
        """
        await self._hub.ready()
        ticket = read_ticket(data["ticket"])
        held = self.read_pass(ticket)
        cursors = {pk: Cursor(**cursor) for pk, cursor in data["cursors"].items()}
        for topic in self.topics():
            self.subscribe(topic)
        for pk in cursors:
            self._listen(held.organization_id, pk)
        try:
            answer = await self.greet(ticket, cursors, data["epoch"])
        finally:
            if self.actor is None:
                self.forget_topics()
        for sync in answer["syncs"]:
            self._give(sync)
        for pk in set(cursors) - self.opened:
            self._ignore(held.organization_id, pk)
        return {**answer, "heartbeat_seconds": HEARTBEAT_SECONDS, "ticket": held.ticket()}

    async def or_leave(self, actor: A, reading: Awaitable[R]) -> R:
        """Return what somebody who holds a lease by now is told; gives the lease back when that cannot be read."""
        try:
            return await reading
        except LiveCallerError:
            await leave(actor, self.socket)
            raise

    async def farewell(self) -> None:
        if self.actor is None:
            return
        for pk in list(self.typing):
            await self._say_typing(self.actor, pk, is_typing=False)
        await leave(self.actor, self.socket)

    async def open_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Listen to a conversation and catch up."""
        pk: UUID = data["conversation"]
        if pk not in self.opened and len(self.opened) >= OPEN_MOST:
            raise InvalidError(_("Too many conversations are open. Leave one first."))
        self._listen(self.known_actor.organization_id, pk)
        try:
            return await self.catch_up(data)
        except LiveCallerError:
            if pk not in self.opened:
                self._ignore(self.known_actor.organization_id, pk)
            raise

    async def leave_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Stop listening to a conversation."""
        pk: UUID = data["conversation"]
        if pk in self.typing:
            await self._say_typing(self.known_actor, pk, is_typing=False)
        self.opened.discard(pk)
        self._ignore(self.known_actor.organization_id, pk)
        return {}

    async def sync_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Catch up on a conversation, open or not."""
        return await self.catch_up(data)

    async def catch_up(self, data: Mapping[str, Any]) -> Answer:
        """Return a `Sync`; of an open conversation, older events are not sent any more."""
        pk: UUID = data["conversation"]
        cursor = Cursor(data["after_version"], data["after_note_version"])
        sync = await self.in_tenant(sync_of, self.known_actor, pk, cursor)
        if self._hears(pk):
            self._give(sync)
        return sync

    async def send_message(self, data: Mapping[str, Any]) -> Answer:
        """Store a message: with all others of this moment, or by itself where it is not a plain one."""
        self.typing.pop(data["conversation"], None)
        actor = self.known_actor
        draft = services.check_draft(
            actor=actor,
            conversation_id=data["conversation"],
            client_id=data["client_id"],
            body=data["body"],
            attachment_ids=data["attachments"],
        )
        if draft.attachment_ids:
            stored = await self.in_tenant(services.send_draft, actor=actor, draft=draft)
        else:
            stored = await self._written_together(actor, draft)
        return {"message": stored.payload()}

    async def _written_together(self, actor: A, draft: services.Draft) -> services.Stored:
        """Store a draft with all others of this moment; one that is not plain, or has no luck, by itself."""
        for _try in range(BATCH_TRIES):
            outcome = await _writing.ask(actor.organization_id, draft)
            if isinstance(outcome, services.Stored):
                return outcome
            draft = replace(draft, is_counted=True)
            if outcome is services.NotNow.NOT_PLAIN:
                break
        return await self.in_tenant(services.send_draft, actor=actor, draft=draft)

    async def edit_message(self, data: Mapping[str, Any]) -> Answer:
        """Change one's own message."""
        stored = await self.in_tenant(
            services.edit_message,
            actor=self.known_actor,
            conversation_id=data["conversation"],
            message_id=data["message"],
            body=data["body"],
        )
        return {"message": stored.payload()}

    async def delete_message(self, data: Mapping[str, Any]) -> Answer:
        """Empty one's own message."""
        stored = await self.in_tenant(
            services.delete_message,
            actor=self.known_actor,
            conversation_id=data["conversation"],
            message_id=data["message"],
        )
        return {"message": stored.payload()}

    async def read_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Move the read mark."""
        conversation = await self.in_tenant(
            services.mark_read, actor=self.known_actor, conversation_id=data["conversation"], seq=data["seq"]
        )
        return {"version": conversation.version}

    async def start_typing(self, data: Mapping[str, Any]) -> Answer:
        """Say that the person types; at most every two seconds."""
        pk: UUID = data["conversation"]
        self._require_open(pk)
        if self._now() - self.typing.get(pk, 0) >= TYPING_STEP_SECONDS:
            self.typing[pk] = self._now()
            await self._say_typing(self.known_actor, pk, is_typing=True)
        return {}

    async def stop_typing(self, data: Mapping[str, Any]) -> Answer:
        """Say that the person has stopped typing, if anybody was told that they did."""
        pk: UUID = data["conversation"]
        self._require_open(pk)
        if pk in self.typing:
            await self._say_typing(self.known_actor, pk, is_typing=False)
        return {}

    async def changed(self, change: Callable[..., Conversation], **options: Any) -> Payload:
        """Call a service that changes a conversation and return the snapshot that the person may see."""
        actor: Person = self.known_actor

        def changed() -> Payload:
            return payload_of(actor, change(actor=actor, **options))

        return await self.in_tenant(changed)

    def _listen(self, organization_id: UUID, pk: UUID) -> None:
        for topic in self.topics_of(organization_id, pk):
            self.subscribe(topic)

    def _ignore(self, organization_id: UUID, pk: UUID) -> None:
        for topic in self.topics_of(organization_id, pk):
            self.unsubscribe(topic)
        for lane in ("public", "notes"):
            self.outbox.given.pop((str(pk), lane), None)

    def _hears(self, pk: UUID) -> bool:
        return self.outbox.topics.issuperset(self.topics_of(self.known_actor.organization_id, pk))

    def _give(self, sync: Payload) -> None:
        """Note what a sync has brought: its conversation is seen to be the person's to hear."""
        self.opened.add(UUID(sync["conversation"]))
        self.outbox.given[sync["conversation"], "public"] = sync["version"]
        if sync["note_version"] is not None:
            self.outbox.given[sync["conversation"], "notes"] = sync["note_version"]

    def _require_open(self, pk: UUID) -> None:
        if pk not in self.opened:
            raise NotFoundError

    async def _say_typing(self, actor: A, pk: UUID, *, is_typing: bool) -> None:
        if not is_typing:
            self.typing.pop(pk, None)
        author = author_of(actor)
        payload = author_payload(author.kind, author.id, author.name)
        await events.typing_changed(actor.organization_id, pk, payload, is_typing=is_typing)

    hello = Command(HelloData, welcome, plain_hello)


_writing: PerLoop[services.Draft, services.Stored | services.NotNow] = PerLoop(services.write_batch, "messages")

COMMANDS: dict[str, Command] = {
    "conversation.open": Command(LaneData, ChatConsumer.open_conversation),
    "conversation.leave": Command(ConversationData, ChatConsumer.leave_conversation),
    "conversation.sync": Command(LaneData, ChatConsumer.sync_conversation),
    "conversation.read": Command(ReadData, ChatConsumer.read_conversation),
    "message.send": Command(MessageData, ChatConsumer.send_message, plain_message),
    "message.edit": Command(EditData, ChatConsumer.edit_message),
    "message.delete": Command(OneMessageData, ChatConsumer.delete_message),
    "typing.start": Command(ConversationData, ChatConsumer.start_typing),
    "typing.stop": Command(ConversationData, ChatConsumer.stop_typing),
}

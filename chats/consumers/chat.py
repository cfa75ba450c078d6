"""What both sides of a conversation can do on a socket; each command calls one service or selector."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar  # Any: frames are JSON
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from chats import events, services
from chats.models import Conversation
from chats.payloads import Payload, author_payload
from chats.plain import plain_message, plain_nothing
from chats.presence import drop_lease, renew_lease, take_lease
from chats.rules import Person, author_of
from chats.selectors import Cursor, available_in, epoch, heads_of, payload_of, sync_of, syncs_of
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
from livecaller.core.consumers import Answer, Command, CommandConsumer, NoData
from livecaller.core.database import in_database_thread
from livecaller.core.errors import InvalidError, LiveCallerError, NotFoundError, UnauthenticatedError
from livecaller.core.tenancy.context import tenant

A = TypeVar("A", OperatorActor, EndUserActor)

HEARTBEAT_SECONDS = 20
OPEN_MOST = 100
TYPING_SECONDS, TYPING_STEP_SECONDS = 6, 2
# A conversation that another process holds is free again after its COMMIT, so the next batch mostly gets it.
BATCH_TRIES = 3


class ChatConsumer(CommandConsumer[A]):
    """A socket of somebody who talks.

    Subclasses say who may come in (`admit`, `readmit`), what they hear of beside the conversations they have
    open (`lobby`), and which topics a conversation has for them (`topics_of`).
    """

    hello_data = HelloData

    def __init__(self) -> None:
        super().__init__()
        self.socket = uuid4().hex
        self.opened: set[UUID] = set()
        # When this person was last said to type, by conversation.
        self.typing: dict[UUID, float] = {}
        self._guest: A | None = None

    async def admit(self, ticket: str) -> A:
        """Redeem the ticket, listen for the end of what it stands for, and return who came in.

        Raises `UnauthenticatedError`.
        """
        raise NotImplementedError

    def readmit(self) -> A:
        """Return the person again if they may stay; raises `UnauthenticatedError`. On a database thread."""
        raise NotImplementedError

    def lobby(self, actor: A) -> Iterable[str]:
        """Return the topics that the person hears always."""
        raise NotImplementedError

    def topics_of(self, actor: A, conversation_id: UUID) -> Iterable[str]:
        """Return the topics of a conversation for this side."""
        raise NotImplementedError

    def greeting(self, actor: A) -> Payload:
        """Return what the hello's answer says of the person and of others. On a database thread, in the tenant."""
        raise NotImplementedError

    async def welcome(self, data: dict[str, Any]) -> Answer:
        """Let the person in and catch up on every conversation of the cursors.

        Listens first and reads then, so that nothing falls between.
        """
        await self._hub.ready()
        actor = await self.admit(data["ticket"])
        self._guest = actor
        cursors = {pk: Cursor(**cursor) for pk, cursor in data["cursors"].items()}
        for topic in self.lobby(actor):
            self.subscribe(topic)
        for pk in cursors:
            self._listen(actor, pk)
        answer = await in_database_thread(self._greet, actor, cursors, data["epoch"])
        self.actor = actor
        for sync in answer["syncs"]:
            self._give(sync)
        for pk in set(cursors) - self.opened:
            self._ignore(actor, pk)
        return answer

    async def still_welcome(self) -> bool:
        """Renew the lease of somebody who may stay; a new name or role counts from now on."""
        actor = await in_database_thread(self._stay)
        if actor is not None:
            self.actor = actor
        return actor is not None

    async def farewell(self) -> None:
        if self._guest is None:
            return
        for pk in list(self.typing):
            await self._say_typing(self._guest, pk, is_typing=False)
        try:
            await in_database_thread(self._go, self._guest)
        except LiveCallerError:
            # The lease runs out by itself, and the next heartbeat of anybody says so.
            return

    async def heartbeat(self, data: Mapping[str, Any]) -> Answer:
        """Answer the newest versions of what is open."""
        return {"heads": await self.in_tenant(heads_of, self.known_actor, self.opened)}

    async def open_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Listen to a conversation and catch up."""
        pk: UUID = data["conversation"]
        if pk not in self.opened and len(self.opened) >= OPEN_MOST:
            raise InvalidError(_("Too many conversations are open. Leave one first."))
        self._listen(self.known_actor, pk)
        try:
            return await self.catch_up(data)
        except LiveCallerError:
            if pk not in self.opened:
                self._ignore(self.known_actor, pk)
            raise

    async def leave_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Stop listening to a conversation."""
        pk: UUID = data["conversation"]
        if pk in self.typing:
            await self._say_typing(self.known_actor, pk, is_typing=False)
        self.opened.discard(pk)
        self._ignore(self.known_actor, pk)
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
        return await self.in_tenant(services.send_counted_draft, actor=actor, draft=draft)

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

    def _greet(self, actor: A, cursors: dict[UUID, Cursor], client_epoch: str | None) -> Payload:
        with tenant(actor.organization_id):
            services.note_beat(actor=actor, beat=take_lease(actor, self.socket))
            return {
                "epoch": epoch(),
                "heartbeat_seconds": HEARTBEAT_SECONDS,
                "syncs": syncs_of(actor, cursors, client_epoch=client_epoch or ""),
                "available": available_in(actor.organization_id),
                **self.greeting(actor),
            }

    def _stay(self) -> A | None:
        try:
            actor = self.readmit()
        except UnauthenticatedError:
            return None
        beat = renew_lease(actor, self.socket)
        if beat.came or beat.gone or not beat.is_availability_known:
            with tenant(actor.organization_id):
                services.note_beat(actor=actor, beat=beat)
        return actor

    def _go(self, actor: A) -> None:
        if drop_lease(actor, self.socket):
            with tenant(actor.organization_id):
                services.note_leaving(actor=actor)

    def _listen(self, actor: A, pk: UUID) -> None:
        for topic in self.topics_of(actor, pk):
            self.subscribe(topic)

    def _ignore(self, actor: A, pk: UUID) -> None:
        for topic in self.topics_of(actor, pk):
            self.unsubscribe(topic)
        for lane in ("public", "notes"):
            self.outbox.given.pop((str(pk), lane), None)

    def _hears(self, pk: UUID) -> bool:
        return self.outbox.topics.issuperset(self.topics_of(self.known_actor, pk))

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


_writing: PerLoop[services.Draft, services.Stored | services.NotNow] = PerLoop(services.write_batch, "messages")

COMMANDS: dict[str, Command] = {
    "heartbeat": Command(NoData, ChatConsumer.heartbeat, plain_nothing),
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

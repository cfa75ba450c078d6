"""The socket."""

from typing import Any  # frames are JSON
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import IntegrityError, transaction

from tests.bench.chat.usual.models import Conversation, Message


class ChatConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One signed-in person, in the groups of their conversations."""

    async def connect(self) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.rooms: set[str] = set()
        await self.accept()

    async def disconnect(self, code: int) -> None:
        for room in getattr(self, "rooms", ()):
            await self.channel_layer.group_discard(room, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        handlers = {
            "hello": self.hello,
            "heartbeat": self.heartbeat,
            "conversation.sync": self.sync,
            "message.send": self.send_message,
        }
        answer, event = await handlers[content["type"]](content["data"])
        await self.send_json({"re": content["id"], "ok": True, "data": answer})
        if event is not None:
            await self.channel_layer.group_send(event["conversation"], {"type": "chat.message", "frame": event})

    async def hello(self, data: dict[str, Any]) -> tuple[dict[str, Any], None]:
        """Join the groups of those conversations of `cursors` in which the person takes part."""
        rooms = await self.rooms_among(list(data["cursors"]))
        for room in rooms:
            await self.channel_layer.group_add(room, self.channel_name)
            self.rooms.add(room)
        return {"syncs": [await self.missed(room, data["cursors"][room]["version"]) for room in rooms]}, None

    async def heartbeat(self, data: dict[str, Any]) -> tuple[dict[str, Any], None]:
        """Say that somebody is there."""
        return {}, None

    async def sync(self, data: dict[str, Any]) -> tuple[dict[str, Any], None]:
        """Return what came after a number."""
        return await self.missed(data["conversation"], data["after_version"] or 0), None

    async def send_message(self, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Store a message and tell the group."""
        message = await self.store(data)
        event = {"type": "message.created", "conversation": data["conversation"], "version": message["seq"]}
        return {"message": message}, {**event, "data": {"message": message}}

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Pass on what the group was told."""
        await self.send_json(event["frame"])

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def rooms_among(self, wanted: list[str]) -> dict[str, int]:
        """Return the person's own conversations among `wanted` and their last numbers."""
        rows = Conversation.objects.filter(pk__in=wanted, members=self.scope["user"])
        return {str(pk): last_seq for pk, last_seq in rows.values_list("pk", "last_seq")}

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def missed(self, room: str, after: int) -> dict[str, Any]:
        """Return the messages of a conversation after a number."""
        if room not in self.rooms:
            raise PermissionError(room)
        rows = list(Message.objects.filter(conversation_id=room, seq__gt=after).order_by("seq"))
        last = rows[-1].seq if rows else after
        messages = [_payload(row) for row in rows]
        return {"conversation": room, "mode": "delta", "version": last, "messages": messages}

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def store(self, data: dict[str, Any]) -> dict[str, Any]:
        """Number and insert a message, or return the one that a former try has stored."""
        if data["conversation"] not in self.rooms:
            raise PermissionError(data["conversation"])
        try:
            with transaction.atomic():
                conversation = Conversation.objects.select_for_update().get(pk=data["conversation"])
                conversation.last_seq += 1
                conversation.save(update_fields=["last_seq"])
                message = Message.objects.create(
                    conversation=conversation,
                    author=self.scope["user"],
                    seq=conversation.last_seq,
                    client_id=UUID(data["client_id"]),
                    body=data["body"],
                )
        except IntegrityError:
            message = Message.objects.get(conversation_id=data["conversation"], client_id=data["client_id"])
        return _payload(message)


def _payload(message: Message) -> dict[str, Any]:
    """Return a message with the fields that any chat shows."""
    return {
        "id": message.pk,
        "conversation": str(message.conversation_id),
        "seq": message.seq,
        "version": message.seq,
        "author": {"id": message.author_id},
        "client_id": str(message.client_id),
        "body": message.body,
        "created_at": message.created_at.isoformat(),
    }

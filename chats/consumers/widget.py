"""The end-users' socket: `/ws/widget` on the widget host."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar  # Any: frames are JSON
from uuid import UUID

from django.conf import settings

from chats import events, services
from chats.admission import EndUserPass, end_user_pass
from chats.beats import BeatAsked, Heads, answer_beats
from chats.consumers.chat import COMMANDS, ChatConsumer
from chats.hellos import HelloAnswer, HelloAsked, answer_hellos
from chats.plain import plain_nothing
from chats.selectors import Cursor
from chats.serializers import ConversationData
from livecaller.core.actors import EndUserActor
from livecaller.core.batches import PerLoop
from livecaller.core.consumers import Answer, Command, NoData
from livecaller.core.tickets import Ticket
from widget.events import token_topic

_arriving: PerLoop[HelloAsked, HelloAnswer] = PerLoop(answer_hellos, "hellos")
_beating: PerLoop[BeatAsked, Heads | None] = PerLoop(answer_beats, "beats")


class WidgetConsumer(ChatConsumer[EndUserActor]):
    """A widget on a page. Nothing of the operators' side is ever sent here: it has no topic for it."""

    door = "widget"

    @property
    def origin(self) -> str:
        return str(settings.WIDGET_URL)

    def read_pass(self, ticket: Ticket) -> EndUserPass:
        self._pass = end_user_pass(ticket)
        return self._pass

    async def greet(self, ticket: Ticket, cursors: Mapping[UUID, Cursor], epoch: str | None) -> Answer:
        """Say hello together with all other widgets of this moment."""
        asked = HelloAsked(ticket, self._pass, self.socket, cursors, epoch)
        answer = await _arriving.ask(self._pass.organization_id, asked)
        self.actor = answer.actor
        return {
            "epoch": answer.epoch,
            "me": {"id": str(answer.actor.end_user_id), "name": answer.actor.name},
            "syncs": answer.syncs,
            "available": answer.is_available,
        }

    async def still_welcome(self) -> bool:
        """Ask together with all other widgets of this moment."""
        actor = self.known_actor
        asked = BeatAsked(actor, self._pass.token_id, self.socket, tuple(self.opened))
        heads = await _beating.ask(actor.organization_id, asked)
        if heads is not None:
            self._heads = heads
        return heads is not None

    async def heartbeat(self, data: Mapping[str, Any]) -> Answer:
        """Answer the newest versions of what is open, which `still_welcome` has brought along, and a ticket."""
        return {"heads": self._heads, "ticket": self._pass.ticket()}

    def topics(self) -> Iterable[str]:
        return (
            token_topic(self._pass.token_id),
            events.end_user_topic(self._pass.end_user_id),
            events.availability_topic(self._pass.organization_id),
        )

    def topics_of(self, organization_id: UUID, conversation_id: UUID) -> Iterable[str]:
        return (events.conversation_topic(organization_id, conversation_id, events.END_USER),)

    async def close_conversation(self, data: Mapping[str, Any]) -> Answer:
        """End the conversation."""
        return {"thread": await self.changed(services.close_conversation, conversation_id=data["conversation"])}

    commands: ClassVar[Mapping[str, Command]] = {
        **COMMANDS,
        "heartbeat": Command(NoData, heartbeat, plain_nothing),
        "conversation.close": Command(ConversationData, close_conversation),
    }

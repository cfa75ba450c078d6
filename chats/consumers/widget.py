"""The end-users' socket: `/ws/widget` on the widget host."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar  # Any: frames are JSON
from uuid import UUID

from django.conf import settings

from chats import events, services
from chats.admission import admitted_end_user, redeem_end_user_ticket
from chats.beats import BeatAnswer, BeatAsked, answer_beats
from chats.consumers.chat import COMMANDS, ChatConsumer
from chats.payloads import Payload
from chats.plain import plain_nothing
from chats.serializers import ConversationData
from livecaller.core.actors import EndUserActor
from livecaller.core.batches import PerLoop
from livecaller.core.consumers import Answer, Command, NoData
from livecaller.core.database import in_database_thread
from livecaller.core.tenancy.context import tenant
from widget.events import token_topic

_beating: PerLoop[BeatAsked, BeatAnswer | None] = PerLoop(answer_beats, "beats")


class WidgetConsumer(ChatConsumer[EndUserActor]):
    """A widget on a page. Nothing of the operators' side is ever sent here: it has no topic for it."""

    door = "widget"

    @property
    def origin(self) -> str:
        return str(settings.WIDGET_URL)

    async def admit(self, ticket: str) -> EndUserActor:
        """Let in the browser that the ticket was given to."""
        self._ticket = await in_database_thread(redeem_end_user_ticket, ticket)
        self.subscribe(token_topic(self._ticket.token_id))
        return await in_database_thread(self.readmit)

    def readmit(self) -> EndUserActor:
        with tenant(self._ticket.organization_id):
            return admitted_end_user(self._ticket)

    async def still_welcome(self) -> bool:
        """Ask together with all other widgets of this moment."""
        actor = self.known_actor
        asked = BeatAsked(actor, self._ticket.token_id, self.socket, tuple(self.opened))
        answer = await _beating.ask(actor.organization_id, asked)
        if answer is None:
            return False
        if not answer.beat.is_quiet:
            await self.in_tenant(services.note_beat, actor=actor, beat=answer.beat)
        self._heads = answer.heads
        return True

    async def heartbeat(self, data: Mapping[str, Any]) -> Answer:
        """Answer the newest versions of what is open, which `still_welcome` has brought along."""
        return {"heads": self._heads}

    def lobby(self, actor: EndUserActor) -> Iterable[str]:
        return (events.end_user_topic(actor.end_user_id), events.availability_topic(actor.organization_id))

    def topics_of(self, actor: EndUserActor, conversation_id: UUID) -> Iterable[str]:
        return (events.conversation_topic(actor.organization_id, conversation_id, events.END_USER),)

    def greeting(self, actor: EndUserActor) -> Payload:
        return {"me": {"id": str(actor.end_user_id), "name": actor.name}}

    async def close_conversation(self, data: Mapping[str, Any]) -> Answer:
        """End the conversation."""
        return {"thread": await self.changed(services.close_conversation, conversation_id=data["conversation"])}

    commands: ClassVar[Mapping[str, Command]] = {
        **COMMANDS,
        "heartbeat": Command(NoData, heartbeat, plain_nothing),
        "conversation.close": Command(ConversationData, close_conversation),
    }

"""The operators' socket: `/ws/inbox` on the site's host."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar  # Any: frames are JSON
from uuid import UUID

from django.conf import settings
from django.http import parse_cookie
from django.utils.translation import gettext as _

from accounts.enums import PresenceStatus
from accounts.events import member_topic, person_topic
from chats import events, services
from chats.admission import OperatorTicket, admitted_operator, redeem_operator_ticket
from chats.consumers.chat import COMMANDS, ChatConsumer
from chats.payloads import Payload
from chats.selectors import member_payload_of, member_payloads_of
from chats.serializers import AssignData, ConversationData, NoteData, PresenceBody
from livecaller.core.actors import OperatorActor
from livecaller.core.consumers import Answer, Command
from livecaller.core.database import in_database_thread
from livecaller.core.errors import UnauthenticatedError
from widget.events import people_topic


class InboxConsumer(ChatConsumer[OperatorActor]):
    """A window of the inbox."""

    door = "inbox"

    @property
    def origin(self) -> str:
        return str(settings.SITE_URL)

    async def admit(self, ticket: str) -> OperatorActor:
        """Let in who holds a ticket of the session that this socket's own cookie names."""
        self._session_key = self._cookie(settings.SESSION_COOKIE_NAME)
        self._ticket = await in_database_thread(redeem_operator_ticket, ticket, self._session_key)
        for topic in self._ends(self._ticket):
            self.subscribe(topic)
        return await in_database_thread(self.readmit)

    def readmit(self) -> OperatorActor:
        return admitted_operator(self._ticket, self._session_key)

    def lobby(self, actor: OperatorActor) -> Iterable[str]:
        organization_id = actor.organization_id
        return (
            events.inbox_topic(organization_id),
            events.presence_topic(organization_id),
            people_topic(organization_id),
        )

    def topics_of(self, actor: OperatorActor, conversation_id: UUID) -> Iterable[str]:
        return (
            events.conversation_topic(actor.organization_id, conversation_id, events.OPERATORS),
            events.notes_topic(actor.organization_id, conversation_id),
        )

    def greeting(self, actor: OperatorActor) -> Payload:
        members = member_payloads_of(actor)
        me = next((member for member in members if member["id"] == str(actor.membership_id)), None)
        if me is None:
            raise UnauthenticatedError(_("You are not a member of this organization any more."))
        return {"me": me, "members": members}

    async def send_note(self, data: Mapping[str, Any]) -> Answer:
        """Store a note."""
        stored = await self.in_tenant(
            services.write_note,
            actor=self.known_actor,
            conversation_id=data["conversation"],
            client_id=data["client_id"],
            body=data["body"],
        )
        return {"note": stored.payload()}

    async def assign_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Put an operator in charge."""
        conversation = await self.changed(
            services.assign_conversation, conversation_id=data["conversation"], assignee_id=data["assignee"]
        )
        return {"conversation": conversation}

    async def close_conversation(self, data: Mapping[str, Any]) -> Answer:
        """End a conversation."""
        return {"conversation": await self.changed(services.close_conversation, conversation_id=data["conversation"])}

    async def reopen_conversation(self, data: Mapping[str, Any]) -> Answer:
        """Open a conversation again."""
        return {"conversation": await self.changed(services.reopen_conversation, conversation_id=data["conversation"])}

    async def mark_spam(self, data: Mapping[str, Any]) -> Answer:
        """Put a conversation aside."""
        return {"conversation": await self.changed(services.mark_spam, conversation_id=data["conversation"])}

    async def set_presence(self, data: Mapping[str, Any]) -> Answer:
        """Choose what to be."""
        return {"member": await self.in_tenant(_change_presence, self.known_actor, data["status"])}

    def _ends(self, ticket: OperatorTicket) -> Iterable[str]:
        return (
            ticket.session,
            person_topic(ticket.user_id),
            member_topic(ticket.organization_id, ticket.membership_id),
        )

    def _cookie(self, name: str) -> str:
        return parse_cookie(self._header(b"cookie")).get(name, "")

    commands: ClassVar[Mapping[str, Command]] = {
        **COMMANDS,
        "note.send": Command(NoteData, send_note),
        "conversation.assign": Command(AssignData, assign_conversation),
        "conversation.close": Command(ConversationData, close_conversation),
        "conversation.reopen": Command(ConversationData, reopen_conversation),
        "conversation.mark_spam": Command(ConversationData, mark_spam),
        "presence.set": Command(PresenceBody, set_presence),
    }


def _change_presence(actor: OperatorActor, status: str) -> Payload:
    services.change_presence(actor=actor, status=PresenceStatus(status))
    return member_payload_of(actor)

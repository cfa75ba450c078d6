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
from chats.admission import OperatorPass, admitted_operator, operator_pass
from chats.consumers.chat import COMMANDS, ChatConsumer
from chats.payloads import Payload
from chats.plain import plain_nothing
from chats.presence import renew_lease, take_lease
from chats.selectors import (
    Cursor,
    available_in,
    epoch,
    heads_of,
    member_payload_of,
    member_payloads_of,
    syncs_of,
)
from chats.serializers import AssignData, ConversationData, NoteData, PresenceBody
from livecaller.core.actors import OperatorActor
from livecaller.core.consumers import Answer, Command, NoData
from livecaller.core.database import in_database_thread
from livecaller.core.errors import UnauthenticatedError
from livecaller.core.tenancy.context import tenant
from livecaller.core.tickets import Ticket, use_up, used_ticket_error
from widget.events import people_topic


class InboxConsumer(ChatConsumer[OperatorActor]):
    """A window of the inbox."""

    door = "inbox"

    @property
    def origin(self) -> str:
        return str(settings.SITE_URL)

    def read_pass(self, ticket: Ticket) -> OperatorPass:
        """Return the pass of a ticket that was given to the session that this socket's own cookie names."""
        self._session_key = self._cookie(settings.SESSION_COOKIE_NAME)
        self._pass = operator_pass(ticket, self._session_key)
        return self._pass

    async def greet(self, ticket: Ticket, cursors: Mapping[UUID, Cursor], epoch: str | None) -> Answer:
        actor = await in_database_thread(self._admitted, ticket)
        answer = await self.or_leave(actor, in_database_thread(_greeting, actor, self.socket, cursors, epoch or ""))
        self.actor = actor
        return answer

    async def still_welcome(self) -> bool:
        """Renew the lease of somebody who may stay; a new name or role counts from now on."""
        actor = await in_database_thread(self._staying)
        if actor is not None:
            self.actor = actor
        return actor is not None

    async def heartbeat(self, data: Mapping[str, Any]) -> Answer:
        """Answer the newest versions of what is open, and a ticket."""
        return {"heads": await self.in_tenant(heads_of, self.known_actor, self.opened), "ticket": self._pass.ticket()}

    def topics(self) -> Iterable[str]:
        organization_id = self._pass.organization_id
        return (
            self._pass.session,
            person_topic(self._pass.user_id),
            member_topic(organization_id, self._pass.membership_id),
            events.inbox_topic(organization_id),
            events.presence_topic(organization_id),
            people_topic(organization_id),
        )

    def topics_of(self, organization_id: UUID, conversation_id: UUID) -> Iterable[str]:
        return (
            events.conversation_topic(organization_id, conversation_id, events.OPERATORS),
            events.notes_topic(organization_id, conversation_id),
        )

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

    def _admitted(self, ticket: Ticket) -> OperatorActor:
        if use_up([ticket]) != [True]:
            raise used_ticket_error()
        return admitted_operator(self._pass, self._session_key)

    def _staying(self) -> OperatorActor | None:
        try:
            actor = admitted_operator(self._pass, self._session_key)
        except UnauthenticatedError:
            return None
        services.note_beats([(actor, renew_lease(actor, self.socket))])
        return actor

    def _cookie(self, name: str) -> str:
        return parse_cookie(self._header(b"cookie")).get(name, "")

    commands: ClassVar[Mapping[str, Command]] = {
        **COMMANDS,
        "heartbeat": Command(NoData, heartbeat, plain_nothing),
        "note.send": Command(NoteData, send_note),
        "conversation.assign": Command(AssignData, assign_conversation),
        "conversation.close": Command(ConversationData, close_conversation),
        "conversation.reopen": Command(ConversationData, reopen_conversation),
        "conversation.mark_spam": Command(ConversationData, mark_spam),
        "presence.set": Command(PresenceBody, set_presence),
    }


def _greeting(actor: OperatorActor, socket: str, cursors: Mapping[UUID, Cursor], client_epoch: str) -> Payload:
    beat = take_lease(actor, socket)
    with tenant(actor.organization_id):
        services.note_beats([(actor, beat)])
        members = member_payloads_of(actor)
        me = next((member for member in members if member["id"] == str(actor.membership_id)), None)
        if me is None:
            raise UnauthenticatedError(_("You are not a member of this organization any more."))
        return {
            "epoch": epoch(),
            "me": me,
            "members": members,
            "syncs": syncs_of(actor, cursors, client_epoch=client_epoch),
            "available": available_in(actor.organization_id),
        }


def _change_presence(actor: OperatorActor, status: str) -> Payload:
    services.change_presence(actor=actor, status=PresenceStatus(status))
    return member_payload_of(actor)

"""Operators and end-users as a conversation shows them."""

from uuid import UUID

from accounts.enums import PresenceStatus
from accounts.models import Membership
from accounts.rules import require
from accounts.selectors import get_member, members_of
from chats import payloads
from chats.enums import ConversationState
from chats.models import Conversation
from chats.payloads import Payload
from chats.presence import live_operators, online_end_users
from livecaller.core.actors import EndUserActor, OperatorActor
from widget.models import Visit
from widget.selectors import get_end_user

VISITS_SHOWN = 10
CONVERSATIONS_SHOWN = 20
ANNOUNCED_MOST = 5


def member_payloads_of(actor: OperatorActor) -> list[Payload]:
    """Return the organization's active members with what they are now; one query."""
    live = live_operators(actor.organization_id)
    return [payloads.member_payload(member, is_live=member.pk in live) for member in members_of(actor)]


def member_payload_of(actor: OperatorActor) -> Payload:
    """Return the actor as a member."""
    live = live_operators(actor.organization_id)
    member = get_member(actor, actor.membership_id)
    return payloads.member_payload(member, is_live=member.pk in live)


def available_in(organization_id: UUID) -> bool:
    """Say whether an operator who chose to be online has a living lease now. Inside that organization."""
    live = live_operators(organization_id)
    if not live:
        return False
    return Membership.objects.filter(pk__in=live, is_active=True, status=PresenceStatus.ONLINE).exists()


def end_user_profile_of(actor: OperatorActor, pk: UUID) -> Payload:
    """Return an `EndUser` with newest visits and conversations; three queries. Raises `NotFoundError`."""
    require(actor, "end_user.read")
    person = get_end_user(actor, pk)
    visits = Visit.objects.filter(end_user=person).order_by("-started_at", "-pk")[:VISITS_SHOWN]
    conversations = Conversation.objects.filter(end_user=person).order_by("-updated_at", "-pk")[:CONVERSATIONS_SHOWN]
    online = online_end_users(actor.organization_id, [person.pk])
    return payloads.end_user_payload(person, visits, conversations, is_online=bool(online))


def open_conversations_of(actor: EndUserActor) -> list[Conversation]:
    """Return the end-user's newest open conversations, whose snapshots show whether they are online."""
    rows = Conversation.objects.select_related("widget", "end_user", "assignee")
    mine = rows.filter(end_user_id=actor.end_user_id, state=ConversationState.OPEN)
    return list(mine.order_by("-updated_at", "-pk")[:ANNOUNCED_MOST])

"""Operators and end-users as a conversation shows them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any  # rows are JSON
from uuid import UUID

import orjson
from django.db import connection

from accounts.enums import PresenceStatus
from accounts.models import Membership
from accounts.rules import require
from accounts.selectors import get_member, members_of
from chats import payloads
from chats.models import Conversation
from chats.payloads import Payload
from chats.presence import live_operators, online_end_users
from chats.rows import instance_of
from livecaller.core.actors import EndUserActor, OperatorActor
from widget.models import EndUser, Visit, Widget
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


def open_conversations_of(people: Iterable[EndUserActor]) -> list[Conversation]:
    """Return the newest open conversations of end-users of any organizations: their snapshots show who is online.

    Inside `organizations_in_turn`; one query.
    """
    asked: dict[str, list[str]] = defaultdict(list)
    for actor in people:
        asked[str(actor.organization_id)].append(str(actor.end_user_id))
    with connection.cursor() as cursor:
        wanted = orjson.dumps(asked).decode()
        cursor.execute("SELECT content::text FROM chats_people(%s::jsonb, %s)", [wanted, ANNOUNCED_MOST])
        return [_conversation(orjson.loads(content)) for (content,) in cursor.fetchall()]


def _conversation(row: Mapping[str, Any]) -> Conversation:
    conversation = instance_of(Conversation, row["conversation"])
    conversation.widget = instance_of(Widget, row["widget"])
    conversation.end_user = instance_of(EndUser, row["end_user"])
    conversation.assignee = instance_of(Membership, row["assignee"]) if row["assignee"] else None
    return conversation

"""Who is there, as it changes: what is stored, and what others are told."""

from uuid import UUID

from django.db import connection, transaction

from accounts.enums import PresenceStatus
from accounts.models import Membership
from chats import events
from chats.presence import Beat, live_operators, note_availability
from chats.rules import Person
from chats.selectors import available_in, open_conversations_of
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import NotFoundError
from livecaller.core.tenancy.context import tenant


def change_presence(*, actor: OperatorActor, status: PresenceStatus) -> Membership:
    """Store what the operator chooses to be, tell the team, and the widgets if it makes a difference to them."""
    member = Membership.objects.select_for_update().filter(pk=actor.membership_id, is_active=True).first()
    if member is None:
        raise NotFoundError
    if member.status != status:
        member.status = status
        member.save(update_fields=["status"])
        _announce_members(actor.organization_id, [member.pk])
        refresh_availability(actor.organization_id)
    return member


def note_beat(*, actor: Person, beat: Beat) -> None:
    """Tell others what a lease that was taken or renewed has brought to light."""
    if isinstance(actor, EndUserActor):
        if beat.came:
            events.conversations_updated(open_conversations_of(actor))
        changed = list(beat.gone)
    else:
        changed = [*beat.gone, *([actor.membership_id] if beat.came else [])]
    if changed:
        _announce_members(actor.organization_id, changed)
    if changed or not beat.is_availability_known:
        refresh_availability(actor.organization_id)


def note_leaving(*, actor: Person) -> None:
    """Tell others that the actor's last socket is gone."""
    if isinstance(actor, EndUserActor):
        events.conversations_updated(open_conversations_of(actor))
        return
    _announce_members(actor.organization_id, [actor.membership_id])
    refresh_availability(actor.organization_id)


def refresh_availability(organization_id: UUID) -> None:
    """Tell the widgets after commit when somebody can answer now and nobody could before, or the other way round."""
    transaction.on_commit(lambda: _tell_availability(organization_id), robust=True)


def _tell_availability(organization_id: UUID) -> None:
    # Said while the turn is held: who has waited for it looks later and speaks later, so the last word is true.
    with tenant(organization_id):
        _wait_for_turn(organization_id)
        is_available = available_in(organization_id)
        if note_availability(organization_id, is_available=is_available):
            events.availability_changed(organization_id, is_available=is_available)


def _wait_for_turn(organization_id: UUID) -> None:
    """Let one change at a time decide: two operators leaving at once must not each see the other as there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"availability:{organization_id}"])


def _announce_members(organization_id: UUID, ids: list[UUID]) -> None:
    events.members_changed(Membership.objects.filter(pk__in=ids), live_operators(organization_id))

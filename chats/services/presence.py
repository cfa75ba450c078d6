"""Who is there, as it changes: what is stored, and what others are told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection, transaction

from accounts.enums import PresenceStatus
from accounts.models import Membership
from chats import events
from chats.presence import Beat, gone_among, live_operators, note_availability
from chats.rules import Person
from chats.selectors import available_in, open_conversations_of
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.errors import NotFoundError
from livecaller.core.tenancy.context import organizations_in_turn, tenant


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


def note_beats(beats: Iterable[tuple[Person, Beat]]) -> None:
    """Tell others what leases that were taken or renewed have brought to light, of any organizations."""
    arrived: list[EndUserActor] = []
    members: dict[UUID, set[UUID]] = defaultdict(set)
    for actor, beat in beats:
        if not beat.is_quiet:
            members[actor.organization_id].update(beat.gone)
        if beat.came and isinstance(actor, EndUserActor):
            arrived.append(actor)
        elif beat.came and isinstance(actor, OperatorActor):
            members[actor.organization_id].add(actor.membership_id)
    _tell_presence(arrived, is_online=True)
    _tell_members(members)


def note_leavings(actors: Iterable[Person]) -> None:
    """Tell others of those who lingered and are gone, of any organizations."""
    lingering = list(actors)
    gone = [actor for actor, is_gone in zip(lingering, gone_among(lingering), strict=True) if is_gone]
    members: dict[UUID, set[UUID]] = defaultdict(set)
    for actor in gone:
        if isinstance(actor, OperatorActor):
            members[actor.organization_id].add(actor.membership_id)
    _tell_presence([actor for actor in gone if isinstance(actor, EndUserActor)], is_online=False)
    _tell_members(members)


def _tell_presence(people: Sequence[EndUserActor], *, is_online: bool) -> None:
    if people:
        with organizations_in_turn():
            events.conversations_updated(open_conversations_of(people), is_online=is_online)


def _tell_members(changed: Mapping[UUID, set[UUID]]) -> None:
    for organization_id, ids in changed.items():
        with tenant(organization_id):
            if ids:
                _announce_members(organization_id, ids)
            refresh_availability(organization_id)


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


def _announce_members(organization_id: UUID, ids: Iterable[UUID]) -> None:
    events.members_changed(Membership.objects.filter(pk__in=ids), live_operators(organization_id))

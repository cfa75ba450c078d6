"""What can be read about people and organizations."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Membership, Organization, User
from accounts.rules import require
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError, NotFoundError
from livecaller.core.tenancy.context import credential


def memberships_of(user: User) -> list[Membership]:
    """Return the person's active memberships with their organizations, oldest first.

    Call it outside a tenant: it is how a door learns which organization to enter.
    """
    with credential("person", str(user.pk)):
        return list(
            Membership.objects.filter(user_id=user.pk, is_active=True)
            .select_related("organization")
            .order_by("created_at", "id")
        )


def operator_of(user: User, organization_id: UUID | None = None) -> OperatorActor:
    """Return the person as an operator of `organization_id`, or of their first organization.

    Raises `ForbiddenError` when the person is not (or no longer) a member.
    """
    for membership in memberships_of(user):
        if organization_id is None or membership.organization_id == organization_id:
            return operator_from(membership)
    raise ForbiddenError(_("You are not a member of an organization. Ask for an invitation or create one."))


def operator_from(membership: Membership) -> OperatorActor:
    """Return the actor behind a membership row."""
    return OperatorActor(
        organization_id=membership.organization_id,
        membership_id=membership.pk,
        user_id=membership.user_id,
        role=membership.role,
        name=membership.display_name,
    )


def organization_of(actor: OperatorActor) -> Organization:
    """Return the actor's organization."""
    return Organization.objects.get(pk=actor.organization_id)


def members_of(actor: OperatorActor) -> list[Membership]:
    """Return the organization's active members with their people, by name."""
    rows = Membership.objects.filter(is_active=True).select_related("user")
    return list(rows.order_by("display_name", "id"))


def get_member(actor: OperatorActor, pk: UUID) -> Membership:
    """Return one active member; raises `NotFoundError`."""
    member = Membership.objects.select_related("user").filter(pk=pk, is_active=True).first()
    if member is None:
        raise NotFoundError
    return member


def pending_invitations_of(actor: OperatorActor) -> list[Invitation]:
    """Return invitations that are neither accepted nor revoked, expired ones of the last 30 days too, newest first.

    Raises `ForbiddenError` for those who may not invite: an invitation names an address.
    """
    require(actor, "member.invite")
    since = timezone.now() - timedelta(days=30)
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=since)
    return list(rows.select_related("invited_by").order_by("-created_at", "-id"))


def get_invitation(actor: OperatorActor, pk: UUID) -> Invitation:
    """Return one invitation of the organization; raises `NotFoundError`."""
    invitation = Invitation.objects.filter(pk=pk).first()
    if invitation is None:
        raise NotFoundError
    return invitation

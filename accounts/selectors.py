"""What can be read about people and organizations."""

from uuid import UUID

from accounts.models import Membership, User
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ForbiddenError
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
    raise ForbiddenError("You are not a member of an organization. Ask for an invitation or create one.")


def operator_from(membership: Membership) -> OperatorActor:
    """Return the actor behind a membership row."""
    return OperatorActor(
        organization_id=membership.organization_id,
        membership_id=membership.pk,
        user_id=membership.user_id,
        role=membership.role,
        name=membership.display_name,
    )

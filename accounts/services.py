"""What can be done to organizations, members and invitations. Every change leaves a link in the audit chain.

Whatever counts members locks the organization's row first, so that two requests cannot both take the last seat
or both remove one of the last two owners.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit, events
from accounts.enums import Role
from accounts.models import Invitation, Membership, Organization, User
from accounts.rules import require, require_above
from accounts.selectors import get_invitation, get_member, operator_from
from accounts.signals import membership_ended
from livecaller.core.actors import OperatorActor
from livecaller.core.errors import ConflictError, ForbiddenError, GoneError, InvalidError, NotFoundError
from livecaller.core.limits import Limit
from livecaller.core.tenancy.context import tenant

INVITATION_LIFE = timedelta(days=7)
INVITATION_MAILS = Limit("invitation_mails", burst=30, seconds=3600)


def create_organization(*, user: User, name: str, time_zone: str = "UTC", is_demo: bool = False) -> Organization:
    """Store an organization with `user` as its owner. Call it outside a tenant."""
    with transaction.atomic():
        organization = Organization.objects.create(name=name, time_zone=time_zone, locale=user.locale, is_demo=is_demo)
        with tenant(organization.pk):
            owner = Membership.objects.create(
                organization=organization, user=user, role=Role.OWNER, display_name=user.full_name
            )
            _record("organization.created", operator_from(owner), organization)
    return organization


def update_organization(*, actor: OperatorActor, changes: Mapping[str, str | int]) -> Organization:
    """Set any of `name`, `locale`, `time_zone` and `retention_days`; the caller has validated the values.

    Raises `ForbiddenError` without `organization.manage`. Nothing is recorded when nothing changes.
    """
    require(actor, "organization.manage")
    organization = _lock(actor.organization_id)
    changed = [name for name, value in changes.items() if getattr(organization, name) != value]
    if changed:
        for name in changed:
            setattr(organization, name, changes[name])
        organization.save(update_fields=changed)
        fields = " ".join(sorted(changed))
        _record("organization.changed", actor, organization, changed=fields, retention_days=organization.retention_days)
    return organization


def update_profile(*, actor: OperatorActor, user: User, full_name: str, display_name: str, locale: str) -> None:
    """Set what the actor is called, by us and (`display_name`) in this organization, and their language."""
    User.objects.filter(pk=user.pk).update(full_name=full_name, locale=locale)
    Membership.objects.filter(pk=actor.membership_id).update(display_name=display_name)


def invite_member(*, actor: OperatorActor, email: str, role: Role) -> Invitation:
    """Store an invitation and mail its link after commit.

    Raises `ForbiddenError` for a role that the actor may not give, `InvalidError` for somebody who is in or
    invited already, `ConflictError` when no seat is free and `RateLimitedError` after 30 mails an hour.
    """
    require(actor, "member.invite")
    require_above(actor, role)
    organization, email = _lock(actor.organization_id), email.lower()
    if Membership.objects.filter(user__email=email, is_active=True).exists():
        raise InvalidError(fields={"email": [_("This person is already in your team.")]})
    if Invitation.objects.filter(_open(), email=email).exists():
        raise InvalidError(fields={"email": [_("This person is already invited. Send the mail again instead.")]})
    _require_seat(organization)
    INVITATION_MAILS.take(organization.pk)
    invitation = Invitation(
        organization=organization,
        email=email,
        role=role,
        invited_by_id=actor.membership_id,
        expires_at=timezone.now() + INVITATION_LIFE,
    )
    invitation.token_hash = _hash(invitation_token(invitation.pk))
    invitation.save(force_insert=True)
    _record("member.invited", actor, invitation, role=role.value)
    events.mail_requested(events.Mail.INVITATION, organization.pk, invitation.pk)
    return invitation


def resend_invitation(*, actor: OperatorActor, invitation_id: UUID) -> Invitation:
    """Mail an invitation once more, also an expired one; it lives seven days from now.

    Raises `GoneError` when it was accepted or revoked, `ConflictError` when an expired one finds no free seat.
    """
    require(actor, "member.invite")
    organization = _lock(actor.organization_id)
    invitation = get_invitation(actor, invitation_id)
    require_above(actor, invitation.role)
    _require_unused(invitation)
    if invitation.is_expired:
        _require_seat(organization)
    INVITATION_MAILS.take(organization.pk)
    invitation.expires_at = timezone.now() + INVITATION_LIFE
    invitation.save(update_fields=["expires_at"])
    _record("invitation.resent", actor, invitation)
    events.mail_requested(events.Mail.INVITATION, organization.pk, invitation.pk)
    return invitation


def revoke_invitation(*, actor: OperatorActor, invitation_id: UUID) -> None:
    """Make an invitation's link worthless. Raises `GoneError` when it was accepted or revoked before."""
    require(actor, "member.invite")
    _lock(actor.organization_id)
    invitation = get_invitation(actor, invitation_id)
    require_above(actor, invitation.role)
    _require_unused(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _record("invitation.revoked", actor, invitation)


def accept_invitation(*, user: User, invitation: Invitation) -> Membership:
    """Make `user` a member, once. `user` has proven the address of their account; call it inside the tenant.

    Raises `GoneError` when the invitation is used, revoked or expired, `ForbiddenError` when it was sent to
    another address and `ConflictError` when the organization has no seat left.
    """
    organization = _lock(invitation.organization_id)
    invitation.refresh_from_db()
    require_open(invitation)
    if not constant_time_compare(invitation.email, user.email):
        raise ForbiddenError(_("This invitation was sent to another address. Sign in with that one."))
    invitation.accepted_at = timezone.now()
    # Its seat was held for this person.
    invitation.save(update_fields=["accepted_at"])
    membership = Membership.objects.filter(user=user).first() or Membership(
        organization=organization, user=user, is_active=False, display_name=user.full_name
    )
    if not membership.is_active:
        _require_seat(organization)
        membership.role, membership.is_active = invitation.role, True
        membership.save()
        joined = operator_from(membership)
        _record("member.joined", joined, membership, role=membership.role, invitation=str(invitation.pk))
    return membership


def change_role(*, actor: OperatorActor, membership_id: UUID, role: Role) -> Membership:
    """Give a member another role; their sockets reconnect with it.

    Both the old and the new role must be ones the actor may give. Raises `ConflictError` for the last owner.
    """
    require(actor, "member.manage")
    require_above(actor, role)
    _lock(actor.organization_id)
    member = get_member(actor, membership_id)
    require_above(actor, member.role)
    if member.role != role:
        _keep_an_owner(member)
        before, member.role = member.role, role
        member.save(update_fields=["role"])
        _record("member.role_changed", actor, member, before=before, after=role.value)
        events.member_role_changed(actor.organization_id, member.pk)
    return member


def remove_member(*, actor: OperatorActor, membership_id: UUID) -> None:
    """End a membership: sockets close, open invitations sent by the member are revoked, what they wrote stays.

    The apps above hear of it by `accounts.signals.membership_ended` and take back what was theirs to do.

    Anybody may leave; removing others needs `member.manage` and a role above theirs. Raises `ConflictError`
    for the last owner.
    """
    leaves = membership_id == actor.membership_id
    if not leaves:
        require(actor, "member.manage")
    _lock(actor.organization_id)
    member = get_member(actor, membership_id)
    if not leaves:
        require_above(actor, member.role)
    _keep_an_owner(member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    Invitation.objects.filter(_open(), invited_by=member).update(revoked_at=timezone.now())
    membership_ended.send(Membership, actor=actor, member=member)
    _record("member.left" if leaves else "member.removed", actor, member)
    events.member_removed(actor.organization_id, member.pk)


def invitation_token(invitation_id: UUID) -> str:
    """Return the secret of an invitation's link: derived, so that it lies neither in the database nor in a queue."""
    return salted_hmac("accounts.invitation", str(invitation_id), algorithm="sha256").hexdigest()


def find_invitation(token: str) -> Invitation:
    """Return the invitation with this secret, inside its tenant. Raises `NotFoundError`, or `GoneError` when over."""
    invitation = Invitation.objects.filter(token_hash=_hash(token)).select_related("organization", "invited_by").first()
    if invitation is None:
        raise NotFoundError
    require_open(invitation)
    return invitation


def require_open(invitation: Invitation) -> None:
    """Raise `GoneError` unless the invitation can be accepted now."""
    _require_unused(invitation)
    if invitation.is_expired:
        raise GoneError(_("This invitation is too old. Ask your colleague for a new one."))


def _require_unused(invitation: Invitation) -> None:
    if invitation.accepted_at or invitation.revoked_at:
        raise GoneError(_("This invitation has been used or withdrawn. Ask your colleague for a new one."))


def _require_seat(organization: Organization) -> None:
    members = Membership.objects.filter(is_active=True).count()
    if members + Invitation.objects.filter(_open()).count() >= organization.seat_limit:
        raise ConflictError(
            ngettext(
                "Your plan has %(seats)d seat, and it is taken. Remove somebody or withdraw an invitation first.",
                "Your plan has %(seats)d seats, and all are taken. Remove somebody or withdraw an invitation first.",
                organization.seat_limit,
            )
            % {"seats": organization.seat_limit}
        )


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(role=Role.OWNER, is_active=True)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise ConflictError(_("An organization keeps at least one owner. Make somebody else an owner first."))


def _lock(organization_id: UUID) -> Organization:
    return Organization.objects.select_for_update().get(pk=organization_id)


def _open() -> Q:
    return Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(
    name: str, actor: OperatorActor, row: Organization | Membership | Invitation, **details: audit.Detail
) -> None:
    audit.record(name, actor=actor, subject_kind=str(row._meta.model_name), subject_id=row.pk, details=details)

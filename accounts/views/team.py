"""The team: who is in it, who is invited, and what may be done about it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.enums import Role
from accounts.forms import InvitationForm, RoleForm
from accounts.middleware import OperatorRequest, for_operator
from accounts.rules import grantable_roles, permissions_of, require
from accounts.selectors import members_of, pending_invitations_of
from accounts.services import change_role, invite_member, remove_member, resend_invitation, revoke_invitation
from livecaller.core.errors import ConflictError, GoneError, InvalidError, RateLimitedError


@require_GET
@for_operator
def team(request: OperatorRequest) -> HttpResponse:
    """Show members, and to those who may invite also invitations and the form."""
    return _page(request, InvitationForm(roles=grantable_roles(request.actor)))


@require_POST
@for_operator
def member_invite(request: OperatorRequest) -> HttpResponse:
    """Invite one person by mail."""
    require(request.actor, "member.invite")
    form = InvitationForm(request.POST, roles=grantable_roles(request.actor))
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            with transaction.atomic():
                invitation = invite_member(actor=request.actor, email=email, role=role)
        except InvalidError as refusal:
            form.add_error("email", (refusal.fields or {}).get("email", [refusal.message])[0])
        except (ConflictError, RateLimitedError) as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return redirect("team")
    return _page(request, form)


@require_POST
@for_operator
def invitation_resend(request: OperatorRequest, invitation_id: UUID) -> HttpResponse:
    """Mail an invitation once more."""

    def resend() -> str:
        invitation = resend_invitation(actor=request.actor, invitation_id=invitation_id)
        return _("The invitation is on its way to %(email)s.") % {"email": invitation.email}

    return _back_to_team(request, resend)


@require_POST
@for_operator
def invitation_revoke(request: OperatorRequest, invitation_id: UUID) -> HttpResponse:
    """Withdraw an invitation."""

    def revoke() -> str:
        revoke_invitation(actor=request.actor, invitation_id=invitation_id)
        return _("The invitation is withdrawn.")

    return _back_to_team(request, revoke)


@require_POST
@for_operator
def member_role(request: OperatorRequest, membership_id: UUID) -> HttpResponse:
    """Give a member another role."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        return redirect("team")

    def change() -> str:
        member = change_role(actor=request.actor, membership_id=membership_id, role=Role(form.cleaned_data["role"]))
        return _("%(name)s now has the role %(role)s.") % {"name": member.display_name, "role": Role(member.role).label}

    return _back_to_team(request, change)


@require_POST
@for_operator
def member_remove(request: OperatorRequest, membership_id: UUID) -> HttpResponse:
    """Remove a member, or leave oneself."""

    def remove() -> str:
        remove_member(actor=request.actor, membership_id=membership_id)
        if membership_id == request.actor.membership_id:
            return _("You have left the organization.")
        return _("The member is removed and signed out of this organization.")

    return _back_to_team(request, remove)


def _back_to_team(request: OperatorRequest, act: Callable[[], str]) -> HttpResponse:
    """Do it and return to the team, with a sentence about what was done or why it was not."""
    try:
        with transaction.atomic():
            messages.success(request, act())
    except (ConflictError, GoneError, RateLimitedError) as refusal:
        messages.error(request, refusal.message)
    # Whoever has just left is led on from there to another organization.
    return redirect("team")


def _page(request: OperatorRequest, form: InvitationForm) -> HttpResponse:
    permissions, roles = permissions_of(request.actor), grantable_roles(request.actor)
    may_invite = "member.invite" in permissions
    context = {
        "members": members_of(request.actor),
        "invitations": pending_invitations_of(request.actor) if may_invite else [],
        "form": form if may_invite else None,
        "may_manage": "member.manage" in permissions,
        "roles": roles,
    }
    return render(request, "dashboard/team.html", context, status=422 if form.errors else 200)

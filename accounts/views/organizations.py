"""Naming an organization, changing between several, its settings and its audit log."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.audit_log import audit_log_of
from accounts.forms import OrganizationForm, OrganizationSettingsForm, SwitchForm
from accounts.middleware import OperatorRequest, PersonRequest, for_operator
from accounts.rules import require
from accounts.selectors import memberships_of, operator_of
from accounts.services import create_organization, update_organization
from accounts.session import choose_organization
from livecaller.core.limits import Limit

NEW_ORGANIZATIONS = Limit("new_organizations", burst=10, seconds=24 * 3600)


@login_required
@require_http_methods(["GET", "POST"])
def organization_create(request: PersonRequest) -> HttpResponse:
    """Ask for the name of a person's first, or next, organization."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        NEW_ORGANIZATIONS.take(request.user.pk)
        organization = create_organization(user=request.user, name=form.cleaned_data["name"])
        choose_organization(request, organization.pk)
        return redirect("inbox")
    context = {"form": form, "memberships": memberships_of(request.user)}
    return render(request, "account/organization_create.html", context, status=_status(form))


@login_required
@require_POST
def organization_switch(request: PersonRequest) -> HttpResponse:
    """Work in another of one's organizations from now on."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return redirect("inbox")
    # Refuses an organization that the person is not a member of.
    actor = operator_of(request.user, form.cleaned_data["organization"])
    choose_organization(request, actor.organization_id)
    return redirect("inbox")


@require_http_methods(["GET", "POST"])
@for_operator
def organization_settings(request: OperatorRequest) -> HttpResponse:
    """Show and change the organization's settings."""
    require(request.actor, "organization.manage")
    organization = request.membership.organization
    initial = {name: getattr(organization, name) for name in ("name", "locale", "time_zone", "retention_days")}
    form = OrganizationSettingsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        update_organization(actor=request.actor, changes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("organization_settings")
    return render(request, "dashboard/organization.html", {"form": form}, status=_status(form))


@require_GET
@for_operator
def audit_log(request: OperatorRequest) -> HttpResponse:
    """Show a page of the audit log, newest first."""
    return render(request, "dashboard/audit.html", {"log": audit_log_of(request.actor, _position(request))})


@require_POST
@for_operator
def audit_verify(request: OperatorRequest) -> HttpResponse:
    """Recompute the chain and say whether every link holds."""
    log = audit_log_of(request.actor, None)
    broken_at = audit.first_broken_link(request.actor.organization_id)
    return render(request, "dashboard/audit.html", {"log": log, "is_verified": True, "broken_at": broken_at})


def _position(request: HttpRequest) -> int | None:
    raw = request.GET.get("before", "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None


def _status(form: OrganizationForm | OrganizationSettingsForm) -> int:
    return 422 if form.errors else 200

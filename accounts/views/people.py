"""One's own profile, and the page behind an invitation's link."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.adapter import has_proven_address, network_of, remember_invited, set_language_cookie
from accounts.events import session_ended
from accounts.forms import ProfileForm
from accounts.middleware import OperatorRequest, for_operator
from accounts.models import Invitation, User
from accounts.services import accept_invitation, find_invitation, update_profile
from accounts.session import choose_organization
from livecaller.core.limits import Limit
from livecaller.core.tenancy.context import tenant

INVITATION_TRIES = Limit("invitation_tries", burst=30, seconds=60)


@require_http_methods(["GET", "POST"])
@for_operator
def profile(request: OperatorRequest) -> HttpResponse:
    """Show and change one's names and language."""
    user = request.user
    initial = {"full_name": user.full_name, "display_name": request.actor.name, "locale": user.locale}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return render(request, "dashboard/profile.html", {"form": form}, status=422 if form.errors else 200)
    update_profile(actor=request.actor, user=user, **form.cleaned_data)
    with translation.override(form.cleaned_data["locale"]):
        messages.success(request, _("Saved."))
    response = redirect("profile")
    set_language_cookie(response, form.cleaned_data["locale"])
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, organization_id: UUID, token: str) -> HttpResponse:
    """Show an invitation; on POST take the next step: sign up, sign in, change account, or join."""
    INVITATION_TRIES.take(network_of(request))
    with tenant(organization_id):
        found = find_invitation(token)
    if request.method == "POST":
        return _next_step(request, found)
    return render(request, "account/invitation.html", {"invitation": found, "is_theirs": _is_theirs(request, found)})


def _next_step(request: HttpRequest, found: Invitation) -> HttpResponse:
    if isinstance(request.user, User) and _is_theirs(request, found):
        return _join(request, request.user, found)
    if request.user.is_authenticated:
        session_ended(request.session.session_key)
        logout(request)
        return redirect(request.path)
    door = "account_login"
    if not User.objects.filter(email=found.email).exists():
        remember_invited(request, found.email)
        door = "account_signup"
    return redirect(f"{reverse(door)}?{urlencode({'next': request.path})}")


def _join(request: HttpRequest, user: User, found: Invitation) -> HttpResponse:
    with tenant(found.organization_id):
        accept_invitation(user=user, invitation=found)
    choose_organization(request, found.organization_id)
    messages.success(request, _("Welcome to %(name)s.") % {"name": found.organization.name})
    return redirect(settings.LOGIN_REDIRECT_URL)


def _is_theirs(request: HttpRequest, found: Invitation) -> bool:
    user = request.user
    return isinstance(user, User) and user.email == found.email and has_proven_address(user)

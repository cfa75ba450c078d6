"""Pages on which an organization sets up its widgets."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import OperatorRequest, for_operator
from accounts.rules import require
from livecaller.core.errors import InvalidError, NotFoundError
from widget.forms import SECTIONS, IdentityForm, NewWidgetForm, OriginForm, SectionForm, TextsForm
from widget.install import QUEUE_LINE, examples_of, installation_of
from widget.look import public_look
from widget.models import Widget
from widget.options import offered_locales
from widget.selectors import get_widget, widgets_of
from widget.services import (
    allow_origin,
    change_widget,
    create_widget,
    retire_identity_secret,
    rotate_identity_secret,
)

View = Callable[..., HttpResponseBase]


def for_managers(view: View) -> View:
    """Mark a page as one for members who may manage widgets; it runs inside their organization."""

    @for_operator
    @wraps(view)
    def guarded(request: OperatorRequest, *args: UUID | str, **kwargs: UUID | str) -> HttpResponseBase:
        require(request.actor, "widget.manage")
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@for_managers
def widgets(request: OperatorRequest) -> HttpResponse:
    """List the organization's widgets."""
    return render(request, "dashboard/widgets/list.html", {"rows": widgets_of(request.actor)})


@require_http_methods(["GET", "POST"])
@for_managers
def widget_create(request: OperatorRequest) -> HttpResponse:
    """Make a widget, then show how to install it."""
    form = NewWidgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                widget = create_widget(actor=request.actor, changes=form.changes())
        except InvalidError as refusal:
            form.explain(refusal)
        else:
            return redirect("widget_install", widget.pk)
    return render(request, "dashboard/widgets/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_managers
def widget_settings(request: OperatorRequest, widget_id: UUID, section: str = "") -> HttpResponse:
    """Show all settings; a POST to a section stores that section."""
    widget = get_widget(request.actor, widget_id)
    if request.method == "GET":
        return _settings_page(request, widget, {})
    if section not in SECTIONS:
        raise NotFoundError
    form = SECTIONS[section].of(widget, request.POST) if section != "texts" else TextsForm(request.POST)
    if not _stored(request, widget, form):
        return _settings_page(request, widget, {section: form})
    messages.success(request, _("Saved. Your pages show it within five minutes."))
    return redirect(_settings_address(widget, section, form))


@require_GET
@never_cache
@for_managers
def widget_install(request: OperatorRequest, widget_id: UUID) -> HttpResponse:
    """Show how to install the widget and where it was seen."""
    return _install_page(request, get_widget(request.actor, widget_id))


@require_POST
@for_managers
def widget_allow(request: OperatorRequest, widget_id: UUID) -> HttpResponse:
    """Allow an origin that was seen asking for the widget."""
    form = OriginForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                allow_origin(actor=request.actor, widget_id=widget_id, origin=form.cleaned_data["origin"])
        except InvalidError as refusal:
            messages.error(request, " ".join(line for lines in (refusal.fields or {}).values() for line in lines))
        else:
            messages.success(request, _("Allowed. The chat opens there now."))
    return redirect("widget_install", widget_id)


@require_POST
@never_cache
@for_managers
def widget_secret_rotate(request: OperatorRequest, widget_id: UUID) -> HttpResponse:
    """Make a new identity secret and show it, this once."""
    secret, text = rotate_identity_secret(actor=request.actor, widget_id=widget_id)
    widget = get_widget(request.actor, widget_id)
    return _install_page(request, widget, new_secret={"kid": str(secret.pk), "text": text})


@require_POST
@for_managers
def widget_secret_retire(request: OperatorRequest, widget_id: UUID, secret_id: UUID) -> HttpResponse:
    """Make an identity secret invalid."""
    retire_identity_secret(actor=request.actor, widget_id=widget_id, secret_id=secret_id)
    messages.success(request, _("The secret is invalid now. Tokens signed with it are refused."))
    return redirect(f"{reverse('widget_install', args=[widget_id])}#identity")


@require_POST
@for_managers
def widget_identity(request: OperatorRequest, widget_id: UUID) -> HttpResponse:
    """Set who sees earlier conversations."""
    widget = get_widget(request.actor, widget_id)
    form = IdentityForm.of(widget, request.POST)
    if _stored(request, widget, form):
        messages.success(request, _("Saved."))
    else:
        messages.error(request, " ".join(str(line) for lines in form.errors.values() for line in lines))
    return redirect(f"{reverse('widget_install', args=[widget_id])}#identity")


def _stored(request: OperatorRequest, widget: Widget, form: SectionForm) -> bool:
    """Store the form's changes; where they are refused, the form says why."""
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            change_widget(actor=request.actor, widget_id=widget.pk, changes=form.changes())
    except InvalidError as refusal:
        form.explain(refusal)
        return False
    return True


def _settings_address(widget: Widget, section: str, form: SectionForm) -> str:
    query = f"?language={form.cleaned_data['language']}" if section == "texts" else ""
    return f"{reverse('widget_settings', args=[widget.pk])}{query}#{section}"


def _settings_page(request: OperatorRequest, widget: Widget, sent: dict[str, SectionForm]) -> HttpResponse:
    offered = offered_locales(widget.locales)
    asked = sent["texts"].data.get("language") if "texts" in sent else request.GET.get("language")
    language = asked if asked in offered else widget.default_locale
    forms = {name: sent.get(name) or kind.of(widget) for name, kind in SECTIONS.items() if name != "texts"}
    forms["texts"] = sent.get("texts") or TextsForm.for_language(widget, language)
    context = {
        "widget": widget,
        "forms": forms,
        "look": public_look(widget.look),
        "text_language": language,
        "text_languages": [(code, name) for code, name in settings.LANGUAGES if code in offered],
    }
    return render(request, "dashboard/widgets/settings.html", context, status=422 if sent else 200)


def _install_page(request: OperatorRequest, widget: Widget, new_secret: dict[str, str] | None = None) -> HttpResponse:
    installation = installation_of(widget)
    context = {
        "widget": widget,
        "installation": installation,
        "examples": examples_of(installation.secrets),
        "queue_line": QUEUE_LINE,
        "identity_form": IdentityForm.of(widget),
        "new_secret": new_secret,
    }
    return render(request, "dashboard/widgets/install.html", context)

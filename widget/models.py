"""Nouns of the widget app. End-users belong to the Client; LiveCaller is their processor."""

from datetime import datetime

from django.db import models
from django.utils import timezone

from livecaller.core.tenancy.models import EndUserDataModel, TenantForeignKey, TenantModel


class Widget(TenantModel):
    """One installation on a Client's site."""

    name = models.CharField(max_length=80)
    public_key = models.CharField(max_length=40, unique=True)
    # Exact origins, such as https://www.example.com; nobody else may frame the widget.
    allowed_origins = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    # The public look: {"color": "#0E6656", "position": "end" | "start", "launcher": "bubble" | "hidden",
    # "theme": "auto" | "light" | "dark"}.
    look = models.JSONField(default=dict)
    # Texts per language: {"en": {"title": …, "greeting": …, "intro": …}}.
    texts = models.JSONField(default=dict)
    default_locale = models.CharField(max_length=8, default="en")
    # The languages offered; empty = every language of the product.
    locales = models.JSONField(default=list)
    # Pre-chat form: {"name": "required" | "optional" | "hidden", "email": …, "phone": …, "topic": …}.
    form = models.JSONField(default=dict)
    notice_url = models.URLField(blank=True)
    requires_identity = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name


class IdentitySecret(TenantModel):
    """A key with which the Client's server signs who its customer is; two may live during a rotation."""

    widget = TenantForeignKey(Widget, on_delete=models.CASCADE, related_name="identity_secrets")
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Secret {self.pk}"


class WidgetSighting(TenantModel):
    """Where a widget's script or frame was last asked for: an origin, never a person."""

    widget = TenantForeignKey(Widget, on_delete=models.CASCADE, related_name="sightings")
    origin = models.CharField(max_length=255)
    is_allowed = models.BooleanField()
    script_seen_at = models.DateTimeField(null=True, blank=True)
    frame_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "widget", "origin"], name="widget_sighting_once"),
        ]

    def __str__(self) -> str:
        return self.origin

    @property
    def last_seen_at(self) -> datetime | None:
        """When script or frame was last asked for."""
        return max(filter(None, (self.script_seen_at, self.frame_seen_at)), default=None)


class EndUser(EndUserDataModel):
    """A person on a Client's site."""

    widget = TenantForeignKey(Widget, on_delete=models.CASCADE, related_name="end_users")
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    external_id = models.CharField(max_length=128, blank=True)
    attributes = models.JSONField(default=dict)
    locale = models.CharField(max_length=8, default="en")
    is_verified = models.BooleanField(default=False)
    notice_accepted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(EndUserDataModel.Meta):
        constraints = [
            *EndUserDataModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "widget", "external_id"],
                condition=~models.Q(external_id=""),
                name="widget_enduser_external_once",
            ),
        ]

    def __str__(self) -> str:
        return f"End-user {self.pk}"

    @property
    def display_name(self) -> str:
        """What the team sees: the person's name, or "Visitor 7F3A" while nobody knows it."""
        known = f"{self.first_name} {self.last_name}".strip()
        return known[:120] or f"Visitor {self.pk.hex[-4:].upper()}"


class Visit(EndUserDataModel):
    """One stay on the Client's site: from the first act until half an hour without one."""

    end_user = TenantForeignKey(EndUser, on_delete=models.CASCADE, related_name="visits")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now)
    browser = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=16, blank=True)
    referrer_host = models.CharField(max_length=255, blank=True)
    # The newest 20 pages: [{"url": …, "title": …, "at": …}]; queries and fragments are cut off.
    pages = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Visit {self.pk}"


class VisitorToken(EndUserDataModel):
    """The proof of identity of one browser; only a hash of it is stored (at least 128 random bits)."""

    end_user = TenantForeignKey(EndUser, on_delete=models.CASCADE, related_name="tokens")
    # The stay this browser is in; a person signed in on two devices is in two.
    visit = TenantForeignKey(Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Token {self.pk}"

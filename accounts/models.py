"""Nouns of the accounts app: LiveCaller is controller of all of it."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from accounts.enums import PresenceStatus, Role
from livecaller.core.ids import uuid7
from livecaller.core.tenancy.models import TenantForeignKey, TenantModel


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, *, full_name: str = "") -> "User":
        """Store a person; the address is kept in lower case so that equality finds it by index."""
        user = self.model(email=self.normalize_email(email).lower(), full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person who signs in with this address."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in: a Client's representative or operator, or LiveCaller's staff."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    locale = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # When the person stated to be 18 or older and entitled to act for whom they sign up.
    declared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.full_name


class Organization(models.Model):
    """A Client. The tenant itself: every tenant row names one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=8, default="en")
    retention_days = models.PositiveSmallIntegerField(default=90)
    seat_limit = models.PositiveIntegerField(default=3)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # The last link of the audit chain; locked while a link is added.
    audit_head = models.CharField(max_length=64, blank=True, default="")
    audit_length = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel):
    """A person inside one organization: what colleagues and end-users see of them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OPERATOR)
    display_name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=PresenceStatus.choices, default=PresenceStatus.ONLINE)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "user"], name="accounts_membership_once"),
        ]

    def __str__(self) -> str:
        return self.display_name


class Invitation(TenantModel):
    """An e-mail that lets one person join; the token itself is only in the mail."""

    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OPERATOR)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = TenantForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    @property
    def is_expired(self) -> bool:
        """Say whether the link no longer works for its age."""
        return self.expires_at <= timezone.now()


class AuditEvent(TenantModel):
    """One link of an organization's audit chain. It holds references, never personal data."""

    append_only = True

    position = models.PositiveBigIntegerField()
    name = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=32, blank=True)
    subject_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "position"], name="accounts_auditevent_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.name}"

"""The cast: two organizations that must never hear of each other.

`a` is the story's organization, `b` the outsider who must see nothing. Each side has an owner, an operator, a
widget and an end-user. Rows are made directly, inside the tenant, so that a story does not depend on services
it is not about.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organization, User
from accounts.selectors import operator_from
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.tenancy.context import tenant
from widget.models import EndUser, VisitorToken, Widget

R = TypeVar("R")
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Side:
    """One organization and its people."""

    organization: Organization
    owner_user: User
    operator_user: User
    owner: OperatorActor
    operator: OperatorActor
    widget: Widget
    end_user: EndUserActor
    visitor_token: str

    def inside(self, function: Callable[[], R]) -> R:
        """Run `function` inside this organization and return its result."""
        with tenant(self.organization.pk):
            return function()

    def owner_client(self) -> Client:
        """Return a browser in which the owner is signed in."""
        return signed_in(self.owner_user)

    def operator_client(self) -> Client:
        """Return a browser in which the operator is signed in."""
        return signed_in(self.operator_user)

    def end_user_client(self) -> Client:
        """Return a browser on the widget host that holds the end-user's token."""
        return Client(
            HTTP_HOST=settings.WIDGET_HOST,
            HTTP_AUTHORIZATION=f"Visitor {self.visitor_token}",
            HTTP_ORIGIN=settings.WIDGET_URL,
        )


@dataclass(frozen=True)
class Cast:
    """`a` acts; `b` is the neighbour."""

    a: Side
    b: Side


def signed_in(user: User) -> Client:
    """Return a browser on the site's host with a session of `user`."""
    client = Client(HTTP_HOST=settings.SITE_HOST)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def make_user(name: str, address: str) -> User:
    """Store a person with a verified address; the password is unusable, sign in with `signed_in`."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(address, None, full_name=name)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def make_member(organization: Organization, name: str, address: str, role: Role) -> tuple[User, OperatorActor]:
    """Store a person and their membership."""
    user = make_user(name, address)
    with tenant(organization.pk):
        membership = Membership.objects.create(
            organization=organization, user=user, role=role, display_name=name.split(maxsplit=1)[0]
        )
    return user, operator_from(membership)


def make_side(name: str, *, origin: str) -> Side:
    """Store one organization with its people, widget and end-user."""
    organization = Organization.objects.create(name=name)
    word = name.split(maxsplit=1)[0].lower()
    owner_user, owner = make_member(organization, f"Olga {name}", f"owner@{word}.example", Role.OWNER)
    operator_user, operator = make_member(organization, f"Otto {name}", f"operator@{word}.example", Role.OPERATOR)
    token = secrets.token_urlsafe(32)
    later = timezone.now() + timedelta(days=90)
    with tenant(organization.pk):
        widget = Widget.objects.create(
            organization=organization,
            name=f"{name} site",
            public_key=f"pk_{secrets.token_hex(12)}",
            allowed_origins=[origin],
        )
        person = EndUser.objects.create(
            organization=organization,
            widget=widget,
            first_name="Ana",
            email=f"ana@{word}-customer.example",
            expires_at=later,
        )
        VisitorToken.objects.create(
            organization=organization,
            end_user=person,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            expires_at=later,
        )
    end_user = EndUserActor(organization.pk, widget.pk, person.pk, "Ana")
    return Side(organization, owner_user, operator_user, owner, operator, widget, end_user, token)


@pytest.fixture
def cast(db: None) -> Cast:
    """Both organizations inside the rolled-back transaction."""
    return _both()


@pytest.fixture
def committed_cast(committed: None) -> Cast:
    """Both organizations, really committed."""
    return _both()


def _both() -> Cast:
    return Cast(
        a=make_side("Meridian Furniture", origin="https://shop.meridian.example"),
        b=make_side("Outsider Goods", origin="https://outsider.example"),
    )

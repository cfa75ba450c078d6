"""The demonstration organization: what `make up` shows before anybody has signed up. Never outside DEBUG."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.adapter import prove_address
from accounts.enums import Role
from accounts.models import Membership, Organization, User
from accounts.services import create_organization
from livecaller.core.actors import SystemActor
from livecaller.core.tenancy.context import tenant
from widget.models import Widget
from widget.services import create_widget

ORGANIZATION = "Meridian Furniture"
EMAIL, COLLEAGUE_EMAIL = "demo@livecaller.example", "colleague@livecaller.example"
PASSWORD = "try LiveCaller today"  # noqa: S105 shown to everybody by `make up`, refused outside DEBUG
# Fixed, so that the shop's snippet is the same text on every machine.
PUBLIC_KEY = "pk_demo_meridian_furniture"


@dataclass(frozen=True, slots=True)
class Demo:
    """How to sign in to the demonstration."""

    organization: Organization
    widget: Widget


def create_demo() -> Demo:
    """Make the demonstration, or find it; raises `ImproperlyConfigured` outside DEBUG.

    One organization with an owner and an operator, who share a password, and a widget that the shop may show.
    """
    if not settings.DEBUG:
        raise ImproperlyConfigured("The demonstration has a password that everybody knows. It exists in DEBUG only.")
    with transaction.atomic():
        owner = _person(EMAIL, "Nino Kapanadze")
        organization = Organization.objects.filter(is_demo=True).first()
        organization = organization or create_organization(user=owner, name=ORGANIZATION, is_demo=True)
        colleague = _person(COLLEAGUE_EMAIL, "Luka Beridze")
        with tenant(organization.pk):
            Membership.objects.get_or_create(
                organization=organization,
                user=colleague,
                defaults={"role": Role.OPERATOR, "display_name": colleague.full_name},
            )
            return Demo(organization, _widget(organization))


def _person(email: str, name: str) -> User:
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, PASSWORD, full_name=name)
        prove_address(person)
    return person


def _widget(organization: Organization) -> Widget:
    widget = Widget.objects.filter(public_key=PUBLIC_KEY).first()
    if widget is not None:
        return widget
    changes = {
        "name": "Shop",
        "allowed_origins": [settings.SHOP_URL],
        "texts": {"en": {"title": ORGANIZATION, "greeting": "Hello! Any questions about delivery? Write to us here."}},
    }
    widget = create_widget(actor=SystemActor(organization.pk), changes=changes)
    widget.public_key = PUBLIC_KEY
    widget.save(update_fields=["public_key"])
    return widget

"""`manage.py create_demo`: make the demonstration organization, or find it. Only on one's own machine."""

import json
from typing import Any  # Django passes options of any type

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.adapter import prove_address
from accounts.enums import Role
from accounts.models import Membership, Organization, User
from accounts.services import create_organization
from livecaller.core.actors import SystemActor
from livecaller.core.tenancy.context import tenant
from livecaller.website import demo
from widget.models import Widget
from widget.services import create_widget


class Command(BaseCommand):
    """Makes an organization with an owner, an operator and a widget that the shop may show; says how to sign in."""

    help = "Create the demonstration organization with its people and widget (one's own machine only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the sign-in data as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("Everybody knows the demonstration's password. It exists on one's own machine only.")
        with transaction.atomic():
            _create()
        if options["json"]:
            self.stdout.write(json.dumps(_sign_in_data()))
        else:
            self.stdout.write(f"Sign in as {demo.EMAIL} (or {demo.COLLEAGUE_EMAIL}), password: {demo.PASSWORD}")


def _create() -> None:
    owner, colleague = _person(demo.EMAIL, "Nino Kapanadze"), _person(demo.COLLEAGUE_EMAIL, "Luka Beridze")
    organization = Organization.objects.filter(is_demo=True).first()
    organization = organization or create_organization(user=owner, name=demo.ORGANIZATION, is_demo=True)
    with tenant(organization.pk):
        Membership.objects.get_or_create(
            organization=organization,
            user=colleague,
            defaults={"role": Role.OPERATOR, "display_name": colleague.full_name},
        )
        if not Widget.objects.filter(public_key=demo.PUBLIC_KEY).exists():
            _create_widget(organization)


def _person(email: str, name: str) -> User:
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, demo.PASSWORD, full_name=name)
        prove_address(person)
    return person


def _create_widget(organization: Organization) -> None:
    changes = {
        "name": "Shop",
        "allowed_origins": [settings.SHOP_URL],
        "notice_url": f"{settings.SHOP_URL}/privacy/",
        "texts": {
            "en": {"title": demo.ORGANIZATION, "greeting": "Hello! Any questions about delivery? Write to us here."}
        },
    }
    widget = create_widget(actor=SystemActor(organization.pk), changes=changes)
    widget.public_key = demo.PUBLIC_KEY
    widget.save(update_fields=["public_key"])


def _sign_in_data() -> dict[str, str]:
    return {
        "organization": demo.ORGANIZATION,
        "email": demo.EMAIL,
        "colleague": demo.COLLEAGUE_EMAIL,
        "password": demo.PASSWORD,
        "public_key": demo.PUBLIC_KEY,
    }

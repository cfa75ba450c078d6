"""The people of a measurement: organizations with operators, end-users and a conversation each, and their tickets.

Rows are made in bulk through the product's models, inside each tenant. Tickets come from the product's own issue
functions, called with real session rows and visitor tokens: what the HTTPS door does after it has read the cookie.
Call `use` once, before the rest.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any  # Any: columns that three models have in common

from tests.bench.chat.line import Address
from tests.bench.chat.seats import END_USERS, OPERATORS, Seat, Team

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from livecaller.core.actors import EndUserActor, OperatorActor
    from widget.models import VisitorToken, Widget


def use(data: Path, environment: Mapping[str, str]) -> None:
    """Make this process a part of the product that runs on the data folder with these variables."""
    import django

    from livecaller.embedded.credentials import credentials_of
    from livecaller.embedded.environment import embedded_environment

    os.environ.update(environment)
    os.environ.update(embedded_environment(credentials_of(data)))
    os.environ["DJANGO_SETTINGS_MODULE"] = "livecaller.settings"
    django.setup()


def make_team(port: int) -> Team:
    """Store one organization with its people and return them; `port` is the web processes'."""
    from accounts.enums import Role
    from accounts.models import Membership, Organization, User
    from chats.admission import issue_end_user_ticket, issue_operator_ticket
    from livecaller.core.tenancy.context import tenant
    from widget.models import Widget

    word = secrets.token_hex(4)
    organization = Organization.objects.create(name=f"Bench {word}")
    users = User.objects.bulk_create([_user(f"{word}-{number}@bench.example") for number in range(OPERATORS)])
    with tenant(organization.pk):
        members = Membership.objects.bulk_create(
            Membership(organization=organization, user=user, role=Role.OPERATOR, display_name=f"Operator {number}")
            for number, user in enumerate(users)
        )
        widget = Widget.objects.create(
            organization=organization,
            name="Bench",
            public_key=f"pk_{secrets.token_hex(12)}",
            allowed_origins=["https://shop.bench.example"],
        )
        guests = _make_end_users(widget, members)
    conversations = [conversation for _, _, conversation in guests]
    return Team(
        [
            Seat(_inbox(port, key), partial(issue_operator_ticket, actor, key), tuple(conversations))
            for actor, key in _signed_in(users, members)
        ],
        [
            Seat(_widget(port), partial(issue_end_user_ticket, actor, token), (conversation,))
            for actor, token, conversation in guests
        ],
    )


def _inbox(port: int, session_key: str) -> Address:
    from django.conf import settings

    cookie = ("Cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}")
    return Address(port, settings.SITE_HOST, "/ws/inbox", (("Origin", settings.SITE_URL), cookie))


def _widget(port: int) -> Address:
    from django.conf import settings

    return Address(port, settings.WIDGET_HOST, "/ws/widget", (("Origin", settings.WIDGET_URL),))


def _user(address: str) -> "User":
    from accounts.models import User

    user = User(email=address, full_name="Bench Operator")
    user.set_unusable_password()
    return user


def _signed_in(users: "list[User]", members: "list[Membership]") -> "list[tuple[OperatorActor, str]]":
    """Return the operators with a session each, as signing in leaves it."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from accounts.selectors import operator_from

    now, keys = int(time.time()), [secrets.token_hex(16) for _ in users]
    contents = [
        {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "allauth.account.auth_backends.AuthenticationBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
            "signed_in_at": now,
            "seen_at": now,
        }
        for user in users
    ]
    later = timezone.now() + timedelta(days=1)
    Session.objects.bulk_create(
        Session(session_key=key, session_data=SessionStore().encode(content), expire_date=later)
        for key, content in zip(keys, contents, strict=True)
    )
    return [(operator_from(member), key) for member, key in zip(members, keys, strict=True)]


def _make_end_users(widget: "Widget", members: "list[Membership]") -> "list[tuple[EndUserActor, VisitorToken, str]]":
    """Return end-users with a browser each and a conversation, which belong to the operators in turn."""
    from django.utils import timezone

    from chats.models import Conversation
    from livecaller.core.actors import EndUserActor
    from widget.models import EndUser, VisitorToken

    now, organization = timezone.now(), widget.organization
    common: Any = {"organization": organization, "expires_at": now + timedelta(days=90)}
    people = EndUser.objects.bulk_create(
        EndUser(**common, widget=widget, first_name=f"Ana {index}", notice_accepted_at=now)
        for index in range(END_USERS)
    )
    tokens = VisitorToken.objects.bulk_create(
        VisitorToken(**common, end_user=person, token_hash=hashlib.sha256(secrets.token_bytes(32)).hexdigest())
        for person in people
    )
    conversations = Conversation.objects.bulk_create(
        Conversation(**common, widget=widget, end_user=person, assignee=members[index % len(members)])
        for index, person in enumerate(people)
    )
    return [
        (EndUserActor(organization.pk, widget.pk, person.pk, person.display_name), token, str(conversation.pk))
        for person, token, conversation in zip(people, tokens, conversations, strict=True)
    ]

"""Making people for the yardstick: a process that answers each line on its input with a team as JSON."""

import json
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.chat.usual.settings"

import django

from tests.bench.chat.seats import END_USERS, OPERATORS

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def main() -> None:
    """Make the tables, say so, and then a team for each line."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    _say({"ready": True})
    for number, _ in enumerate(sys.stdin):
        _say(_make_team(number))


def _say(content: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def _make_team(number: int) -> dict[str, object]:
    """Store a team; return the session keys of its operators and end-users, and its conversations."""
    from django.contrib.auth.models import User

    from tests.bench.chat.usual.models import Conversation

    people = User.objects.bulk_create(
        User(username=f"{number}-{index}", password="!") for index in range(OPERATORS + END_USERS)
    )
    operators, end_users = people[:OPERATORS], people[OPERATORS:]
    conversations = Conversation.objects.bulk_create(Conversation() for _ in end_users)
    through = Conversation.members.through
    through.objects.bulk_create(
        through(conversation_id=conversation.pk, user_id=user.pk)
        for conversation, end_user in zip(conversations, end_users, strict=True)
        for user in (*operators, end_user)
    )
    return {
        "operators": _session_keys(operators),
        "end_users": _session_keys(end_users),
        "conversations": [str(conversation.pk) for conversation in conversations],
    }


def _session_keys(users: "list[User]") -> list[str]:
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    rows = [
        Session(
            session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
            session_data=SessionStore().encode(
                {
                    "_auth_user_id": str(user.pk),
                    "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                    "_auth_user_hash": user.get_session_auth_hash(),
                }
            ),
            expire_date=timezone.now() + timedelta(days=1),
        )
        for user in users
    ]
    return [row.session_key for row in Session.objects.bulk_create(rows)]


if __name__ == "__main__":
    main()

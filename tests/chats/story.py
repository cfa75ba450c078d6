"""Short ways to say what happens in a conversation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chats import services
from chats.models import Conversation, Message, Note
from chats.rules import Person
from chats.services import Opening, Started, Stored
from livecaller.core.actors import EndUserActor, OperatorActor
from livecaller.core.tenancy.context import tenant
from livecaller.core.valkey import client
from tests.cast import Side
from widget.models import EndUser


def start(
    side: Side, body: str = "Hello", *, actor: EndUserActor | None = None, client_id: UUID | None = None
) -> Started:
    """Start a conversation of the side's end-user."""
    opening = Opening(client_id=client_id or uuid4(), body=body, form={}, is_notice_accepted=True)
    return side.inside(lambda: services.start_conversation(actor=actor or side.end_user, opening=opening))


def started(side: Side, body: str = "Hello") -> UUID:
    """Start a conversation of the side's end-user and return its id."""
    return start(side, body).conversation.pk


def send(actor: Person, conversation_id: UUID, body: str = "Hello", *, client_id: UUID | None = None) -> Stored:
    """Send a message."""
    with tenant(actor.organization_id):
        return services.send_message(
            actor=actor, conversation_id=conversation_id, client_id=client_id or uuid4(), body=body
        )


def note(actor: OperatorActor, conversation_id: UUID, body: str = "Careful", *, client_id: UUID | None = None) -> Note:
    """Write a note."""
    with tenant(actor.organization_id):
        stored = services.write_note(
            actor=actor,
            conversation_id=conversation_id,
            client_id=client_id or uuid4(),
            body=body,
        )
    return stored.note


def reread(side: Side, conversation_id: UUID) -> Conversation:
    """Return the conversation as it stands in the database."""
    return side.inside(lambda: Conversation.all_states.select_related("assignee").get(pk=conversation_id))


def messages(side: Side, conversation_id: UUID) -> list[Message]:
    """Return the messages of a conversation by position."""
    return side.inside(lambda: list(Message.all_states.filter(conversation_id=conversation_id).order_by("seq")))


def another_end_user(side: Side, name: str = "Beka") -> EndUserActor:
    """Store a second end-user of the side's widget."""

    def make() -> EndUser:
        return EndUser.objects.create(
            organization=side.organization,
            widget=side.widget,
            first_name=name,
            expires_at=timezone.now() + timedelta(days=90),
        )

    return replace(side.end_user, end_user_id=side.inside(make).pk, name=name)


def queries_of(side: Side, question: Callable[[], object]) -> int:
    """Return how many queries a question costs inside the organization."""
    # The log is bounded, and a long test may have filled it.
    reset_queries()
    with tenant(side.organization.pk), CaptureQueriesContext(connection) as queries:
        question()
    return len(queries)


def forget_limits() -> None:
    """Empty every bucket: a story of many messages is not one about limits."""
    keys = client().keys("limit:*")
    if keys:
        client().delete(*keys)  # type: ignore[misc]

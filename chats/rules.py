"""Who may do what with conversations and messages, and how often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.rules import require
from chats.enums import AuthorKind
from chats.models import Conversation, Message
from livecaller.core.actors import Actor, EndUserActor, OperatorActor
from livecaller.core.errors import ConflictError, ForbiddenError, InvalidError
from livecaller.core.limits import Limit, Takes, take_all

BODY_CHARACTERS = 4000
ATTACHMENTS_MOST = 10
CONVERSATIONS_A_DAY = 10
END_USER_EDIT_WINDOW = timedelta(minutes=15)

PERSON_MESSAGES = Limit("message", burst=20, seconds=4)
ORGANIZATION_MESSAGES = Limit("message_organization", burst=1000, seconds=2)
ALL_MESSAGES = Limit("message_all", burst=20_000, seconds=1)
UPLOADS = Limit("upload", burst=30, seconds=60)
ORGANIZATION_UPLOADS = Limit("upload_organization", burst=300, seconds=60)

Person = OperatorActor | EndUserActor


@dataclass(frozen=True, slots=True)
class Author:
    """Who a message is by, as it is shown and kept."""

    kind: AuthorKind
    id: UUID
    name: str


def author_of(actor: Person) -> Author:
    """Return the actor as the author of what they write."""
    if isinstance(actor, OperatorActor):
        return Author(AuthorKind.OPERATOR, actor.membership_id, actor.name)
    return Author(AuthorKind.END_USER, actor.end_user_id, actor.name)


def require_reader(actor: Actor) -> None:
    """Raise `ForbiddenError` unless the actor's role may read conversations; end-users read their own."""
    if isinstance(actor, OperatorActor):
        require(actor, "conversation.read")


def require_writer(actor: Actor) -> None:
    """Raise `ForbiddenError` unless the actor's role may write in conversations; end-users write in their own."""
    if isinstance(actor, OperatorActor):
        require(actor, "conversation.write")


def message_takes(organization_id: UUID, author: Author) -> Takes:
    """Return what one message counts against: its author, the organization, and all."""
    return (
        (PERSON_MESSAGES, author.id),
        (ORGANIZATION_MESSAGES, organization_id),
        (ALL_MESSAGES, "all"),
    )


def take_upload_tokens(actor: Person) -> None:
    """Count one upload against the person and the organization; raises `RateLimitedError`."""
    take_all((UPLOADS, author_of(actor).id), (ORGANIZATION_UPLOADS, actor.organization_id))


def require_content(body: str, attachments: int) -> None:
    """Raise `InvalidError` unless there is something to send and not too much of it."""
    if attachments > ATTACHMENTS_MOST:
        raise InvalidError(
            fields={
                "attachments": [_("Too many files. Allowed in one message: %(most)d.") % {"most": ATTACHMENTS_MOST}]
            }
        )
    if len(body) > BODY_CHARACTERS:
        raise InvalidError(
            fields={"body": [_("This is too long. Characters allowed: %(most)d.") % {"most": BODY_CHARACTERS}]}
        )
    if not body.strip() and not attachments:
        raise InvalidError(fields={"body": [_("Write something or attach a file.")]})


def is_author(actor: Person, message: Message) -> bool:
    """Say whether the actor wrote the message.

    A conversation has one end-user, so their side is one author, also after two records of a person were joined.
    """
    if isinstance(actor, EndUserActor):
        return message.author_kind == AuthorKind.END_USER
    return message.author_kind == AuthorKind.OPERATOR and message.author_id == actor.membership_id


def require_changeable(actor: Person, message: Message) -> None:
    """Raise `ForbiddenError` unless the actor may still change the message, `ConflictError` when it is deleted."""
    if not is_author(actor, message):
        raise ForbiddenError(_("Only its author can change a message."))
    if message.deleted_at is not None:
        raise ConflictError(_("This message has been deleted."))
    if isinstance(actor, EndUserActor) and timezone.now() - message.created_at > END_USER_EDIT_WINDOW:
        raise ForbiddenError(_("A message can be changed for 15 minutes."))


def retention_end(conversation: Conversation, at: datetime) -> datetime:
    """Return when what is written at `at` has to be gone; the organization must be loaded."""
    return at + timedelta(days=conversation.organization.retention_days)

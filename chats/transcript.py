"""A thread as a text file: for people, and harmless in whatever opens it."""

import unicodedata
from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from chats.enums import AuthorKind
from chats.models import Conversation, Message
from chats.rules import Person
from chats.selectors import get_conversation
from chats.selectors.messages import with_attachments
from livecaller.core.errors import TooLargeError

MESSAGES_MOST = 5_000

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SYSTEM_LINES = {"closed": "The conversation was closed.", "reopened": "The conversation was opened again."}


def transcript_of(actor: Person, conversation_id: UUID) -> str:
    """Return a visible conversation as text, one line a message; raises `NotFoundError` and `TooLargeError`."""
    conversation = get_conversation(actor, conversation_id)
    messages = with_attachments(Message.objects.filter(conversation=conversation)).order_by("seq")
    found = list(messages[: MESSAGES_MOST + 1])
    if len(found) > MESSAGES_MOST:
        raise TooLargeError(_("This conversation is too long for a transcript."))
    return "\n".join([*_head(conversation), *(_line(message) for message in found), ""])


def harmless(text: str) -> str:
    """Return one line without control, direction or invisible characters that cannot begin a formula."""
    visible = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"} or letter in _JOINERS
    )
    return f"'{visible}" if visible.startswith(_FORMULA) else visible


# Emoji and several scripts need them to be read.
_JOINERS = "\u200c\u200d"


def _head(conversation: Conversation) -> Iterator[str]:
    yield f"{harmless(conversation.widget.name)}: conversation of {conversation.created_at:%Y-%m-%d %H:%M} UTC"
    yield ""


def _line(message: Message) -> str:
    at = f"[{message.created_at:%Y-%m-%d %H:%M}]"
    if message.author_kind == AuthorKind.SYSTEM:
        return f"{at} {_SYSTEM_LINES.get(message.body, message.body)}"
    if message.deleted_at is not None:
        return f"{at} {harmless(message.author_name)}: (deleted)"
    files = [f"(file: {harmless(file.name)})" for file in message.attachments.all()]
    content = " ".join(filter(None, [harmless(message.body), *files]))
    return f"{at} {harmless(message.author_name)}: {content}"

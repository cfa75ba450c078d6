"""What may be sent to the chats app: commands and bodies of requests. Unknown fields are refused."""

from typing import Any  # DRF's data is untyped
from uuid import UUID

from rest_framework import serializers

from accounts.enums import PresenceStatus
from chats.rules import ATTACHMENTS_MOST, BODY_CHARACTERS
from livecaller.core.api import StrictSerializer

CURSORS_MOST = 50
VERSION_MOST = 2**53


class VersionField(serializers.IntegerField):
    """A version or a position: a whole number, and not `"7"`, `7.0` or `true`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=VERSION_MOST, **options)

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class IdField(serializers.UUIDField):
    """An id as it travels: a UUID in text, 36 characters, and not a number that could be read as one."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=str(data)[:40])
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A text, and not a number that could be read as one; NUL and lone surrogates are refused."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class YesNoField(serializers.BooleanField):
    """`true` or `false`, and nothing that could be read as one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return data


class BodyField(TextField):
    """What a person wrote, kept as it was written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=BODY_CHARACTERS, trim_whitespace=False, allow_blank=True, **options)


class CursorData(StrictSerializer):
    """Where a reader stopped in one conversation."""

    version = VersionField()
    note_version = VersionField(required=False, allow_null=True, default=None)


class HelloData(StrictSerializer):
    """The first frame: ticket, and what is known already."""

    ticket = TextField(max_length=500)
    epoch = TextField(max_length=64, allow_null=True)
    cursors = serializers.DictField(child=CursorData())

    def validate_cursors(self, cursors: dict[str, Any]) -> dict[Any, Any]:
        """Return the cursors by id; at most fifty."""
        if len(cursors) > CURSORS_MOST:
            raise serializers.ValidationError(f"At most {CURSORS_MOST} conversations.")
        return {IdField().run_validation(name): cursor for name, cursor in cursors.items()}


class ConversationData(StrictSerializer):
    """A command about one conversation."""

    conversation = IdField()


class LaneData(ConversationData):
    """Where a reader stopped in a conversation that it opens; null for one it does not know."""

    after_version = VersionField(allow_null=True)
    after_note_version = VersionField(required=False, allow_null=True, default=None)


class MessageBody(StrictSerializer):
    """A message to send."""

    client_id = IdField()
    body = BodyField()
    attachments = serializers.ListField(child=IdField(), max_length=ATTACHMENTS_MOST, required=False, default=list)


class MessageData(MessageBody):
    """`message.send`."""

    conversation = IdField()


class EditBody(StrictSerializer):
    """A new text."""

    body = BodyField()


class EditData(EditBody):
    """`message.edit`."""

    conversation = IdField()
    message = IdField()


class OneMessageData(ConversationData):
    """`message.delete`."""

    message = IdField()


class ReadBody(StrictSerializer):
    """How far one has read."""

    seq = VersionField()


class ReadData(ReadBody):
    """`conversation.read`."""

    conversation = IdField()


class NoteBody(StrictSerializer):
    """A note to write."""

    client_id = IdField()
    body = BodyField()


class NoteData(NoteBody):
    """`note.send`."""

    conversation = IdField()


class AssignBody(StrictSerializer):
    """Who is in charge from now on."""

    assignee = IdField(allow_null=True)


class AssignData(AssignBody):
    """`conversation.assign`."""

    conversation = IdField()


class PresenceBody(StrictSerializer):
    """What an operator chooses to be."""

    status = serializers.ChoiceField(choices=PresenceStatus.choices)


class FormBody(StrictSerializer):
    """The pre-chat form."""

    name = TextField(max_length=160, required=False, allow_blank=True)
    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=32, required=False, allow_blank=True)
    topic = TextField(max_length=120, required=False, allow_blank=True)


class StartBody(MessageBody):
    """A new conversation."""

    form = FormBody(required=False, default=dict)
    notice_accepted = YesNoField()


class UploadBody(StrictSerializer):
    """A file, and the conversation it is for."""

    file = serializers.FileField(max_length=1000, allow_empty_file=False)
    conversation = IdField(required=False, allow_null=True, default=None)


def _query_version() -> serializers.IntegerField:
    """Return a number in a query, where everything is text."""
    return serializers.IntegerField(min_value=0, max_value=VERSION_MOST, required=False, allow_null=True, default=None)


class InboxQuery(StrictSerializer):
    """Which page of the inbox."""

    section = serializers.ChoiceField(choices=["you", "open", "all", "closed", "spam"], default="open")
    cursor = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class MessagesQuery(StrictSerializer):
    """Which page of a conversation."""

    before_seq = _query_version()
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)


class NotesQuery(StrictSerializer):
    """Which page of notes."""

    cursor = _query_version()


class SyncQuery(StrictSerializer):
    """Where a reader stopped."""

    after_version = _query_version()
    after_note_version = _query_version()


class EndUserBody(StrictSerializer):
    """What the team changes about a person."""

    first_name = TextField(max_length=80, required=False, allow_blank=True)
    last_name = TextField(max_length=80, required=False, allow_blank=True)
    email = TextField(max_length=254, required=False, allow_blank=True)
    phone = TextField(max_length=32, required=False, allow_blank=True)
    attributes = serializers.DictField(child=TextField(max_length=255, allow_blank=True), required=False)

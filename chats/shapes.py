"""The shapes of docs/realtime.md for the OpenAPI document. `chats.payloads` makes them; a test holds both together."""

from rest_framework import serializers

from accounts.enums import PresenceStatus, Role
from chats.enums import AuthorKind, ConversationState, MessageKind

_PRESENCE = [*PresenceStatus.choices, ("offline", "Offline")]


class Author(serializers.Serializer[None]):
    """Who wrote."""

    kind = serializers.ChoiceField(choices=AuthorKind.choices)
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class Named(serializers.Serializer[None]):
    """Somebody or something by name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class Attachment(serializers.Serializer[None]):
    """A file; size in bytes, width and height in pixels for images."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class SignedAttachment(Attachment):
    """A file with an address that is good for at most five minutes."""

    url = serializers.URLField()
    url_expires_at = serializers.DateTimeField()


class Note(serializers.Serializer[None]):
    """A remark that only the team sees."""

    id = serializers.UUIDField()
    conversation = serializers.UUIDField()
    seq = serializers.IntegerField()
    version = serializers.IntegerField()
    author = Author()
    client_id = serializers.UUIDField(allow_null=True)
    body = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)


class Message(Note):
    """A message; `body` of a system line is a code, of a deleted message empty."""

    kind = serializers.ChoiceField(choices=MessageKind.choices)
    attachments = Attachment(many=True)


class Member(Named):
    """A member of the organization."""

    role = serializers.ChoiceField(choices=Role.choices)
    status = serializers.ChoiceField(choices=_PRESENCE)


class Thread(serializers.Serializer[None]):
    """A conversation as its end-user sees it."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    floor_version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["open", "closed"])
    last_seq = serializers.IntegerField()
    unread = serializers.IntegerField()
    end_user_read_seq = serializers.IntegerField()
    operator_read_seq = serializers.IntegerField()
    operator = Named(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class EndUserBrief(Named):
    """An end-user in a line."""

    email = serializers.CharField(allow_null=True)
    is_verified = serializers.BooleanField()
    is_online = serializers.BooleanField()


class LastMessage(serializers.Serializer[None]):
    """The end of a conversation, at most 140 characters of it."""

    kind = serializers.ChoiceField(choices=MessageKind.choices)
    author = Author()
    body = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class Conversation(serializers.Serializer[None]):
    """A conversation as operators see it."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    note_version = serializers.IntegerField()
    floor_version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ConversationState.choices)
    channel = serializers.ChoiceField(choices=["widget"])
    widget = Named()
    end_user = EndUserBrief()
    assignee = Named(allow_null=True)
    last_seq = serializers.IntegerField()
    unread = serializers.IntegerField()
    last_message = LastMessage(allow_null=True)
    end_user_read_seq = serializers.IntegerField()
    operator_read_seq = serializers.IntegerField()
    waiting_since = serializers.DateTimeField(allow_null=True)
    page_url = serializers.CharField(allow_null=True)
    page_title = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()


class PageView(serializers.Serializer[None]):
    """A page of a visit."""

    url = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class Visit(serializers.Serializer[None]):
    """A stay on the Client's site."""

    id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    browser = serializers.CharField(allow_null=True)
    device = serializers.CharField(allow_null=True)
    referrer_host = serializers.CharField(allow_null=True)
    pages = PageView(many=True)


class EarlierConversation(serializers.Serializer[None]):
    """A conversation of a profile."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ConversationState.choices)
    last_message_body = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class EndUser(EndUserBrief):
    """An end-user's profile."""

    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    attributes = serializers.DictField(child=serializers.CharField())
    locale = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    notice_accepted_at = serializers.DateTimeField(allow_null=True)
    visits = Visit(many=True)
    conversations = EarlierConversation(many=True)


class _AnySync(serializers.Serializer[None]):
    conversation = serializers.UUIDField()
    epoch = serializers.CharField()
    version = serializers.IntegerField()
    note_version = serializers.IntegerField(allow_null=True)
    floor_version = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=["delta", "reload"])
    has_earlier = serializers.BooleanField()
    messages = Message(many=True)
    notes = Note(many=True)


class Sync(_AnySync):
    """What an operator has missed."""

    snapshot = Conversation()


class ThreadSync(_AnySync):
    """What an end-user has missed."""

    snapshot = Thread()


class Ticket(serializers.Serializer[None]):
    """A one-use ticket of 60 seconds for the socket."""

    ticket = serializers.CharField()


class ConversationPage(serializers.Serializer[None]):
    """A page of the inbox."""

    results = Conversation(many=True)
    next = serializers.CharField(allow_null=True)


class Counts(serializers.Serializer[None]):
    """The badges of the inbox."""

    you = serializers.IntegerField()
    open = serializers.IntegerField()
    spam = serializers.IntegerField()
    unread = serializers.IntegerField()


class MessagePage(serializers.Serializer[None]):
    """A page of messages, by seq."""

    results = Message(many=True)
    has_earlier = serializers.BooleanField()


class NotePage(serializers.Serializer[None]):
    """A page of notes, by seq; `next` leads to older ones."""

    results = Note(many=True)
    next = serializers.CharField(allow_null=True)


class MessageAnswer(serializers.Serializer[None]):
    """The message as it is stored."""

    message = Message()


class NoteAnswer(serializers.Serializer[None]):
    """The note as it is stored."""

    note = Note()


class ConversationAnswer(serializers.Serializer[None]):
    """The conversation as it is now."""

    conversation = Conversation()


class ThreadAnswer(serializers.Serializer[None]):
    """The thread as it is now."""

    thread = Thread()


class Started(serializers.Serializer[None]):
    """A new conversation and its first message."""

    thread = Thread()
    message = Message()


class VersionAnswer(serializers.Serializer[None]):
    """The newest version of the conversation."""

    version = serializers.IntegerField()


class MemberAnswer(serializers.Serializer[None]):
    """The member as they are now."""

    member = Member()


class Me(serializers.Serializer[None]):
    """Who is signed in, where, and what they may do."""

    member = Member()
    organization = Named()
    permissions = serializers.ListField(child=serializers.CharField())
    locale = serializers.CharField()


class KnownEndUser(Named):
    """An end-user as their own browser knows them."""

    email = serializers.CharField(allow_null=True)
    is_verified = serializers.BooleanField()


class Session(serializers.Serializer[None]):
    """A browser's session with a widget."""

    token = serializers.CharField()
    end_user = KnownEndUser()
    threads = Thread(many=True)
    available = serializers.BooleanField()
    storage_days = serializers.IntegerField()


class Identified(serializers.Serializer[None]):
    """Who the browser belongs to now, and its new token."""

    token = serializers.CharField()
    end_user = KnownEndUser()

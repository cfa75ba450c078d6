"""What the chats app holds about end-users and about the operators who answer them, for the Client."""

from dataclasses import replace

from chats.models import Attachment, Conversation, Message, Note
from livecaller.core.personal_data.registry import (
    NotPersonal,
    Personal,
    Rules,
    describe,
    describe_store,
    each,
)
from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Purpose, Retention, StoreKind, Subject

_EITHER = Subject.END_USER | Subject.OPERATOR

_THREAD = Rules(
    subject=Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.CLIENT_DAYS},
    erase=Erase.DELETE_ROW,
    export=Export.OBSERVED,
)
_WRITTEN = Rules(
    subject=_EITHER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.CLIENT_DAYS},
    erase=Erase.WITH_PARENT,
    export=Export.GIVEN,
)
_COUNTER = NotPersonal(
    "Numbers the changes of a thread so that browsers notice a gap; says nothing about who did what."
)

describe(
    Conversation,
    rules=_THREAD,
    fields={
        "widget": NotPersonal("Names the installation, which is the Client's and stands on a public page."),
        **each("end_user", "visit", are=Personal(Category.IDENTIFIER)),
        "assignee": Personal(Category.IDENTIFIER, subject=Subject.OPERATOR, erase=Erase.EMPTY),
        **each("state", "channel", are=Personal(Category.ACTIVITY)),
        **each("topic", "last_body", are=Personal(Category.CONTENT, subject=_EITHER, export=Export.GIVEN)),
        **each("page_url", "page_title", are=Personal(Category.ACTIVITY)),
        **each("last_seq", "version", "floor_version", "note_seq", "note_version", are=_COUNTER),
        **each(
            "end_user_read_seq",
            "operator_read_seq",
            "operator_unread",
            "end_user_unread",
            are=Personal(Category.ACTIVITY, subject=_EITHER),
        ),
        **each("last_kind", "last_author_kind", are=Personal(Category.ACTIVITY, subject=_EITHER)),
        "last_author_id": Personal(Category.IDENTIFIER, subject=_EITHER, erase=Erase.EMPTY),
        "last_author_name": Personal(Category.NAME, subject=_EITHER, erase=Erase.EMPTY),
        **each(
            "last_message_at", "waiting_since", "created_at", "updated_at", "closed_at", are=Personal(Category.ACTIVITY)
        ),
    },
)

describe(
    Message,
    rules=_WRITTEN,
    fields={
        **each("conversation", "client_id", are=Personal(Category.IDENTIFIER, export=Export.OBSERVED)),
        **each("seq", "version", are=_COUNTER),
        **each("kind", "author_kind", are=Personal(Category.ACTIVITY, export=Export.OBSERVED)),
        "author_id": Personal(Category.IDENTIFIER, erase=Erase.EMPTY, export=Export.OBSERVED),
        "author_name": Personal(Category.NAME, erase=Erase.EMPTY, export=Export.OBSERVED),
        "body": Personal(Category.CONTENT),
        **each("created_at", "edited_at", "deleted_at", are=Personal(Category.ACTIVITY, export=Export.OBSERVED)),
    },
)

describe(
    Note,
    rules=_WRITTEN,
    fields={
        **each("conversation", "client_id", are=Personal(Category.IDENTIFIER, export=Export.ABOUT)),
        **each("seq", "version", are=_COUNTER),
        "author": Personal(Category.IDENTIFIER, subject=Subject.OPERATOR, erase=Erase.EMPTY, export=Export.OBSERVED),
        "author_name": Personal(Category.NAME, subject=Subject.OPERATOR, erase=Erase.EMPTY, export=Export.OBSERVED),
        "body": Personal(Category.CONTENT, export=Export.ABOUT),
        **each("created_at", "edited_at", "deleted_at", are=Personal(Category.ACTIVITY, export=Export.ABOUT)),
    },
)

describe(
    Attachment,
    rules=_WRITTEN,
    fields={
        **each("conversation", "message", are=Personal(Category.IDENTIFIER, export=Export.OBSERVED)),
        "uploader_kind": Personal(Category.ACTIVITY, export=Export.OBSERVED),
        "uploader_id": Personal(Category.IDENTIFIER, export=Export.OBSERVED),
        **each("name", "content_type", "size", "width", "height", are=Personal(Category.CONTENT)),
        "storage_name": Personal(Category.CONTENT, erase=Erase.DELETE_FILE, export=Export.WITHHELD),
        "created_at": Personal(Category.ACTIVITY, export=Export.OBSERVED),
    },
)

_LEASE = replace(_WRITTEN, kept_for={Purpose.SERVICE: Retention.MINUTE}, erase=Erase.LAPSE, export=Export.WITHHELD)

describe_store(
    StoreKind.VALKEY,
    "sockets:*",
    holds="Which sockets a person has open now: random names under the person's id.",
    categories=frozenset({Category.ACTIVITY}),
    rules=_LEASE,
)
describe_store(
    StoreKind.VALKEY,
    "operators:*",
    holds="Which members of an organization are there now.",
    categories=frozenset({Category.ACTIVITY}),
    rules=replace(_LEASE, subject=Subject.OPERATOR, kept_for={Purpose.SERVICE: Retention.DAY}),
)
describe_store(
    StoreKind.VALKEY,
    "available:*",
    holds="Whether an organization was announced as reachable; a yes or no for the whole company.",
)
describe_store(
    StoreKind.FOLDER,
    "files/**",
    holds="The files that people sent, under random names; what they were called stands in the row.",
    categories=frozenset({Category.CONTENT}),
    rules=replace(_WRITTEN, kept_for={Purpose.SERVICE: Retention.FILE}, erase=Erase.DELETE_FILE),
)
describe_store(
    StoreKind.BROWSER,
    "livecaller-outbox-*",
    holds="In the operator's browser: messages that could not be sent yet.",
    categories=frozenset({Category.CONTENT}),
    rules=replace(_LEASE, kept_for={Purpose.SERVICE: Retention.BROWSER}),
)
describe_store(
    StoreKind.BROWSER,
    "livecaller.draft.*",
    holds="In the operator's tab: what is written and not sent.",
    categories=frozenset({Category.CONTENT}),
    rules=replace(_LEASE, kept_for={Purpose.SERVICE: Retention.BROWSER}),
)
describe_store(
    StoreKind.BROWSER,
    "livecaller.console*",
    holds="How this browser shows the inbox: sounds, alerts, colours. It names nobody.",
)

"""What the ground itself holds: the columns every tenant table inherits, and the keys that core keeps in Valkey."""

from dataclasses import replace

from livecaller.core.personal_data.registry import (
    NotPersonal,
    Personal,
    Rules,
    describe_base,
    describe_store,
    describe_table,
    each,
)
from livecaller.core.personal_data.terms import (
    Category,
    Erase,
    Export,
    Party,
    Purpose,
    Retention,
    StoreKind,
    Subject,
)
from livecaller.core.tenancy.models import EndUserDataModel, TenantModel

describe_base(
    TenantModel,
    fields={
        "id": NotPersonal("A random number for the row, which describes the company's settings and nobody in person."),
        "organization": NotPersonal("Names the Client company whose row it is; a company is not a person."),
    },
)

describe_base(
    EndUserDataModel,
    fields={
        "id": Personal(Category.IDENTIFIER),
        "expires_at": Personal(Category.ACTIVITY, export=Export.ABOUT),
        "restricted_at": Personal(Category.ACTIVITY, export=Export.ABOUT),
    },
)

describe_table(
    "django_migrations",
    columns=each("id", "app", "name", "applied", are=NotPersonal("Which changes of the schema were made, and when.")),
)

_TRANSIENT = Rules(
    subject=Subject.OPERATOR | Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.MINUTE},
    erase=Erase.LAPSE,
    export=Export.WITHHELD,
)

describe_store(
    StoreKind.VALKEY,
    "ticket:*",
    holds="That a one-use ticket was used: its random number, for 65 s. Whom it names stands in the ticket alone.",
    categories=frozenset({Category.CREDENTIAL}),
    rules=_TRANSIENT,
)

describe_store(
    StoreKind.VALKEY,
    "limit:*",
    holds="How many tokens a person or an address has left, under a keyed hash of the id or address.",
    categories=frozenset({Category.IDENTIFIER, Category.NETWORK}),
    rules=replace(_TRANSIENT, kept_for={Purpose.SECURITY: Retention.DAY}),
)

_QUEUE = replace(
    _TRANSIENT,
    subject=Subject.OPERATOR | Subject.END_USER | Subject.INVITED,
    kept_for={Purpose.SERVICE: Retention.DAY},
)

describe_store(
    StoreKind.VALKEY,
    "celery",
    holds="Tasks that wait for a worker: their names and ids of rows. No address, no name, no token.",
    categories=frozenset({Category.IDENTIFIER}),
    rules=_QUEUE,
)

describe_store(
    StoreKind.VALKEY,
    "unacked*",
    holds="Tasks that a worker has taken and not finished: the same names and ids.",
    categories=frozenset({Category.IDENTIFIER}),
    rules=_QUEUE,
)

describe_store(StoreKind.VALKEY, "_kombu.*", holds="The names of the task queues; the same for everybody.")

describe_store(
    StoreKind.CHANNEL,
    "*",
    holds="Events on their way to open sockets: messages, read marks, typing and presence. Published, never stored.",
    categories=frozenset({Category.CONTENT, Category.NAME, Category.ACTIVITY}),
    rules=replace(_TRANSIENT, kept_for={Purpose.SERVICE: Retention.UNTIL_DELIVERED}),
)

describe_store(
    StoreKind.LOG,
    "console",
    holds="One line per request: a random request id, the route's pattern, status and duration; ids beside errors.",
    categories=frozenset({Category.IDENTIFIER, Category.ACTIVITY}),
    rules=replace(_TRANSIENT, kept_for={Purpose.SECURITY: Retention.LOG_DAYS}),
)

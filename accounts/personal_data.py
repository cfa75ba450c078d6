"""What LiveCaller holds about the people who sign in, the tables of its building blocks included.

The models of others are named by label, since only `accounts.adapter` knows whose they are.
"""

from dataclasses import replace

from accounts.models import AuditEvent, Invitation, Membership, Organization, User
from livecaller.core.personal_data.registry import (
    NotPersonal,
    Personal,
    Rules,
    describe,
    describe_store,
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

_ACCOUNT = Rules(
    subject=Subject.OPERATOR,
    party=Party.CONTROLLER,
    kept_for={Purpose.ACCOUNT: Retention.ACCOUNT, Purpose.SERVICE: Retention.ACCOUNT},
    erase=Erase.DELETE_ROW,
    export=Export.GIVEN,
)
_MEMBERSHIP = Rules(
    subject=Subject.OPERATOR,
    party=Party.CONTROLLER,
    kept_for={Purpose.CONTRACT: Retention.ORGANIZATION, Purpose.SERVICE: Retention.ORGANIZATION},
    erase=Erase.DELETE_ROW,
    export=Export.ABOUT,
)
_SIGN_IN = Rules(
    subject=Subject.OPERATOR,
    party=Party.CONTROLLER,
    kept_for={Purpose.SERVICE: Retention.SIGN_IN, Purpose.SECURITY: Retention.SIGN_IN},
    erase=Erase.DELETE_ROW,
    export=Export.OBSERVED,
)
_AUDIT = Rules(
    subject=Subject.OPERATOR | Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.ACCOUNTABILITY: Retention.ORGANIZATION},
    erase=Erase.DANGLE,
    export=Export.OBSERVED,
)
_COMPANY = NotPersonal(
    "Says how a company uses LiveCaller; companies are not people, and people have rows of their own."
)

describe(
    User,
    rules=_ACCOUNT,
    fields={
        "id": Personal(Category.IDENTIFIER, export=Export.ABOUT),
        "email": Personal(Category.CONTACT),
        "full_name": Personal(Category.NAME),
        "locale": Personal(Category.PREFERENCE),
        "password": Personal(Category.CREDENTIAL, export=Export.WITHHELD),
        "last_login": Personal(Category.ACTIVITY, export=Export.OBSERVED),
        **each("is_active", "is_staff", are=Personal(Category.POSITION, export=Export.ABOUT)),
        "declared_at": Personal(Category.ACTIVITY),
        "created_at": Personal(Category.ACTIVITY, export=Export.OBSERVED),
    },
)

describe(
    Organization,
    fields=each(
        "id",
        "name",
        "time_zone",
        "locale",
        "retention_days",
        "seat_limit",
        "is_demo",
        "created_at",
        "audit_head",
        "audit_length",
        are=_COMPANY,
    ),
)

describe(
    Membership,
    rules=_MEMBERSHIP,
    fields={
        **each("id", "user", are=Personal(Category.IDENTIFIER)),
        "role": Personal(Category.POSITION),
        "display_name": Personal(Category.NAME, export=Export.GIVEN),
        "status": Personal(Category.ACTIVITY, export=Export.GIVEN),
        "is_active": Personal(Category.POSITION),
        "created_at": Personal(Category.ACTIVITY),
    },
)

describe(
    Invitation,
    rules=Rules(
        subject=Subject.INVITED,
        party=Party.CONTROLLER,
        kept_for={Purpose.ACCOUNT: Retention.ORGANIZATION},
        erase=Erase.DELETE_ROW,
        export=Export.ABOUT,
    ),
    fields={
        "id": Personal(Category.IDENTIFIER),
        "email": Personal(Category.CONTACT),
        "role": Personal(Category.POSITION),
        "token_hash": Personal(Category.CREDENTIAL, export=Export.WITHHELD),
        "invited_by": Personal(Category.IDENTIFIER, subject=Subject.OPERATOR, export=Export.OBSERVED),
        **each("created_at", "expires_at", "accepted_at", "revoked_at", are=Personal(Category.ACTIVITY)),
    },
)

describe(
    AuditEvent,
    rules=_AUDIT,
    fields={
        **each("actor_id", "subject_id", are=Personal(Category.IDENTIFIER)),
        **each(
            "position",
            "name",
            "actor_kind",
            "subject_kind",
            "details",
            "at",
            are=NotPersonal("Codes, counts and a time: they tell of a person only through the two references."),
        ),
        **each(
            "previous_hash",
            "hash",
            are=NotPersonal("A digest over references and codes; nobody can be read out of it."),
        ),
    },
)

describe(
    "account.EmailAddress",
    rules=_ACCOUNT,
    fields={
        **each("id", "user", are=Personal(Category.IDENTIFIER, export=Export.ABOUT)),
        "email": Personal(Category.CONTACT),
        **each("verified", "primary", are=Personal(Category.ACTIVITY, export=Export.OBSERVED)),
    },
)

describe(
    "account.EmailConfirmation",
    rules=Rules(
        subject=Subject.OPERATOR,
        party=Party.CONTROLLER,
        kept_for={Purpose.ACCOUNT: Retention.CONFIRMATION},
        erase=Erase.DELETE_ROW,
        export=Export.OBSERVED,
    ),
    fields={
        **each("id", "email_address", are=Personal(Category.IDENTIFIER)),
        **each("created", "sent", are=Personal(Category.ACTIVITY)),
        "key": Personal(Category.CREDENTIAL, export=Export.WITHHELD),
    },
)

describe(
    "sessions.Session",
    rules=_SIGN_IN,
    fields={
        **each("session_key", "session_data", are=Personal(Category.CREDENTIAL, export=Export.WITHHELD)),
        "expire_date": Personal(Category.ACTIVITY),
    },
)

_CATALOGUE = NotPersonal("Django's own catalogue of tables and of what could be done to them; the same for everybody.")

describe("contenttypes.ContentType", fields=each("id", "app_label", "model", are=_CATALOGUE))
describe("auth.Permission", fields=each("id", "name", "content_type", "codename", are=_CATALOGUE))
describe("auth.Group", fields=each("id", "name", are=_CATALOGUE))
describe("auth.Group_permissions", fields=each("id", "group", "permission", are=_CATALOGUE))

_GUARD = replace(_SIGN_IN, kept_for={Purpose.SECURITY: Retention.DAY}, erase=Erase.LAPSE, export=Export.WITHHELD)

describe_store(
    StoreKind.VALKEY,
    ":1:allauth:rl:*",
    holds="When an address or an account was last used for sign-in, sign-up or a mail, to slow down guessing.",
    categories=frozenset({Category.NETWORK, Category.IDENTIFIER}),
    rules=_GUARD,
)

describe_store(
    StoreKind.VALKEY,
    ":1:sign_in_known:*",
    holds="That an account signed in from a network before, under a keyed hash of both.",
    categories=frozenset({Category.NETWORK}),
    rules=replace(_GUARD, kept_for={Purpose.SECURITY: Retention.MONTH}),
)

describe_store(
    StoreKind.MAIL,
    "accounts",
    holds="Mails about accounts: the address, the name, and one link that proves, resets or invites.",
    categories=frozenset({Category.CONTACT, Category.NAME, Category.CREDENTIAL}),
    rules=replace(
        _GUARD,
        subject=Subject.OPERATOR | Subject.INVITED,
        kept_for={Purpose.ACCOUNT: Retention.UNTIL_DELIVERED},
    ),
)

describe_store(
    StoreKind.COOKIE,
    "__Host-lc-session",
    holds="The key of the session of a browser that is signed in, or that keeps a form's progress.",
    categories=frozenset({Category.CREDENTIAL}),
    rules=replace(_SIGN_IN, erase=Erase.LAPSE, export=Export.WITHHELD),
)
describe_store(
    StoreKind.COOKIE,
    "__Host-lc-csrf",
    holds="A random value that shows that a form came from our own page; it names nobody and is kept nowhere else.",
)
describe_store(
    StoreKind.COOKIE,
    "__Host-lc-theme",
    holds="Light or dark pages; it tells nobody apart and is kept nowhere else.",
)
describe_store(
    StoreKind.COOKIE,
    "__Host-lc-language",
    holds="The language of the pages, one of seven; it tells nobody apart and is kept nowhere else.",
)

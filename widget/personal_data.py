"""What the widget app holds about end-users, for the Client."""

from dataclasses import replace

from livecaller.core.personal_data.registry import (
    NotPersonal,
    Personal,
    Rules,
    describe,
    describe_store,
    each,
)
from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Purpose, Retention, StoreKind, Subject
from widget.models import EndUser, IdentitySecret, Visit, VisitorToken, Widget, WidgetSighting

_GIVEN = Rules(
    subject=Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.CLIENT_DAYS},
    erase=Erase.DELETE_ROW,
    export=Export.GIVEN,
)
_OBSERVED = Rules(
    subject=Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.CLIENT_DAYS},
    erase=Erase.WITH_PARENT,
    export=Export.OBSERVED,
)
_INSTALLATION = NotPersonal("How an installation is set up; everybody who opens the Client's site sees the result.")

describe(
    Widget,
    fields=each(
        "name",
        "public_key",
        "allowed_origins",
        "is_active",
        "look",
        "texts",
        "default_locale",
        "locales",
        "form",
        "notice_url",
        "requires_identity",
        "created_at",
        are=_INSTALLATION,
    ),
)

describe(
    IdentitySecret,
    fields=each(
        "widget",
        "sealed",
        "created_at",
        "retired_at",
        are=NotPersonal("A key of the Client's server, encrypted; it belongs to a machine and names no person."),
    ),
)

describe(
    WidgetSighting,
    fields=each(
        "widget",
        "origin",
        "is_allowed",
        "script_seen_at",
        "frame_seen_at",
        are=NotPersonal("Which site asked for the script, and when last; one row a site, whoever the visitors were."),
    ),
)

describe(
    EndUser,
    rules=_GIVEN,
    fields={
        "widget": NotPersonal("Names the installation, which is the Client's and stands on a public page."),
        **each("first_name", "last_name", are=Personal(Category.NAME)),
        **each("email", "phone", are=Personal(Category.CONTACT)),
        "external_id": Personal(Category.IDENTIFIER, export=Export.ABOUT),
        "attributes": Personal(Category.ATTRIBUTE, export=Export.ABOUT),
        "locale": Personal(Category.PREFERENCE, export=Export.OBSERVED),
        "is_verified": Personal(Category.ACTIVITY, export=Export.OBSERVED),
        "notice_accepted_at": Personal(Category.ACTIVITY, export=Export.OBSERVED),
        "created_at": Personal(Category.ACTIVITY, export=Export.OBSERVED),
    },
)

describe(
    VisitorToken,
    rules=_OBSERVED,
    fields={
        **each("end_user", "visit", are=Personal(Category.IDENTIFIER)),
        "token_hash": Personal(Category.CREDENTIAL, export=Export.WITHHELD),
        **each("created_at", "revoked_at", are=Personal(Category.ACTIVITY)),
    },
)

describe(
    Visit,
    rules=_OBSERVED,
    fields={
        "end_user": Personal(Category.IDENTIFIER),
        **each("started_at", "last_seen_at", "pages", "referrer_host", are=Personal(Category.ACTIVITY)),
        **each("browser", "device", are=Personal(Category.DEVICE)),
    },
)

describe_store(
    StoreKind.VALKEY,
    "jti:*",
    holds="That a token by which the Client's server named its customer was used, under a hash of its number.",
    categories=frozenset({Category.IDENTIFIER}),
    rules=replace(
        _OBSERVED,
        kept_for={Purpose.SECURITY: Retention.QUARTER_HOUR},
        erase=Erase.LAPSE,
        export=Export.WITHHELD,
    ),
)
describe_store(
    StoreKind.VALKEY,
    "sighting:*",
    holds="That a site's script was seen a moment ago, so that it is noted once; a site is not a person.",
)
describe_store(
    StoreKind.COOKIE,
    "__Host-lcv-*",
    holds="The token by which the widget knows a browser again, on its own host, apart for each Client's site.",
    categories=frozenset({Category.CREDENTIAL}),
    rules=replace(
        _OBSERVED, kept_for={Purpose.SERVICE: Retention.BROWSER_DAYS}, erase=Erase.LAPSE, export=Export.WITHHELD
    ),
)
describe_store(
    StoreKind.BROWSER,
    "livecaller:*",
    holds="On the Client's page: that this browser has written before, never who it is. In the widget's own frame, "
    "after the first act: its token, the language chosen, drafts, and messages not sent yet.",
    categories=frozenset({Category.ACTIVITY, Category.CREDENTIAL, Category.PREFERENCE, Category.CONTENT}),
    rules=replace(
        _OBSERVED, kept_for={Purpose.SERVICE: Retention.BROWSER_DAYS}, erase=Erase.LAPSE, export=Export.WITHHELD
    ),
)

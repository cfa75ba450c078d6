"""What running LiveCaller on one machine adds to the map of personal data."""

from livecaller.core.personal_data.registry import Rules, describe_store
from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Purpose, Retention, StoreKind, Subject

describe_store(
    StoreKind.FOLDER,
    "postgres/**",
    holds="The database of this machine as files; what is in it stands with the tables.",
)

describe_store(
    StoreKind.FOLDER,
    "valkey/**",
    holds="The keys of this machine as files; what is in them stands with the keys.",
)

describe_store(
    StoreKind.FOLDER,
    "beat/*",
    holds="When each repeated job last ran; the names of jobs and times.",
)

describe_store(
    StoreKind.FOLDER,
    "mail/*",
    holds="Every mail, kept instead of sent, so that a trial needs no mail server. Never used in production.",
    categories=frozenset({Category.CONTACT, Category.NAME, Category.CONTENT, Category.CREDENTIAL}),
    rules=Rules(
        subject=Subject.OPERATOR | Subject.INVITED,
        party=Party.CONTROLLER,
        kept_for={Purpose.SERVICE: Retention.MAIL_CATCHER},
        erase=Erase.DELETE_FILE,
        export=Export.WITHHELD,
    ),
)

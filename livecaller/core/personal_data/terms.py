"""The closed lists that the map of personal data is written in. A new word is a decision: it is added here."""

from enum import Enum, Flag


class Term(Enum):
    """A word of the map: its value explains it to a reader, its code stands in tables."""

    @property
    def code(self) -> str:
        """Return the word as it stands in tables, such as `client-days`."""
        return self.name.lower().replace("_", "-")


class Subject(Flag):
    """Whom a field says something about; join kinds with `|`."""

    OPERATOR = 1
    """A person who signs in: a Client's representative or operator, or LiveCaller's staff."""
    END_USER = 2
    """A person on a Client's site."""
    INVITED = 4
    """A person with an e-mail address and no account yet."""

    def words(self) -> str:
        """Return the kinds as plain words, such as `operator, end-user`."""
        return ", ".join((kind.name or "").lower().replace("_", "-") for kind in self)


class Party(Enum):
    """What LiveCaller is for the data: it decides about its own, and follows the Client about end-users'."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class Basis(Enum):
    """Why the data may be used (GDPR art. 6), exactly one for each purpose."""

    LEGITIMATE_INTEREST = "legitimate interest, art. 6(1)(f): the person acts for a Client, with whom the contract is"
    CLIENTS_OWN = "the Client's own basis, named in its processing agreement"


class Purpose(Enum):
    """What the data is used for, and nothing else."""

    ACCOUNT = "account.create"
    CONTRACT = "contract.perform"
    SERVICE = "service.provide"
    SECURITY = "security"
    ACCOUNTABILITY = "accountability"

    def basis(self, party: Party) -> Basis:
        """Return the one legal basis of this purpose; for end-users' data it is always the Client's."""
        return Basis.CLIENTS_OWN if party is Party.PROCESSOR else _BASES[self]


_BASES = {
    Purpose.ACCOUNT: Basis.LEGITIMATE_INTEREST,
    Purpose.CONTRACT: Basis.LEGITIMATE_INTEREST,
    Purpose.SERVICE: Basis.LEGITIMATE_INTEREST,
    Purpose.SECURITY: Basis.LEGITIMATE_INTEREST,
    Purpose.ACCOUNTABILITY: Basis.LEGITIMATE_INTEREST,
}


class Category(Enum):
    """What kind of statement about a person it is."""

    IDENTIFIER = "identifier"
    """A made-up number or address part that stands for the person: ids, keys of rows about them."""
    NAME = "name"
    CONTACT = "contact"
    CREDENTIAL = "credential"
    """A secret or its hash; never exported."""
    CONTENT = "content"
    """What the person wrote or sent."""
    ATTRIBUTE = "attribute"
    """What the Client knows of its customer and passes to us."""
    PREFERENCE = "preference"
    POSITION = "position"
    """Role and standing inside an organization."""
    ACTIVITY = "activity"
    """What the person did and when."""
    DEVICE = "device"
    NETWORK = "network"
    """An IP address or what is made of it."""


class Retention(Term):
    """How long, as one sentence for a reader who is not an engineer."""

    CLIENT_DAYS = "the days the Client chose, counted from the last activity"
    ACCOUNT = "as long as the person has an account"
    ORGANIZATION = "as long as the organization is a Client"
    SIGN_IN = "until signing out, at most 14 days"
    CONFIRMATION = "until the address is confirmed, at most three days"
    UNTIL_DELIVERED = "until it is delivered, at most a minute"
    MINUTE = "at most one minute"
    QUARTER_HOUR = "at most 17 minutes"
    DAY = "at most one day"
    MONTH = "at most 30 days"
    BROWSER_DAYS = "as long as the Client keeps conversations, or until the person says forget me"
    BROWSER = "until it is sent, or until the browser's storage is cleared"
    FILE = "as long as the row that names the file"
    LOG_DAYS = "at most 30 days; the host's log rotation sees to it"
    MAIL_CATCHER = "until the operator of this installation empties the folder"


class Erase(Term):
    """What happens to the value when the person, or its time, is over."""

    DELETE_ROW = "the row is deleted"
    EMPTY = "the value is emptied, the row stays"
    WITH_PARENT = "deleted with the row it belongs to"
    DELETE_FILE = "the file is deleted"
    LAPSE = "it lapses by itself"
    DANGLE = "it stays and refers to nobody, since what it referred to is gone"


class Export(Term):
    """Where the value goes when the person asks for a copy."""

    GIVEN = "given by the person"
    OBSERVED = "observed while the service was used"
    ABOUT = "made by others or by LiveCaller about the person"
    WITHHELD = "withheld: a secret, or nothing that would tell the person anything"


class StoreKind(Enum):
    """Where data lies that no table holds."""

    VALKEY = "Valkey keys"
    CHANNEL = "channel-layer messages"
    FOLDER = "folder"
    LOG = "log stream"
    MAIL = "mail"
    COOKIE = "cookie"
    BROWSER = "browser storage"

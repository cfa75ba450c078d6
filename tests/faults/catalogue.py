"""Every fault that is tried, by its name, in the order of `make faults`: the long ones last."""

from typing import NamedTuple

from tests.faults import postgres_faults, valkey_faults, web_faults
from tests.faults.laboratory import Fault


class Entry(NamedTuple):
    """One fault: what happens, and how to do it."""

    title: str
    fault: Fault


FAULTS: dict[str, Entry] = {
    "F1": Entry("a web process is killed", web_faults.web_killed),
    "F5": Entry("Valkey is killed and started again", valkey_faults.valkey_killed),
    "F6": Entry("Valkey is emptied", valkey_faults.valkey_emptied),
    "F7": Entry("Valkey is away for a minute", valkey_faults.valkey_absent),
    "F8": Entry("PostgreSQL is killed and started again", postgres_faults.postgres_killed),
    "F9": Entry("PostgreSQL is frozen for half a minute", postgres_faults.postgres_frozen),
    "F10": Entry("PostgreSQL is full, held and locked", postgres_faults.postgres_full_and_locked),
    "F15": Entry("the web processes are replaced one by one", web_faults.rolling_restart),
}

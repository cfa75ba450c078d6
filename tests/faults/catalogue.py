"""Every fault that is tried, by its name, in the order of `make faults`: the long ones last."""

from typing import NamedTuple

from tests.faults import crowd_faults, network_faults, postgres_faults, soaks, valkey_faults, web_faults
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
    "F12": Entry("lines are slow, narrow, half open and cut", network_faults.bad_lines),
    "F13": Entry("thousands come back at once", crowd_faults.storm),
    "F15": Entry("the web processes are replaced one by one", web_faults.rolling_restart),
    "F17": Entry("some do not read", network_faults.silent_readers),
    "F18": Entry("one conversation is flooded", crowd_faults.flood),
    "F26": Entry("300 sockets sit there for ten minutes", soaks.idle_soak),
    "F25": Entry("half an hour of messages, coming and going", soaks.leak_soak),
}

"""What lies outside the tables, compared with what the map says of it."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from livecaller.core.personal_data.checks import loaded_map
from livecaller.core.personal_data.terms import StoreKind
from livecaller.core.valkey import client


def unknown_to_the_map(kind: StoreKind, names: Iterable[str]) -> list[str]:
    """Return the names that no store of this kind describes."""
    patterns = [store.pattern for store in loaded_map().stores if store.kind is kind]
    return sorted(name for name in set(names) if not any(fnmatchcase(name, pattern) for pattern in patterns))


def unknown_keys() -> list[str]:
    """Return the keys that lie in Valkey now and that the map does not know."""
    return unknown_to_the_map(StoreKind.VALKEY, client().scan_iter(count=1000))

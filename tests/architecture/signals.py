"""What an app tells the apps above it: few signals, each with its reason, connected in one kind of place."""

from collections.abc import Iterator

from tests.architecture.imports import Rule, unit_of
from tests.architecture.source import Source

# Files that may make a signal: what happens in that app and must change an app above in the same transaction.
SIGNALS = {
    "accounts/signals.py": "a membership has ended: what was theirs to do is nobody's",
    "widget/signals.py": "two end-users turned out to be one: what names the one names the other",
}
# What the framework tells of its own accord, whoever writes: nobody sees where it leads.
_IMPLICIT = (
    "django.db.models.signals",
    "django.core.signals",
    "django.contrib.auth.signals",
    "allauth.account.signals",
)


def signals_are_few_and_explicit(source: Source) -> Iterator[str]:
    """Refuse a signal without a name here, one that the framework sends, and a receiver outside of `apps.py`."""
    own = unit_of(source.module)
    if not source.is_product or own is None or own == "livecaller.core":
        return
    for line, name in source.imports():
        if name.startswith("django.dispatch") and source.path not in SIGNALS:
            yield f"{source.path}:{line}: call the verb; a signal is for what an app above must do, and is named here"
        if name.startswith(_IMPLICIT):
            yield f"{source.path}:{line}: {name} is sent behind the back of whoever writes; call the verb"
        other = unit_of(name)
        if name.startswith(f"{other}.signals") and other != own and not source.module.endswith(".apps"):
            yield f"{source.path}:{line}: signals of {other} are connected in apps.py"


RULES: tuple[Rule, ...] = (signals_are_few_and_explicit,)

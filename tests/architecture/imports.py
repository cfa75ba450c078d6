"""Who may import whom. Each rule yields `path:line: sentence` for what breaks it."""

from collections.abc import Callable, Iterator

from tests.architecture.source import PRODUCT, Source, modules

Rule = Callable[[Source], Iterator[str]]

# Importing downwards only; equal ranks do not know each other. `embedded` and `website` stand on top.
RANKS = {
    "livecaller.core": 0,
    "accounts": 1,
    "privacy": 2,
    "billing": 2,
    "widget": 3,
    "chats": 4,
    "calls": 5,
    "livecaller.embedded": 6,
    "livecaller.website": 7,
}
# Put the parts together and so may import any of them; nothing below may import these.
COMPOSITION = {"livecaller.settings", "livecaller.urls", "livecaller.widget_host_urls", "livecaller.routing",
               "livecaller.asgi", "livecaller.wsgi", "manage"}  # fmt: skip
# Plumbing that knows no app.
PLUMBING = {"livecaller", "livecaller.env", "livecaller.celery"}

DOOR, VERB, NOUN = 3, 2, 1
_LAYER_NAMES = {DOOR: "a door", VERB: "a verb", NOUN: "a noun"}
# Beside the doors of architecture.md: what only doors use (forms, the mails that tasks send, allauth's questions),
# and what nothing imports (declarations and commands).
_DOORS = {"api", "views", "consumers", "tasks", "admin", "relay", "urls", "forms", "mails", "adapter", "middleware",
          "management", "templatetags", "context", "apps", "personal_data"}  # fmt: skip
_NOUNS = {"models", "enums"}
# Doors that exist to be stood on by the doors of the apps above.
SHARED_DOORS = {
    "accounts.middleware": "marks a page as one for operators",
    "widget.api": "the base of every end-user's REST view",
}


def unit_of(module: str) -> str | None:
    """Return the app a module belongs to, core included, or None."""
    parts = module.split(".")
    candidates = (".".join(parts[:2]), parts[0])
    return next((name for name in candidates if name in RANKS), None)


def layer_of(module: str) -> int:
    """Return the layer of an app's module by its name; what is neither door nor noun is a verb.

    The two apps on top are doors as a whole: they show and start what the others can do.
    """
    unit = unit_of(module) or ""
    if unit in {"livecaller.website", "livecaller.embedded"}:
        return DOOR
    name = module.removeprefix(unit).removeprefix(".").split(".")[0]
    if name in _DOORS or name.endswith(("_urls", "_views")):
        return DOOR
    return NOUN if name in _NOUNS else VERB


def project_imports(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the line and the module of each import of our own code."""
    for line, name in source.imports():
        if name.split(".")[0] in PRODUCT:
            yield line, name if name in modules() else name.rpartition(".")[0]


def apps_import_downwards(source: Source) -> Iterator[str]:
    """Refuse an import of a higher app, of a sibling, or of what puts the parts together."""
    own = unit_of(source.module)
    if not source.is_product or source.module in COMPOSITION | PLUMBING:
        return
    for line, name in project_imports(source):
        other = unit_of(name)
        if name in COMPOSITION:
            yield f"{source.path}:{line}: {name} puts the parts together; no part imports it"
        elif own and other and other != own and RANKS[other] >= RANKS[own]:
            yield f"{source.path}:{line}: {own} may not import {other}"


def layers_import_downwards(source: Source) -> Iterator[str]:
    """Refuse a noun that imports a verb, a verb that imports a door, and another app's door."""
    own = unit_of(source.module)
    if not source.is_product or own is None or own == "livecaller.core":
        return
    mine = layer_of(source.module)
    for line, name in project_imports(source):
        other = unit_of(name)
        if other in {None, "livecaller.core", name}:
            continue
        theirs = layer_of(name)
        if theirs > mine:
            yield f"{source.path}:{line}: {_LAYER_NAMES[mine]} may not import {_LAYER_NAMES[theirs]}, {name}"
        if other != own and theirs == DOOR and name not in SHARED_DOORS and RANKS[own] < RANKS["livecaller.embedded"]:
            yield f"{source.path}:{line}: {name} is another app's door"


def core_knows_no_app(source: Source) -> Iterator[str]:
    """Refuse the name of an app in the ground, in an import or as the beginning of a text."""
    if unit_of(source.module) != "livecaller.core":
        return
    for line, name in source.imports():
        if name.split(".")[0] in RANKS or name.startswith(("livecaller.website", "livecaller.embedded")):
            yield f"{source.path}:{line}: the ground imports {name}"
    # The tenant itself: every tenant table names it, so the ground knows this one name.
    allowed = {("livecaller/core/tenancy/models.py", "accounts.Organization")}
    for line, text in source.strings():
        begins = text.split(".")[0] if "." in text else ""
        if begins in RANKS and (source.path, text) not in allowed and " " not in text:
            yield f"{source.path}:{line}: the ground names {text}"


def only_events_publish(source: Source) -> Iterator[str]:
    """Refuse sending to sockets anywhere but in the apps' `events.py`."""
    if not source.is_product or source.module in {"livecaller.core.realtime", "livecaller.core.hub"}:
        return
    sending = {f"livecaller.core.realtime.{name}" for name in ("publish", "publish_now", "close_sockets")}
    is_events = "events" in source.module.split(".")
    for line, name in source.imports():
        if (name in sending or name == "livecaller.core.realtime") and not is_events:
            yield f"{source.path}:{line}: only events.py sends to sockets"
    for line, name in source.calls():
        if name in {"group_send", "get_channel_layer"}:
            yield f"{source.path}:{line}: only livecaller.core.hub speaks to the channel layer"


def only_one_file_knows(package: str, path: str, settings: str = "") -> Rule:
    """Return the rule that only `path` imports or names `package`; `settings` may name it in texts."""

    def rule(source: Source) -> Iterator[str]:
        if source.path in {path, settings} or not source.is_product:
            return
        for line, name in source.imports():
            if name.split(".")[0] == package:
                yield f"{source.path}:{line}: only {path} imports {package}"
        for line, text in source.strings():
            if text == package or (text.startswith(f"{package}.") and " " not in text):
                yield f"{source.path}:{line}: only {path} names {package}"

    return rule


# Where a caller's organization is learnt from what the caller carries.
CREDENTIALS = {"accounts/selectors.py": "a person's memberships", "widget/selectors.py": "a widget's public key"}
# Verbs that enter an organization by themselves; otherwise doors do, and verbs run inside.
TENANTS = {
    "accounts/audit.py": "joins the organization of what it records",
    "accounts/services.py": "makes an organization and its owner",
    "widget/actors.py": "finds the person behind a token, before a door can enter",
    "chats/services/presence.py": "looks again at who is there once the change has committed and its tenant is left",
}
# Who may walk through all organizations: nobody so far.
EVERY_TENANT: dict[str, str] = {}
# Who may touch rows of several organizations in one transaction.
IN_TURN = {
    "chats/beats.py": "one question for the heartbeats of all",
    "chats/hellos.py": "one question for the hellos of all, who come back in the same second",
    "chats/services/presence.py": "operators of all are told who came or went in the same moment",
}


def only_named_places_enter(source: Source) -> Iterator[str]:
    """Refuse credentials, tenants entered by verbs, and walks through all organizations, but where they are named."""
    if not source.is_product or unit_of(source.module) == "livecaller.core":
        return
    named = {"credential": CREDENTIALS, "every_tenant": EVERY_TENANT, "organizations_in_turn": IN_TURN}
    if unit_of(source.module) and layer_of(source.module) != DOOR:
        named["tenant"] = TENANTS
    for line, name in source.imports():
        module, _, last = name.rpartition(".")
        if module.startswith("livecaller.core.tenancy") and source.path not in named.get(last, {source.path: ""}):
            yield f"{source.path}:{line}: {last}() is used in named places only; name this one with its reason"
        if last == "context" and module == "livecaller.core.tenancy":
            yield f"{source.path}:{line}: import what is used from the context, so that this can be seen"


RULES: tuple[Rule, ...] = (
    apps_import_downwards,
    layers_import_downwards,
    core_knows_no_app,
    only_events_publish,
    only_one_file_knows("stripe", "billing/stripe_gateway.py"),
    # Settings install allauth; the addresses of its pages come from the adapter.
    only_one_file_knows("allauth", "accounts/adapter.py", settings="livecaller/settings.py"),
    only_named_places_enter,
)

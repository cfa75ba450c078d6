"""The house rules hold, and each of them can fail: it is fed a violation that somebody might write."""

import pytest

from tests.architecture import imports, shape, signals
from tests.architecture.imports import Rule
from tests.architecture.source import ROOT, Source, files, sources
from tests.architecture.words import ENDINGS, word_problems

RULES = (*imports.RULES, *shape.RULES, *signals.RULES)


def name_of(rule: Rule) -> str:
    return rule.__qualname__.split(".")[0]


def broken(path: str, text: str) -> list[str]:
    """Return what all rules say about one file, without its place."""
    source = Source(path, text)
    return [problem.split(": ", 1)[1] for rule in RULES for problem in rule(source)]


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_project_keeps_the_rule(rule: Rule) -> None:
    assert "\n".join(problem for source in sources() for problem in rule(source)) == ""


def test_the_functions_keep_the_budgets() -> None:
    assert list(shape.budget_problems(sources())) == []


def test_the_project_speaks_its_own_language() -> None:
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in files(*ENDINGS)}

    assert len(texts) > 100
    assert "\n".join(problem for path, text in texts.items() for problem in word_problems(path, text)) == ""


def test_every_named_exception_still_exists() -> None:
    named = {*imports.CREDENTIALS, *imports.TENANTS, *imports.EVERY_TENANT}

    assert {path for path in named if not (ROOT / path).is_file()} == set()
    for path in named:
        assert "livecaller.core.tenancy" in (ROOT / path).read_text(encoding="utf-8"), path


def test_every_named_signal_is_sent_and_heard() -> None:
    for path in signals.SIGNALS:
        module = path.removesuffix(".py").replace("/", ".")
        importers = [
            source.path for source in sources() if any(name.startswith(module) for _, name in source.imports())
        ]

        assert [path for path in importers if path.endswith("apps.py")], path
        assert [path for path in importers if path.startswith(module.split(".")[0] + "/")], path


def test_the_rules_read_the_whole_product() -> None:
    read = {source.path for source in sources() if source.is_product}

    assert {"livecaller/core/tenancy/context.py", "accounts/services.py", "chats/models.py", "manage.py"} <= read
    assert not any(path.startswith((".venv", "node_modules")) for path in read)


HEAD = '"""A file that a test has made up."""\n\n'

IMPORTS = [
    ("accounts/services.py", "from chats.models import Message", "accounts may not import chats"),
    ("accounts/services.py", "import widget.models", "accounts may not import widget"),
    ("privacy/services.py", "from billing.models import Plan", "privacy may not import billing"),
    ("billing/services.py", "from privacy import rules", "billing may not import privacy"),
    ("widget/services/people.py", "from chats import events", "widget may not import chats"),
    ("chats/services/calls.py", "from calls import models", "chats may not import calls"),
    ("chats/rules.py", "from livecaller.website import views", "chats may not import livecaller.website"),
    ("chats/rules.py", "from livecaller.embedded import up", "chats may not import livecaller.embedded"),
    ("chats/rules.py", "from livecaller.urls import urlpatterns", "livecaller.urls puts the parts together"),
    ("chats/rules.py", "def f() -> None:\n    from livecaller import settings", "livecaller.settings puts the parts"),
    ("chats/models.py", "from chats import events", "a noun may not import a verb, chats.events"),
    ("chats/models.py", "from chats.presence import take_lease", "a noun may not import a verb, chats.presence"),
    ("accounts/enums.py", "from accounts import middleware", "a noun may not import a door, accounts.middleware"),
    ("chats/services/more.py", "from chats.consumers import InboxConsumer", "a verb may not import a door"),
    ("chats/selectors/more.py", "from chats.api import views", "a verb may not import a door"),
    ("chats/consumers.py", "from widget import host_views", "widget.host_views is another app's door"),
    ("widget/api.py", "from accounts.tasks import send_invitation_mail", "accounts.tasks is another app's door"),
    ("livecaller/core/api.py", "from accounts.models import User", "the ground imports accounts.models.User"),
    ("livecaller/core/api.py", "import chats", "the ground imports chats"),
    ("livecaller/core/api.py", "from livecaller.website import views", "the ground imports livecaller.website.views"),
    ("livecaller/core/api.py", 'MODEL = "accounts.User"', "the ground names accounts.User"),
    ("chats/services/more.py", "from livecaller.core.realtime import publish", "only events.py sends to sockets"),
    ("chats/consumers.py", "from livecaller.core import realtime", "only events.py sends to sockets"),
    ("accounts/services.py", "from livecaller.core.realtime import close_sockets", "only events.py sends to sockets"),
    ("chats/events.py", "def f(layer):\n    layer.group_send('a', {})", "speaks to the channel layer"),
    ("billing/services.py", "import stripe", "only billing/stripe_gateway.py imports stripe"),
    ("billing/services.py", "from stripe.error import CardError", "only billing/stripe_gateway.py imports stripe"),
    ("billing/services.py", 'import_module("stripe")', "only billing/stripe_gateway.py names stripe"),
    ("accounts/views/people.py", "from allauth.account.models import EmailAddress", "adapter.py imports allauth"),
    ("livecaller/urls.py", 'ROUTES = "allauth.urls"', "adapter.py names allauth"),
    ("chats/views.py", "from livecaller.core.tenancy.context import credential", "credential() is used in named"),
    ("chats/services/more.py", "from livecaller.core.tenancy.context import tenant", "tenant() is used in named"),
    ("chats/tasks.py", "from livecaller.core.tenancy.context import every_tenant", "every_tenant() is used in named"),
    ("chats/tasks.py", "from livecaller.core.tenancy import context", "import what is used from the context"),
    ("chats/signals.py", "from django.dispatch import Signal", "call the verb; a signal is for"),
    ("chats/services/more.py", "from django.dispatch import receiver", "call the verb; a signal is for"),
    ("chats/apps.py", "from django.db.models.signals import post_save", "sent behind the back"),
    ("chats/services/more.py", "from widget.signals import end_users_joined", "connected in apps.py"),
]


@pytest.mark.parametrize(("path", "text", "sentence"), IMPORTS, ids=[sentence for _, _, sentence in IMPORTS])
def test_a_forbidden_import_is_seen(path: str, text: str, sentence: str) -> None:
    assert [problem for problem in broken(path, HEAD + text) if sentence in problem]


ALLOWED = [
    ("chats/services/more.py", "from widget.models import EndUser"),
    ("chats/services/more.py", "from accounts.rules import require"),
    ("chats/services/more.py", "from chats import events"),
    ("chats/apps.py", "from accounts.signals import membership_ended"),
    ("accounts/services.py", "from accounts.signals import membership_ended"),
    ("chats/events.py", "from livecaller.core.realtime import close_sockets, publish"),
    ("chats/api/more.py", "from widget.api import EndUserApiView"),
    ("chats/tasks.py", "from livecaller.core.tenancy.context import tenant"),
    ("livecaller/website/views.py", "from accounts import views"),
    ("livecaller/urls.py", "from accounts import views"),
    ("billing/stripe_gateway.py", "import stripe"),
    ("accounts/adapter.py", "from allauth.account.models import EmailAddress"),
    ("livecaller/settings.py", 'INSTALLED_APPS = ["allauth", "allauth.account"]'),
    ("livecaller/core/tenancy/models.py", 'FIELD = "accounts.Organization"'),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_a_lawful_import_is_not(path: str, text: str) -> None:
    assert broken(path, HEAD + text) == []


LONG = "def f() -> None:\n" + "    pass\n" * 60
SHAPES = [
    ("chats/utils.py", HEAD, "utils says nothing"),
    ("chats/services/helpers.py", HEAD, "helpers says nothing"),
    ("chats/managers.py", HEAD, "managers says nothing"),
    ("tests/common/__init__.py", HEAD, "common says nothing"),
    ("chats/models.py", HEAD + "\n" * 400, "more than 400"),
    ("tests/test_long.py", HEAD + "\n" * 400, "more than 400"),
    ("chats/rules.py", HEAD + LONG, "f has more than 60 lines"),
    ("chats/rules.py", HEAD + "from typing import Any", "without a comment"),
    ("chats/rules.py", HEAD + "from typing import Any, Literal  # noqa: F401", "without a comment"),
    ("chats/rules.py", HEAD + "from typing import (\n    Any,\n    Literal,\n)", "without a comment"),
    ("chats/rules.py", HEAD + "x = 1  # type: ignore", "name what is ignored"),
    ("chats/rules.py", HEAD + "x = 1  # noqa", "name what is ignored"),
    ("chats/rules.py", "x = 1", "the file has no docstring"),
    ("chats/rules.py", HEAD + "def allow() -> None:\n    return", "allow is public and has no docstring"),
    ("chats/rules.py", HEAD + "async def allow() -> None:\n    return", "allow is public and has no docstring"),
    ("chats/rules.py", HEAD + "class Rule:\n    pass", "Rule is public and has no docstring"),
    ("chats/rules.py", HEAD + 'class Rule:\n    "Doc."\n    def is_met(self):\n        return', "is_met is public"),
    ("chats/rules.py", HEAD + "x = 1  # TODO: think", "do it now"),
    ("chats/rules.py", HEAD + "import logging", "log with structlog"),
    ("chats/rules.py", HEAD + "from logging import getLogger", "log with structlog"),
    ("chats/rules.py", HEAD + "log.info(f'message {body}')", "an event has a name"),
    ("chats/rules.py", HEAD + "log.warning('Message %s', body)", "an event has a name"),
    ("chats/rules.py", HEAD + "log.info('message.sent', body=body)", "body is no key of the log"),
    ("chats/rules.py", HEAD + "log.exception('message.sent', **what)", "None is no key of the log"),
    ("tests/test_x.py", "import pytest\n@pytest.mark.skip\ndef test_x() -> None: ...", "mark.skip"),
    ("tests/test_x.py", "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_x() -> None: ...", "mark.xfail"),
    ("tests/test_x.py", "import pytest\ndef test_x() -> None:\n    pytest.skip('no')", "pytest.skip"),
    ("tests/test_x.py", "import time\ndef test_x() -> None:\n    time.sleep(1)", "time.sleep"),
    ("tests/test_x.py", "from unittest import mock\ndef test_x() -> None:\n    mock.patch('a.b')", "mock.patch"),
]


@pytest.mark.parametrize(("path", "text", "sentence"), SHAPES, ids=[sentence for _, _, sentence in SHAPES])
def test_a_bad_shape_is_seen(path: str, text: str, sentence: str) -> None:
    assert [problem for problem in broken(path, text) if sentence in problem]


GOOD = [
    ("chats/migrations/0002_more.py", "x = 1\n" * 500),
    ("chats/rules.py", HEAD + "from typing import Any  # the wire is JSON"),
    ("chats/rules.py", HEAD + "x = 1  # type: ignore[assignment]  # the stubs are wrong"),
    ("chats/rules.py", HEAD + "x = 1  # noqa: E501 a table"),
    ("chats/rules.py", HEAD + "def _allow() -> None:\n    return"),
    ("chats/rules.py", HEAD + 'class Rule(Base):\n    "Doc."\n    def is_met(self):\n        return'),
    ("chats/rules.py", HEAD + "log.warning('limit.unavailable', limit=name, exc_info=error)"),
    ("tests/test_x.py", "def test_x() -> None:\n    assert True"),
]


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_good_shape_is_not(path: str, text: str) -> None:
    assert broken(path, text) == []


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("def f():\n" + "    pass\n" * 8, "half of the functions"),
        ("def f():\n" + "    pass\n" * 25, "one function in ten has"),
        ("def f(a, b, c, d, *, e):\n    pass\n", "one function in ten takes"),
    ],
)
def test_a_budget_can_be_exceeded(function: str, sentence: str) -> None:
    small = "def g(self):\n    pass\n"

    assert any(sentence in problem for problem in shape.budget_problems([Source("chats/rules.py", function * 20)]))
    assert list(shape.budget_problems([Source("chats/rules.py", small * 20)])) == []


@pytest.mark.parametrize(
    "line",
    ["class SupportAgent:", "agent = 1", "an agent answers", "agents", "# The Agent", "agent_id", "support_agent",
     "liveAgent", "AGENT", "AGENTS_MOST", "user.agent", 'class="agent-name"', "the user's agent"],
)  # fmt: skip
def test_the_word_is_seen(line: str) -> None:
    assert list(word_problems("chats/rules.py", line))


@pytest.mark.parametrize(
    "line",
    ["user_agent", "User-Agent", "userAgent", "HTTP_USER_AGENT", "user agent", "UserAgentData", "magenta", "reagent",
     "agentur", "USER_AGENTS"],
)  # fmt: skip
def test_what_browsers_send_is_not(line: str) -> None:
    assert list(word_problems("chats/rules.py", line)) == []

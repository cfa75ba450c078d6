"""The map of personal data is complete, true to the database, and its checks can fail."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path
from typing import Any  # a cursor

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import User
from chats.models import Message
from livecaller.core.personal_data import checks, terms
from livecaller.core.personal_data.markdown import render
from livecaller.core.personal_data.registry import Annotation, DataMap, NotPersonal, Personal, Rules, each
from livecaller.core.personal_data.schema import live_columns, schema_problems
from livecaller.core.personal_data.terms import Category, Erase, Export, Party, Purpose, Retention, StoreKind, Subject
from livecaller.core.tenancy.models import EndUserDataModel, TenantModel
from tests.conftest import DATABASE, superuser

INSTALLED = list(apps.get_models(include_auto_created=True))
REASON = NotPersonal("A number that the test has made up.")
ABOUT_END_USER = Rules(
    subject=Subject.END_USER,
    party=Party.PROCESSOR,
    kept_for={Purpose.SERVICE: Retention.CLIENT_DAYS},
    erase=Erase.DELETE_ROW,
    export=Export.GIVEN,
)
ABOUT_OPERATOR = Rules(
    subject=Subject.OPERATOR,
    party=Party.CONTROLLER,
    kept_for={Purpose.ACCOUNT: Retention.ACCOUNT},
    erase=Erase.DELETE_ROW,
    export=Export.GIVEN,
)


def planted(base: type[models.Model] = models.Model, /, **fields: "models.Field[Any, Any]") -> type[models.Model]:
    """Return a model that no app has."""
    with isolate_apps("chats"):
        return type("Planted", (base,), {"__module__": "chats.models", **fields})


def problems_of(
    model: type[models.Model], fields: Mapping[str, Annotation] | None = None, rules: Rules | None = None
) -> str:
    """Return what the check says about a model described like this, or not described at all."""
    known = DataMap(bases=dict(checks.loaded_map().bases))
    if fields is not None:
        known.describe(model, fields=fields, rules=rules)
    return "\n".join(checks.model_problems(known, [model]))


def test_the_map_speaks_about_every_field_of_every_installed_model() -> None:
    assert checks.check_registry() == []
    assert len(INSTALLED) > 15
    assert {"account", "sessions", "auth", "contenttypes"} <= {model._meta.app_label for model in INSTALLED}


def test_a_field_that_nobody_described_is_refused() -> None:
    model = planted(nickname=models.CharField(max_length=9))

    assert "chats.Planted.nickname is not in the map" in problems_of(model)
    assert "chats/personal_data.py" in problems_of(model)
    assert "chats.Planted.nickname" in problems_of(model, {"id": REASON})
    assert problems_of(model, {"id": REASON, "nickname": REASON}) == ""


def test_a_new_field_of_a_described_model_is_refused() -> None:
    known = checks.loaded_map()
    described = {name: annotation for name, annotation in known.annotations(Message).items() if name != "body"}

    assert problems_of(Message, described, known.descriptions[Message].rules) == (
        "chats.Message.body is not in the map of personal data. Say what it holds in chats/personal_data.py."
    )


def test_a_field_that_is_gone_is_refused() -> None:
    assert "chats.Planted.shoe_size is in the map" in problems_of(planted(), {"id": REASON, "shoe_size": REASON})


def test_a_model_that_is_gone_is_refused() -> None:
    known = DataMap()
    known.describe(planted(), fields={"id": REASON})

    assert "chats.Planted is described and not installed" in "\n".join(checks.model_problems(known, []))


@pytest.mark.parametrize(
    "reason",
    ["", "-", "tbd", "TODO: think about it", "later, with the next release", "n/a for this table", "N/A", "none of it",
     "unknown so far", "not personal", "Not personal data.", "a counter", "            "],
)  # fmt: skip
def test_a_lazy_reason_is_refused(reason: str) -> None:
    assert "has no real reason" in problems_of(planted(), {"id": NotPersonal(reason)})


def test_a_real_reason_is_accepted() -> None:
    assert problems_of(planted(), {"id": NotPersonal("Counts pages.")}) == ""


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("origin", models.GenericIPAddressField()),
        ("ip", models.TextField()),
        ("client_ip", models.TextField()),
        ("session_key", models.TextField()),
        ("user_agent", models.TextField()),
        ("last_user_agent_hash", models.TextField()),
        ("ua", models.TextField()),
        ("remote_addr", models.TextField()),
    ],
)
def test_addresses_sessions_and_devices_are_always_personal(name: str, field: "models.Field[Any, Any]") -> None:
    model = planted(**{name: field})
    personal: dict[str, Annotation] = {"id": REASON, name: Personal(Category.NETWORK)}

    assert "always personal" in problems_of(model, {"id": REASON, name: REASON})
    assert problems_of(model, personal, ABOUT_OPERATOR) == ""


@pytest.mark.parametrize("name", ["membership", "description", "recipient", "shipping", "script_seen_at"])
def test_words_that_only_contain_those_letters_are_not(name: str) -> None:
    assert problems_of(planted(**{name: models.TextField()}), each("id", name, are=REASON)) == ""


def test_personal_fields_need_rules_and_rules_need_a_personal_field() -> None:
    assert "no rules" in problems_of(planted(), {"id": Personal(Category.IDENTIFIER)})
    assert "no personal field" in problems_of(planted(), {"id": REASON}, ABOUT_OPERATOR)


def test_a_purpose_is_required() -> None:
    fields: dict[str, Annotation] = {"id": Personal(Category.IDENTIFIER, kept_for={})}

    assert "has no purpose" in problems_of(planted(), fields, ABOUT_OPERATOR)


def test_a_credential_is_never_exported() -> None:
    fields: dict[str, Annotation] = {"id": Personal(Category.CREDENTIAL)}

    assert "would be exported" in problems_of(planted(), fields, ABOUT_OPERATOR)


def test_only_a_bare_identifier_may_outlive_its_person() -> None:
    fields: dict[str, Annotation] = {"id": Personal(Category.NAME, erase=Erase.DANGLE)}

    assert "would stay after erasure" in problems_of(planted(), fields, ABOUT_OPERATOR)


def test_end_users_data_lies_in_models_that_expire_and_is_the_clients() -> None:
    fields: dict[str, Annotation] = {"nickname": Personal(Category.NAME)}
    field = models.TextField()

    assert problems_of(planted(EndUserDataModel, nickname=field), fields, ABOUT_END_USER) == ""
    assert "must be an EndUserDataModel" in problems_of(planted(TenantModel, nickname=field), fields, ABOUT_END_USER)
    assert "LiveCaller is its processor" in problems_of(
        planted(EndUserDataModel, nickname=field), fields, ABOUT_OPERATOR
    )


def test_only_a_dangling_reference_to_an_end_user_may_lie_elsewhere() -> None:
    model = planted(TenantModel, subject_id=models.UUIDField())
    dangling: dict[str, Annotation] = {"subject_id": Personal(Category.IDENTIFIER, erase=Erase.DANGLE)}
    kept: dict[str, Annotation] = {"subject_id": Personal(Category.IDENTIFIER)}

    assert problems_of(model, dangling, ABOUT_END_USER) == ""
    assert "must be an EndUserDataModel" in problems_of(model, kept, ABOUT_END_USER)


def test_every_model_of_end_users_data_says_something_about_end_users() -> None:
    known = checks.loaded_map()
    of_end_users = [model for model in INSTALLED if issubclass(model, EndUserDataModel)]

    assert of_end_users
    for model in of_end_users:
        subjects = [rules.subject for _, rules in known.personal_fields(model).values()]
        assert any(Subject.END_USER in subject for subject in subjects), model


def test_a_model_is_described_once() -> None:
    known = DataMap()
    known.describe(User, fields={})

    with pytest.raises(ValueError, match="described twice"):
        known.describe("accounts.User", fields={})


def test_every_purpose_has_one_basis_and_end_users_data_the_clients() -> None:
    for purpose in Purpose:
        assert purpose.basis(Party.PROCESSOR) is terms.Basis.CLIENTS_OWN
        assert purpose.basis(Party.CONTROLLER) is not terms.Basis.CLIENTS_OWN


def test_no_word_of_the_map_is_unused() -> None:
    known = checks.loaded_map()
    used: set[Enum] = set()
    treated = [(category, store.rules) for store in known.stores if store.rules for category in store.categories]
    for model in INSTALLED:
        treated += [(annotation.category, rules) for annotation, rules in known.personal_fields(model).values()]
    for category, rules in treated:
        used |= {category, rules.party, rules.erase, rules.export, *rules.subject, *rules.kept_for}
        used |= set(rules.kept_for.values()) | {purpose.basis(rules.party) for purpose in rules.kept_for}
    used |= {store.kind for store in known.stores}
    kinds = (Category, Party, Erase, Export, Subject, Purpose, Retention, terms.Basis, StoreKind)

    assert {word for kind in kinds for word in kind} - used == set()


def test_stores_are_held_to_the_same_rules() -> None:
    def said_about(rules: Rules | None, *categories: Category, holds: str = "Keys the test has made up.") -> str:
        known = DataMap()
        known.describe_store(StoreKind.VALKEY, "x:*", holds=holds, categories=frozenset(categories), rules=rules)
        return "\n".join(checks.store_problems(known.stores))

    assert said_about(None) == ""
    assert "no real reason" in said_about(None, holds="tbd")
    assert "both categories and rules" in said_about(None, Category.NAME)
    assert "both categories and rules" in said_about(ABOUT_OPERATOR)
    assert "would be exported" in said_about(ABOUT_OPERATOR, Category.CREDENTIAL)


def test_a_store_is_described_once() -> None:
    known = DataMap()
    for _ in range(2):
        known.describe_store(StoreKind.VALKEY, "x:*", holds="Keys the test has made up.")

    assert list(checks.store_problems(known.stores)) == ["Valkey keys x:* is described twice."]


@contextmanager
def schema_with(*statements: str) -> Iterator[Any]:
    """Yield a cursor on this worker's database with some DDL that is rolled back afterwards."""
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        connection.autocommit = False
        for statement in statements:
            cursor.execute(statement)
        yield cursor
        connection.rollback()


def live_problems(cursor: Any) -> list[str]:
    """Return what the comparison of the product's map with the database says."""
    return list(schema_problems(checks.loaded_map(), INSTALLED, live_columns(cursor)))


def test_the_map_knows_every_column_of_the_live_database(database: str) -> None:
    with schema_with() as cursor:
        assert len(live_columns(cursor)) >= len(INSTALLED)
        assert live_problems(cursor) == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE TABLE planted (ip inet)", "Table planted is in the database"),
        ("CREATE VIEW planted AS SELECT email FROM accounts_user", "Table planted is in the database"),
        ("CREATE MATERIALIZED VIEW planted AS SELECT email FROM accounts_user", "Table planted is in the database"),
        ("CREATE SCHEMA aside CREATE TABLE planted (ip inet)", "Table aside.planted is in the database"),
        ("ALTER TABLE widget_visit ADD COLUMN ip inet", "Column widget_visit.ip is in the database"),
        ("ALTER TABLE chats_message DROP COLUMN body", "Column chats_message.body is in the map"),
        ("DROP TABLE chats_note", "Table chats_note is in the map"),
    ],
)
def test_whatever_only_the_database_or_only_the_map_knows_is_refused(
    database: str, statement: str, sentence: str
) -> None:
    with schema_with(statement) as cursor:
        (problem,) = live_problems(cursor)

    assert problem.startswith(sentence)


def test_the_command_compares_with_the_database(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("data_map", live=True)

    assert "knows every table" in capsys.readouterr().out


def test_the_command_fails_when_the_database_knows_more(committed: None) -> None:
    with closing(superuser(DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted (ip inet)")
        try:
            with pytest.raises(CommandError, match="Table planted is in the database"):
                call_command("data_map", live=True)
        finally:
            cursor.execute("DROP TABLE planted")


def test_the_page_is_up_to_date() -> None:
    page = Path(settings.BASE_DIR) / "docs" / "data-map.md"

    assert page.read_text(encoding="utf-8") == render(checks.loaded_map(), INSTALLED), (
        "Run `manage.py data_map --write`."
    )


def test_the_page_names_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("data_map")
    page = capsys.readouterr().out

    for model in INSTALLED:
        section = page.split(f"### {model._meta.label}\n")[1].split("\n### ")[0]
        for field in model._meta.concrete_fields:
            assert f"`{field.name}`" in section

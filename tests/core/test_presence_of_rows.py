"""What has expired or is restricted is not there, on every table of end-users' data, but for the machinery."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any  # rows of every model
from uuid import UUID

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from chats.models import Conversation, Message
from livecaller.core.tenancy.context import TenantError, tenant
from livecaller.core.tenancy.models import EndUserDataModel
from tests.core.rows import END_USER_MODELS, Rows, make_rows

State = dict[str, Any]
STATES: dict[str, Callable[[], State]] = {
    "present": dict,
    "expired": lambda: {"expires_at": timezone.now() - timedelta(microseconds=1)},
    "expired long ago": lambda: {"expires_at": timezone.now() - timedelta(days=3650)},
    "restricted": lambda: {"restricted_at": timezone.now()},
    "restricted from tomorrow": lambda: {"restricted_at": timezone.now() + timedelta(days=1)},
    "both": lambda: {"restricted_at": timezone.now(), "expires_at": timezone.now()},
}


@pytest.fixture
def rows(db: None) -> Rows:
    """An organization with one present row in every table."""
    return make_rows("Meridian Furniture")


def in_all_states(rows: Rows, model: type[EndUserDataModel]) -> dict[str, UUID]:
    """Store one more row of the model in each state and return their ids."""
    return {name: rows.add(model, **{"expires_at": later(), **state()}).pk for name, state in STATES.items()}


def later() -> Any:
    return timezone.now() + timedelta(days=1)


def test_the_managers_of_every_model_tell_the_states_apart(rows: Rows) -> None:
    assert len(END_USER_MODELS) >= 7

    for model in END_USER_MODELS:
        with tenant(rows.id):
            ids = in_all_states(rows, model)
            everything = set(model.all_states.values_list("pk", flat=True))
            shown = set(model.objects.values_list("pk", flat=True))
        assert set(ids.values()) <= everything, model
        assert shown & set(ids.values()) == {ids["present"]}, model


def test_the_default_manager_is_the_one_that_hides(rows: Rows) -> None:
    with tenant(rows.id):
        for model in END_USER_MODELS:
            ids = in_all_states(rows, model)
            assert ids["expired"] not in set(model._default_manager.values_list("pk", flat=True)), model


def test_lists_of_a_row_hide_what_has_expired_while_a_row_still_finds_what_it_belongs_to(rows: Rows) -> None:
    with tenant(rows.id):
        conversation = rows.add(Conversation)
        ids = {
            name: rows.add(Message, conversation=conversation, **{"expires_at": later(), **state()}).pk
            for name, state in STATES.items()
        }
        assert set(conversation.messages.values_list("pk", flat=True)) & set(ids.values()) == {ids["present"]}

        Conversation.objects.update(expires_at=timezone.now() - timedelta(days=1))
        message = Message.objects.get(pk=ids["present"])
        assert message.conversation.pk == conversation.pk
        assert not Conversation.objects.filter(pk=conversation.pk).exists()


def test_both_managers_need_an_organization(rows: Rows) -> None:
    for model in END_USER_MODELS:
        for manager in (model.objects, model.all_states):
            with pytest.raises(TenantError, match=model.__name__):
                manager.count()


def test_what_is_hidden_can_still_be_deleted(rows: Rows) -> None:
    with tenant(rows.id):
        for model in END_USER_MODELS:
            ids = in_all_states(rows, model)
            model.all_states.filter(pk__in=ids.values()).delete()
            assert not model.all_states.filter(pk__in=ids.values()).exists(), model


def test_deleting_a_person_takes_hidden_rows_along(rows: Rows) -> None:
    """A row that the default manager hides must not survive, nor keep its person from being deleted."""
    with tenant(rows.id):
        for model in END_USER_MODELS:
            in_all_states(rows, model)
        person = rows.of[Conversation].end_user
        try:
            person.delete()
        except ProtectedError:
            pytest.fail("a hidden row keeps its person from being deleted")
        assert not Conversation.all_states.filter(end_user_id=person.pk).exists()

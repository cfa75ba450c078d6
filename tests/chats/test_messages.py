"""Sending, resending, editing and deleting: one message, one number, one author."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from prometheus_client import REGISTRY

from chats import services
from chats.enums import ConversationState
from chats.models import Conversation, Message
from chats.rules import Person
from chats.services import Stored
from livecaller.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotLiveError,
    RateLimitedError,
)
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast
from tests.chats import story
from tests.ears import Heard
from widget.models import EndUser, Widget


def edit(actor: Person, stored: Stored, body: str) -> Stored:
    with tenant(actor.organization_id):
        return services.edit_message(
            actor=actor, conversation_id=stored.message.conversation_id, message_id=stored.message.pk, body=body
        )


def delete(actor: Person, stored: Stored) -> Stored:
    with tenant(actor.organization_id):
        return services.delete_message(
            actor=actor, conversation_id=stored.message.conversation_id, message_id=stored.message.pk
        )


def set_columns(cast: Cast, pk: UUID, **columns: object) -> None:
    cast.a.inside(lambda: Message.objects.filter(pk=pk).update(**columns))


def stored_by_end_users() -> float:
    return REGISTRY.get_sample_value("livecaller_messages_stored_total", {"author": "end_user"}) or 0


def refusal_of(actor: Person, pk: UUID) -> RateLimitedError | None:
    try:
        story.send(actor, pk)
    except RateLimitedError as refusal:
        return refusal
    return None


def test_messages_are_numbered_from_one(cast: Cast) -> None:
    pk = story.started(cast.a, "one")

    second = story.send(cast.a.operator, pk, "two")
    third = story.send(cast.a.end_user, pk, "three")

    assert (second.message.seq, second.message.version, second.is_new) == (2, 2, True)
    assert (third.message.seq, third.message.version) == (3, 3)
    assert [message.body for message in story.messages(cast.a, pk)] == ["one", "two", "three"]


def test_a_resend_returns_the_first_and_changes_nothing(cast: Cast) -> None:
    pk, client_id = story.started(cast.a), uuid4()
    first = story.send(cast.a.end_user, pk, "once", client_id=client_id)
    before = story.reread(cast.a, pk)

    again = story.send(cast.a.end_user, pk, "once", client_id=client_id)

    assert not again.is_new
    assert again.payload() == first.payload()
    assert len(story.messages(cast.a, pk)) == 2
    assert story.reread(cast.a, pk).version == before.version


def test_a_client_id_stands_for_one_text_and_one_author(cast: Cast) -> None:
    pk, client_id = story.started(cast.a), uuid4()
    story.send(cast.a.operator, pk, "mine", client_id=client_id)

    with pytest.raises(ConflictError):
        story.send(cast.a.operator, pk, "other", client_id=client_id)
    with pytest.raises(ConflictError):
        story.send(cast.a.owner, pk, "mine", client_id=client_id)
    with pytest.raises(ConflictError):
        story.send(cast.a.end_user, pk, "mine", client_id=client_id)

    assert [message.body for message in story.messages(cast.a, pk)] == ["Hello", "mine"]


def test_a_late_resend_of_an_edited_message_is_no_conflict(cast: Cast) -> None:
    pk, client_id = story.started(cast.a), uuid4()
    first = story.send(cast.a.operator, pk, "befor", client_id=client_id)
    edit(cast.a.operator, first, "before")

    again = story.send(cast.a.operator, pk, "befor", client_id=client_id)

    assert (again.is_new, again.message.body) == (False, "before")


def test_the_same_client_id_in_another_conversation_is_another_message(cast: Cast) -> None:
    client_id = uuid4()
    one, two = story.started(cast.a), story.started(cast.a)

    assert story.send(cast.a.operator, one, client_id=client_id).is_new
    assert story.send(cast.a.operator, two, client_id=client_id).is_new


def test_the_list_row_follows(cast: Cast) -> None:
    pk = story.started(cast.a, "x" * 200)
    row = story.reread(cast.a, pk)
    assert (row.operator_unread, row.end_user_unread, row.last_body) == (1, 0, "x" * 140)
    assert row.waiting_since == row.last_message_at is not None

    story.send(cast.a.operator, pk, "answer")

    row = story.reread(cast.a, pk)
    assert (row.operator_unread, row.end_user_unread, row.last_body) == (1, 1, "answer")
    assert (row.last_author_kind, row.last_author_id) == ("operator", cast.a.operator.membership_id)
    assert row.waiting_since is None


def test_waiting_counts_from_the_first_unanswered_message(cast: Cast) -> None:
    pk = story.started(cast.a)
    since = story.reread(cast.a, pk).waiting_since

    story.send(cast.a.end_user, pk, "still there?")

    assert story.reread(cast.a, pk).waiting_since == since


def test_retention_follows_the_organization(cast: Cast) -> None:
    cast.a.organization.retention_days = 30
    cast.a.organization.save()
    cast.a.inside(lambda: EndUser.objects.update(expires_at=timezone.now() + timedelta(days=1)))

    pk = story.started(cast.a)

    row, message = story.reread(cast.a, pk), story.messages(cast.a, pk)[0]
    assert message.expires_at == message.created_at + timedelta(days=30)
    assert row.expires_at == message.expires_at
    person = cast.a.inside(lambda: EndUser.objects.get(pk=cast.a.end_user.end_user_id))
    assert person.expires_at == row.expires_at


def test_an_end_users_message_reopens_a_closed_conversation(cast: Cast) -> None:
    pk = story.started(cast.a)
    cast.a.inside(lambda: services.close_conversation(actor=cast.a.operator, conversation_id=pk))

    story.send(cast.a.operator, pk, "ps")
    assert story.reread(cast.a, pk).state == ConversationState.CLOSED

    story.send(cast.a.end_user, pk, "one more thing")

    row = story.reread(cast.a, pk)
    assert (row.state, row.closed_at) == (ConversationState.OPEN, None)
    lines = [(message.kind, message.body) for message in story.messages(cast.a, pk)]
    assert lines == [
        ("text", "Hello"),
        ("system", "closed"),
        ("text", "ps"),
        ("system", "reopened"),
        ("text", "one more thing"),
    ]
    # closed: a line and a state; ps; reopened: a line and a state; the message.
    assert (row.last_seq, row.version) == (5, 7)
    assert row.last_body == "one more thing"


def test_spam_stays_spam(cast: Cast) -> None:
    pk = story.started(cast.a)
    cast.a.inside(lambda: services.mark_spam(actor=cast.a.operator, conversation_id=pk))

    story.send(cast.a.end_user, pk, "buy now")

    row = story.reread(cast.a, pk)
    assert (row.state, row.waiting_since, row.last_seq) == (ConversationState.SPAM, None, 2)


@pytest.mark.parametrize("body", ["", "   \n", "x" * 4001])
def test_nothing_and_too_much_is_refused(cast: Cast, body: str) -> None:
    pk = story.started(cast.a)

    with pytest.raises(InvalidError):
        story.send(cast.a.end_user, pk, body)

    assert len(story.messages(cast.a, pk)) == 1
    assert story.send(cast.a.end_user, pk, "x" * 4000).is_new


def test_a_foreign_conversation_does_not_exist(cast: Cast) -> None:
    pk = story.started(cast.a)
    stranger = story.another_end_user(cast.a)

    for actor in (cast.b.operator, cast.b.owner, cast.b.end_user, stranger):
        with pytest.raises(NotFoundError):
            story.send(actor, pk, "let me in")

    assert len(story.messages(cast.a, pk)) == 1


def test_a_role_that_may_nothing_does_nothing(cast: Cast) -> None:
    pk = story.started(cast.a)
    guest = replace(cast.a.operator, role="guest")

    with pytest.raises(ForbiddenError):
        story.send(guest, pk)
    with pytest.raises(ForbiddenError):
        story.note(guest, pk)

    assert len(story.messages(cast.a, pk)) == 1


def test_a_widget_that_is_switched_off_takes_nothing_from_end_users(cast: Cast) -> None:
    pk = story.started(cast.a)
    cast.a.inside(lambda: Widget.objects.update(is_active=False))

    with pytest.raises(NotLiveError):
        story.send(cast.a.end_user, pk, "hello?")

    assert len(story.messages(cast.a, pk)) == 1
    assert story.send(cast.a.operator, pk, "we are closing").is_new


def test_a_flood_is_refused_and_costs_nobody_else(cast: Cast) -> None:
    pk = story.started(cast.a)

    refusals = [refusal for _ in range(40) if (refusal := refusal_of(cast.a.end_user, pk))]

    # Twenty at once, the first message of the conversation among them, and what came back meanwhile.
    assert 10 <= len(refusals) <= 21
    assert {refusal.retry_after for refusal in refusals} == {1}
    assert len(story.messages(cast.a, pk)) == 41 - len(refusals)
    assert story.send(cast.a.operator, pk).is_new


def test_an_author_changes_their_own_text(cast: Cast) -> None:
    pk = story.started(cast.a)
    stored = story.send(cast.a.operator, pk, "teh order")

    edited = edit(cast.a.operator, stored, "the order")

    row = story.reread(cast.a, pk)
    assert (edited.message.seq, edited.message.version, row.version) == (2, 3, 3)
    assert edited.message.edited_at is not None
    assert row.last_body == "the order"


def test_an_edit_that_changes_nothing_has_no_number(cast: Cast) -> None:
    pk = story.started(cast.a)
    stored = story.send(cast.a.operator, pk, "same")

    assert edit(cast.a.operator, stored, "same").message.edited_at is None
    assert story.reread(cast.a, pk).version == 2


def test_only_the_author_changes_a_message(cast: Cast) -> None:
    pk = story.started(cast.a)
    by_operator, by_end_user = story.send(cast.a.operator, pk, "mine"), story.send(cast.a.end_user, pk, "mine")
    line = story.messages(cast.a, pk)[0]

    for actor, stored in (
        (cast.a.owner, by_operator),
        (cast.a.end_user, by_operator),
        (cast.a.operator, by_end_user),
        (cast.a.operator, Stored(line, [], is_new=False)),
    ):
        with pytest.raises(ForbiddenError):
            edit(actor, stored, "yours")
        with pytest.raises(ForbiddenError):
            delete(actor, stored)
    with pytest.raises(NotFoundError):
        edit(cast.b.operator, by_operator, "yours")

    assert [message.body for message in story.messages(cast.a, pk)] == ["Hello", "mine", "mine"]
    assert edit(cast.a.end_user, by_end_user, "still mine").message.body == "still mine"


def test_an_end_user_has_fifteen_minutes_and_an_operator_has_not(cast: Cast) -> None:
    pk = story.started(cast.a)
    by_operator, by_end_user = story.send(cast.a.operator, pk, "old"), story.send(cast.a.end_user, pk, "old")
    for stored in (by_operator, by_end_user):
        set_columns(cast, stored.message.pk, created_at=timezone.now() - timedelta(minutes=16))

    with pytest.raises(ForbiddenError):
        edit(cast.a.end_user, by_end_user, "new")
    with pytest.raises(ForbiddenError):
        delete(cast.a.end_user, by_end_user)

    assert edit(cast.a.operator, by_operator, "new").message.body == "new"
    set_columns(cast, by_end_user.message.pk, created_at=timezone.now() - timedelta(minutes=14))
    assert edit(cast.a.end_user, by_end_user, "new").message.body == "new"


def test_deleting_leaves_the_place_and_nothing_else(cast: Cast) -> None:
    pk = story.started(cast.a)
    stored = story.send(cast.a.end_user, pk, "my card is 4111")
    assert story.reread(cast.a, pk).operator_unread == 2

    gone = delete(cast.a.end_user, stored)

    row = story.reread(cast.a, pk)
    assert (gone.message.body, gone.message.seq, gone.message.version) == ("", 2, 3)
    assert gone.message.deleted_at is not None
    assert (row.last_body, row.operator_unread, row.last_seq) == ("", 1, 2)
    assert "4111" not in str(story.messages(cast.a, pk)[1].__dict__)


def test_deleting_again_changes_nothing_and_editing_the_deleted_is_refused(cast: Cast) -> None:
    pk = story.started(cast.a)
    stored = story.send(cast.a.end_user, pk)
    delete(cast.a.end_user, stored)

    assert delete(cast.a.end_user, stored).message.version == 3
    with pytest.raises(ConflictError):
        edit(cast.a.end_user, stored, "back")
    assert story.reread(cast.a, pk).version == 3


def test_a_message_costs_the_same_few_queries_in_a_long_conversation(cast: Cast) -> None:
    pk = story.started(cast.a)
    story.send(cast.a.end_user, pk)

    def cost(actor: Person) -> int:
        return story.queries_of(
            cast.a,
            lambda: services.send_message(actor=actor, conversation_id=pk, client_id=uuid4(), body="counted"),
        )

    # lock with all that is shown, the same client_id?, insert, row; an end-user's widget before.
    assert cost(cast.a.operator) == 4
    assert cost(cast.a.end_user) == 5


def test_an_end_user_hears_the_change_and_the_thread(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = story.started(a)
    listen = heard.on(
        f"conversation.{a.organization.pk}.{pk}.end_user",
        f"end_user.{a.end_user.end_user_id}",
    )

    stored = story.send(a.operator, pk, "hi")

    frames = [message["text"] for message in listen()]
    assert len(frames) == 2
    assert '"type":"message.created"' in frames[0]
    assert f'"id":"{stored.message.pk}"' in frames[0]
    assert '"type":"thread.updated"' in frames[1]
    assert '"unread":1' in frames[1]


def test_what_is_rolled_back_is_not_announced(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = story.started(a)
    listen = heard.on(f"conversation.{a.organization.pk}.{pk}.operators", f"inbox.{a.organization.pk}")

    def send_and_fail() -> None:
        services.send_message(actor=a.end_user, conversation_id=pk, client_id=uuid4(), body="lost")
        raise RuntimeError

    before = stored_by_end_users()
    with pytest.raises(RuntimeError):
        a.inside(send_and_fail)

    assert listen() == []
    assert a.inside(Conversation.objects.get).version == 1
    assert stored_by_end_users() == before
    story.send(a.end_user, pk, "kept")
    assert len(listen()) == 2
    assert stored_by_end_users() == before + 1

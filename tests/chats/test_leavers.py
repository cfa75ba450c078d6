"""Whose conversations they were, once a member is gone: nobody's, and every running inbox hears it."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import F

from accounts.models import Membership
from accounts.services import remove_member
from accounts.signals import membership_ended
from chats import services
from chats.enums import ConversationState
from chats.models import Conversation
from chats.selectors import Section, inbox_of
from livecaller.core.errors import ConflictError, InvalidError
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.chats import story
from tests.ears import Heard


def taken(side: Side, *, by: UUID | None = None) -> UUID:
    """Start a conversation of another end-user and put the operator (or `by`) in charge."""
    story.forget_limits()
    pk = story.start(side, actor=story.another_end_user(side)).conversation.pk
    assignee = by or side.operator.membership_id
    side.inside(lambda: services.assign_conversation(actor=side.owner, conversation_id=pk, assignee_id=assignee))
    return pk


def removed(side: Side) -> None:
    """The owner removes the operator."""
    side.inside(lambda: remove_member(actor=side.owner, membership_id=side.operator.membership_id))


def test_open_conversations_of_a_leaver_are_nobodys_and_the_inbox_hears_it(committed_cast: Cast, heard: Heard) -> None:
    a, b = committed_cast.a, committed_cast.b
    mine, second = sorted([taken(a), taken(a)])
    owners, neighbours = taken(a, by=a.owner.membership_id), taken(b)
    before = {pk: story.reread(side, pk).version for side, pk in ((a, mine), (a, owners), (b, neighbours))}
    inbox = heard.on(f"inbox.{a.organization.pk}")
    outsider = heard.on(f"inbox.{b.organization.pk}")

    removed(a)

    frames = [json.loads(message["text"]) for message in inbox()]
    assert [frame["type"] for frame in frames] == ["conversation.updated"] * 2
    assert [UUID(frame["data"]["conversation"]["id"]) for frame in frames] == [mine, second]
    assert [frame["data"]["conversation"]["assignee"] for frame in frames] == [None, None]
    assert outsider() == []
    row = story.reread(a, mine)
    assert (row.assignee_id, row.state, row.version) == (None, ConversationState.OPEN, before[mine] + 1)
    assert story.reread(a, owners).assignee_id == a.owner.membership_id
    assert story.reread(a, owners).version == before[owners]
    assert story.reread(b, neighbours).assignee_id == b.operator.membership_id
    assert story.reread(b, neighbours).version == before[neighbours]
    listed = a.inside(lambda: inbox_of(a.owner, Section.OPEN)).results
    assert {row["id"]: row["assignee"] for row in listed}[str(mine)] is None


@pytest.mark.parametrize("opened_by", ["operator", "end_user", "spam"])
def test_a_closed_conversation_opens_without_the_leaver(cast: Cast, opened_by: str) -> None:
    a = cast.a
    pk = story.started(a)
    end_user = a.end_user
    a.inside(
        lambda: services.assign_conversation(actor=a.operator, conversation_id=pk, assignee_id=a.operator.membership_id)
    )
    end = services.mark_spam if opened_by == "spam" else services.close_conversation
    a.inside(lambda: end(actor=a.owner, conversation_id=pk))
    removed(a)
    assert story.reread(a, pk).assignee_id == a.operator.membership_id

    if opened_by == "end_user":
        story.send(end_user, pk)
    else:
        a.inside(lambda: services.reopen_conversation(actor=a.owner, conversation_id=pk))

    row = story.reread(a, pk)
    assert (row.state, row.assignee_id) == (ConversationState.OPEN, None)


def test_reopening_keeps_whoever_is_still_there(cast: Cast) -> None:
    pk = taken(cast.a)
    for verb in (services.close_conversation, services.reopen_conversation):
        cast.a.inside(partial(verb, actor=cast.a.owner, conversation_id=pk))
    assert story.reread(cast.a, pk).assignee_id == cast.a.operator.membership_id


def test_removal_and_release_are_one(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = taken(a)

    def refuse(**_: object) -> None:
        raise ConflictError("planted")

    membership_ended.connect(refuse)
    try:
        with pytest.raises(ConflictError, match="planted"):
            removed(a)
    finally:
        membership_ended.disconnect(refuse)

    assert story.reread(a, pk).assignee_id == a.operator.membership_id
    assert a.inside(lambda: Membership.objects.get(pk=a.operator.membership_id)).is_active


def test_what_is_restricted_is_released_in_silence(committed_cast: Cast, heard: Heard) -> None:
    a = committed_cast.a
    pk = taken(a)
    a.inside(lambda: Conversation.objects.filter(pk=pk).update(restricted_at=F("created_at")))
    inbox = heard.on(f"inbox.{a.organization.pk}")

    removed(a)

    assert story.reread(a, pk).assignee_id is None
    assert inbox() == []


def test_nobody_is_put_in_charge_while_they_leave(committed_cast: Cast) -> None:
    a = committed_cast.a
    pks = [taken(a, by=a.owner.membership_id) for _ in range(6)]

    def assign(pk: UUID) -> None:
        try:
            with tenant(a.organization.pk):
                services.assign_conversation(actor=a.owner, conversation_id=pk, assignee_id=a.operator.membership_id)
        except InvalidError:
            pass
        finally:
            connections.close_all()

    def remove() -> None:
        try:
            removed(a)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(7) as threads:
        done = [threads.submit(assign, pk) for pk in pks[:3]]
        done.append(threads.submit(remove))
        done += [threads.submit(assign, pk) for pk in pks[3:]]
        for future in done:
            future.result()

    assert {story.reread(a, pk).assignee_id for pk in pks} <= {None, a.owner.membership_id}

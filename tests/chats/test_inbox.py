"""The inbox: sections, pages, counts, and what they cost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from chats import services
from chats.models import Conversation
from chats.selectors import Counts, Section, counts_of, end_user_profile_of, inbox_of, message_page_of, threads_of
from livecaller.core.errors import InvalidError, NotFoundError
from tests.cast import Cast
from tests.chats import story


def listed(cast: Cast, section: Section) -> list[str]:
    return [row["id"] for row in cast.a.inside(lambda: inbox_of(cast.a.operator, section)).results]


def move(cast: Cast, pk: UUID, verb: str) -> None:
    cast.a.inside(lambda: getattr(services, verb)(actor=cast.a.operator, conversation_id=pk))


@pytest.fixture
def five(cast: Cast) -> list[UUID]:
    """Five conversations: mine, a colleague's, nobody's, a closed one and spam; the newest last."""
    pks = []
    for number in range(5):
        story.forget_limits()
        pks.append(story.start(cast.a, f"{number}", actor=story.another_end_user(cast.a)).conversation.pk)
    for pk, actor in ((pks[0], cast.a.operator), (pks[1], cast.a.owner)):
        assign = partial(services.assign_conversation, actor=actor, assignee_id=actor.membership_id)
        cast.a.inside(partial(assign, conversation_id=pk))
    move(cast, pks[3], "close_conversation")
    move(cast, pks[4], "mark_spam")
    return pks


def test_each_section_shows_its_own(cast: Cast, five: list[UUID]) -> None:
    mine, colleagues, nobodys, closed, spam = map(str, five)

    assert listed(cast, Section.YOU) == [mine]
    assert listed(cast, Section.OPEN) == [colleagues, mine, nobodys]
    assert listed(cast, Section.CLOSED) == [closed]
    assert listed(cast, Section.SPAM) == [spam]
    assert listed(cast, Section.ALL) == [closed, colleagues, mine, nobodys]


def test_the_badges(cast: Cast, five: list[UUID]) -> None:
    # Three are open and unread, but one of them is a colleague's.
    assert cast.a.inside(lambda: counts_of(cast.a.operator)) == Counts(you=1, open=3, spam=1, unread=2)

    cast.a.inside(lambda: services.mark_read(actor=cast.a.operator, conversation_id=five[0], seq=1))

    assert cast.a.inside(lambda: counts_of(cast.a.operator)).unread == 1


def test_pages_follow_one_another_without_overlap(cast: Cast) -> None:
    for _ in range(70):
        story.forget_limits()
        story.start(cast.a, actor=story.another_end_user(cast.a))
    # Many at the very same moment: the id decides.
    cast.a.inside(lambda: Conversation.objects.update(updated_at=Conversation.objects.first().updated_at))  # type: ignore[union-attr]

    seen: list[str] = []
    cursor: str | None = None
    sizes = []
    while True:
        page = cast.a.inside(partial(inbox_of, cast.a.operator, Section.OPEN, cursor))
        seen += [row["id"] for row in page.results]
        sizes.append(len(page.results))
        if page.next is None:
            break
        cursor = page.next

    assert sizes == [30, 30, 10]
    assert len(set(seen)) == 70
    assert seen == sorted(seen, reverse=True)


def test_a_page_keeps_its_place_while_others_move(cast: Cast, five: list[UUID]) -> None:
    for _ in range(31):
        story.forget_limits()
        story.start(cast.a, actor=story.another_end_user(cast.a))
    first = cast.a.inside(lambda: inbox_of(cast.a.operator, Section.OPEN))

    # Somebody of the first page writes and jumps to the top.
    last = UUID(first.results[-1]["id"])
    cast.a.inside(
        lambda: Conversation.objects.filter(pk=last).update(
            updated_at=Conversation.objects.latest("updated_at").updated_at + timedelta(seconds=1)
        )
    )

    second = cast.a.inside(lambda: inbox_of(cast.a.operator, Section.OPEN, first.next))
    assert {row["id"] for row in first.results}.isdisjoint(row["id"] for row in second.results)
    assert len(first.results) + len(second.results) == 34


@pytest.mark.parametrize("cursor", ["x", "AAAA", "=" * 32, "é", "f" * 32, "A" * 400])
def test_a_made_up_cursor_is_refused(cast: Cast, cursor: str) -> None:
    with pytest.raises(InvalidError):
        cast.a.inside(lambda: inbox_of(cast.a.operator, Section.OPEN, cursor))


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(cast: Cast, count: int) -> None:
    for _ in range(count):
        pk = story.started(cast.a)
    for _ in range(count):
        story.send(cast.a.operator, pk)
    operator, end_user = cast.a.operator, cast.a.end_user

    def cost(question: Callable[[], object]) -> int:
        return story.queries_of(cast.a, question)

    assert cost(lambda: inbox_of(operator, Section.OPEN)) == 1
    assert cost(lambda: counts_of(operator)) == 1
    assert cost(lambda: threads_of(end_user)) == 1
    # conversation, messages, files.
    assert cost(lambda: message_page_of(operator, pk)) == 3
    # person, visits, conversations.
    assert cost(lambda: end_user_profile_of(operator, end_user.end_user_id)) == 3


def test_the_neighbour_sees_nothing(cast: Cast, five: list[UUID]) -> None:
    for section in Section:
        assert cast.b.inside(partial(inbox_of, cast.b.owner, section)).results == []
    assert cast.b.inside(lambda: counts_of(cast.b.owner)) == Counts(you=0, open=0, spam=0, unread=0)
    assert cast.b.inside(lambda: threads_of(cast.b.end_user)) == []
    with pytest.raises(NotFoundError):
        cast.b.inside(lambda: message_page_of(cast.b.owner, five[0]))
    with pytest.raises(NotFoundError):
        cast.b.inside(lambda: end_user_profile_of(cast.b.owner, cast.a.end_user.end_user_id))


def test_an_end_user_sees_their_own_threads(cast: Cast, five: list[UUID]) -> None:
    mine = story.started(cast.a)

    threads = cast.a.inside(lambda: threads_of(cast.a.end_user))

    assert [thread["id"] for thread in threads] == [str(mine)]


def test_messages_are_paged_backwards(cast: Cast) -> None:
    pk = story.started(cast.a, "1")
    for number in range(2, 8):
        story.send(cast.a.operator, pk, str(number))

    def page(before: int | None, limit: int) -> tuple[list[str], bool]:
        found = cast.a.inside(lambda: message_page_of(cast.a.operator, pk, before_seq=before, limit=limit))
        return [message["body"] for message in found.results], found.has_earlier

    assert page(None, 3) == (["5", "6", "7"], True)
    assert page(5, 3) == (["2", "3", "4"], True)
    assert page(2, 3) == (["1"], False)
    assert page(1, 3) == ([], False)

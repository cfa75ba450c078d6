"""Hellos of many end-users in one batch: each gets what a hello alone would get, and nobody anything of another's."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats import services
from chats.admission import EndUserPass
from chats.hellos import HelloAnswer, HelloAsked, answer_hellos
from chats.models import Conversation, Message
from chats.presence import END_USER_SOCKETS
from chats.selectors import Cursor, epoch, syncs_of
from livecaller.core.errors import LiveCallerError
from livecaller.core.tickets import read_ticket
from livecaller.core.valkey import client as valkey
from tests.cast import Cast, Side
from tests.chats import story
from widget.models import VisitorToken, Widget

Cursors = dict[UUID, Cursor]


@pytest.fixture
def cast(committed_cast: Cast, folder: Path) -> Cast:
    """The cast, with a folder for its files."""
    return committed_cast


def asked(side: Side, cursors: Cursors, *, client_epoch: str | None = None) -> HelloAsked:
    token = side.inside(lambda: VisitorToken.objects.get(end_user_id=side.end_user.end_user_id))
    held = EndUserPass(side.organization.pk, side.end_user.end_user_id, token.pk)
    present = client_epoch or side.inside(epoch)
    return HelloAsked(read_ticket(held.ticket()), held, uuid4().hex, cursors, present)


def answered(hello: HelloAsked) -> HelloAnswer:
    (answer,) = answer_hellos([hello])
    assert isinstance(answer, HelloAnswer), answer
    return answer


def talk(side: Side, count: int) -> UUID:
    pk = story.started(side, "1")
    for number in range(2, count + 1):
        story.forget_limits()
        story.send(side.operator if number % 2 else side.end_user, pk, str(number))
    return pk


def edited(side: Side, pk: UUID) -> None:
    first = story.messages(side, pk)[0]
    side.inside(
        lambda: services.edit_message(actor=side.end_user, conversation_id=pk, message_id=first.pk, body="better")
    )


def with_files(side: Side, pk: UUID) -> None:
    def send() -> None:
        uploads = [SimpleUploadedFile(name, b"words") for name in ("one.txt", "two.txt")]
        files = [services.attach_file(actor=side.end_user, upload=one, conversation_id=pk).pk for one in uploads]
        services.send_message(actor=side.end_user, conversation_id=pk, client_id=uuid4(), body="", attachment_ids=files)

    side.inside(send)


def below_floor(side: Side, pk: UUID) -> None:
    side.inside(lambda: Conversation.objects.filter(pk=pk).update(floor_version=3))


def far_ahead(side: Side, pk: UUID) -> None:
    side.inside(lambda: Conversation.objects.filter(pk=pk).update(version=300))


def hidden(side: Side, pk: UUID) -> None:
    side.inside(lambda: Message.objects.filter(conversation_id=pk, seq=2).update(restricted_at="2026-01-01T00:00:00Z"))


def nothing(side: Side, pk: UUID) -> None:
    """Leave it as it is."""


@pytest.mark.parametrize("happens", [nothing, edited, with_files, below_floor, far_ahead, hidden])
@pytest.mark.parametrize("version", [0, 1, 2, 4, 5, 999])
def test_each_gets_what_a_hello_alone_would_get(
    cast: Cast, happens: Callable[[Side, UUID], None], version: int
) -> None:
    pk = talk(cast.a, 4)
    happens(cast.a, pk)
    cursors = {pk: Cursor(version)}

    answer = answered(asked(cast.a, cursors))

    assert len(answer.syncs) == 1
    assert answer.syncs == cast.a.inside(lambda: syncs_of(cast.a.end_user, cursors, client_epoch=answer.epoch))


@pytest.mark.parametrize("client_epoch", [None, "another"])
def test_a_long_talk_is_reloaded_by_its_newest_fifty(cast: Cast, client_epoch: str | None) -> None:
    pk = talk(cast.a, 53)
    cursors = {pk: Cursor(53 if client_epoch else 0)}

    (sync,) = answered(asked(cast.a, cursors, client_epoch=client_epoch or "another")).syncs

    assert (sync["mode"], sync["has_earlier"], len(sync["messages"])) == ("reload", True, 50)
    assert [sync] == cast.a.inside(lambda: syncs_of(cast.a.end_user, cursors, client_epoch="another"))


def test_two_tabs_of_one_person_get_what_each_has_missed(cast: Cast) -> None:
    pk = talk(cast.a, 4)

    answers = answer_hellos([asked(cast.a, {pk: Cursor(version)}) for version in (3, 1, 4)])

    missed = [[m["seq"] for m in answer.syncs[0]["messages"]] for answer in answers if isinstance(answer, HelloAnswer)]
    assert missed == [[4], [2, 3, 4], []]


def test_one_question_however_many_ask(cast: Cast) -> None:
    a, b = cast.a, cast.b
    talks = [talk(a, 2), talk(a, 3), talk(b, 2)]
    some = [asked(a, {talks[0]: Cursor(0)})]
    many = [asked(a, {talks[0]: Cursor(0), talks[1]: Cursor(1)}), asked(b, {talks[2]: Cursor(1)}), asked(a, {})]

    def queries(hellos: list[HelloAsked]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert all(isinstance(answer, HelloAnswer) for answer in answer_hellos(hellos))
        return len([query for query in captured if "chats_" in query["sql"] and "advisory" not in query["sql"]])

    # Who comes first is told to the operators, which is a question more.
    answer_hellos([asked(a, {}), asked(b, {})])
    assert queries(some) == queries(many) > 0


def test_a_neighbours_conversation_is_left_out(cast: Cast) -> None:
    mine, theirs = talk(cast.a, 2), talk(cast.b, 2)
    another = story.another_end_user(cast.a)
    of_another = cast.a.inside(
        lambda: Conversation.objects.create(
            organization=cast.a.organization,
            widget=cast.a.widget,
            end_user_id=another.end_user_id,
            expires_at="2030-01-01T00:00:00Z",
        )
    )
    cursors = {theirs: Cursor(0), of_another.pk: Cursor(0), mine: Cursor(0)}
    assert [sync["conversation"] for sync in answered(asked(cast.b, cursors)).syncs] == [str(theirs)]

    assert [sync["conversation"] for sync in answered(asked(cast.a, cursors)).syncs] == [str(mine)]


def codes(hellos: list[HelloAsked]) -> list[str]:
    return [answer.code if isinstance(answer, LiveCallerError) else "ok" for answer in answer_hellos(hellos)]


def test_who_may_not_come_in_is_refused_beside_those_who_may(cast: Cast) -> None:
    good, used = asked(cast.a, {}), asked(cast.a, {})
    assert codes([used]) == ["ok"]
    swapped = asked(cast.a, {})
    stranger = HelloAsked(
        swapped.ticket,
        EndUserPass(cast.a.organization.pk, uuid4(), swapped.held.token_id),
        "swapped",
        {},
        None,
    )
    theirs = asked(cast.b, {}).held
    elsewhere = HelloAsked(
        asked(cast.a, {}).ticket,
        EndUserPass(cast.a.organization.pk, theirs.end_user_id, theirs.token_id),
        "elsewhere",
        {},
        None,
    )

    assert codes([used, good, good, stranger, elsewhere, asked(cast.b, {})]) == [
        "unauthenticated", "ok", "unauthenticated", "unauthenticated", "unauthenticated", "ok",
    ]  # fmt: skip

    cast.b.inside(lambda: Widget.objects.update(is_active=False))
    cast.a.inside(lambda: VisitorToken.objects.update(revoked_at="2026-01-01T00:00:00Z"))
    assert codes([asked(cast.a, {}), asked(cast.b, {})]) == ["unauthenticated", "unauthenticated"]


def test_a_person_with_too_many_windows_holds_up_nobody(cast: Cast) -> None:
    hellos = [asked(cast.a, {}) for _ in range(END_USER_SOCKETS + 1)]

    assert codes([*hellos, asked(cast.b, {})]) == ["ok"] * END_USER_SOCKETS + ["rate_limited", "ok"]


def test_a_ticket_is_good_once_even_after_valkey_was_emptied(cast: Cast) -> None:
    hello = asked(cast.a, {})
    assert codes([hello]) == ["ok"]

    valkey().flushdb()

    assert codes([hello]) == ["unauthenticated"]

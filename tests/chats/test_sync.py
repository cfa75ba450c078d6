"""Catching up by number: delta, reload, floor, epoch; and what an end-user must not learn from it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any  # what Django hands to its wrappers
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from chats import services
from chats.models import Attachment, Conversation, Message
from chats.payloads import Payload
from chats.rules import Person
from chats.selectors import Cursor, epoch, sync_of, syncs_of
from livecaller.core.errors import NotFoundError
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast
from tests.chats import story
from tests.conftest import DATABASE, superuser


def sync(actor: Person, pk: UUID, version: int | None, note_version: int | None = 0) -> Payload:
    with tenant(actor.organization_id):
        return sync_of(actor, pk, Cursor(version, note_version))


def many(cast: Cast, count: int) -> UUID:
    """Start a conversation of `count` messages, written in one go."""
    pk = story.started(cast.a, "1")

    def write() -> None:
        first = Message.objects.get()
        Message.objects.bulk_create(
            Message(
                organization_id=first.organization_id,
                conversation_id=pk,
                seq=number,
                version=number,
                author_kind="operator",
                author_id=cast.a.operator.membership_id,
                client_id=uuid4(),
                body=str(number),
                expires_at=first.expires_at,
            )
            for number in range(2, count + 1)
        )
        Conversation.objects.update(last_seq=count, version=count)

    cast.a.inside(write)
    return pk


def test_a_reader_who_is_up_to_date_gets_nothing(cast: Cast) -> None:
    pk = story.started(cast.a)

    answer = sync(cast.a.operator, pk, 1)

    assert (answer["mode"], answer["messages"], answer["notes"]) == ("delta", [], [])
    assert (answer["version"], answer["note_version"], answer["has_earlier"]) == (1, 0, True)
    assert answer["snapshot"]["id"] == str(pk)


def test_a_delta_is_what_changed_since(cast: Cast) -> None:
    pk = story.started(cast.a, "one")
    two = story.send(cast.a.operator, pk, "two")
    story.send(cast.a.end_user, pk, "three")
    cast.a.inside(
        lambda: services.edit_message(actor=cast.a.operator, conversation_id=pk, message_id=two.message.pk, body="2")
    )
    story.note(cast.a.operator, pk, "nota bene")

    answer = sync(cast.a.operator, pk, 2, 0)

    # The edit has raised the version of the second message, so it comes again; the first does not.
    assert [(message["seq"], message["version"], message["body"]) for message in answer["messages"]] == [
        (2, 4, "2"),
        (3, 3, "three"),
    ]
    assert [note["body"] for note in answer["notes"]] == ["nota bene"]
    assert (answer["mode"], answer["version"], answer["note_version"]) == ("delta", 4, 1)


@pytest.mark.parametrize(
    ("version", "note_version"),
    [(None, 0), (99, 0), (None, None), (1, 99), (1, None)],
    ids=["unknown", "future", "nothing known", "notes from the future", "notes unknown"],
)
def test_a_cursor_that_means_nothing_reloads(cast: Cast, version: int | None, note_version: int | None) -> None:
    pk = story.started(cast.a, "one")
    story.send(cast.a.operator, pk, "two")
    story.note(cast.a.operator, pk)

    answer = sync(cast.a.operator, pk, version, note_version)

    assert (answer["mode"], answer["version"], answer["note_version"]) == ("reload", 2, 1)
    assert [message["body"] for message in answer["messages"]] == ["one", "two"]
    assert len(answer["notes"]) == 1
    assert answer["has_earlier"] is False


def test_a_cursor_below_the_floor_reloads(cast: Cast) -> None:
    pk = many(cast, 10)
    cast.a.inside(lambda: Message.objects.filter(seq__lte=4).delete())
    cast.a.inside(lambda: Conversation.objects.update(floor_version=4))

    assert sync(cast.a.operator, pk, 3)["mode"] == "reload"
    answer = sync(cast.a.operator, pk, 4)
    assert (answer["mode"], len(answer["messages"])) == ("delta", 6)


@pytest.mark.parametrize(("behind", "mode", "count"), [(200, "delta", 200), (201, "reload", 50)])
def test_more_than_two_hundred_missed_reload_the_newest_fifty(cast: Cast, behind: int, mode: str, count: int) -> None:
    pk = many(cast, 260)

    answer = sync(cast.a.operator, pk, 260 - behind)

    assert (answer["mode"], len(answer["messages"])) == (mode, count)
    seqs = [message["seq"] for message in answer["messages"]]
    assert seqs == list(range(260 - count + 1, 261))
    assert answer["has_earlier"] is True


def test_a_reload_of_exactly_fifty_has_nothing_earlier(cast: Cast) -> None:
    answer = sync(cast.a.operator, many(cast, 50), None)

    assert (len(answer["messages"]), answer["has_earlier"]) == (50, False)


def test_cursors_of_another_epoch_reload(cast: Cast) -> None:
    pk = story.started(cast.a)
    cursors = {pk: Cursor(1, 0)}

    def modes(client_epoch: str) -> list[str]:
        return cast.a.inside(
            lambda: [answer["mode"] for answer in syncs_of(cast.a.operator, cursors, client_epoch=client_epoch)]
        )

    assert modes(cast.a.inside(epoch)) == ["delta"]
    assert modes("the history before the restore") == ["reload"]
    assert modes("") == ["reload"]


def test_the_epoch_is_the_same_until_the_table_is_loaded_under_a_running_process(committed_cast: Cast) -> None:
    before = committed_cast.a.inside(epoch)
    story.started(committed_cast.a)
    connection.close()
    assert committed_cast.a.inside(epoch) == before

    # Loading a dump writes the table into a new file, as this does.
    with closing(superuser(DATABASE)) as server, server.cursor() as cursor:
        cursor.execute("VACUUM FULL chats_conversation")

    assert committed_cast.a.inside(epoch) != before


def test_an_end_user_gets_neither_notes_nor_their_number(cast: Cast) -> None:
    pk = story.started(cast.a)
    story.note(cast.a.operator, pk, "difficult customer")

    for version in (None, 0, 1):
        answer = sync(cast.a.end_user, pk, version, None)
        assert (answer["notes"], answer["note_version"]) == ([], None)
        assert "difficult" not in str(answer)
        assert "note_version" not in answer["snapshot"]
        assert "end_user" not in answer["snapshot"]
    assert sync(cast.a.operator, pk, None)["notes"][0]["body"] == "difficult customer"


def test_a_foreign_conversation_does_not_exist(cast: Cast) -> None:
    pk = story.started(cast.a)

    for actor in (cast.b.operator, cast.b.end_user, story.another_end_user(cast.a)):
        with pytest.raises(NotFoundError):
            sync(actor, pk, None)
    assert sync(cast.a.end_user, pk, None)["version"] == 1


def test_what_has_expired_is_not_read_any_more(cast: Cast) -> None:
    pk = many(cast, 10)
    gone = timezone.now() - timedelta(seconds=1)
    cast.a.inside(lambda: Message.objects.filter(seq__lte=3).update(expires_at=gone))

    assert [message["seq"] for message in sync(cast.a.operator, pk, None)["messages"]] == list(range(4, 11))

    cast.a.inside(lambda: Conversation.objects.update(expires_at=gone))
    with pytest.raises(NotFoundError):
        sync(cast.a.operator, pk, None)


@pytest.mark.parametrize("number", [1, 3])
def test_nothing_missed_costs_two_queries_however_many_conversations(cast: Cast, number: int) -> None:
    cursors = {story.started(cast.a): Cursor(1, 0) for _ in range(number)}

    # the epoch, conversations.
    assert story.queries_of(cast.a, lambda: syncs_of(cast.a.operator, cursors)) == 2


@pytest.mark.parametrize("number", [1, 3])
def test_what_was_missed_costs_the_same_for_one_and_for_three(cast: Cast, number: int) -> None:
    cursors = {story.started(cast.a): Cursor(1, 0) for _ in range(number)}
    for pk in cursors:
        story.send(cast.a.end_user, pk)
        story.note(cast.a.operator, pk)

    # the epoch, conversations, messages, their files, notes.
    assert story.queries_of(cast.a, lambda: syncs_of(cast.a.operator, cursors)) == 5
    answers = cast.a.inside(lambda: syncs_of(cast.a.operator, cursors))
    assert [len(answer["messages"]) for answer in answers] == [1] * number


def test_files_come_with_their_messages(cast: Cast) -> None:
    pk = story.started(cast.a)
    message = story.messages(cast.a, pk)[0]
    cast.a.inside(
        lambda: Attachment.objects.create(
            organization_id=cast.a.organization.pk,
            conversation_id=pk,
            message=message,
            uploader_kind="end_user",
            uploader_id=cast.a.end_user.end_user_id,
            name="a.pdf",
            content_type="application/pdf",
            size=3,
            storage_name="nowhere",
            expires_at=message.expires_at,
        )
    )

    assert [file["name"] for file in sync(cast.a.end_user, pk, None)["messages"][0]["attachments"]] == ["a.pdf"]


def test_what_is_stored_while_a_sync_reads_is_left_to_its_event(committed_cast: Cast) -> None:
    a = committed_cast.a
    pk = story.started(a, "1")
    story.send(a.end_user, pk, "2")
    written: list[int] = []

    def write_between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 Django's own
        if 'FROM "chats_message"' in sql and not written:
            with ThreadPoolExecutor(1) as elsewhere:
                written.append(elsewhere.submit(_send_and_hang_up, a.operator, pk).result())
        return execute(sql, params, many, context)

    for version, mode in ((1, "delta"), (None, "reload")):
        written.clear()
        before = story.reread(a, pk).version
        with connection.execute_wrapper(write_between):
            answer = sync(a.operator, pk, version)

        # The message was stored meanwhile, and belongs to a version that this answer does not reach.
        assert written == [before + 1]
        assert (answer["mode"], answer["version"]) == (mode, before)
        assert max(message["seq"] for message in answer["messages"]) == before


def _send_and_hang_up(actor: Person, pk: UUID) -> int:
    version = story.send(actor, pk, "meanwhile").message.version
    connection.close()
    return version

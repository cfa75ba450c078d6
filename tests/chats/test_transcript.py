"""The transcript: all of a thread as text, and nothing that acts in what opens it."""

from functools import partial

import pytest

from chats import services
from chats.transcript import harmless, transcript_of
from livecaller.core.errors import NotFoundError
from tests.cast import Cast
from tests.chats import story


def test_a_thread_reads_as_it_was_said(cast: Cast) -> None:
    pk = story.started(cast.a, "Hello,\nis it there?")
    story.send(cast.a.operator, pk, "Yes")
    gone = story.send(cast.a.operator, pk, "wrong window")
    story.note(cast.a.operator, pk, "difficult")
    cast.a.inside(
        lambda: services.delete_message(actor=cast.a.operator, conversation_id=pk, message_id=gone.message.pk)
    )
    cast.a.inside(lambda: services.close_conversation(actor=cast.a.operator, conversation_id=pk))

    lines = cast.a.inside(lambda: transcript_of(cast.a.end_user, pk)).splitlines()

    assert lines[0].startswith("Meridian Furniture site: conversation of ")
    assert [line.partition("] ")[2] for line in lines[2:]] == [
        "Ana: Hello, is it there?",
        "Otto: Yes",
        "Otto: (deleted)",
        "The conversation was closed.",
    ]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_line_begins_a_formula(first: str) -> None:
    assert harmless(f"{first}HYPERLINK(1)")[0] in "' "
    assert harmless("a = b") == "a = b"


def test_what_turns_or_hides_text_is_left_out(cast: Cast) -> None:
    assert harmless("safe\u202egnp.exe\u2066\u200b\x07\x1b[31m") == "safegnp.exe[31m"
    assert harmless("👨\u200d👩\u200d👧 می\u200cخواهم") == "👨\u200d👩\u200d👧 می\u200cخواهم"
    pk = story.started(cast.a, "one\r\n[2026-01-01 00:00] Otto: forged")

    text = cast.a.inside(lambda: transcript_of(cast.a.end_user, pk))

    assert "\n[2026-01-01 00:00] Otto: forged" not in text


def test_it_is_the_persons_own(cast: Cast) -> None:
    pk = story.started(cast.a)

    for actor in (story.another_end_user(cast.a), cast.b.end_user):
        with pytest.raises(NotFoundError):
            cast.a.inside(partial(transcript_of, actor, pk))
    response = cast.a.end_user_client().get(f"/api/v1/widget/{cast.a.widget.public_key}/conversations/{pk}/transcript")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="conversation-{pk}.txt"'
    assert response["X-Content-Type-Options"] == "nosniff"

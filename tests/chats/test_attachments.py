"""Uploads: hostile files leave nothing, honest ones come back, pictures carry nothing but pixels."""

import io
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any  # answers are JSON
from uuid import UUID, uuid4

import hypothesis
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import strategies as st
from PIL import Image

from chats import services, tasks
from chats.attachments import accept, clean_name
from chats.models import Attachment, Message
from chats.rules import Person
from chats.selectors import get_attachment
from livecaller.core.actors import SystemActor
from livecaller.core.errors import (
    InvalidError,
    LiveCallerError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
    UnsupportedTypeError,
)
from livecaller.core.tenancy.context import tenant
from tests.cast import Cast, Side
from tests.chats import hostile, story

pytestmark = pytest.mark.usefixtures("folder")


def stored_in(folder: Path) -> list[str]:
    """Return the names of all files in the storage, at whatever depth."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


def attach(actor: Person, name: str, content: bytes, conversation_id: UUID | None = None) -> Attachment:
    upload = SimpleUploadedFile("upload", content)
    # Django's own cleaning would make the worst names harmless before we see them.
    upload._name = name  # type: ignore[attr-defined]
    with tenant(actor.organization_id):
        return services.attach_file(actor=actor, upload=upload, conversation_id=conversation_id)


def rows(side: Side) -> list[Attachment]:
    return side.inside(lambda: list(Attachment.all_states.order_by("pk")))


def content_of(attachment: Attachment) -> bytes:
    with default_storage.open(attachment.storage_name) as file:
        return bytes(file.read())


def send_with(actor: Person, pk: UUID, *files: Attachment, body: str = "", client_id: UUID | None = None) -> Any:
    with tenant(actor.organization_id):
        return services.send_message(
            actor=actor,
            conversation_id=pk,
            client_id=client_id or uuid4(),
            body=body,
            attachment_ids=[file.pk for file in files],
        )


@pytest.mark.parametrize(("name", "content", "code"), hostile.REFUSED, ids=[name for name, *_ in hostile.REFUSED])
def test_a_hostile_file_leaves_nothing(cast: Cast, folder: Path, name: str, content: bytes, code: str) -> None:
    with pytest.raises(LiveCallerError) as refusal:
        attach(cast.a.end_user, name, content)

    assert refusal.value.code == code
    assert rows(cast.a) == []
    assert stored_in(folder) == []


@pytest.mark.parametrize(("name", "content", "kind"), hostile.ACCEPTED, ids=[name for name, *_ in hostile.ACCEPTED])
def test_an_honest_file_comes_back(cast: Cast, name: str, content: bytes, kind: str) -> None:
    attachment = attach(cast.a.end_user, name, content)

    kept = content_of(attachment)
    assert (attachment.content_type, attachment.name, attachment.size) == (kind, name, len(kept))
    if kind.startswith("image/"):
        assert (attachment.width, attachment.height) == (40, 30)
        with Image.open(io.BytesIO(kept)) as image:
            assert image.convert("RGB").size == (40, 30)
    else:
        assert kept == content
        assert (attachment.width, attachment.height) == (None, None)
    # Nothing of what it was called is in the name under which it lies.
    assert name.lower() not in attachment.storage_name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gps.jpg", hostile.with_exif("JPEG")),
        ("gps.png", hostile.with_exif("PNG")),
        ("gps.webp", hostile.with_exif("WEBP")),
        ("text.png", hostile.png_with_text()),
        ("comment.jpg", hostile.picture("JPEG", comment=hostile.CANARY)),
        ("comment.gif", hostile.picture("GIF", comment=hostile.CANARY)),
        ("moving.gif", hostile.animation("GIF")),
        ("moving.webp", hostile.animation("WEBP")),
        ("tail.png", hostile.picture("PNG") + hostile.archive({"x": hostile.CANARY}) + hostile.CANARY),
        ("tail.jpg", hostile.picture("JPEG") + hostile.SCRIPT + hostile.CANARY),
    ],
)
def test_a_picture_carries_nothing_but_pixels(cast: Cast, name: str, content: bytes) -> None:
    assert hostile.CANARY in content

    kept = content_of(attach(cast.a.end_user, name, content))

    assert hostile.CANARY not in kept
    assert b"<script" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "Comment"} & {
            key for key, value in image.info.items() if value
        }


HONEST = [(name, content) for name, content, _ in hostile.ACCEPTED]
HONEST_TYPES = {(clean_name(name), content_type) for name, _, content_type in hostile.ACCEPTED}


@hypothesis.settings(max_examples=300)
@hypothesis.given(data=st.data(), honest=st.sampled_from(HONEST))
def test_a_damaged_file_is_accepted_or_refused_and_nothing_else(data: st.DataObject, honest: tuple[str, bytes]) -> None:
    name, content = honest
    damaged = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        damaged[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(damaged) // 2, len(damaged)))

    with suppress(UnsupportedTypeError, TooLargeError):
        kept = accept(SimpleUploadedFile(name, bytes(damaged[:cut])))
        with kept.stream:
            assert (kept.name, kept.content_type) in HONEST_TYPES
            assert kept.size == len(kept.stream.read())


def test_a_picture_stands_upright(cast: Cast) -> None:
    attachment = attach(cast.a.end_user, "turned.jpg", hostile.with_exif("JPEG"))

    assert (attachment.width, attachment.height) == (30, 40)


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_moving_picture_still_moves(cast: Cast, kind: str) -> None:
    kept = content_of(attach(cast.a.end_user, f"moving.{kind}", hostile.animation(kind.upper())))

    with Image.open(io.BytesIO(kept)) as image:
        assert getattr(image, "n_frames", 1) == 5


def test_a_file_of_twenty_megabytes_is_the_limit(cast: Cast, folder: Path) -> None:
    line = b"0123456789abcde\n"
    most = line * (settings.ATTACHMENT_MAX_BYTES // len(line))
    assert attach(cast.a.end_user, "most.txt", most).size == settings.ATTACHMENT_MAX_BYTES

    with pytest.raises(TooLargeError):
        attach(cast.a.end_user, "more.txt", most + b"!")

    assert len(stored_in(folder)) == 1


def test_an_organization_has_a_quota(cast: Cast, folder: Path, settings: Any) -> None:
    settings.ATTACHMENT_ORGANIZATION_QUOTA_BYTES = 100
    attach(cast.a.end_user, "a.txt", b"x" * 60)

    with pytest.raises(TooLargeError):
        attach(cast.a.end_user, "b.txt", b"x" * 60)

    assert len(stored_in(folder)) == 1
    assert attach(cast.b.end_user, "b.txt", b"x" * 60).size == 60


def test_a_storage_that_cannot_be_written_says_so_and_keeps_nothing(cast: Cast, folder: Path) -> None:
    # A file where the organization's folder should be: as root, permissions would not stop us.
    (folder / str(cast.a.organization.pk)).write_text("in the way")

    with pytest.raises(UnavailableError):
        attach(cast.a.end_user, "a.txt", b"text")

    assert rows(cast.a) == []
    assert attach(cast.b.end_user, "a.txt", b"text").size == 4


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Windows\\system32\\evil.txt", "evil.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\r\nContent-Type: text/html\r\n.txt", "aContent-Type texthtml.txt"),
        ("  spaced   name .pdf", "spaced name.pdf"),
        ("x" * 300 + ".pdf", "x" * 108 + ".pdf"),
        ("...", "file."),
        ("zero\u200bwidth\u2066.txt", "zerowidth.txt"),
        ("Grüße ქართული.txt", "Grüße ქართული.txt"),
    ],
)
def test_names_are_cleaned(given: str, clean: str) -> None:
    cleaned = clean_name(given)

    if "Content-Type" in given:
        assert not set(cleaned) & set("\r\n/")
    else:
        assert cleaned == clean


def test_files_travel_with_a_message_in_the_order_of_their_upload(cast: Cast) -> None:
    pk = story.started(cast.a)
    one = attach(cast.a.end_user, "one.txt", b"1", pk)
    two = attach(cast.a.end_user, "two.txt", b"2")

    stored = send_with(cast.a.end_user, pk, two, one, body="both")

    payload = stored.payload()
    assert (payload["kind"], payload["body"]) == ("files", "both")
    assert [file["name"] for file in payload["attachments"]] == ["one.txt", "two.txt"]
    kept = rows(cast.a)
    assert {file.message_id for file in kept} == {stored.message.pk}
    assert {file.conversation_id for file in kept} == {pk}
    assert {file.expires_at for file in kept} == {stored.message.expires_at}


def test_a_resend_with_files_is_the_same_message(cast: Cast) -> None:
    pk, client_id = story.started(cast.a), uuid4()
    file, other = attach(cast.a.end_user, "a.txt", b"1"), attach(cast.a.end_user, "b.txt", b"2")
    send_with(cast.a.end_user, pk, file, client_id=client_id)

    assert not send_with(cast.a.end_user, pk, file, client_id=client_id).is_new
    with pytest.raises(LiveCallerError, match="client_id"):
        send_with(cast.a.end_user, pk, other, client_id=client_id)


def test_only_ones_own_unused_files_can_be_sent(cast: Cast) -> None:
    pk, elsewhere = story.started(cast.a), story.started(cast.a)
    used = attach(cast.a.end_user, "used.txt", b"1")
    send_with(cast.a.end_user, pk, used)
    for_elsewhere = attach(cast.a.end_user, "elsewhere.txt", b"1", elsewhere)
    operators = attach(cast.a.operator, "operators.txt", b"1", pk)
    foreign = attach(cast.b.end_user, "foreign.txt", b"1")

    for file in (used, for_elsewhere, operators, foreign):
        with pytest.raises(InvalidError):
            send_with(cast.a.end_user, pk, file)

    assert story.reread(cast.a, pk).last_seq == 2
    assert send_with(cast.a.operator, pk, operators).is_new


def test_a_file_is_seen_by_both_sides_once_it_is_sent(cast: Cast) -> None:
    pk = story.started(cast.a)
    file = attach(cast.a.end_user, "a.txt", b"1", pk)

    def sees(actor: Person) -> bool:
        try:
            with tenant(actor.organization_id):
                return get_attachment(actor, file.pk) is not None
        except NotFoundError:
            return False

    stranger = story.another_end_user(cast.a)
    assert [sees(actor) for actor in (cast.a.end_user, cast.a.operator, stranger, cast.b.owner)] == [
        True,
        False,
        False,
        False,
    ]
    send_with(cast.a.end_user, pk, file)
    assert [sees(actor) for actor in (cast.a.end_user, cast.a.operator, stranger, cast.b.owner)] == [
        True,
        True,
        False,
        False,
    ]


def test_an_operator_says_where_a_file_goes(cast: Cast, folder: Path) -> None:
    with pytest.raises(InvalidError):
        attach(cast.a.operator, "a.txt", b"1")
    with pytest.raises(NotFoundError):
        attach(cast.a.operator, "a.txt", b"1", story.started(cast.b))
    assert stored_in(folder) == []


def test_deleting_a_message_erases_its_files(committed_cast: Cast, folder: Path) -> None:
    a = committed_cast.a
    pk = story.started(a)
    gone, kept = attach(a.end_user, "gone.txt", b"1"), attach(a.end_user, "kept.txt", b"2")
    stored = send_with(a.end_user, pk, gone)
    send_with(a.end_user, pk, kept)

    a.inside(lambda: services.delete_message(actor=a.end_user, conversation_id=pk, message_id=stored.message.pk))

    assert stored_in(folder) == [Path(kept.storage_name).name]
    with pytest.raises(NotFoundError):
        a.inside(lambda: get_attachment(a.operator, gone.pk))
    # The sweep removes the row that is left.
    assert tasks.sweep_files_of(str(a.organization.pk)) == 1
    assert [file.pk for file in rows(a)] == [kept.pk]


def test_what_nobody_has_sent_for_a_day_is_swept(cast: Cast, folder: Path) -> None:
    unused, used = attach(cast.a.end_user, "unused.txt", b"1"), attach(cast.a.end_user, "used.txt", b"2")
    send_with(cast.a.end_user, story.started(cast.a), used)
    fresh, foreign = attach(cast.a.end_user, "fresh.txt", b"3"), attach(cast.b.end_user, "foreign.txt", b"4")
    a_day_ago = timezone.now() - timedelta(seconds=1)
    cast.a.inside(lambda: Attachment.objects.filter(pk=unused.pk).update(expires_at=a_day_ago))

    def sweep() -> int:
        return services.erase_files(actor=SystemActor(cast.a.organization.pk))

    assert unused.expires_at - timezone.now() > timedelta(hours=23, minutes=59)
    with pytest.raises(InvalidError):
        send_with(cast.a.end_user, story.started(cast.a), unused)
    assert (cast.a.inside(sweep), cast.a.inside(sweep)) == (1, 0)
    assert {file.pk for file in (*rows(cast.a), *rows(cast.b))} == {used.pk, fresh.pk, foreign.pk}
    assert len(stored_in(folder)) == 3


def test_a_message_that_fails_leaves_its_files_unused(cast: Cast) -> None:
    pk = story.started(cast.a)
    file = attach(cast.a.end_user, "a.txt", b"1")

    with pytest.raises(InvalidError):
        send_with(cast.a.end_user, pk, file, attach(cast.b.end_user, "b.txt", b"1"))

    assert rows(cast.a)[0].message_id is None
    assert cast.a.inside(Message.objects.count) == 1

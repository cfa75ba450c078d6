"""Files: taken in, tied to their message, forgotten, and erased."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from chats.attachments import Accepted, accept
from chats.models import Attachment, Conversation, Message
from chats.rules import Author, Person, author_of, require_writer, take_upload_tokens
from chats.scanning import require_clean
from chats.selectors import get_conversation
from livecaller.core.actors import EndUserActor, SystemActor
from livecaller.core.errors import InvalidError, TooLargeError, UnavailableError
from widget.rules import require_live
from widget.selectors import get_widget

log = structlog.get_logger(__name__)

UNUSED_LIFE = timedelta(hours=24)
ERASED_AT_ONCE = 500


def attach_file(*, actor: Person, upload: "UploadedFile[bytes]", conversation_id: UUID | None) -> Attachment:
    """Store an upload and return it; it waits 24 hours for the message that names it.

    `conversation_id` may be None before an end-user's first message. Raises `UnsupportedTypeError` (also when the
    scanner finds malware), `TooLargeError` (also when the organization's storage is full), `NotFoundError`,
    `NotLiveError`, `RateLimitedError` and `UnavailableError` (also while the scanner is away), with nothing left in
    the storage.
    """
    require_writer(actor)
    take_upload_tokens(actor)
    conversation = _place(actor, conversation_id)
    accepted = accept(upload)
    try:
        require_clean(accepted.stream)
        return _attach(actor, conversation, accepted)
    finally:
        accepted.stream.close()


def claim_files(author: Author, message: Message, ids: Sequence[UUID]) -> list[Attachment]:
    """Tie uploads to a new message, in the order of their upload; the message's conversation is locked.

    Raises `InvalidError` unless each is the author's own, unused, and meant for this conversation.
    """
    if not ids:
        return []
    unused = Attachment.objects.select_for_update().filter(
        pk__in=ids, uploader_kind=author.kind, uploader_id=author.id, message__isnull=True
    )
    files = [file for file in unused.order_by("pk") if file.conversation_id in {None, message.conversation_id}]
    if len(files) != len(ids):
        raise InvalidError(fields={"attachments": [_("A file is not there any more. Attach it again.")]})
    for file in files:
        file.message, file.conversation_id, file.expires_at = message, message.conversation_id, message.expires_at
    Attachment.objects.bulk_update(files, ["message", "conversation", "expires_at"])
    return files


def forget_files(files: Iterable[Attachment]) -> None:
    """Make files invisible now and delete their bytes after commit; the sweep deletes what is left of them."""
    gone = list(files)
    if not gone:
        return
    Attachment.objects.filter(pk__in=[file.pk for file in gone]).update(message=None, expires_at=Now())
    names = [file.storage_name for file in gone]

    def delete() -> None:
        for name in names:
            delete_bytes(name)

    transaction.on_commit(delete, robust=True)


def erase_files(*, actor: SystemActor) -> int:
    """Delete bytes and rows of files whose time is over: unused for a day, forgotten, or past their retention.

    At most 500 at once; returns how many. A file whose bytes cannot be deleted keeps its row for the next sweep.
    """
    due = Attachment.all_states.filter(expires_at__lte=Now(), restricted_at__isnull=True)
    erased = [file.pk for file in due.order_by("expires_at")[:ERASED_AT_ONCE] if delete_bytes(file.storage_name)]
    Attachment.all_states.filter(pk__in=erased).delete()
    return len(erased)


def delete_bytes(storage_name: str) -> bool:
    """Delete a stored file; say whether it is gone. A file that was not there is gone."""
    try:
        default_storage.delete(storage_name)
    except OSError as error:
        log.warning("file.not_deleted", error=type(error).__name__)
        return False
    return True


def _place(actor: Person, conversation_id: UUID | None) -> Conversation | None:
    if isinstance(actor, EndUserActor):
        require_live(get_widget(actor, actor.widget_id))
    elif conversation_id is None:
        raise InvalidError(fields={"conversation": ["Say for which conversation the file is."]})
    return None if conversation_id is None else get_conversation(actor, conversation_id)


def _attach(actor: Person, conversation: Conversation | None, accepted: Accepted) -> Attachment:
    _require_room(actor.organization_id, accepted.size)
    author = author_of(actor)
    attachment = Attachment(
        organization_id=actor.organization_id,
        conversation=conversation,
        uploader_kind=author.kind,
        uploader_id=author.id,
        name=accepted.name,
        content_type=accepted.content_type,
        size=accepted.size,
        width=accepted.width,
        height=accepted.height,
        storage_name=f"{actor.organization_id}/{secrets.token_hex(20)}",
        expires_at=timezone.now() + UNUSED_LIFE,
    )
    _store(attachment, accepted)
    return attachment


def _require_room(organization_id: UUID, size: int) -> None:
    used = Attachment.all_states.filter(organization_id=organization_id).aggregate(sum=Sum("size"))["sum"] or 0
    if used + size > settings.ATTACHMENT_ORGANIZATION_QUOTA_BYTES:
        raise TooLargeError(_("The storage of this organization is full. Ask its owner."))


def _store(attachment: Attachment, accepted: Accepted) -> None:
    """Write the bytes, then the row; whichever fails, neither stays."""
    try:
        attachment.storage_name = default_storage.save(attachment.storage_name, File(accepted.stream))
        attachment.save(force_insert=True)
    except OSError as error:
        delete_bytes(attachment.storage_name)
        log.warning("file.not_stored", error=type(error).__name__)
        raise UnavailableError(_("The file could not be stored. Try again in a moment."), retry_after=10) from None
    except Exception:
        delete_bytes(attachment.storage_name)
        raise

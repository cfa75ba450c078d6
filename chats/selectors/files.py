"""Files, for those who may see the conversation they were sent in."""

from uuid import UUID

from django.db.models import Q

from chats.models import Attachment
from chats.rules import Person, author_of, require_reader
from livecaller.core.actors import EndUserActor
from livecaller.core.errors import NotFoundError


def get_attachment(actor: Person, pk: UUID) -> Attachment:
    """Return a file of a visible message, or one that the actor has uploaded; raises `NotFoundError`.

    A file that no message names yet is its uploader's alone.
    """
    require_reader(actor)
    author = author_of(actor)
    mine = Q(uploader_kind=author.kind, uploader_id=author.id)
    sent = Q(message__isnull=False, message__deleted_at__isnull=True)
    if isinstance(actor, EndUserActor):
        sent &= Q(conversation__end_user_id=actor.end_user_id)
    attachment = Attachment.objects.filter(mine | sent, pk=pk).first()
    if attachment is None:
        raise NotFoundError
    return attachment

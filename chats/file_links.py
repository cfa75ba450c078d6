"""Addresses of files: signed, good for five minutes, bound to organization, file and name."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from chats.models import Attachment
from chats.payloads import Payload, attachment_payload, moment
from livecaller.core.errors import GoneError, NotFoundError

LINK_SECONDS = 300
_SALT = "chats.attachment"


@dataclass(frozen=True, slots=True)
class Link:
    """What an address was signed for."""

    organization_id: UUID
    attachment_id: UUID
    name: str


def signed_payload(attachment: Attachment) -> Payload:
    """Return the `Attachment` with its address on the files host and the time when that expires."""
    link = [attachment.organization_id.hex, attachment.pk.hex, attachment.name]
    token = signing.dumps(link, salt=_SALT, compress=True)
    return {
        **attachment_payload(attachment),
        "url": f"{settings.FILES_URL}/f/{token}/{quote(attachment.name, safe='')}",
        "url_expires_at": moment(timezone.now() + timedelta(seconds=LINK_SECONDS)),
    }


def read_link(token: str, name: str) -> Link:
    """Return what an address stands for; raises `GoneError` after five minutes and `NotFoundError` for any other."""
    try:
        organization, attachment, signed_name = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.SignatureExpired:
        raise GoneError(_("This address was good for five minutes. Open the file again.")) from None
    except signing.BadSignature:
        raise NotFoundError from None
    if name != signed_name:
        raise NotFoundError
    return Link(UUID(organization), UUID(attachment), signed_name)

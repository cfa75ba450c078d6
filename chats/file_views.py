"""The files host: hands out uploads so that a hostile one finds nothing worth having."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from chats.attachments import INLINE_TYPES
from chats.file_links import Link, read_link
from chats.models import Attachment
from livecaller.core.actors import SystemActor
from livecaller.core.api import TenantApiView
from livecaller.core.errors import NotFoundError

_CHUNK = 64 * 1024


class FileView(TenantApiView):
    """`f/<signed>/<name>`: the address itself is the permission; no cookie is read."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    link: Link

    def get_actor(self, request: Request) -> SystemActor:
        """Return LiveCaller itself, inside the organization that the address was signed for."""
        self.link = read_link(str(self.kwargs["token"]), str(self.kwargs["name"]))
        return SystemActor(self.link.organization_id)

    def get(self, request: Request, token: str, name: str) -> HttpResponseBase:
        """Stream the file: pictures that were drawn anew are shown, everything else is downloaded."""
        attachment = Attachment.objects.filter(pk=self.link.attachment_id).first()
        if attachment is None:
            raise NotFoundError(_("This file was deleted or its time is over."))
        try:
            file = default_storage.open(attachment.storage_name, "rb")
        except FileNotFoundError:
            raise NotFoundError(_("This file was deleted or its time is over.")) from None
        is_async = isinstance(request._request, ASGIRequest)  # noqa: SLF001 DRF hides which server asks
        response = StreamingHttpResponse(_AsyncPieces(file) if is_async else _Pieces(file))
        for header, value in headers_of(attachment, is_saved="download" in request.query_params).items():
            response[header] = value
        return response


def headers_of(attachment: Attachment, *, is_saved: bool = False) -> dict[str, str]:
    """Return the headers under which a file does no harm, whatever is in it; `is_saved`: also pictures are saved."""
    is_shown = attachment.content_type in INLINE_TYPES and not is_saved
    shown = "inline" if is_shown else "attachment"
    return {
        "Content-Type": attachment.content_type,
        "Content-Length": str(attachment.size),
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(attachment.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "private, max-age=300",
        "Referrer-Policy": "no-referrer",
    }


class _Pieces:
    """A file piece by piece for a synchronous server; Django closes it, also when nobody has read it."""

    def __init__(self, file: "File[bytes]") -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.file.read(_CHUNK):
            yield chunk

    def close(self) -> None:
        self.file.close()


class _AsyncPieces:
    """The same for an event loop, which does not wait for the disk."""

    def __init__(self, file: "File[bytes]") -> None:
        self.file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await asyncio.to_thread(self.file.read, _CHUNK):
            yield chunk

    def close(self) -> None:
        self.file.close()

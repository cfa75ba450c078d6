"""Uploads of both sides, read from the line in pieces and never longer than allowed."""

from typing import Any  # Django's upload handlers are untyped
from uuid import UUID

from django.conf import settings
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    TemporaryFileUploadHandler,
)
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chats import services, shapes
from chats.api.operator import OperatorApiView
from chats.file_links import signed_payload
from chats.payloads import attachment_payload
from chats.selectors import get_attachment
from chats.serializers import UploadBody
from livecaller.core.api import TenantApiView
from livecaller.core.errors import TooLargeError
from widget.api import EndUserApiView

# Beside the file: the form's boundaries and its one other field.
_FORM_BYTES = 16 * 1024


class _Cap(FileUploadHandler):
    """Stops reading where a file is longer than allowed, whatever its headers claim."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **options: Any) -> None:  # noqa: N803 Django's name
        if content_length > settings.ATTACHMENT_MAX_BYTES + _FORM_BYTES:
            raise TooLargeError(_("A file may have 20 MB."))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.ATTACHMENT_MAX_BYTES:
            raise TooLargeError(_("A file may have 20 MB."))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class _UploadView(TenantApiView):
    parser_classes = (MultiPartParser,)

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # Before anything looks at the body: the CSRF check does.
        handlers = (_Cap, MemoryFileUploadHandler, TemporaryFileUploadHandler)
        request.upload_handlers = [handler(request) for handler in handlers]
        return super().initialize_request(request, *args, **kwargs)


class UploadView(_UploadView, OperatorApiView):
    """`attachments`."""

    @extend_schema(request={"multipart/form-data": UploadBody}, responses={201: shapes.Attachment})
    def post(self, request: Request) -> Response:
        """Upload a file for a message that is sent within 24 hours."""
        data = self.read(UploadBody)
        attachment = services.attach_file(actor=self.actor, upload=data["file"], conversation_id=data["conversation"])
        return Response(attachment_payload(attachment), status=201)


class AttachmentView(OperatorApiView):
    """`attachments/<id>`."""

    @extend_schema(responses=shapes.SignedAttachment)
    def get(self, request: Request, attachment_id: UUID) -> Response:
        """Show a file with an address of five minutes."""
        return Response(signed_payload(get_attachment(self.actor, attachment_id)))


class EndUserUploadView(_UploadView, EndUserApiView):
    """`attachments` of the widget."""

    @extend_schema(request={"multipart/form-data": UploadBody}, responses={201: shapes.Attachment})
    def post(self, request: Request, public_key: str) -> Response:
        """Upload a file for a message that is sent within 24 hours."""
        data = self.read(UploadBody)
        attachment = services.attach_file(actor=self.actor, upload=data["file"], conversation_id=data["conversation"])
        return Response(attachment_payload(attachment), status=201)


class EndUserAttachmentView(EndUserApiView):
    """`attachments/<id>` of the widget."""

    @extend_schema(responses=shapes.SignedAttachment)
    def get(self, request: Request, public_key: str, attachment_id: UUID) -> Response:
        """Show a file with an address of five minutes."""
        return Response(signed_payload(get_attachment(self.actor, attachment_id)))

"""JSON in and out of REST views. Apart from `api`, since DRF loads these while it loads its own views."""

from typing import Any  # DRF's streams and data are untyped

import orjson
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from livecaller.core.errors import InvalidError, TooLargeError

BODY_BYTES = 64 * 1024


class OrjsonParser(BaseParser):
    """JSON bodies up to 64 kB; refuses lone surrogates, invalid UTF-8 and absurd nesting."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            raise TooLargeError("The body is larger than 64 kB.")
        try:
            return orjson.loads(body) if body else {}
        except ValueError:
            raise InvalidError("The body is not valid JSON in UTF-8.") from None


class OrjsonRenderer(BaseRenderer):
    """JSON answers."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)

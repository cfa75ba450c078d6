"""The log as text, and the secrets that must not be in it."""

import logging
import logging.config
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TextIO

import structlog
from uvicorn.config import LOGGING_CONFIG as UVICORNS_OWN

from livecaller.core import logs


class Written:
    """What the only handler wrote, and the secrets that must not be in it."""

    def __init__(self, stream: StringIO) -> None:
        self._stream = stream
        self.secrets: list[str] = []

    def secret(self, shape: str = "{}") -> str:
        """Return a unique secret, dressed as an address, a token or a sentence."""
        canary = f"canary{secrets.token_hex(8)}"
        self.secrets.append(canary)
        return shape.format(canary)

    @property
    def text(self) -> str:
        """Everything written until now."""
        return self._stream.getvalue()

    def lines(self) -> list[str]:
        """Return the lines written until now."""
        return [line for line in self.text.split("\n") if line]

    def leaked(self, elsewhere: str = "") -> list[str]:
        """Return the lines of the log, and of what was written elsewhere, that hold a secret."""
        lines = [*self.lines(), *elsewhere.split("\n")]
        return [line for line in lines if any(secret in line for secret in self.secrets)]


@contextmanager
def written_log(*, json: bool) -> Iterator[Written]:
    """Configure the log in one of its two forms, after uvicorn has installed its own, and collect it."""
    logging.config.dictConfig(UVICORNS_OWN)
    logs.configure({"json": json})
    stream = StringIO()
    console().setStream(stream)
    try:
        yield Written(stream)
    finally:
        structlog.contextvars.clear_contextvars()
        logs.configure({})


def console() -> "logging.StreamHandler[TextIO]":
    """Return our handler; pytest's own stand beside it in the root."""
    (ours,) = (handler for handler in logging.getLogger().handlers if handler.get_name() == "console")
    assert isinstance(ours, logging.StreamHandler)
    return ours

"""Mail on one machine: kept as files instead of sent, and shown on a page."""

import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

SHOWN = 50


class CatchingBackend(BaseEmailBackend):
    """Writes each mail into the data folder as one `.eml` file, whole or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many mails were kept; a full or unwritable disk raises `OSError` unless `fail_silently`."""
        kept = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                _write(message.message().as_bytes())
            except OSError:
                if not self.fail_silently:
                    raise
                continue
            kept += 1
        return kept


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One kept mail, as far as a reader needs it."""

    id: str
    subject: str
    sender: str
    recipients: str
    sent_at: datetime | None
    text: str


def caught_mails() -> list[CaughtMail]:
    """Return the newest mails, newest first, at most `SHOWN`."""
    files = sorted(_folder().glob("*.eml"), key=lambda file: file.name, reverse=True)
    return [_read(file) for file in files[:SHOWN]]


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "mail"


def _write(content: bytes) -> None:
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The name sorts by time; the random part keeps two processes apart.
    file = folder / f"{time.time_ns()}-{secrets.token_hex(8)}.eml"
    partial = file.with_suffix(".partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _read(file: Path) -> CaughtMail:
    message = message_from_bytes(file.read_bytes(), _class=ParsedMessage, policy=policy.default)
    body = message.get_body(("plain",))
    return CaughtMail(
        id=file.stem,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipients=str(message["To"] or ""),
        sent_at=parsedate_to_datetime(message["Date"]) if message["Date"] else None,
        text=body.get_content() if body else "",
    )

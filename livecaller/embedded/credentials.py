"""Random passwords of one installation: made once, readable by their owner alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from livecaller.embedded.programs import StartError

FILE_NAME = "credentials.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the servers and Django share; every value is URL-safe text."""

    postgres: str
    owner: str
    app: str
    staff: str
    backup: str
    valkey: str
    django: str

    def of_roles(self) -> dict[str, str]:
        """Return the password of each database role of LiveCaller by its name."""
        return {
            "livecaller_owner": self.owner,
            "livecaller_app": self.app,
            "livecaller_staff": self.staff,
            "livecaller_backup": self.backup,
        }


def credentials_of(data: Path) -> Credentials:
    """Return the credentials kept in the data folder, made on first use."""
    file = data / FILE_NAME
    try:
        return Credentials(**json.loads(file.read_text()))
    except FileNotFoundError:
        return _make(file)
    except (ValueError, TypeError):
        raise StartError(f"{file} is damaged. Put it back from a copy, or start afresh with `make reset`.") from None


def _make(file: Path) -> Credentials:
    made = Credentials(**{name: secrets.token_urlsafe(48) for name in Credentials.__slots__})
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(asdict(made), stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(file)
    return made

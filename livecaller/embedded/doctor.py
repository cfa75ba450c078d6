"""Which checks there are when, and how their findings read."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from livecaller.embedded import environment, postgres
from livecaller.embedded.checks import Finding, fine, machine, problem, servers, web
from livecaller.embedded.credentials import credentials_of
from livecaller.embedded.programs import StartError
from livecaller.embedded.supervisor import holder


def refuse_bad_start(data: Path) -> None:
    """Raise `StartError` with the words of every check that stands in the way of `up`."""
    bad = [finding for finding in before_start(data) if not finding.is_fine]
    if bad:
        raise StartError("\n".join(["", *(line_of(finding) for finding in bad)]))


def before_start(data: Path) -> Iterator[Finding]:
    """Check what must hold before anything of ours runs."""
    credentials, ports = credentials_of(data), environment.ports()
    yield machine.data_folder(data)
    yield machine.file_clock(data)
    yield machine.built_files(settings.BASE_DIR / "static" / "dist")
    yield machine.port("LIVECALLER_PORT", ports.web)
    if environment.is_embedded("DATABASE_URL", credentials):
        yield machine.port("LIVECALLER_PG_PORT", ports.postgres)
        yield _binaries()
    else:
        yield servers.reachable_database()
    if environment.is_embedded("REDIS_URL", credentials):
        yield machine.port("LIVECALLER_VALKEY_PORT", ports.valkey)
    else:
        yield from servers.valkey()
    yield servers.mail()


def examine(data: Path) -> Iterator[Finding]:
    """Check everything that can be checked now: a product that runs, or the way to its start."""
    yield web.settings_are_sound()
    if environment.is_embedded("DATABASE_URL", credentials_of(data)) and holder(data) is None:
        yield from before_start(data)
        yield fine("LiveCaller", "does not run; start it with `make up` and ask again to check the rest")
        return
    yield machine.data_folder(data)
    yield machine.file_clock(data)
    yield machine.built_files(settings.BASE_DIR / "static" / "dist")
    yield from servers.database()
    broker = servers.valkey()
    yield from broker
    yield servers.worker() if broker[0].is_fine else problem("Worker", "It cannot be asked while Valkey is away.")
    yield servers.mail()
    yield servers.scanner()
    yield web.web(settings.SITE_URL)
    yield web.web_socket()


def line_of(finding: Finding) -> str:
    """Return one line for people."""
    return f"{'ok     ' if finding.is_fine else 'WRONG  '} {finding.title:<22} {finding.words}"


def _binaries() -> Finding:
    try:
        return fine("PostgreSQL program", f"version {postgres.version_of(postgres.find_binaries())}")
    except StartError as error:
        return problem("PostgreSQL program", str(error))

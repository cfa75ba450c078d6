"""From a bare Python to everything LiveCaller needs: the environment, the browser parts, the translations.

Run as a script, before anything is installed, so it uses the standard library alone and imports nothing of
ours. `bootstrap.py COMMAND…` prepares and then becomes `manage.py COMMAND…`; without a command it only
prepares. Each step is skipped while what it reads has not changed since it last succeeded.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Not sys.executable: inside an activated environment that one is about to be replaced.
BASE_PYTHON = os.path.realpath(sys.executable)
STAMPS = VENV / "livecaller-stamps"
NEEDED_BYTES = 1_500_000_000
SAY_EVERY_SECONDS = 10

# As pip, uv and npm say it.
_UNREACHABLE = (
    r"resolve host|name resolution|ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|dns error|is unreachable|"
    r"from versions: none|error sending request|Connection refused|ConnectTimeout|error \(Connect\)"
)
# What a tool prints when something outside of it is wrong, and what to tell the person instead.
_CAUSES = (
    (
        r"No space left on device|ENOSPC|Disk quota exceeded",
        "The disk is full. Free about 1.5 GB on the disk of {root} and run it again.",
    ),
    (
        _UNREACHABLE,
        "The package registries cannot be reached. Check the network or the proxy settings and run it again.",
    ),
    (
        r"Permission denied|EACCES|EPERM|Read-only file system|EROFS",
        "A file in {root} cannot be written. Make the folder yours (chown -R) or use a copy of your own.",
    ),
)


class PreparationError(Exception):
    """The preparation cannot go on; the message is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of work: what to say, what it reads, what it makes, how it is done."""

    title: str
    reads: Callable[[], Iterable[Path]]
    makes: Path
    work: Callable[[], None]


def main(arguments: list[str]) -> None:
    """Prepare, then become `manage.py` with `arguments`, if there are any."""
    # A line is shown when it is said, through a pipe, too.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        prepare()
    except PreparationError as error:
        sys.exit(f"\nLiveCaller cannot start: {error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the command again to go on from here.")
    if arguments:
        os.execve(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *arguments], tool_environment())  # noqa: S606


def prepare() -> None:
    """Do every step that is due."""
    _refuse_unwritable()
    with _one_at_a_time():
        if not _is_done(_PACKAGES):
            _refuse_full_disk()
        for step in STEPS:
            if not _is_done(step):
                _say_and_do(step)


def tool_environment() -> dict[str, str]:
    """Return the environment for tools: ours first on PATH, no other virtual environment in the way."""
    environment = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONHOME"}}
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    return environment


def _make_environment() -> None:
    # One that was moved here, half-made or made by another Python is worth nothing.
    shutil.rmtree(VENV, ignore_errors=True)
    _run(BASE_PYTHON, "-m", "venv", *(() if _has("ensurepip") else ("--without-pip",)), str(VENV))
    version, hashes = _locked("uv")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(" ".join([f"uv=={version}", *(f"--hash={hash_}" for hash_ in hashes)]))
        wanted.flush()
        _run(*_pip(), "install", "--disable-pip-version-check", "--require-hashes", "--no-deps", "-r", wanted.name)


def _pip() -> tuple[str, ...]:
    """Return a pip that installs into the environment; some systems ship Python without the part that adds it."""
    if _has("ensurepip"):
        return (str(PYTHON), "-m", "pip")
    if _has("pip"):
        return (sys.executable, "-m", "pip", "--python", str(PYTHON))
    raise PreparationError(
        f"{sys.executable} has neither ensurepip nor pip. Install its venv package "
        "(on Debian and Ubuntu: apt-get install python3-venv) and run it again."
    )


def _install_packages() -> None:
    os.environ["UV_PROJECT_ENVIRONMENT"] = str(VENV)
    _run(str(VENV / "bin" / "uv"), "sync", "--frozen", "--no-progress", "--python", str(PYTHON))


def _install_browser_tools() -> None:
    _run(str(VENV / "bin" / "npm"), "ci", "--no-progress")


def _build_browser_parts() -> None:
    _run(str(VENV / "bin" / "npm"), "run", "build")


def _compile_translations() -> None:
    _run(str(VENV / "bin" / "pybabel"), "compile", "-d", "locale", "-D", "django")


def _files(*patterns: str) -> Callable[[], list[Path]]:
    return lambda: sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())


_ENVIRONMENT = Step("Python environment", list, VENV / "bin" / "uv", _make_environment)
_PACKAGES = Step("Python packages", _files("uv.lock", "pyproject.toml"), VENV / "bin" / "pybabel", _install_packages)
STEPS = (
    _ENVIRONMENT,
    _PACKAGES,
    Step(
        "Browser tools",
        _files("package-lock.json", "package.json", ".npmrc"),
        ROOT / "node_modules" / ".bin" / "vite",
        _install_browser_tools,
    ),
    Step(
        "Browser parts",
        _files("package-lock.json", "vite.config.ts", "tsconfig.json", "static/src/**/*", "static/plugins/**/*"),
        ROOT / "static" / "dist" / "manifest.json",
        _build_browser_parts,
    ),
    Step(
        "Translations",
        _files("locale/**/*.po"),
        ROOT / "locale" / "de" / "LC_MESSAGES" / "django.mo",
        _compile_translations,
    ),
)


def _is_done(step: Step) -> bool:
    stamp = STAMPS / step.title
    return step.makes.exists() and stamp.exists() and stamp.read_text() == _fingerprint(step)


def _fingerprint(step: Step) -> str:
    digest = hashlib.sha256(f"{ROOT}\0{BASE_PYTHON}\0{sys.version}".encode())
    for path in step.reads():
        digest.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _say_and_do(step: Step) -> None:
    began = time.monotonic()
    print(f"{step.title} …")
    fingerprint = _fingerprint(step)
    step.work()
    if not step.makes.exists():
        raise PreparationError(f"{step.title}: the step ended without making {step.makes.relative_to(ROOT)}.")
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / step.title).write_text(fingerprint)
    print(f"{step.title} done in {time.monotonic() - began:.1f} s")


def _run(*command: str) -> None:
    """Run a tool, saying now and then that it still works; raise `PreparationError` with its last words."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=tool_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            while _still_running(process):
                print(f"  … {time.monotonic() - began:.0f} s")
        finally:
            process.terminate()
        if process.wait() != 0:
            log.seek(0)
            raise PreparationError(_explain(" ".join(command[:3]), log.read()))


def _still_running(process: "subprocess.Popen[bytes]") -> bool:
    try:
        process.wait(SAY_EVERY_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _explain(command: str, log: str) -> str:
    sentence = f"{command} failed."
    for pattern, advice in _CAUSES:
        if re.search(pattern, log):
            sentence = advice.format(root=ROOT)
            break
    last_words = "\n".join(f"  | {line}" for line in log.strip().splitlines()[-15:])
    return f"{sentence}\nThe last lines of {command}:\n{last_words}"


def _locked(package: str) -> tuple[str, list[str]]:
    """Return the version and the hashes that uv.lock names for `package`."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    entry = next(entry for entry in lock["package"] if entry["name"] == package)
    return entry["version"], [wheel["hash"] for wheel in entry["wheels"]]


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _refuse_unwritable() -> None:
    try:
        with tempfile.TemporaryFile(dir=ROOT):
            return
    except OSError as error:
        if error.errno == 28:  # ENOSPC
            raise PreparationError(f"The disk of {ROOT} is full. Free about 1.5 GB and run it again.") from None
        raise PreparationError(
            f"{ROOT} cannot be written ({error.strerror}). Make the folder yours or use a copy of your own."
        ) from None


def _refuse_full_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise PreparationError(
            f"Only {free / 1e9:.1f} GB are free on the disk of {ROOT}; installing needs {NEEDED_BYTES / 1e9:.1f} GB."
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for another preparation of the same folder."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another command prepares this folder; waiting for it …")
        fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    main(sys.argv[1:])

"""A real Chromium for the browser tests: found on the machine, else installed.

`python -m tests.browser` prepares one and prints its path; `make test` does that before pytest starts.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(Exception):
    """There is no Chromium and none could be installed; the message says what to do."""


def installed_chromium() -> Path | None:
    """Return a Chromium that starts, or None: on PATH first, then the one Playwright keeps."""
    for candidate in (*map(shutil.which, NAMES), _of_playwright()):
        if candidate and _starts(candidate):
            return Path(candidate)
    return None


def chromium() -> Path:
    """Return a Chromium, installed if need be by the system's package manager (as root) or by Playwright.

    Raises `NoBrowserError` with the last words of both.
    """
    found = installed_chromium()
    if found:
        return found
    refusals = []
    for command in _installers():
        sys.stdout.write(f"Installing Chromium: {' '.join(command)} …\n")
        sys.stdout.flush()
        result = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        found = installed_chromium()
        if found:
            return found
        words = [line for line in result.stdout.splitlines() if line.strip() and not line.startswith("    at ")]
        refusals.append("\n  | ".join([" ".join(command), *words[-3:]]))
    raise NoBrowserError(
        "The browser tests need Chromium. Install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install "
        "--cask chromium) and run it again.\n" + "\n".join(refusals)
    )


def _installers() -> list[list[str]]:
    commands = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        commands += [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]
    return [*commands, [sys.executable, "-m", "playwright", "install", "chromium"]]


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _starts(program: str) -> bool:
    try:
        result = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


if __name__ == "__main__":
    try:
        sys.stdout.write(f"Browser: {chromium()}\n")
    except NoBrowserError as error:
        sys.exit(str(error))

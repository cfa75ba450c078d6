"""Whom the servers run as, and folders which that account can reach.

PostgreSQL refuses to run as root, and a server that only listens on loopback has no need of root either. So
when root starts LiveCaller, both servers step down to the account `nobody`, which every system has.
"""

import hashlib
import os
import pwd
import subprocess
from pathlib import Path

from livecaller.embedded.programs import Account, StartError

SYSTEM_FOLDER = Path("/var/lib/livecaller")


def servers_account() -> Account | None:
    """Return the account that the servers step down to, or None when we are not root and need not step down."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise StartError(
            "PostgreSQL does not run as root, and this system has no account named nobody. "
            "Start LiveCaller as an ordinary user."
        ) from None
    return Account(name="nobody", uid=entry.pw_uid, gid=entry.pw_gid)


def own_folder(wanted: Path, account: Account | None, *, elsewhere: Path = SYSTEM_FOLDER) -> Path:
    """Return a private folder (0700) of `account` at `wanted`, made when missing.

    When the account cannot reach `wanted` (a home folder closed to others, say), the folder lies below
    `elsewhere` and `wanted` is a symbolic link to it, so the same folder is found again.
    """
    if wanted.is_symlink():
        if not wanted.exists():
            raise StartError(f"{wanted.readlink()}, where {wanted} points, is gone. Start afresh with `make reset`.")
        return wanted.resolve()
    _make_private(wanted, account)
    if account is None or can_enter(wanted, account):
        return wanted
    wanted.rmdir()
    replacement = elsewhere / hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    elsewhere.mkdir(mode=0o711, parents=True, exist_ok=True)
    _make_private(replacement, account)
    if not can_enter(replacement, account):
        raise StartError(f"The account {account.name} can reach neither {wanted} nor {replacement}.")
    wanted.symlink_to(replacement, target_is_directory=True)
    return replacement


def can_enter(folder: Path, account: Account) -> bool:
    """Say whether `account` can reach `folder`; only root may ask for another account."""
    return _as_account(account, "/bin/sh", "-c", 'cd "$1"', "sh", str(folder))


def can_run(program: Path, account: Account) -> bool:
    """Say whether `account` can start `program`, which must know `--version`."""
    return _as_account(account, str(program), "--version")


def _as_account(account: Account, *command: str) -> bool:
    try:
        result = subprocess.run(
            command,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except PermissionError:
        return False
    return result.returncode == 0


def _make_private(folder: Path, account: Account | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    if folder.stat().st_uid == (account.uid if account else os.geteuid()):
        folder.chmod(0o700)

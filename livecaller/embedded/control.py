"""`make stop` and `make reset` for this machine; they need no settings, so they work when those are wrong."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from livecaller.embedded.environment import data_folder
from livecaller.embedded.programs import StartError
from livecaller.embedded.supervisor import end_leftovers, holder, sole_use

STOP_SECONDS = 90
# What LiveCaller itself puts into its data folder; anything else there is somebody else's.
OWN_ENTRIES = (
    "beat", "credentials.json", "credentials.partial", "files", "lock", "mail", "postgres", "processes.json",
    "processes.partial", "valkey",
)  # fmt: skip


def stop(data: Path) -> str:
    """Stop the LiveCaller that holds the data folder, and what a killed one left; return what happened."""
    pid = holder(data)
    if pid is None:
        with sole_use(data):
            left = end_leftovers(data / "processes.json")
        return f"Ended what a killed start had left: {', '.join(left)}." if left else "LiveCaller does not run."
    os.kill(pid, signal.SIGTERM)
    pause = threading.Event()
    for _ in range(STOP_SECONDS * 10):
        if holder(data) is None:
            return "LiveCaller stopped."
        pause.wait(0.1)
    raise StartError(f"Process {pid} did not stop within {STOP_SECONDS} seconds. Kill it, then run `make stop` again.")


def reset(data: Path, *, is_sure: bool) -> str:
    """Delete everything LiveCaller keeps in the data folder; return what happened.

    Raises `StartError` while LiveCaller runs. Without `is_sure` it asks on the terminal first.
    """
    with sole_use(data):
        end_leftovers(data / "processes.json")
        own = [data / name for name in OWN_ENTRIES if (data / name).exists() or (data / name).is_symlink()]
        if not is_sure and not _confirm(data):
            return "Nothing was deleted."
        for entry in own:
            _delete(entry)
    try:
        data.rmdir()
    except OSError:
        return f"Deleted LiveCaller's data; {data} holds other files and stays."
    return f"Deleted {data}."


def _confirm(data: Path) -> bool:
    print(f"This deletes every account, conversation, file and mail in {data}.")
    try:
        return input("Type yes to delete it: ").strip().lower() == "yes"
    except EOFError:
        return False


def _delete(entry: Path) -> None:
    if entry.is_symlink():
        # The servers' account could not reach this folder, so theirs lies elsewhere.
        shutil.rmtree(entry.resolve(), ignore_errors=True)
        entry.unlink()
    elif entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def main(arguments: list[str]) -> None:
    """Run `stop` or `reset [--yes]`."""
    try:
        if arguments[:1] == ["stop"]:
            print(stop(data_folder()))
        elif arguments[:1] == ["reset"]:
            print(reset(data_folder(), is_sure="--yes" in arguments))
        else:
            sys.exit("Use: control stop, or control reset [--yes]")
    except StartError as error:
        sys.exit(str(error))
    except PermissionError as error:
        sys.exit(f"{error.filename} belongs to another account. Run this as the account that ran `make up`.")


if __name__ == "__main__":
    main(sys.argv[1:])

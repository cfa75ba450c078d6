"""The product and its servers, as they are measured: which processes, and what those have used."""

import os
import resource
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds of a whole family of processes since it began."""

    seconds: float

    def since(self, earlier: "Usage") -> float:
        """Return the seconds between two readings."""
        return self.seconds - earlier.seconds


def family(root: int) -> list[psutil.Process]:
    """Return a process and everything below it."""
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def children() -> list[int]:
    """Return what this process has started: all that is measured hangs on it."""
    return [process.pid for process in psutil.Process().children()]


def usage(roots: Iterable[int]) -> Usage:
    """Return what the families of `roots` have used; of children that have ended, too."""
    total = 0.0
    for process in (process for root in roots for process in family(root)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return Usage(total)


def memory_kb(roots: Iterable[int]) -> float:
    """Return the memory of the families of `roots` in kB: each page counted once, where the system can tell."""
    return sum(_memory_kb(process.pid) for root in roots for process in family(root))


def _memory_kb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return float(psutil.Process(pid).memory_info().rss / 1024)
    return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))


def allow_many_files() -> int:
    """Raise the number of files that this process and its children may open as far as allowed; return it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted


def own_usage() -> float:
    """Return the processor seconds of this process: the generator's part."""
    times = os.times()
    return times.user + times.system

"""A profiler that Python loads by itself into each process which has this folder on PYTHONPATH.

While the file `on` stands in $BENCH_PROFILE, a timer that counts processor time interrupts the main thread every few
milliseconds, and what each thread has used since is charged to where it stands. Unlike with cProfile a call costs
nothing, so small functions do not look large. When `on` is gone, `<pid>.txt` says what was found.
"""

import os
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

TICK_SECONDS, LINES = 0.002, 45
Seconds = dict[str, float]


class Profile:
    """What the threads of this process have used, by function."""

    def __init__(self) -> None:
        self.own: Seconds = defaultdict(float)
        self.whole: Seconds = defaultdict(float)
        self._used = _seconds()

    def tick(self, number: int, frame: FrameType | None) -> None:
        """Charge what was used since the last tick. A signal handler: it runs in the main thread."""
        now, frames = _seconds(), sys._current_frames()
        for thread, seconds in now.items():
            spent = seconds - self._used.get(thread, seconds)
            standing = frame if thread == threading.get_ident() else frames.get(thread)
            if spent > 0 and standing is not None:
                stack = _stack(standing)
                self.own[stack[0]] += spent
                for name in set(stack):
                    self.whole[name] += spent
        self._used = now


def _watch(folder: Path, profiles: list[Profile]) -> None:
    pause, is_running = threading.Event(), False
    while True:
        pause.wait(0.1)
        if _is_on(folder) == is_running:
            continue
        is_running = not is_running
        if is_running:
            profiles.append(Profile())
        signal.setitimer(signal.ITIMER_PROF, *((TICK_SECONDS, TICK_SECONDS) if is_running else (0, 0)))
        if not is_running and profiles[-1].own:
            _write(folder, profiles[-1].own, profiles[-1].whole)


def _is_on(folder: Path) -> bool:
    return (folder / "on").exists()


def _seconds() -> dict[int, float]:
    """Return the processor time of each thread."""
    found = {}
    for thread in threading.enumerate():
        if thread.ident is not None:
            found[thread.ident] = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    return found


def _stack(frame: FrameType | None) -> list[str]:
    names = []
    while frame is not None:
        code = frame.f_code
        names.append(f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_firstlineno} {code.co_qualname}")
        frame = frame.f_back
    return names


def _write(folder: Path, own: Seconds, whole: Seconds) -> None:
    total = sum(own.values())

    def lines(order: Seconds) -> list[str]:
        most = sorted(order, key=lambda name: -order[name])[:LINES]
        return [f"{100 * own.get(name, 0) / total:6.1f}% {100 * whole[name] / total:6.1f}%  {name}" for name in most]

    head = [" ".join(sys.orig_argv)[:150], f"{total:.2f} s of processor time", "    own   whole  by what it did itself"]
    text = "\n".join([*head, *lines(own), "", "    own   whole  with what it called", *lines(whole), ""])
    partial = folder / f"{os.getpid()}.partial"
    partial.write_text(text)
    partial.replace(folder / f"{os.getpid()}.txt")


def _begin(folder: Path) -> None:
    profiles: list[Profile] = []
    signal.signal(signal.SIGPROF, lambda number, frame: profiles[-1].tick(number, frame) if profiles else None)
    threading.Thread(target=_watch, args=(folder, profiles), daemon=True, name="profiler").start()


if "BENCH_PROFILE" in os.environ:
    _begin(Path(os.environ["BENCH_PROFILE"]))

"""`make bench-chat`: measure the product and its yardsticks side by side, and say how they compare."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.chat.report import result, table
from tests.bench.chat.servers import allow_many_files
from tests.bench.chat.session import Findings, Plan, measure
from tests.bench.chat.target import Target, our_product
from tests.bench.chat.yardsticks import node_chat, usual_channels

SYSTEMS: dict[str, Callable[..., AbstractContextManager[Target]]] = {
    "usual": usual_channels,
    "node": node_chat,
    "ours": our_product,
}
PARTS = ("crowd", "ceiling", "steady")


def main() -> None:
    """Measure what was asked for and print it; whatever happens, what was started is stopped."""
    arguments = _arguments()
    # So that `with` cleans up after a TERM, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    files = allow_many_files()
    if files < 2 * arguments.crowd:
        say(f"This machine allows {files} open files, which may be too few for {arguments.crowd} sockets on each side.")
    found: dict[str, Findings] = {}
    try:
        for name in arguments.only or SYSTEMS:
            with _profile(is_on=arguments.profile) as (folder, variables), SYSTEMS[name](**variables) as target:
                found[name] = asyncio.run(measure(target, replace(_plan(arguments), profile=folder), say))
                if arguments.keep:
                    _keep(target)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    say("\n".join(["", *table(list(found.values())), ""]))
    say(result(found.get("ours"), found.get("usual"), found.get("node")))


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.chat", description=__doc__)
    parser.add_argument("--only", action="append", choices=SYSTEMS, help="this system alone; may be given again")
    parser.add_argument("--part", action="append", choices=PARTS, help="this part alone; may be given again")
    parser.add_argument("--quick", action="store_true", help="about a minute a system, for work on the hot path")
    parser.add_argument("--crowd", type=int, help="how many idle sockets")
    parser.add_argument("--profile", action="store_true", help="say where Python web processes spend their time")
    parser.add_argument("--keep", action="store_true", help="leave each system running until Enter, for a profiler")
    arguments = parser.parse_args()
    arguments.crowd = arguments.crowd or (500 if arguments.quick else 5000)
    return arguments


def _plan(arguments: argparse.Namespace) -> Plan:
    quick: bool = arguments.quick
    return Plan(
        parts=frozenset(arguments.part or PARTS),
        teams=10 if quick else 50,
        crowd=arguments.crowd,
        idle_seconds=0 if quick else 60,
        short=3 if quick else 5,
        long=5 if quick else 30,
        steps=1 if quick else 4,
        tries=1 if quick else 2,
        steady_seconds=5 if quick else 15,
    )


@contextmanager
def _profile(*, is_on: bool) -> Iterator[tuple[Path | None, dict[str, str]]]:
    """Yield the folder for profiles, and the variables that make a process write there."""
    if not is_on:
        yield None, {}
        return
    with TemporaryDirectory(prefix="livecaller-profile-") as folder:
        yield Path(folder), {"BENCH_PROFILE": folder, "PYTHONPATH": str(Path(__file__).parent / "profiling")}


def _keep(target: Target) -> None:
    say(f"{target.name} still runs: web processes {target.web()}, all below {target.everything()}. Enter ends it.")
    sys.stdin.readline()


if __name__ == "__main__":
    main()

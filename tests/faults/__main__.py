"""`make faults`: do each fault to a running product under load, and say whether it keeps its promises."""

import argparse
import asyncio
import json
import signal
import sys

from tests.bench.chat.servers import allow_many_files
from tests.faults.catalogue import FAULTS
from tests.faults.installation import Installation, running_installation
from tests.faults.laboratory import FULL, SHORT, Laboratory, Size
from tests.faults.outcome import Outcome, table


def main() -> None:
    """Do what was asked for, print it, and end with 1 where a promise was not kept; leave nothing running."""
    arguments = _arguments()
    # So that `with` cleans up after a TERM, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    allow_many_files()
    size = SHORT if arguments.short or arguments.serve else FULL
    try:
        with running_installation() as installation:
            if arguments.serve:
                _serve(installation, size)
                return
            outcomes = [run(installation, size, name) for name in arguments.only or FAULTS]
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    say("\n".join(["", *table(outcomes), ""]))
    say(f"RESULT {json.dumps({outcome.name: outcome.word for outcome in outcomes})}")
    sys.exit(any(outcome.word != "pass" for outcome in outcomes))


def run(installation: Installation, size: Size, name: str) -> Outcome:
    """Do one fault and return what came of it; whatever it broke is running again afterwards."""
    outcome = Outcome(name, FAULTS[name].title)
    say(f"{name}: {outcome.title}.")
    try:
        asyncio.run(FAULTS[name].fault(Laboratory(installation, size), outcome))
    except Exception as error:  # noqa: BLE001 one fault that cannot be judged must not keep the others from it
        outcome.fail(f"it could not be judged: {error!r}")
    installation.repair()
    for figure in outcome.figures:
        say(f"  {figure}")
    say(f"  {outcome.word}")
    return outcome


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _serve(installation: Installation, size: Size) -> None:
    """Do each fault that is named on standard input and answer with a line `OUTCOME {json}`."""
    say("READY")
    for line in sys.stdin:
        say(f"OUTCOME {json.dumps(run(installation, size, line.strip()).payload())}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", type=_names, help="these faults alone: F1,F5")
    parser.add_argument("--short", action="store_true", help="less load and shorter outages, as in `make test`")
    parser.add_argument("--serve", action="store_true", help="for tests: do what standard input names")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.upper().split(",")
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not one of {', '.join(FAULTS)}")
    return names


if __name__ == "__main__":
    main()

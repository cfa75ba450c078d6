"""What a fault did, in sentences and figures, and whether that is what is promised."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any  # an outcome travels as JSON

from tests.bench.chat.verdict import Verdict


@dataclass(slots=True)
class Outcome:
    """The result of one fault.

    `broken`: promises that were not kept. `late`: kept, but not in the promised time or size; only a machine that
    does nothing else can judge these. `figures`: what was found, for people.
    """

    name: str
    title: str
    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def note(self, figure: str) -> None:
        """Write down what was found."""
        self.figures.append(figure)

    def require(self, holds: object, failure: str) -> None:
        """Write down `failure` where something does not hold that must on every machine."""
        if not holds:
            self.fail(failure)

    def fail(self, failure: str) -> None:
        """Write down what must not be."""
        self.broken.append(failure)

    def within(self, what: str, found: float, most: float, unit: str = "s") -> None:
        """Write down a figure, and that it is beyond what is promised; what never came (`inf`) is broken."""
        if math.isinf(found):
            self.broken.append(f"{what}: never")
            return
        self.figures.append(f"{what} {found:.1f} {unit} (at most {most:g})")
        if found > most:
            self.late.append(f"{what} took {found:.1f} {unit}, promised are {most:g}")

    def judge(self, verdict: Verdict) -> None:
        """Write down what the table says."""
        self.figures.append(verdict.line())
        self.require(verdict.messages, "nothing was written")
        self.require(verdict.is_clean, verdict.line())

    @property
    def word(self) -> str:
        """`pass`, or `fail: ` and why."""
        wrong = [*self.broken, *self.late]
        return f"fail: {'; '.join(wrong)}" if wrong else "pass"

    def payload(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def table(outcomes: list[Outcome]) -> list[str]:
    """Return the lines of a table for people."""
    lines = []
    for outcome in outcomes:
        lines.append(f"{outcome.name:<4} {outcome.word.split(':')[0]:<5} {outcome.title}")
        lines += [f"           {figure}" for figure in outcome.figures]
        lines += [f"       NOT {failure}" for failure in (*outcome.broken, *outcome.late)]
    return lines

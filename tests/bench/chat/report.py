"""What was found, as a table for people and as one line for machines."""

import json
import math
from collections.abc import Mapping, Sequence

from tests.bench.chat.session import Findings

_COLUMNS = ("ceiling/s", "p50/p99 ms", "at/s", "storm s", "kB a socket", "cpu s/1000", "verdict")


def table(all_findings: Sequence[Findings]) -> list[str]:
    """Return the lines of a table, a system each."""
    rows = [("", *_COLUMNS), *(_row(findings) for findings in all_findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def result(ours: Findings | None, usual: Findings | None, node: Findings | None) -> str:
    """Return the last line; null stands for what was not measured or not reached."""
    return f"RESULT {json.dumps(_values(ours, usual, node))}"


def _values(ours: Findings | None, usual: Findings | None, node: Findings | None) -> Mapping[str, float | None]:
    crowd, steady = (ours.crowd, ours.steady) if ours else (None, None)
    verdict = ours.verdict if ours else None
    return {
        "ceiling_per_s": _ceiling(ours),
        "ceiling_vs_usual": _ratio(_ceiling(ours), _ceiling(usual)),
        "ceiling_vs_node": _ratio(_ceiling(ours), _ceiling(node)),
        "p99_ms_at_1000": _finite(steady.p99) if steady and steady.rate == 1000 else None,
        "storm_s": _finite(crowd.storm_s) if crowd else None,
        "storm_vs_usual": _ratio(_storm(ours), _storm(usual)),
        "kb_per_socket": _finite(crowd.kb_per_socket) if crowd else None,
        "cpu_s_per_1000": _finite(ours.cpu_s_per_1000) if ours else None,
        "idle_drops": crowd.idle_drops if crowd else None,
        "lost": verdict.lost if verdict else None,
        "duplicated": verdict.duplicated if verdict else None,
        "gaps": verdict.gaps if verdict else None,
    }


def _row(findings: Findings) -> tuple[str, ...]:
    crowd, steady, verdict = findings.crowd, findings.steady, findings.verdict
    return (
        findings.name,
        _text(_ceiling(findings), 0),
        f"{_text(steady.p50)} / {_text(steady.p99)}" if steady else "-",
        _text(steady.rate if steady else None, 0),
        _text(crowd.storm_s if crowd else None),
        _text(crowd.kb_per_socket if crowd else None),
        _text(findings.cpu_s_per_1000, 2),
        verdict.line() if verdict else "-",
    )


def _ceiling(findings: Findings | None) -> float | None:
    return findings.ceiling.rate if findings and findings.ceiling else None


def _storm(findings: Findings | None) -> float | None:
    return findings.crowd.storm_s if findings and findings.crowd else None


def _ratio(mine: float | None, other: float | None) -> float | None:
    return None if mine is None or not other else round(mine / other, 2)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 2)


def _text(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"

"""Attack the printed figures of many data sets with an attack written independently of the audit.

    python -m benchmarks.printed_attack --simulated 200 --skewed 300
    python -m benchmarks.printed_attack --joint --simulated 10    all questions of a data set

Nothing is asserted. The attack reads the JSON that the program prints, for all breakdowns, and
knows the exact number of responses (`tests/summary/printed_attack.py`). With `--joint`, it also
knows the questionnaire: which questions have the same route, and which groups contain others
(`tests/summary/printed_joint.py`); in that case, only linear programs are solved.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.summary.protection import Protection
from tests.scenario import builtin
from tests.summary.crowds import skewed, some_simulated
from tests.summary.printed_attack import FEWEST, Contradiction, Result, attack
from tests.summary.printed_joint import attack_jointly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.summary.crowds import Crowd

SHOWN = 12
"""The maximum number of findings printed for each kind of data set."""


@dataclass
class Found:
    """The findings for one data set."""

    name: str
    result: Result
    printing: float
    attacking: float
    contradicts: bool = False


@dataclass
class Line:
    """The findings for all data sets of one kind."""

    kind: str
    found: list[Found] = field(default_factory=list)

    @property
    def result(self) -> Result:
        """The sum of all results."""
        return sum((found.result for found in self.found), Result())

    def cells(self) -> list[object]:
        """The cells of a table row."""
        result = self.result
        affected = sum(bool(found.result.findings) for found in self.found)
        noughts = sum(finding.is_nought for finding in result.few)
        lines = len(result.findings) - len(result.few)
        seconds = sum(found.attacking for found in self.found) / (len(self.found) or 1)
        return [
            self.kind, len(self.found), affected, f"{result.counts:,}", len(result.few), noughts,
            lines, sum(found.contradicts for found in self.found), f"{result.exact:,}",
            f"{seconds:.1f}",
        ]  # fmt: skip


def attacked(number: int, *, of: Callable[[int], Crowd], joint: bool) -> Found:
    """Attack the data set with a given number."""
    crowd = of(number)
    start = time.perf_counter()
    texts = crowd.texts(Protection(builtin(), sha256="0" * 64))
    printed = time.perf_counter()
    result, contradicts = Result(), False
    try:
        if joint:
            result = attack_jointly(builtin(), texts, len(crowd.records))
        else:
            result = attack(texts, len(crowd.records))
    except Contradiction:
        contradicts = True
    end = time.perf_counter()
    return Found(crowd.name, result, printed - start, end - printed, contradicts)


def run(kind: str, of: Callable[[int], Crowd], numbers: Iterable[int], *, joint: bool) -> Line:
    """Attack many data sets, on all cores."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        job = partial(attacked, of=of, joint=joint)
        return Line(kind, list(pool.map(job, numbers)))


def head() -> None:
    """The first lines of the table."""
    names = (
        "data sets", "number", "affected", "masked counts", f"under {FEWEST}", "zeros", "lines",
        "contradictory", "solved exactly", "s each",
    )  # fmt: skip
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")


def name_findings(line: Line) -> None:
    """Print the first findings, each with its data set."""
    named = [f"{f.name}: {finding}" for f in line.found for finding in f.result.findings]
    print(*named[:SHOWN], sep="\n")
    if len(named) > SHOWN:
        print(f"... and {len(named) - SHOWN} more in {line.kind} data sets")


def main() -> None:
    """Read the options and print the findings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--simulated", type=int, default=0)
    parser.add_argument("--skewed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first data set")
    parser.add_argument("--joint", action="store_true", help="all questions of a data set together")
    given = parser.parse_args()
    kinds: list[tuple[str, Callable[[int], Crowd], int]] = [
        ("simulated", some_simulated, given.simulated),
        ("skewed", skewed, given.skewed),
    ]
    start = time.perf_counter()
    head()
    lines = []
    for kind, of, many in kinds:
        if many:
            numbers = range(given.first, given.first + many)
            lines.append(run(kind, of, numbers, joint=given.joint))
            print(f"| {' | '.join(map(str, lines[-1].cells()))} |", flush=True)
    for line in lines:
        name_findings(line)
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()

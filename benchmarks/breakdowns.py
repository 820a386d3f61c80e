"""Measure the cost of figures of a questionnaire with many breakdowns.

    python -m benchmarks.breakdowns                     100 items by 8 to 11 breakdowns of 5 groups
    python -m benchmarks.breakdowns --pairs             the same, in pairs that depend on each other
    python -m benchmarks.breakdowns --items 10 --responses 200

CPU seconds and peak memory, each in its own process; nothing is asserted. In pairs, the second item
is asked only of people with some answers to the first. A definition with too many pairs is refused
by lint (Q046); its figures are computed here nevertheless.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from random import Random
from subprocess import run
from typing import TYPE_CHECKING

from microcred_cli.summary.counts import count
from microcred_cli.summary.protection import Protection
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Questionnaire

GROUPS = ("g0", "g1", "g2", "g3", "g4", "pna", "blank")
ANSWERS = ("1", "2", "3", "4", "5", "dk", "pna")
ASKING = ("g0", "g1", "g2")
"""The groups that lead to the second item of a pair."""


def survey(items: int, breakdowns: int, *, pairs: bool) -> Questionnaire:
    """A questionnaire of single choices, of which the first are breakdowns."""
    options = ", ".join(GROUPS[:5])
    about = []
    for n in range(breakdowns):
        depends = f", asked_if: {{item: b{n - 1}, any_of: [{', '.join(ASKING)}]}}"
        about.append(f"- {{id: b{n}, options: [{options}]{depends if pairs and n % 2 else ''}}}")
    main = [
        f"- {{id: q{n}, options: ['1', '2', '3', '4', '5'], missing: [dk]}}" for n in range(items)
    ]
    names = ", ".join(f"b{n}" for n in range(breakdowns))
    parts = ("\n".join(f"          {line}" for line in lines) for lines in (about, main))
    return questionnaire_of(
        """
    breakdowns: [{}]
    sections:
      - id: about
        items:
{}
      - id: main
        makes_partial: true
        items:
{}
        """.format(names, *parts)
    )


def people(many: int, items: int, breakdowns: int, *, pairs: bool) -> Iterator[dict[str, object]]:
    """Random records, some of which end early."""
    random = Random(1)
    for _ in range(many):
        record: dict[str, object] = {}
        for n in range(breakdowns):
            group = random.choices(GROUPS, (5, 4, 3, 2, 1, 0.2, 0.1))[0]
            is_asked = not pairs or not n % 2 or record[f"b{n - 1}"] in ASKING
            record[f"b{n}"] = group if is_asked else "not_asked"
        reached = items if random.random() < 0.93 else random.randrange(1, items + 1)
        for n in range(items):
            answer = random.choices(ANSWERS, (8, 6, 4, 3, 1, 0.2, 0.3))[0]
            record[f"q{n}"] = answer if n < reached else "not_reached"
        yield record


def measure(items: int, breakdowns: int, responses: int, *, pairs: bool) -> None:
    """Print CPU seconds for counting and for figures, MiB, and the tables shown and withheld."""
    questionnaire = survey(items, breakdowns, pairs=pairs)
    start = time.process_time()
    counts = count(questionnaire, people(responses, items, breakdowns, pairs=pairs))
    counted = time.process_time()
    figures = Protection(questionnaire, sha256="0" * 64).figures(counts)
    done = time.process_time()
    tables = [table for found in figures.breakdowns for table in found.tables.values()]
    shown = sum(table is not None for table in tables)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(counted - start, done - counted, memory, shown, len(tables), len(counts.by_groups))


def main() -> None:
    """Read the options, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--responses", type=int, default=2_000)
    parser.add_argument("--breakdowns", type=int, nargs="+", default=[8, 9, 10, 11])
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        measure(given.items, given.one, given.responses, pairs=given.pairs)
        return
    print("| breakdowns | counting, s | figures, s | MiB | shown | of | rows of counts |")
    print("|" + " --- |" * 7)
    for breakdowns in given.breakdowns:
        command = [sys.executable, "-m", "benchmarks.breakdowns", "--one", str(breakdowns)]
        command += ["--items", str(given.items), "--responses", str(given.responses)]
        command += ["--pairs"] * given.pairs
        found = run(command, capture_output=True, text=True, check=True).stdout.split()
        counting, audit = (f"{float(seconds):.2f}" for seconds in found[:2])
        cells = [str(breakdowns), counting, audit, *found[2:]]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

"""Compare our disclosure rule with others: information leaked to an attacker, and its cost.

    python benchmarks/disclosure.py                comparison of rules, and share of printed figures
    python benchmarks/disclosure.py --exhaustive   every data set of small shapes, over a million
    python benchmarks/disclosure.py --surveys 200  bounds by integer programs on 200 surveys
    python benchmarks/disclosure.py --beside DIR   CPU time of all figures, compared with a checkout

Nothing is asserted. The attackers are those of the tests (`tests/summary/attack.py`). ACRO is only
needed for its own column: `pip install acro`, in a separate environment if you like.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from subprocess import run
from typing import TYPE_CHECKING
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.records.simulation import simulate
from microcred_cli.summary.audit.suppression import resolution
from microcred_cli.summary.counts import Layout, count
from microcred_cli.summary.plan import Plan
from microcred_cli.summary.rule import MASKED_BELOW, ROUNDED_TO
from microcred_cli.summary.tabulation import tabulate
from tests.scenario import builtin
from tests.summary import surveys
from tests.summary.attack import Printer, Program, Seen, Shape, Verdict, exhaust, shaped, unaudited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from microcred_cli.summary.counts import CellCounts

SHA = "0" * 64
SIZES = (12, 30, 60, 120, 250, 400, 1000)
MISSING = ("dk", "pna", "not_reached")
MILLION: tuple[tuple[Shape, range], ...] = (
    (Shape(2), range(10, 400)),
    (Shape(3), range(10, 80)),
    (Shape(4), range(10, 44)),
    (Shape(5), range(10, 31)),
    (Shape(2, groups=2), range(20, 44)),
    (Shape(3, groups=2), range(20, 23)),
    (Shape(2, groups=3), range(20, 23)),
)


@dataclass(frozen=True)
class Other:
    """Another common rule: the figure printed for a count, and the counts possible for a figure."""

    name: str
    prints: Callable[[int, int], int | None]
    reads: Callable[[int | None, int], tuple[int, int]]


def hidden_below(minimum: int) -> Other:
    """Counts below a minimum are hidden; all others are exact."""

    def prints(exact: int, _to: int = 5) -> int | None:
        return exact if exact >= minimum else None

    def reads(figure: int | None, _to: int = 5) -> tuple[int, int]:
        return (0, minimum - 1) if figure is None else (figure, figure)

    return Other(f"hide below {minimum}, exact totals", prints, reads)


def rounded_from(minimum: int) -> Other:
    """Counts below a minimum are hidden, and all others are rounded to 5."""

    def prints(exact: int, _to: int = 5) -> int | None:
        return 5 * ((exact + 2) // 5) if exact >= minimum else None

    def reads(figure: int | None, _to: int = 5) -> tuple[int, int]:
        low = (figure or 0) - 2
        return (0, minimum - 1) if figure is None else (max(minimum, low), low + 4)

    return Other(f"hide below {minimum}, rounded to 5, no audit", prints, reads)


OTHERS = (hidden_below(5), hidden_below(10), rounded_from(10), rounded_from(8))


def program(seen: Seen, total: int, other: Other | None) -> Program:
    """The attacker's integer program for the printed tables of the small survey."""
    codes = ("1", "2", "3", "4")
    return Program(
        surveys.COMBINATIONS, (*codes, *MISSING), seen, total,
        item="view", substantive=codes, reads=other.reads if other else None,
    )  # fmt: skip


def texts_by(records: Sequence[surveys.Record], other: Other | None) -> dict[str | None, str]:
    """All summaries of some records, printed by another rule or by ours."""
    if other is None:
        return surveys.texts_of(records)
    with (
        patch("microcred_cli.summary.protection.printed", other.prints),
        patch("microcred_cli.summary.protection.resolution", unaudited),
    ):
        return surveys.texts_of(records)


def side_by_side(crowds: int) -> None:
    """Print how many hidden counts the same attack recovers from each rule, on the same data."""
    print(f"Hidden counts of one question by three breakdowns, {crowds} data sets of 40 to 400")
    print(f"{'rule':36}{'hidden':>8}{'recovered':>11}{'under 4 values':>16}{'shown':>8}")
    for other in (*OTHERS, None):
        hidden = exact = few = shown = 0
        for seed in range(crowds):
            random = Random(seed)
            total = random.randint(40, 400)
            seen = Seen.of(texts_by(surveys.some_crowd(random, total), other))
            values = program(seen, total, other).candidates().values()
            hidden += len(values)
            exact += sum(n == 1 for n in values)
            few += sum(n < 4 for n in values)
            tables = [table for _, table in seen.tables("view")]
            shown += sum(not cell["masked"] for table in tables for cell in table["cells"])
        name = other.name if other else "ours"
        print(f"{name:36}{hidden:8}{exact:11}{few:16}{shown:8}")


def acro_side_by_side(crowds: int) -> None:
    """Print the same for ACRO's suppression: a cross-table, and the tables of its margins."""
    try:
        import pandas as pd
        from acro import ACRO
    except ImportError:
        print("ACRO is not installed, so its line is missing (pip install acro).")
        return
    logging.disable()
    warnings.simplefilter("ignore")
    hidden = exact = few = 0
    for seed in range(crowds):
        random = Random(seed)
        records = surveys.some_crowd(random, random.randint(40, 400))
        frame = pd.DataFrame([{"view": r["view"], "region": r["region"]} for r in records])
        session = ACRO(suppress=True)
        one = pd.Series(["all"] * len(frame), name="everyone")
        regions, views = sorted(set(frame.region)), sorted(set(frame["view"]))
        tables = (
            session.crosstab(frame.region, frame["view"]),
            session.crosstab(frame.region, one),
            session.crosstab(frame["view"], one),
        )
        nothing = pd.DataFrame(index=regions, columns=views, dtype=float)
        inner = nothing if tables[0].empty else tables[0].reindex(regions, columns=views)
        rows, columns = tables[1].reindex(regions), tables[2].reindex(views)
        found = _acro_bounds(inner, rows, columns, len(records))
        hidden += len(found)
        exact += sum(n == 1 for n in found)
        few += sum(n < 4 for n in found)
    print(f"{'ACRO suppression, one breakdown':36}{hidden:8}{exact:11}{few:16}")


def _acro_bounds(inner: object, rows: object, columns: object, total: int) -> list[int]:
    """Number of possible values of each suppressed cell, given the output of three ACRO calls."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = np.asarray(inner, dtype=float)
    high, wide = cells.shape
    sums: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = [np.ones(high * wide)]
    totals = [float(total)]
    for axis, printed in ((0, rows), (1, columns)):
        for place, value in enumerate(np.asarray(printed, dtype=float).ravel()):
            if not np.isnan(value):
                chosen = np.zeros((high, wide))
                chosen[(place,) if axis == 0 else (slice(None), place)] = 1
                sums.append(chosen.ravel())
                totals.append(value)
    low = np.where(np.isnan(cells), 0, cells).ravel()
    top = np.where(np.isnan(cells), 9, cells).ravel()
    found = []
    for hidden in np.flatnonzero(np.isnan(cells.ravel())):
        goal = np.zeros(high * wide)
        goal[hidden] = 1
        ends = [
            milp(
                sign * goal,
                constraints=LinearConstraint(np.array(sums), totals, totals),
                integrality=np.ones(high * wide),
                bounds=Bounds(low, top),
            ).fun
            for sign in (1, -1)
        ]
        found.append(round(-ends[1] - ends[0]) + 1)
    return found


def printed_shares(crowds: int) -> None:
    """Print the share of figures shown for simulated data sets, with and without the audit."""
    print()
    print(f"Simulated data sets of the employers' survey (mean of {crowds}), in per cent:")
    print("large: printed share of cells with a count of 8 or more; to 10: rounded to 10 of these")
    print("cells, answers: printed share of cells, and of answers; unaudited: without an audit")
    heads = ("large", "to 10", "cells", "unaudited", "answers", "unaudited")
    print(f"{'responses':>9}  {'part':10}" + "".join(f"{head:>11}" for head in heads), "   audit")
    jobs = [(size, seed) for size in SIZES for seed in range(crowds)]
    found: dict[int, Counter[str]] = {size: Counter() for size in SIZES}
    with ProcessPoolExecutor() as pool:
        for (size, _), one in zip(jobs, pool.map(_printed, jobs), strict=True):
            found[size] += one
            found[size]["slowest"] = max(found[size]["slowest"], one["ms"])
    for size, whole in found.items():
        for part in ("everyone", "groups"):
            shares = [
                100 * whole[f"{part} {top}"] / (whole[f"{part} {bottom}"] or 1)
                for top, bottom in (
                    ("large shown", "large"),
                    ("coarse", "large"),
                    ("shown", "cells"),
                    ("large", "cells"),
                    ("answers shown", "answers"),
                    ("answers large", "answers"),
                )
            ]
            end = f"{whole['slowest'] / 1000:6.2f} s" if part == "everyone" else ""
            print(f"{size:9}  {part:10}" + "".join(f"{share:11.1f}" for share in shares), end)


def _printed(job: tuple[int, int]) -> Counter[str]:
    """The printed share of cells and of answers of a data set, and the milliseconds it takes."""
    size, seed = job
    questionnaire = builtin()
    ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256=SHA)
    people = simulate(stored(questionnaire), ref, size, seed)
    counts = count(questionnaire, (one.response.answers for one in people))
    plan = Plan(questionnaire)
    whole = tabulate(plan, Layout(plan), counts)
    start = time.process_time()
    roundings = resolution(plan, whole)
    found = Counter({"ms": round(1000 * (time.process_time() - start))})
    for place, shape in enumerate(plan.tables):
        codes = plan.cells(shape, None, "")
        _add(found, "everyone", whole.everyone[place], codes, roundings.get((place, None)))
        for grouping in whole.groupings.values():
            if grouping.offered and shape.item in plan.broken_down:
                to = roundings.get((place, grouping.id))
                for group in grouping.groups:
                    codes = whole.cells(place, grouping.id, group)
                    _add(found, "groups", whole.groups[grouping.id][group][place], codes, to)
    return found


def _add(
    found: Counter[str], part: str, exact: CellCounts, codes: Sequence[str], to: int | None
) -> None:
    for code in codes:
        many, is_large = exact[code], exact[code] >= MASKED_BELOW
        is_shown = is_large and to is not None
        for name, holds in (
            ("", True),
            (" large", is_large),
            (" shown", is_shown),
        ):
            found[f"{part} answers{name}"] += many * holds
        found[f"{part} cells"] += 1
        found[f"{part} large"] += is_large
        found[f"{part} shown"] += is_shown
        found[f"{part} large shown"] += is_shown
        found[f"{part} coarse"] += is_shown and to != ROUNDED_TO


TIMED = """
import sys, time
from microcred_cli.records.recoding import stored
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.records.simulation import simulate
from microcred_cli.summary.counts import count
from microcred_cli.summary.protection import Protection
from tests.scenario import builtin

questionnaire, size, seed = builtin(), int(sys.argv[1]), int(sys.argv[2])
ref = QuestionnaireRef(id=questionnaire.id, version=questionnaire.version, sha256="0" * 64)
people = simulate(stored(questionnaire), ref, size, seed)
counts = count(questionnaire, (one.response.answers for one in people))
start = time.process_time()
Protection(questionnaire, sha256="0" * 64).figures(counts)
print(time.process_time() - start)
"""


def beside(other: Path, crowds: int) -> None:
    """CPU seconds for all figures of a data set, here and in another checkout, run alternately."""
    here = Path(__file__).parents[1]
    print(f"CPU seconds for all figures, median and maximum of {crowds} data sets")
    print(f"{'responses':>9}{'here':>8}{'most':>8}{'there':>8}{'most':>8}{'ratio':>8}")
    for size in (*SIZES, 5000):
        times: dict[Path, list[float]] = {here: [], other: []}
        for seed in range(crowds):
            for checkout, found in times.items():
                command = [sys.executable, "-c", TIMED, str(size), str(seed)]
                done = run(command, cwd=checkout, capture_output=True, text=True, check=True)
                found.append(float(done.stdout))
        middle = {checkout: median(found) for checkout, found in times.items()}
        numbers = [n for checkout in times for n in (middle[checkout], max(times[checkout]))]
        print(f"{size:9}" + "".join(f"{n:8.2f}" for n in [*numbers, middle[here] / middle[other]]))


def _exhaust(job: tuple[Shape, int, bool]) -> tuple[Shape, bool, Verdict]:
    shape, total, knows = job
    return shape, knows, exhaust(shape, [total], Printer(shaped(shape)), knows_total=knows)


def exhaustive(shapes: Iterable[tuple[Shape, range]]) -> None:
    """Attack every data set of small shapes, for an attacker who knows the number of responses."""
    jobs = [(shape, total, True) for shape, totals in shapes for total in totals]
    found: dict[str, Verdict] = {}
    print(f"{'shape':10}{'data sets':>11}{'outputs':>9}{'pinned':>8}{'under 4':>9}", end="")
    print(f"{'zeros':>9}{'unanimous':>11}")
    with ProcessPoolExecutor() as pool:
        for shape, _, verdict in pool.map(_exhaust, jobs):
            name = f"{shape.groups} x {shape.answers}" if shape.groups else f"{shape.answers}"
            found[name] = found.get(name, Verdict()) + verdict
    for name, verdict in [*found.items(), ("all", sum(found.values(), Verdict()))]:
        print(
            f"{name:10}{verdict.tables:11,}{verdict.outputs:9,}{verdict.pinned:8}"
            f"{verdict.few:9}{verdict.noughts:9}{verdict.unanimous:11}"
        )


def bounds(many: int) -> None:
    """Print the smallest range of a masked count over all breakdowns, on random surveys."""
    spread: Counter[int] = Counter()
    for seed in range(many):
        random = Random(f"survey {seed}")
        total = random.randint(10, 400)
        seen = Seen.of(surveys.texts_of(surveys.some_crowd(random, total)))
        spread.update(min(8, n) for n in program(seen, total, None).candidates().values())
    print(f"{many} surveys: masked counts by their minimum number of possible values")
    print(", ".join(f"{n}: {spread[n]}" for n in sorted(spread)))


def main() -> None:
    """Read the options and print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--exhaustive", action="store_true")
    parser.add_argument("--surveys", type=int, default=0)
    parser.add_argument("--crowds", type=int, default=10)
    parser.add_argument("--beside", type=Path, metavar="DIR")
    given = parser.parse_args()
    if given.exhaustive:
        exhaustive(MILLION)
    elif given.surveys:
        bounds(given.surveys)
    elif given.beside:
        beside(given.beside, given.crowds)
    else:
        side_by_side(given.crowds)
        acro_side_by_side(given.crowds)
        printed_shares(given.crowds)


if __name__ == "__main__":
    main()

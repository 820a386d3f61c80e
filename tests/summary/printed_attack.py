"""An attack on printed summaries, written independently of the audit.

`attack` reads everything printed on an item by all breakdowns, and finds every masked count of an
answer (or of people not asked) that can have fewer than four values, every one that must be zero,
and every line that must consist of one answer. It works in three steps:

1. Intervals are narrowed from sum to sum. The result is never too narrow, so a count with few
   values left is a finding. A count with many values left is still undecided.
2. Other data sets with the same output are sought, each with a few counts pushed up or down. A
   count that was found with values far enough apart is safe.
3. For the remaining counts, the smallest and largest value are computed exactly: by linear
   programs, and by integer programs where these do not yet show too few values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.summary.printed_model import EXEMPT, Printed, System, Target, system_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.summary.printed_model import Floats

FEWEST = 4
NEAR = 1e-6
_IDLE = 2
"""The second step ends after so many searches without a new value."""

_MOST_SEARCHES = 30


class Contradiction(Exception):  # noqa: N818 - it is found in what is printed, not raised by a fault
    """No data set has this output: the figures do not follow their rule."""


@dataclass(frozen=True)
class Finding:
    """A number that is not protected, and its possible values."""

    target: Target
    low: int
    high: int

    @property
    def is_line(self) -> bool:
        """True if all of a line is one answer; otherwise, a count has too few values."""
        return self.target.is_line

    @property
    def is_nought(self) -> bool:
        """True if the count is proved to be zero."""
        return not self.is_line and self.high == 0

    def __str__(self) -> str:
        if self.is_line:
            return f"{self.target.name}: all"
        return f"{self.target.name}: {self.low} to {self.high}"


@dataclass
class Result:
    """The findings of an attack, and the numbers of masked counts and lines examined."""

    findings: list[Finding] = field(default_factory=list)
    counts: int = 0
    lines: int = 0
    exact: int = 0
    """The number of unknowns that had to be computed exactly."""

    def __add__(self, other: Result) -> Result:
        return Result(
            self.findings + other.findings,
            self.counts + other.counts,
            self.lines + other.lines,
            self.exact + other.exact,
        )

    @property
    def few(self) -> list[Finding]:
        """The masked counts with too few values, including those proved to be zero."""
        return [finding for finding in self.findings if not finding.is_line]


def attack(
    texts: Mapping[str | None, str],
    total: int | None = None,
    *,
    items: Collection[str] = (),
    exempt: frozenset[str] = EXEMPT,
) -> Result:
    """The information revealed by the printed documents of a folder.

    Args:
        texts: the JSON by breakdown; None: the one without a breakdown.
        total: the exact number of responses, if it is known.
        items: the items to attack; all if empty.
        exempt: reserved codes (and `base`) whose counts may be revealed.

    Raises:
        Contradiction: no data set has this output.
    """
    printed = Printed.of(texts, total)
    found = Result()
    for item in printed.items:
        if not items or item in items:
            found += solve(system_of(printed, item, exempt=exempt))
    return found


def bounds(
    texts: Mapping[str | None, str],
    total: int | None = None,
    *,
    items: Collection[str] = (),
    exempt: frozenset[str] = EXEMPT,
) -> dict[Target, tuple[int, int]]:
    """The smallest and largest value of each masked count, and of the deviations in each line.

    All of them are computed, which takes much longer than `attack`. The arguments are the same.
    """
    printed = Printed.of(texts, total)
    found: dict[Target, tuple[int, int]] = {}
    for item in printed.items:
        if not items or item in items:
            system = system_of(printed, item, exempt=exempt)
            if system.least:
                found |= _Search(system, whole=True).bounds()
    return found


def solve(system: System, *, whole: bool = True) -> Result:
    """Find the targets of a system that are not protected.

    Args:
        system: the known constraints.
        whole: count whole people; otherwise, only linear programs are solved, which is faster and
            finds slightly less.
    """
    if not system.least:
        return Result()
    return _Search(system, whole=whole).result()


class _Search:
    """The three steps on one system."""

    def __init__(self, system: System, *, whole: bool) -> None:
        self._targets = system.targets
        self._whole = whole
        self._matrix = system.matrix()
        self._least, self._most = np.array(system.least), np.array(system.most)
        self._low, self._high = self._propagate(np.array(system.low), np.array(system.high))
        self._lines = {target.variable for target in self._targets if target.is_line}
        self._aims = sorted({target.variable for target in self._targets})
        self._seen_low = np.full(len(self._low), math.inf)
        self._seen_high = np.full(len(self._low), -math.inf)
        self._random = Random(1)

    def result(self) -> Result:
        """All findings, in the order of the targets."""
        narrow = [at for at in self._aims if self._fails(at, self._low[at], self._high[at])]
        others = self._search([at for at in self._aims if at not in narrow])
        unsettled = [*narrow, *(at for at in others if not self._is_settled(at))]
        ends = {at: self._range(at) for at in unsettled}
        findings = [
            Finding(target, *ends[target.variable])
            for target in self._targets
            if target.variable in ends and self._fails(target.variable, *ends[target.variable])
        ]
        lines = sum(target.is_line for target in self._targets)
        return Result(findings, len(self._targets) - lines, lines, len(unsettled))

    def bounds(self) -> dict[Target, tuple[int, int]]:
        """The smallest and largest value of each target."""
        ends = {at: self._range(at) for at in self._aims}
        return {target: ends[target.variable] for target in self._targets}

    def _fails(self, at: int, low: float, high: float) -> bool:
        """True if a number between these bounds is not protected."""
        return high < 1 if at in self._lines else high - low + 1 < FEWEST

    # -- first step --------------------------------------------------------------------------------

    def _propagate(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Narrow every interval by every sum that contains it, until nothing changes."""
        entries = self._matrix.tocoo()
        rows, columns = entries.coords
        signs = entries.data
        up = signs > 0
        while True:
            smallest = np.where(up, low[columns], -high[columns])
            largest = np.where(up, high[columns], -low[columns])
            row_least = np.bincount(rows, smallest, len(self._least))
            row_most = np.bincount(rows, largest, len(self._least))
            top = self._most[rows] - (row_least[rows] - smallest)
            bottom = self._least[rows] - (row_most[rows] - largest)
            new_low, new_high = low.copy(), high.copy()
            np.maximum.at(new_low, columns, np.where(up, bottom, -top))
            np.minimum.at(new_high, columns, np.where(up, top, -bottom))
            if (new_low > new_high).any():
                raise Contradiction
            if (new_low == low).all() and (new_high == high).all():
                return low, high
            low, high = new_low, new_high

    # -- second step -------------------------------------------------------------------------------

    def _search(self, aims: list[int]) -> list[int]:
        """Find as many values of the targets as possible; returns the undecided targets."""
        left, idle = aims, 0
        for _ in range(_MOST_SEARCHES):
            if not left or idle == _IDLE:
                break
            cost = np.zeros(len(self._low))
            for at in left:
                cost[at] = self._random.choice((-1, 1)) * self._random.uniform(0.5, 1.5)
                if at in self._lines:
                    cost[at] = -abs(cost[at])
            met = self._witness(cost)
            now = [at for at in left if not self._is_settled(at)]
            idle = idle + 1 if len(now) == len(left) and not met else 0
            left = now
        return left

    def _is_settled(self, at: int) -> bool:
        low, high = self._seen_low[at], self._seen_high[at]
        if at in self._lines:
            return bool(high >= 1 - NEAR)
        return bool(high - low >= FEWEST - 1 - NEAR)

    def _witness(self, cost: Floats) -> bool:
        """Record the data set of least cost; returns True if it contains a new value."""
        values = self._minimise(cost)[1]
        is_new = (values < self._seen_low - NEAR) | (values > self._seen_high + NEAR)
        self._seen_low = np.minimum(self._seen_low, values)
        self._seen_high = np.maximum(self._seen_high, values)
        return bool(is_new[self._aims].any())

    # -- third step --------------------------------------------------------------------------------

    def _range(self, at: int) -> tuple[int, int]:
        """The smallest and largest value of an unknown."""
        cost = np.zeros(len(self._low))
        cost[at] = 1
        low, _ = self._minimise(cost)
        high, _ = self._minimise(-cost)
        return math.ceil(low - NEAR), math.floor(-high + NEAR)

    def _minimise(self, cost: Floats) -> tuple[float, Floats]:
        """The least cost, and a data set that has it.

        Most linear programs of tables have integer solutions; the others are solved again as
        integer programs.
        """
        least, values = self._solve(cost, whole=False)
        if not self._whole:
            return least, values
        if (np.abs(values - np.round(values)) > NEAR).any():
            return self._solve(cost, whole=True)
        return least, np.round(values)

    def _solve(self, cost: Floats, *, whole: bool) -> tuple[float, Floats]:
        """Solve one linear or integer program.

        Raises:
            Contradiction: there is no data set.
        """
        found = milp(
            cost,
            integrality=np.full(len(cost), int(whole)),
            bounds=Bounds(self._low, self._high),
            constraints=LinearConstraint(self._matrix, self._least, self._most),
            options={"mip_rel_gap": 0.0},
        )
        if found.status == 2:
            raise Contradiction
        if found.x is None:
            raise RuntimeError(found.message)
        values: Floats = np.round(found.x) if whole else found.x
        sums = self._matrix @ values
        if (sums < self._least - NEAR).any() or (sums > self._most + NEAR).any():
            raise RuntimeError("The solver's answer does not hold.")
        return float(found.fun), values

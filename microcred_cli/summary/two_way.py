"""Protected figures of a two-way table of cases, such as the classes of cases by stratum.

Counts are masked and rounded, and small rows are pooled, according to `rule`. The attacker is
assumed to know the exact number of cases in each row. A row is withheld if the sums of its row and
column would leave fewer than four possible values for a masked count. The bounds are computed by
propagating intervals, which is not a proof of the kind that `audit` requires for answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.summary.rule import FEWEST_VALUES, POOLED, interval, pool, printed, within

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.summary.rule import Interval

    Row = Mapping[str, int]

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class ProtectedRow:
    """A row of printed figures: the number of cases and the counts, each None if masked.

    If the counts are `withheld`, all of them are None.
    """

    size: int | None
    counts: Mapping[str, int | None]
    withheld: bool


@dataclass(frozen=True, slots=True)
class TwoWay:
    """The printed row of all cases, and the printed rows of groups of cases.

    The rows of groups are shown only if there are at least two. The `pooled` rows are shown
    together, under the name `POOLED`.
    """

    whole: ProtectedRow
    rows: Mapping[str, ProtectedRow]
    pooled: tuple[str, ...]


def protect(rows: Mapping[str, Row]) -> TwoWay:
    """The printed figures of a table; all rows have the same columns."""
    sizes = {name: sum(row.values()) for name, row in rows.items()}
    alone, pooled = pool(sizes)
    exact = {name: rows[name] for name in alone}
    if pooled:
        exact[POOLED] = _sum([rows[name] for name in pooled])
    if len(exact) < 2:
        exact, pooled = {}, ()
    table = _Table(_sum([*rows.values()]), exact)
    table.withhold_until_safe()
    return TwoWay(table.printed(None), {name: table.printed(name) for name in exact}, pooled)


def _sum(rows: Sequence[Row]) -> Row:
    return {name: sum(row[name] for row in rows) for name in rows[0]}


class _Table:
    """The exact table, and the names of rows to withhold; None is the row of all cases."""

    def __init__(self, whole: Row, rows: Mapping[str, Row]) -> None:
        self.exact: dict[str | None, Row] = {None: whole}
        self.exact.update(rows)
        self.columns = tuple(whole)
        self.withheld: set[str | None] = set()

    def printed(self, name: str | None) -> ProtectedRow:
        row, is_withheld = self.exact[name], name in self.withheld
        counts = {each: None if is_withheld else printed(row[each]) for each in self.columns}
        return ProtectedRow(printed(sum(row.values())), counts, is_withheld)

    def withhold_until_safe(self) -> None:
        """Withhold rows, starting with the most unsafe counts, until every masked count is safe."""
        while unsafe := self._unsafe():
            self.withheld.add(max(unsafe, key=unsafe.__getitem__))

    def _unsafe(self) -> dict[str | None, int]:
        """The number of unsafe counts in each printed row that has unsafe counts."""
        bounds = self._bounds()
        found: dict[str | None, int] = {}
        for name in self.exact:
            shown = self.printed(name)
            if not shown.withheld:
                masked = [each for each, count in shown.counts.items() if count is None]
                narrow = [e for e in masked if _values(bounds[name, e]) < FEWEST_VALUES]
                if narrow:
                    found[name] = len(narrow)
        return found

    def _bounds(self) -> dict[tuple[str | None, str], Interval]:
        """The bounds of all counts, from the sums of rows and columns."""
        bounds = {
            (name, each): (0, sum(row.values()))
            if name in self.withheld
            else interval(printed(row[each]))
            for name, row in self.exact.items()
            for each in self.columns
        }
        for _ in range(_ROUNDS):
            before = dict(bounds)
            self._narrow(bounds)
            if bounds == before:
                break
        return bounds

    def _narrow(self, bounds: dict[tuple[str | None, str], Interval]) -> None:
        parts = [name for name in self.exact if name is not None]
        for name, row in self.exact.items():
            size = sum(row.values())
            for each in self.columns:
                others = [bounds[name, other] for other in self.columns if other != each]
                bounds[name, each] = within(bounds[name, each], (size, size), others)
        for each in self.columns if parts else ():
            low, high = bounds[None, each]
            sums = [sum(bounds[name, each][end] for name in parts) for end in (0, 1)]
            bounds[None, each] = max(low, sums[0]), min(high, sums[1])
            for name in parts:
                others = [bounds[other, each] for other in parts if other != name]
                bounds[name, each] = within(bounds[name, each], bounds[None, each], others)


def _values(bounds: Interval) -> int:
    return bounds[1] - bounds[0] + 1

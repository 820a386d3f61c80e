"""Exact tables for all respondents and for each group of each breakdown, computed from `counts`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.counts import divided_by, joint
from microcred_cli.summary.rule import POOLED, pool

if TYPE_CHECKING:
    from microcred_cli.summary.counts import CellCounts, Counts, Layout
    from microcred_cli.summary.plan import Plan

EVERYONE: Final = ""
"""The name of the group of all respondents."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """The printed groups of a breakdown, with `pooled` last.

    `sizes` contains the number of people with each code. `has_table` is true if these sizes are
    also printed in a separate table, because the breakdown is an item.
    """

    id: str
    groups: tuple[str, ...]
    pooled: tuple[str, ...]
    sizes: dict[str, int]
    has_table: bool = True

    @property
    def offered(self) -> bool:
        """True if there are at least two groups to compare."""
        return len(self.groups) > 1

    def codes(self, group: str) -> tuple[str, ...]:
        """The codes that belong to a printed group."""
        return self.pooled if group == POOLED else (group,)


@dataclass(frozen=True, slots=True)
class Tabulation:
    """Exact counts of every table, by the table's index in the plan.

    `codes` contains the counts for each code of a breakdown, and `groups` the counts for each
    printed group.
    """

    layout: Layout
    counts: Counts
    everyone: list[CellCounts]
    groupings: dict[str, Grouping]
    codes: dict[str, dict[str, list[CellCounts]]]
    groups: dict[str, dict[str, list[CellCounts]]]

    def by(self, breakdown: str | None) -> dict[str, list[CellCounts]]:
        """The tables of each printed group of a breakdown, or of all respondents if it is None."""
        return {EVERYONE: self.everyone} if breakdown is None else self.groups[breakdown]

    def cells(self, place: int, breakdown: str | None, group: str) -> tuple[str, ...]:
        """The codes of a table's cells in a printed group."""
        plan = self.layout.plan
        table = plan.tables[place]
        codes = (group,) if breakdown is None else self.groupings[breakdown].codes(group)
        found = {cell for code in codes for cell in plan.cells(table, breakdown, code)}
        return tuple(cell.code for cell in table.cells if cell.code in found)


def tabulate(plan: Plan, layout: Layout, counts: Counts) -> Tabulation:
    """Compute all tables for all respondents, for each code and for each printed group."""
    tables_of = layout.tables_of
    groupings: dict[str, Grouping] = {}
    codes: dict[str, dict[str, list[CellCounts]]] = {}
    groups: dict[str, dict[str, list[CellCounts]]] = {}
    for number, breakdown in enumerate(plan.breakdowns):
        rows: dict[str, list[list[int]]] = defaultdict(list)
        sizes = dict.fromkeys(breakdown.codes, 0)
        for key in divided_by(counts.sizes, number):
            sizes[key[number]] += counts.sizes[key]
            rows[key[number]].append(counts.by_groups[key])
        alone, pooled = pool(sizes)
        shown = (*alone, POOLED) if pooled else alone
        has_table = breakdown.id in plan.recorded.by_id
        grouping = Grouping(breakdown.id, shown, pooled, sizes, has_table)
        groupings[breakdown.id] = grouping
        sums = {code: layout.sum_of(rows[code]) for code in breakdown.codes}
        codes[breakdown.id] = {code: tables_of([row]) for code, row in sums.items()}
        groups[breakdown.id] = {
            group: tables_of([sums[code] for code in grouping.codes(group)]) for group in shown
        }
    everyone = tables_of(counts.by_groups[key] for key in joint(counts.by_groups))
    return Tabulation(layout, counts, everyone, groupings, codes, groups)

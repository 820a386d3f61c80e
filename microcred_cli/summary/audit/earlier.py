"""What the last figures and new ones, side by side, prove of those who came and left in between.

Of an answer that at most v people can have given by the last figures, and w at least by the new
ones, w - v or more of those who came gave it. Were that all who came, or all but three who know
their own answers, the answer of the others would be certain. Such figures are not printed beside
each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.rule import POOLED, ROUNDED_TO, interval, printed, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.summary.counts import Combination
    from microcred_cli.summary.figures import Column, Figures
    from microcred_cli.summary.plan import Plan, TableShape
    from microcred_cli.summary.rule import Interval
    from microcred_cli.summary.tabulation import CellCounts, Tabulation

INSIDERS: Final = 3
"""So many of those who came, or who left, may know each other's answers."""

FEWEST_LEFT: Final = 5
"""If anybody left a summary, so many did at least: those that withdrew, and others by lot."""

Bounds = dict[str, "Interval"]
"""How many people can have given each answer, as the figures of a column tell."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last figures, and how many people there were of each combination of groups.

    `sizes` is None where that was lost; then nobody may be proved to have come with an answer.
    """

    figures: Figures
    sizes: Mapping[Combination, int] | None


class Succession:
    """The last figures beside what may be printed now."""

    def __init__(self, plan: Plan, whole: Tabulation, earlier: Earlier) -> None:
        self._plan, self._whole = plan, whole
        self._figures, self._sizes = earlier.figures, earlier.sizes

    def allows(self, place: int, name: str | None, to: int) -> bool:
        """Whether a table can be printed so: what it proves of those in between is not too much."""
        return not any(
            self._proves_too_much(old, new, came)
            for old, new, came in self._columns(place, name, to)
        )

    @staticmethod
    def _proves_too_much(old: Bounds, new: Bounds, came: int | None) -> bool:
        most = 1 if came is None else max(1, came - INSIDERS)
        for answer in old:
            if new[answer][0] - old[answer][1] >= most:
                return True
            if old[answer][0] - new[answer][1] >= FEWEST_LEFT - INSIDERS:
                return True
        return False

    def _columns(
        self, place: int, name: str | None, to: int
    ) -> Iterator[tuple[Bounds, Bounds, int | None]]:
        """For each group that was printed then and would be now, both bounds, and who came."""
        table, figures = self._plan.tables[place], self._figures
        if name is None:
            column = figures.unbroken[place]
            if column is not None and figures.responses is not None:
                codes = self._plan.cells(table, None, "")
                counts = self._whole.everyone[place]
                yield self._pair(table, column, codes, counts, to, self._people(None, None))
            return
        broken = next(broken for broken in figures.breakdowns if broken.id == name)
        grouping = next(grouping for grouping in self._whole.groupings if grouping.id == name)
        columns = broken.tables.get(place) or ()
        for group, column in zip(broken.groups, columns, strict=False):
            is_same = group.code != POOLED or broken.pooled == grouping.pooled
            if group.code in grouping.groups and is_same:
                codes = grouping.cells(self._plan, table, group.code)
                counts = self._whole.groups[name][group.code][place]
                people = self._people(name, grouping.codes(group.code))
                yield self._pair(table, column, codes, counts, to, people)

    @staticmethod
    def _pair(
        table: TableShape,
        column: Column,
        codes: Sequence[str],
        counts: CellCounts,
        to: int,
        people: tuple[int | None, int],
    ) -> tuple[Bounds, Bounds, int | None]:
        before, now = people
        cells = {code: interval(printed(counts[code], to), to) for code in codes}
        new = _bounds(table, cells, interval(printed(counts[BASE])), (now, now))
        if before is None:
            return _old_bounds(table, column, None), new, None
        # Of those who came, so many at least.
        return _old_bounds(table, column, (before, before)), new, now - before

    def _people(self, name: str | None, codes: Sequence[str] | None) -> tuple[int | None, int]:
        """How many people of a group there were, if that is known, and are now.

        The attacker is taken to know both.
        """
        now, before = (
            None
            if sizes is None
            else sum(
                size
                for groups, size in sizes.items()
                if codes is None or groups[self._number(name)] in codes
            )
            for sizes in (self._whole.counts.sizes, self._sizes)
        )
        return before, now or 0

    def _number(self, name: str | None) -> int:
        return [breakdown.id for breakdown in self._plan.breakdowns].index(name or "")


def _old_bounds(table: TableShape, column: Column, size: Interval | None) -> Bounds:
    to = column.rounded_to or ROUNDED_TO
    cells = {
        table.cells[place].code: interval(figure, to)
        for place, figure in zip(column.cells, column.counts, strict=True)
    }
    return _bounds(table, cells, interval(column.base), size)


def _bounds(
    table: TableShape, cells: Mapping[str, Interval], base: Interval, size: Interval | None
) -> Bounds:
    """How many people can have given each answer; of an option, how many did not choose it, too."""
    reserved = [cells[code] for code in table.reserved if code in cells]
    if size is not None:
        base = within(base, size, reserved)
    found: Bounds = {}
    answers = {code: cells[code] for code in table.codes if code in cells}
    if table.kind == "multiple" or table.row == "any":
        for code, bound in answers.items():
            found[code] = (bound[0], min(bound[1], base[1]))
            found[f"not {code}"] = (max(0, base[0] - bound[1]), base[1] - bound[0])
    else:
        for code, bound in answers.items():
            others = [other for name, other in answers.items() if name != code]
            low = base if table.kind != "ranking" or table.row == "1" else (0, base[1])
            found[code] = within(bound, low, others)
    if NOT_ASKED in cells:
        found[NOT_ASKED] = cells[NOT_ASKED]
    return found

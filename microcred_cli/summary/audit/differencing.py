"""Protection against differencing, for people who joined or left between two summaries.

If at most v people gave an answer according to the previous figures, and at least w people
according to the new figures, then at least w - v of the people who joined gave that answer. If w -
v equals the number of people who joined, or is up to three less, then insiders who pool their own
answers can be certain of the answers of the others. Two sets of figures with such a difference are
never both printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.counts import BASE, Combination, divided_by, joint
from microcred_cli.summary.plan import ANY_RANK, Plan, TableShape
from microcred_cli.summary.rule import POOLED, ROUNDED_TO, Interval, interval, printed, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from microcred_cli.summary.figures import Figures
    from microcred_cli.summary.tabulation import Tabulation

INSIDERS: Final = 3
"""The assumed maximum number of people who joined or left and pool their answers."""

FEWEST_LEFT: Final = 5
"""The minimum number of people who leave a summary, including responses returned to pending."""

Bounds = dict[str, "Interval"]
"""The possible number of people for each answer, according to a table's figures for one group."""


@dataclass(frozen=True, slots=True)
class PreviousFigures:
    """The previous figures, and the number of people in each combination of groups at that time.

    `sizes` is None if these numbers were lost; in this case, new figures must not prove the answer
    of any new person.
    """

    figures: Figures
    sizes: Mapping[Combination, int] | None


class Differencing:
    """Compares the previous figures with the new figures."""

    def __init__(self, plan: Plan, whole: Tabulation, previous: PreviousFigures) -> None:
        self._plan, self._whole = plan, whole
        self._figures, self._sizes = previous.figures, previous.sizes

    def allows(self, place: int, name: str | None, to: int) -> bool:
        """True if a table with this rounding reveals no answers of people who joined or left."""
        for old, new, joined in self._pairs(place, name, to):
            most = 1 if joined is None else max(1, joined - INSIDERS)
            for answer, (low, high) in old.items():
                if new[answer][0] - high >= most or low - new[answer][1] >= FEWEST_LEFT - INSIDERS:
                    return False
        return True

    def _pairs(
        self, place: int, name: str | None, to: int
    ) -> Iterator[tuple[Bounds, Bounds, int | None]]:
        """For each group in both sets of figures: old bounds, new bounds, and people who joined.

        The attacker is assumed to know the previous and current size of each group.
        """
        table, figures = self._plan.tables[place], self._figures
        columns = figures.columns(place, name)
        pooled = next((found.pooled for found in figures.breakdowns if found.id == name), None)
        for group, tables in self._whole.by(name).items():
            codes = None if name is None else self._whole.groupings[name].codes(group)
            if group not in columns or (group == POOLED and codes != pooled):
                continue
            now = self._people(self._whole.counts.sizes, name, codes)
            before = None if self._sizes is None else self._people(self._sizes, name, codes)
            column, counts = columns[group], tables[place]
            codes_before = (table.cells[cell].code for cell in column.cells)
            old = dict(zip(codes_before, column.counts, strict=True))
            new = {
                code: printed(counts[code], to) for code in self._whole.cells(place, name, group)
            }
            yield (
                _bounds(table, old, column.rounded_to or ROUNDED_TO, column.base, before),
                _bounds(table, new, to, printed(counts[BASE]), now),
                None if before is None else now - before,
            )

    def _people(
        self,
        sizes: Mapping[Combination, int],
        name: str | None,
        codes: Collection[str] | None,
    ) -> int:
        """The number of people with any of these codes of a breakdown."""
        if codes is None:
            return sum(sizes[groups] for groups in joint(sizes))
        number = [breakdown.id for breakdown in self._plan.breakdowns].index(name or "")
        return sum(sizes[key] for key in divided_by(sizes, number) if key[number] in codes)


def _bounds(
    table: TableShape,
    figures: Mapping[str, int | None],
    to: int,
    base_figure: int | None,
    size: int | None,
) -> Bounds:
    """The bounds of each answer; for independent options, also the bounds of not choosing each."""
    cells = {code: interval(figure, to) for code, figure in figures.items()}
    base = interval(base_figure)
    reserved = [cells[code] for code in table.reserved if code in cells]
    if size is not None:
        base = within(base, (size, size), reserved)
    found: Bounds = {}
    answers = {code: cells[code] for code in table.codes if code in cells}
    if table.kind == "multiple" or table.row == ANY_RANK:
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

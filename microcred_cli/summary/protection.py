"""Computation of protected figures from exact counts, using `rule` and the decisions of `audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.summary.audit.differencing import Differencing, PreviousFigures
from microcred_cli.summary.audit.suppression import Resolution, resolution
from microcred_cli.summary.counts import BASE, Counts, Layout
from microcred_cli.summary.figures import POOLED_LABEL, BreakdownFigures, Figures, TableFigures
from microcred_cli.summary.plan import Breakdown, CellShape, Plan
from microcred_cli.summary.rule import POOLED, ROUNDED_TO, SMALLEST_GROUP, printed
from microcred_cli.summary.tabulation import Tabulation, tabulate

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire


class Protection:
    """Computes figures from counts; one object can process several counts of a questionnaire.

    The questionnaire can be the original or the questionnaire for stored records; `sha256` is the
    hash of the definition.
    """

    def __init__(
        self, questionnaire: Questionnaire, *, sha256: str, synthetic: bool = False
    ) -> None:
        self._plan = Plan(questionnaire)
        self._layout = Layout(self._plan)
        self._synthetic = synthetic
        recorded = self._plan.recorded
        self._of = QuestionnaireRef(id=recorded.id, version=recorded.version, sha256=sha256)

    def figures(self, counts: Counts, previous: PreviousFigures | None = None) -> Figures:
        """All figures that may be printed from these counts in addition to the previous figures."""
        plan = self._plan
        if counts.layout != self._layout.sha256:
            raise StoreError(
                "The counts belong to another version of the questionnaire.",
                where="counts.json",
                hint="Delete the file; the counts will be recalculated from the sealed responses.",
            )
        whole = None
        roundings: Resolution = {}
        everyone: list[tuple[TableFigures, ...] | None] = []
        if counts.total >= SMALLEST_GROUP:
            whole = tabulate(plan, self._layout, counts)
            beside = None if previous is None else Differencing(plan, whole, previous)
            roundings = resolution(plan, whole, beside)
            everyone = [_table(whole, n, None, roundings) for n in range(len(plan.tables))]
        return Figures(
            questionnaire=self._of,
            synthetic=self._synthetic,
            responses=None if whole is None else printed(counts.total),
            headings=plan.tables,
            unbroken=tuple(None if found is None else found[0] for found in everyone),
            breakdowns=tuple(_by(plan, found, whole, roundings) for found in plan.breakdowns),
        )


def _by(
    plan: Plan, breakdown: Breakdown, whole: Tabulation | None, roundings: Resolution
) -> BreakdownFigures:
    found = BreakdownFigures(
        id=breakdown.id,
        label=breakdown.label,
        offered=False,
        codes=breakdown.codes,
        groups=(),
        pooled=(),
        tables={},
    )
    if whole is None or not whole.groupings[breakdown.id].offered:
        return found
    grouping = whole.groupings[breakdown.id]
    shapes = {group.code: group for group in breakdown.groups}
    shapes[POOLED] = CellShape(code=POOLED, label=POOLED_LABEL)
    tables = {
        place: _table(whole, place, breakdown.id, roundings)
        for place, table in enumerate(plan.tables)
        if table.item in plan.broken_down
    }
    groups = tuple(shapes[code] for code in grouping.groups)
    shown = {"offered": True, "groups": groups, "pooled": grouping.pooled, "tables": tables}
    return found.model_copy(update=shown)


def _table(
    whole: Tabulation, place: int, name: str | None, roundings: Resolution
) -> tuple[TableFigures, ...] | None:
    """The figures of a table by group, or for all respondents; None if withheld."""
    to = roundings.get((place, name))
    if to is None:
        return None
    cells = [cell.code for cell in whole.layout.plan.tables[place].cells]
    found = []
    for group, tables in whole.by(name).items():
        counts, codes = tables[place], whole.cells(place, name, group)
        found.append(
            TableFigures(
                base=printed(counts[BASE]),
                cells=tuple(cells.index(code) for code in codes),
                counts=tuple(printed(counts[code], to) for code in codes),
                rounded_to=None if to == ROUNDED_TO else to,
            )
        )
    return tuple(found)

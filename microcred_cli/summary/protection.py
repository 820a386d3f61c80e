"""From exact counts to the figures that may be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.summary.audit.audit import Resolution, resolution
from microcred_cli.summary.audit.earlier import Succession
from microcred_cli.summary.counts import BASE, Layout
from microcred_cli.summary.figures import POOLED_LABEL, Broken, Column, Figures, Heading, Name
from microcred_cli.summary.plan import Plan
from microcred_cli.summary.rule import POOLED, ROUNDED_TO, SMALLEST_GROUP, printed
from microcred_cli.summary.tabulation import Tabulation, tabulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.audit.earlier import Earlier
    from microcred_cli.summary.counts import Counts
    from microcred_cli.summary.plan import CellShape, TableShape
    from microcred_cli.summary.tabulation import Grouping


def protect(
    questionnaire: Questionnaire,
    counts: Counts,
    *,
    sha256: str,
    synthetic: bool = False,
    earlier: Earlier | None = None,
) -> Figures:
    """All figures that may be printed of these counts, now and later.

    Args:
        questionnaire: the one that was asked (or that of the stored records).
        counts: of all sealed responses to it.
        sha256: the hash of its definition.
        synthetic: whether the responses were simulated.
        earlier: the last figures of the same folder, if there are any.

    Raises:
        StoreError: the counts are of another questionnaire.
    """
    return Protection(questionnaire, sha256=sha256, synthetic=synthetic).figures(counts, earlier)


class Protection:
    """What makes figures of counts; it can be used again for other counts of the same kind."""

    def __init__(
        self, questionnaire: Questionnaire, *, sha256: str, synthetic: bool = False
    ) -> None:
        self._plan = Plan(questionnaire)
        self._layout = Layout(self._plan)
        self._synthetic = synthetic
        recorded = self._plan.recorded
        self._of = QuestionnaireRef(id=recorded.id, version=recorded.version, sha256=sha256)
        self._headings = tuple(_heading(table) for table in self._plan.tables)

    def figures(self, counts: Counts, earlier: Earlier | None = None) -> Figures:
        """All figures that may be printed of these counts, beside the last ones.

        Raises:
            StoreError: the counts are of another questionnaire.
        """
        plan = self._plan
        if counts.layout != self._layout.sha256:
            raise StoreError(
                "The counts belong to another version of the questionnaire.",
                where="counts.json",
                hint="Delete the file; the counts are made anew from the sealed responses.",
            )
        few = counts.total < SMALLEST_GROUP
        whole = None if few else tabulate(plan, self._layout, counts)
        beside = None if whole is None or earlier is None else Succession(plan, whole, earlier)
        roundings = {} if whole is None else resolution(plan, whole, beside)
        numbers = range(len(plan.breakdowns))
        return Figures(
            questionnaire=self._of,
            synthetic=self._synthetic,
            responses=None if few else printed(counts.total),
            headings=self._headings,
            unbroken=() if whole is None else tuple(_unbroken(plan, whole, roundings)),
            breakdowns=tuple(_broken(plan, whole, roundings, number) for number in numbers),
        )


def _heading(table: TableShape) -> Heading:
    return Heading(
        item=table.item,
        row=table.row,
        kind=table.kind,
        label=table.label,
        cells=_names(table.cells),
    )


def _names(cells: Iterable[CellShape]) -> tuple[Name, ...]:
    return tuple(Name(code=c.code, label=c.label, reserved=c.reserved) for c in cells)


def _unbroken(plan: Plan, whole: Tabulation, roundings: Resolution) -> Iterable[Column | None]:
    for number, table in enumerate(plan.tables):
        codes = plan.cells(table, None, "")
        to = roundings.get((number, None))
        yield None if to is None else _column(table, codes, whole.everyone[number], to)


def _column(table: TableShape, codes: tuple[str, ...], counts: dict[str, int], to: int) -> Column:
    places = {cell.code: place for place, cell in enumerate(table.cells)}
    return Column(
        base=printed(counts[BASE]),
        cells=tuple(places[code] for code in codes),
        counts=tuple(printed(counts[code], to) for code in codes),
        rounded_to=None if to == ROUNDED_TO else to,
    )


def _broken(plan: Plan, whole: Tabulation | None, roundings: Resolution, number: int) -> Broken:
    breakdown = plan.breakdowns[number]
    if whole is None or not whole.groupings[number].offered:
        return Broken(
            id=breakdown.id,
            label=breakdown.label,
            offered=False,
            codes=breakdown.codes,
            groups=(),
            pooled=(),
            tables={},
        )
    grouping = whole.groupings[number]
    names = {name.code: name for name in _names(breakdown.groups)}
    names[POOLED] = Name(code=POOLED, label=POOLED_LABEL)
    found: dict[int, tuple[Column, ...] | None] = {}
    for place, table in enumerate(plan.tables):
        if table.item in plan.broken_down:
            to = roundings.get((place, breakdown.id))
            found[place] = None if to is None else _columns(plan, whole, grouping, place, to)
    return Broken(
        id=breakdown.id,
        label=breakdown.label,
        offered=True,
        codes=breakdown.codes,
        groups=tuple(names[code] for code in grouping.groups),
        pooled=grouping.pooled,
        tables=found,
    )


def _columns(
    plan: Plan, whole: Tabulation, grouping: Grouping, place: int, to: int
) -> tuple[Column, ...]:
    table = plan.tables[place]
    groups = whole.groups[grouping.id]
    return tuple(
        _column(table, grouping.cells(plan, table, group), groups[group][place], to)
        for group in grouping.groups
    )

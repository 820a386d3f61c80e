"""Data types for the protected figures of a seal, and for a summary selected from them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from microcred_cli.errors import DisclosureError, StoreError, UsageError
from microcred_cli.i18n import N_
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.records.shapes import QuestionnaireRef
from microcred_cli.summary.plan import CellShape, Kind, TableShape
from microcred_cli.summary.rule import (
    MASKED_BELOW,
    POOLED,
    ROUNDED_TO,
    RULE_SHA256,
    SMALLEST_GROUP,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

FLAGGED_SHARE: Final = 10
"""A share of short interviews or straight-lining of at least this percentage is flagged."""

POOLED_LABEL = N_("Smaller groups together")


class Rule(Model):
    """The parameters of the rule that protects the figures."""

    masked_below: int = MASKED_BELOW
    rounded_to: int = ROUNDED_TO
    smallest_group: int = SMALLEST_GROUP


class TableFigures(Model):
    """The printed figures of one table in one group.

    `cells` contains the indexes of the cells in the table's heading, and `counts` the figures of
    these cells (None if masked). `rounded_to` is 10 if the cells (but not the base) are rounded
    more coarsely, and otherwise None.
    """

    base: int | None
    cells: tuple[int, ...]
    counts: tuple[int | None, ...]
    rounded_to: int | None = None


_WITHHELD = TableFigures(base=None, cells=(), counts=())


class BreakdownFigures(Model):
    """All tables by one breakdown, which is not offered if pooling leaves fewer than two groups.

    `codes` contains the codes of all possible groups, and `pooled` the codes of groups that are
    counted together. `tables` maps the index of each table that is broken down to its columns (one
    for each group), or to None if the table is withheld.
    """

    id: str
    label: str
    offered: bool
    codes: tuple[str, ...]
    groups: tuple[CellShape, ...]
    pooled: tuple[str, ...]
    tables: dict[int, tuple[TableFigures, ...] | None]


class Share(Model):
    """The printed number of people with a sign of low-quality answers, and the base.

    `at_least` is set if the number is the largest that may be printed for these people; the true
    number may be higher.
    """

    base: int | None
    count: int | None
    at_least: bool = False

    @property
    def percent(self) -> int | None:
        """The percentage of the base."""
        return percent(self.count, self.base)

    @property
    def is_flagged(self) -> bool:
        """True if the percentage reaches the threshold for flagged figures."""
        return (self.percent or 0) >= FLAGGED_SHARE


class Quality(Model):
    """The quality figures of a seal; a share is None if no number may be printed for it.

    `straight` contains a share for each matrix.
    """

    short: Share | None
    straight: dict[str, Share | None]


class Figures(Model):
    """All figures of a seal that may be printed; `responses` is None if there are too few.

    `quality` is also None in figures computed by an earlier version of the program.
    """

    format: Literal["microcred-figures/1"] = "microcred-figures/1"
    questionnaire: QuestionnaireRef
    rule: str = RULE_SHA256
    synthetic: bool
    responses: int | None
    headings: tuple[TableShape, ...]
    unbroken: tuple[TableFigures | None, ...]
    breakdowns: tuple[BreakdownFigures, ...]
    quality: Quality | None = None

    def columns(self, place: int, breakdown: str | None) -> dict[str, TableFigures]:
        """The printed figures of a table by group; the name "" means all respondents."""
        if self.responses is None:
            return {}
        if breakdown is None:
            column = self.unbroken[place]
            return {} if column is None else {"": column}
        found = next(found for found in self.breakdowns if found.id == breakdown)
        columns = found.tables.get(place) or ()
        return {group.code: c for group, c in zip(found.groups, columns, strict=False)}

    @classmethod
    def known(cls, value: Any) -> Figures:
        """Parse figures from a file with a matching hash; raises a StoreError if malformed.

        The figures were checked by `from_json` when they were computed.
        """
        try:
            return cls.trusted(value)
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls.from_json(json.dumps(value))

    @classmethod
    def from_json(cls, raw: bytes | str, *, where: str = "figures.json") -> Figures:
        """Parse and check figures from a file; raises a StoreError if they are damaged."""
        from pydantic import ValidationError

        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise StoreError(
                "The figures are damaged or were not written by this program.",
                where=where,
                hint="Delete the file; the figures will be recalculated from the counts.",
            ) from None


class SummaryQuestionnaire(Model):
    """The questionnaire of a summary."""

    id: str
    version: str


class Cell(Model):
    """One figure. A masked figure has no count; a figure of a reserved code has no percentage."""

    code: str
    label: str
    count: int | None
    percent: int | None
    masked: bool


class Table(Model):
    """One table for one group, or for all respondents if `group` is None.

    `rounded_to` is the rounding base of the cells if it is coarser than usual; otherwise it is None
    and is omitted from JSON.
    """

    item: str
    row: str | None
    kind: Kind
    label: str
    group: str | None
    base: int | None
    withheld: bool
    rounded_to: int | None = None
    cells: tuple[Cell, ...]

    left_out_if_none = ("rounded_to",)


class Summary(Model):
    """The content of a summary, which is the same in every output format."""

    format: Literal["microcred-summary/1"] = "microcred-summary/1"
    questionnaire: SummaryQuestionnaire
    synthetic: bool
    responses: int | None
    by: str | None
    rule: Rule
    tables: tuple[Table, ...]

    @property
    def has_groups(self) -> bool:
        """True if any table is broken down."""
        return any(table.group is not None for table in self.tables)


def summary_of(
    figures: Figures,
    *,
    by: str | None = None,
    questions: Collection[str] = (),
    group: str | None = None,
) -> Summary:
    """Select a summary of all or some questions, optionally by a breakdown or for a `group`.

    Raises:
        UsageError: the breakdown, question or group does not exist.
        DisclosureError: there are fewer than 10 responses, or the breakdown or group is too small.
    """
    broken = _breakdown(figures, by)
    _check_questions(figures, questions)
    place = _group_place(broken, by, group)
    if figures.responses is None:
        raise DisclosureError(
            f"Fewer than {SMALLEST_GROUP} responses are sealed, so nothing can be shown.",
            hint="Collect more responses; a summary needs at least ten.",
        )
    if broken is not None and not broken.offered:
        raise DisclosureError(
            f"The breakdown by {broken.id} cannot be shown: its groups are too small.",
            hint="Use the summary without --by, or collect more responses.",
        )
    if broken is not None and group is not None and place is None:
        raise DisclosureError(
            f"The group {group} is not shown on its own, because it is too small, or because the "
            "other groups together are too small.",
            hint=f"The group is pooled with other groups: use --group {POOLED}.",
        )
    return _summary(figures, by, tuple(_tables(figures, broken, questions, place)))


def nothing(figures: Figures, by: str | None = None) -> Summary:
    """An empty summary: no number of responses and no tables."""
    return _summary(figures.model_copy(update={"responses": None}), by, ())


def _summary(figures: Figures, by: str | None, tables: tuple[Table, ...]) -> Summary:
    which = SummaryQuestionnaire(id=figures.questionnaire.id, version=figures.questionnaire.version)
    return Summary(
        questionnaire=which,
        synthetic=figures.synthetic,
        responses=figures.responses,
        by=by,
        rule=Rule(),
        tables=tables,
    )


def _breakdown(figures: Figures, by: str | None) -> BreakdownFigures | None:
    if by is None:
        return None
    for broken in figures.breakdowns:
        if broken.id == by:
            return broken
    names = ", ".join(broken.id for broken in figures.breakdowns)
    hint = f"Use one of: {names}." if names else "This questionnaire has no breakdowns."
    raise UsageError("This breakdown does not exist.", where="--by", hint=hint)


def _check_questions(figures: Figures, questions: Collection[str]) -> None:
    known = list(dict.fromkeys(heading.item for heading in figures.headings))
    if not set(questions) <= set(known):
        raise UsageError(
            "There is no table for this question.",
            where="--question",
            hint=f"Use one or more of: {', '.join(known)}.",
        )


def _group_place(broken: BreakdownFigures | None, by: str | None, group: str | None) -> int | None:
    """The index of the requested group; None if no group was requested, or it is not shown."""
    if group is None:
        return None
    if broken is None:
        raise UsageError(
            "A group can only be selected together with its breakdown.",
            where="--group",
            hint="Specify the breakdown with --by.",
        )
    shown = [name.code for name in broken.groups]
    if group in shown:
        return shown.index(group)
    if group in broken.codes or (group == POOLED and not broken.offered):
        return None
    raise UsageError(
        f"The breakdown by {by} does not have this group.",
        where="--group",
        hint=f"Use one of: {', '.join(shown or broken.codes)}.",
    )


def _tables(
    figures: Figures, broken: BreakdownFigures | None, questions: Collection[str], place: int | None
) -> Iterator[Table]:
    for number, heading in enumerate(figures.headings):
        if questions and heading.item not in questions:
            continue
        if place is None:
            yield _table(heading, None, figures.unbroken[number])
        if broken is None or number not in broken.tables:
            continue
        columns: Sequence[TableFigures | None] = (
            broken.tables[number] or (None,) * len(broken.groups)
        )  # fmt: skip
        for at, (name, column) in enumerate(zip(broken.groups, columns, strict=True)):
            if place in (None, at):
                yield _table(heading, name.code, column)


def _table(heading: TableShape, group: str | None, column: TableFigures | None) -> Table:
    found = column or _WITHHELD
    shown = [heading.cells[place] for place in found.cells]
    return Table(
        item=heading.item,
        row=heading.row,
        kind=heading.kind,
        label=heading.label,
        group=group,
        base=found.base,
        withheld=column is None,
        rounded_to=found.rounded_to,
        cells=tuple(
            Cell(
                code=cell.code,
                label=cell.label,
                count=count,
                percent=None if cell.reserved else percent(count, found.base),
                masked=count is None,
            )
            for cell, count in zip(shown, found.counts, strict=True)
        ),
    )

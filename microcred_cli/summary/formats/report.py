"""Data types of a report, which is a summary formatted for readers (see `layout`).

All texts in a report are safe to display, and are in the language that was current when the report
was built. All numbers are computed from printed figures.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _, digits, joined, per_cent, tenths
from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary import rule
from microcred_cli.summary.formats import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.summary.figures import Cell


class Category(Frozen):
    """One category of a table: an option, or a reserved code, which is displayed separately.

    `is_step` is False for an option outside the scale.
    """

    code: str
    label: str
    apart: bool
    is_step: bool = True


class Column(Frozen):
    """A table of the summary, with its cells by code; `grouped` is set for the table of a group.

    `rounded_to` is the rounding base of its counts if it is coarser than usual.
    """

    label: str
    base: int | None
    withheld: bool
    cells: Mapping[str, Cell]
    grouped: bool = False
    rounded_to: int | None = None

    @property
    def marked(self) -> str:
        """The label, with a mark if the counts are rounded more coarsely."""
        return self.label if self.rounded_to is None else f"{self.label} {words.MARK}"


class BarSegment(Frozen):
    """A segment of a 100 % bar; if `line` is None, it represents steps that are not shown."""

    line: Category | None
    place: int
    parts: int
    shown: str = ""


class TableRow(Frozen):
    """A row across tables that are side by side, with the count and percentage in each table."""

    label: str
    figures: tuple[tuple[str, str], ...]
    role: Literal["base", "answer", "apart"]


class Grid(Frozen):
    """Tables with the same categories, displayed side by side.

    `label` describes what the tables have in common, apart from the question. In a `scale`, the
    categories are steps from low to high, and each table is displayed as one line. `not_asked`
    lists the groups without a route to the question. `not_shown` lists the withheld groups or rows,
    provided that at least one other group or row is shown.
    """

    label: str
    columns: tuple[Column, ...]
    lines: tuple[Category, ...]
    scale: bool
    not_asked: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[Category, ...]:
        """The categories included in the base; for a scale, the steps come first."""
        return (*self.steps, *self.off_scale)

    @property
    def steps(self) -> tuple[Category, ...]:
        """The answers; for a scale, only the steps."""
        return tuple(line for line in self.lines if not line.apart and line.is_step)

    @property
    def off_scale(self) -> tuple[Category, ...]:
        """The answers that are not steps of the scale."""
        return tuple(line for line in self.lines if not line.apart and not line.is_step)

    @property
    def apart(self) -> tuple[Category, ...]:
        """The reserved codes."""
        return tuple(line for line in self.lines if line.apart)

    @property
    def withheld(self) -> bool:
        """True if none of the tables is shown."""
        return bool(self.columns) and all(column.withheld for column in self.columns)

    @property
    def alone(self) -> Column | None:
        """The only table of the grid, if it can be shown as a list of answers."""
        is_alone = len(self.columns) == 1 and not (self.left_out or self.withheld)
        return self.columns[0] if is_alone else None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Sentences about groups without a column."""
        both = ((words.NOT_ASKED_OF, self.not_asked), (words.SOME_NOT_SHOWN, self.not_shown))
        return tuple(words.named(text, names) for text, names in both if names)

    @property
    def legend(self) -> tuple[str, ...]:
        """Sentences that explain the symbols and empty cells in the table."""
        missing = [
            is_left_out(column, line.code)
            for column in self.columns
            for line in self.lines
            if line.code not in column.cells
        ]
        lacks_means = self.has_means and not all(map(self.mean, self.columns))
        return (
            *([] if all(missing) else [_(words.NOT_HERE_MEANS)]),
            *([_(words.NO_MEAN_MEANS)] if lacks_means else []),
            *self.rounding,
        )

    def bar_legend(self, hidden: str = "") -> tuple[str, ...]:
        """Sentences that explain stacked bars; `hidden` describes steps that are not shown."""
        if not self.scale:
            return ()
        sign = hidden or _(words.HATCHED)
        masked = _(words.HIDDEN_MEANS).format(sign=sign[:1].upper() + sign[1:])
        return (
            *([masked] if self.has_masked_steps else []),
            *([_(words.OFF_SCALE_MEANS)] if self.off_scale else []),
        )

    @property
    def rounding(self) -> tuple[str, ...]:
        """Sentences that explain the marks of tables with coarser rounding."""
        numbers = {c.rounded_to for c in self.columns if c.rounded_to is not None}
        text = words.ROUNDED_MEANS
        return tuple(f"{words.MARK} {words.of_multiples(text, n)}" for n in sorted(numbers))

    @property
    def has_masked_steps(self) -> bool:
        """True if any step of a scale is not shown."""
        cells = [column.cells.get(line.code) for column in self.columns for line in self.answers]
        return self.scale and any(cell is not None and cell.masked for cell in cells)

    @property
    def has_means(self) -> bool:
        """True if any table has a mean."""
        return any(map(self.mean, self.columns))

    def mean(self, column: Column) -> str | None:
        """The mean of the step numbers, to one decimal place, from printed figures only.

        None if the steps are not numbered, a step is masked, or nobody answered.
        """
        counts = self._counts(column)
        if counts is None:
            return None
        weighted = sum(
            int(line.code) * count for line, count in zip(self.steps, counts, strict=True)
        )
        return tenths((20 * weighted + sum(counts)) // (2 * sum(counts)))

    def mean_sentence(self, column: Column) -> str | None:
        """A sentence on the mean and the two highest steps; None if there is no mean."""
        counts, mean = self._counts(column), self.mean(column)
        if counts is None or mean is None:
            return None
        top_two = rule.percent(sum(counts[-2:]), sum(counts))
        return words.mean_of(mean, self.steps[0].code, self.steps[-1].code, top_two)

    def bar(self, column: Column) -> tuple[tuple[BarSegment, ...], tuple[BarSegment, ...]]:
        """A table as a 100 % bar: the segments for the scale, and the segments for other answers.

        Steps that are not shown keep their positions. The rest of the base is divided equally among
        hidden steps, because only the total of these steps is known.
        """
        return (
            tuple(self._segments(column, self.steps, 0)),
            tuple(self._segments(column, self.off_scale, len(self.steps))),
        )

    def _segments(
        self, column: Column, lines: Sequence[Category], first: int
    ) -> Iterator[BarSegment]:
        """The segments for some answers; adjacent answers that are not shown share a segment."""
        parts = self._parts(column)
        placed = [(n, line, column.cells.get(line.code)) for n, line in enumerate(lines, first)]
        found = [(n, line, cell) for n, line, cell in placed if cell is not None]
        for hidden, group in groupby(found, key=lambda each: each[2].percent is None):
            pieces = list(group)
            if hidden:
                yield BarSegment(None, pieces[0][0], sum(parts[line.code] for _, line, _ in pieces))
                continue
            for place, line, cell in pieces:
                yield BarSegment(line, place, parts[line.code], percent(cell))

    def _parts(self, column: Column) -> dict[str, int]:
        """The share of each answer in the bar, in hundredths of a per cent."""
        cells = [column.cells[line.code] for line in self.answers if line.code in column.cells]
        shown = sum(cell.percent or 0 for cell in cells)
        hidden = sum(cell.percent is None for cell in cells)
        gap = 100 * max(0, 100 - shown) // hidden if hidden else 0
        return {c.code: gap if c.percent is None else 100 * c.percent for c in cells}

    def _counts(self, column: Column) -> list[int] | None:
        """The counts needed for a mean; None if there can be no mean."""
        codes = [line.code for line in self.steps]
        if not self.scale or len(codes) < 3 or not all(code.isdecimal() for code in codes):
            return None
        cells = [column.cells.get(line.code) for line in self.steps]
        counts = [cell.count for cell in cells if cell is not None and cell.count is not None]
        return counts if len(counts) == len(cells) and any(counts) else None


class ReportQuestion(Frozen):
    """One item with all its tables.

    `texts` contains the wordings of the question. If `groups_withheld` is set, only the tables that
    cover all respondents are shown.
    """

    id: str
    heading: str
    texts: tuple[str, ...]
    kind: str
    grids: tuple[Grid, ...]
    groups_withheld: bool = False

    @property
    def withheld(self) -> bool:
        """True if none of the tables of the question is shown."""
        return all(grid.withheld for grid in self.grids)

    @property
    def alone(self) -> Column | None:
        """The table of the question if there is only one."""
        return self.grids[0].alone if len(self.grids) == 1 else None


class ReportSection(Frozen):
    """A section of the questionnaire, with its questions that have tables."""

    id: str
    label: str
    questions: tuple[ReportQuestion, ...]


class ListedQuestion(Frozen):
    """A question in a list, with the names of its rows or ranks unless all of them are listed."""

    id: str
    heading: str
    parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The heading and id of the question, followed by any listed rows or ranks."""
        name = f"{self.heading} ({self.id})"
        return words.pair(name, joined(self.parts)) if self.parts else name


class Listing(Frozen):
    """A list of tables by question; `scope` is its heading ("" if none), such as "For everyone"."""

    scope: str
    entries: tuple[ListedQuestion, ...]


class Report(Frozen):
    """The content of a report, in the order of display.

    `facts` are pairs of name and value, displayed at the top. `masked` is the symbol for a masked
    count, and `masked_aloud` the spoken form of the symbol.
    """

    title: str
    long_title: str
    language: str
    synthetic: bool
    facts: tuple[tuple[str, str], ...]
    masked: str
    masked_aloud: str
    notes: tuple[str, ...]
    parts: tuple[ReportSection, ...]
    not_shown: tuple[Listing, ...] = ()
    rounded: tuple[Listing, ...] = ()
    rounded_to: tuple[int, ...] = ()

    @property
    def ends(self) -> tuple[tuple[str, str, str, tuple[Listing, ...]], ...]:
        """The lists at the end of the report, as id, heading, explanation and entries."""
        hidden = ("not-shown", _(words.NOT_SHOWN), _(words.WHY_NOT_SHOWN), self.not_shown)
        why = " ".join(words.of_multiples(words.WHY_ROUNDED, n) for n in self.rounded_to)
        if self.masked != self.masked_aloud:
            why += " " + _(words.MARKED).format(sign=words.MARK)
        rounded = ("rounded", _(words.ROUNDED), why, self.rounded)
        return tuple(end for end in (hidden, rounded) if end[3])

    def count(self, cell: Cell) -> str:
        """Format the count of a cell for display."""
        return self.masked if cell.count is None else digits(cell.count)

    def figure(self, column: Column, code: str) -> tuple[str, str]:
        """The displayed count and percentage of a cell, or the symbol for a masked count."""
        cell = column.cells.get(code)
        if cell is None:
            return "" if is_left_out(column, code) else words.NOT_HERE, ""
        return self.count(cell), percent(cell)

    def rows(self, grid: Grid, columns: Sequence[Column]) -> Iterator[TableRow]:
        """The rows of tables that are side by side: bases, answers, then reserved codes."""
        yield TableRow(_(words.BASE), tuple((self.base(c), "") for c in columns), "base")
        for line in grid.answers:
            figures = tuple(self.figure(column, line.code) for column in columns)
            yield TableRow(line.label, figures, "answer")
        if grid.apart:
            yield TableRow(words.leading(_(words.APART)), (("", ""),) * len(columns), "apart")
        for line in grid.apart:
            figures = tuple(self.figure(column, line.code) for column in columns)
            yield TableRow(line.label, figures, "apart")

    def base(self, column: Column) -> str:
        """Format the base of a table for display."""
        return self.masked if column.base is None else digits(column.base)


def is_left_out(column: Column, code: str) -> bool:
    """True if a category is missing from a table because tables by group always omit it."""
    return column.grouped and code == NOT_ASKED


def percent(cell: Cell) -> str:
    """Format the percentage of a cell for display; empty if there is none."""
    return "" if cell.percent is None else per_cent(cell.percent)

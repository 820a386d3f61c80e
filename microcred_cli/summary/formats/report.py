"""A summary laid out for people: questions with their tables side by side, and the words around.

Every text in a report is safe to show. A report computes nothing but from printed figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from microcred_cli.answers import NOT_ASKED
from microcred_cli.questionnaire.models import RESERVED, Choice, Matrix
from microcred_cli.summary.figures import POOLED_LABEL
from microcred_cli.summary.rule import POOLED
from microcred_cli.text import safe
from microcred_cli.words import MISSING_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.summary.figures import Cell, Summary, Table

EVERYONE = "Everyone"
APART = "Not in the base"
_REASON = "beside the other figures on this question, these could tell what single people answered."
WITHHELD = f"Not shown: {_REASON}"
GROUPS_WITHHELD = (
    "The groups are not shown: beside the other figures on this question, they could tell what "
    "single people answered."
)
NOT_HERE = "–"
NOT_ASKED_OF = "Not asked of"
NOT_HERE_MEANS = "– not possible here"
FOR_EVERYONE_ONLY = f"“{MISSING_LABELS[NOT_ASKED]}” is counted for everyone only, not for groups."
NEVER_BROKEN_DOWN = "Questions that make up a breakdown are shown for everyone only."
NO_MEAN_MEANS = "There is no mean where a step of the scale is not shown."
ROOM_MEANS = "The empty end of a bar stands for the steps that are not shown."
FEW = 30
"""Under this, the rounding of a base is felt in its percentages."""

SYNTHETIC = "Synthetic data: made by a program to try things out. Nobody gave these answers."
KINDS = {
    "single": "One answer",
    "multiple": "Several answers possible",
    "matrix": "One answer for each row",
    "integer": "A number, in bands",
    "ranking": "Answers in order of importance",
}
RANKS = {"1": "First", "2": "Second", "3": "Third", "any": "Any rank"}


@dataclass(frozen=True, slots=True)
class Line:
    """One category of a table: an option, or a reserved code, which stands apart."""

    code: str
    label: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One table of the summary: its cells by code; `grouped` if it is that of a group."""

    label: str
    base: int | None
    withheld: bool
    cells: Mapping[str, Cell]
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Tables with the same categories, to be read side by side.

    `label` says what they have in common, beyond the question. In a `scale`, the categories are
    steps from low to high, and each table is best read as one line. `not_asked` names the groups
    that no route leads here, `not_shown` what is withheld while the rest is not.
    """

    label: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    scale: bool
    not_asked: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[Line, ...]:
        """The categories that the base counts."""
        return tuple(line for line in self.lines if not line.apart)

    @property
    def apart(self) -> tuple[Line, ...]:
        """The reserved codes."""
        return tuple(line for line in self.lines if line.apart)

    @property
    def withheld(self) -> bool:
        """Whether nothing of it is shown."""
        return bool(self.columns) and all(column.withheld for column in self.columns)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not among the columns, in sentences."""
        asked = f"{NOT_ASKED_OF}: {', '.join(self.not_asked)}."
        shown = f"Not shown: {', '.join(self.not_shown)}; {_REASON}"
        return (*([asked] if self.not_asked else []), *([shown] if self.not_shown else []))

    @property
    def legend(self) -> tuple[str, ...]:
        """What the signs and empty places in its table mean, in sentences."""
        missing = [
            is_left_out(column, line.code)
            for column in self.columns
            for line in self.lines
            if line.code not in column.cells
        ]
        lacks_means = self.has_means and not all(map(self.mean, self.columns))
        return (
            *([] if all(missing) else [NOT_HERE_MEANS]),
            *([FOR_EVERYONE_ONLY] if any(missing) else []),
            *([NO_MEAN_MEANS] if lacks_means else []),
        )

    @property
    def has_masked_steps(self) -> bool:
        """Whether a bar of all steps would lack one."""
        cells = [column.cells.get(line.code) for column in self.columns for line in self.answers]
        return self.scale and any(cell is not None and cell.masked for cell in cells)

    @property
    def rated(self) -> bool:
        """Whether its steps have numbers, so that a mean says something."""
        codes = [line.code for line in self.answers]
        return self.scale and len(codes) > 2 and all(code.isdecimal() for code in codes)

    @property
    def has_means(self) -> bool:
        """Whether some table has a mean."""
        return any(map(self.mean, self.columns))

    def mean(self, column: Column) -> str | None:
        """The mean of the steps' numbers, to one place, from the printed figures alone.

        None where the steps have no numbers, a step is masked, or nobody answered.
        """
        counts = self._counts(column)
        if counts is None or not sum(counts):
            return None
        weighted = sum(
            int(line.code) * count for line, count in zip(self.answers, counts, strict=True)
        )
        tenths = (20 * weighted + sum(counts)) // (2 * sum(counts))
        return f"{tenths // 10}.{tenths % 10}"

    def top_two(self, column: Column) -> int | None:
        """The percentage in the two highest steps; None where there is no mean."""
        counts = self._counts(column)
        if counts is None or not sum(counts):
            return None
        return (200 * sum(counts[-2:]) + sum(counts)) // (2 * sum(counts))

    def _counts(self, column: Column) -> list[int] | None:
        if not self.rated:
            return None
        cells = [column.cells.get(line.code) for line in self.answers]
        counts = [cell.count for cell in cells if cell is not None and cell.count is not None]
        return counts if len(counts) == len(cells) else None


@dataclass(frozen=True, slots=True)
class Question:
    """One item with all its tables.

    `texts` are the wordings in which it was asked. With `groups_withheld`, only the tables of
    everyone are shown.
    """

    id: str
    heading: str
    texts: tuple[str, ...]
    kind: str
    grids: tuple[Grid, ...]
    groups_withheld: bool = False

    @property
    def withheld(self) -> bool:
        """Whether nothing of it is shown."""
        return all(grid.withheld for grid in self.grids)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the questionnaire with the questions that have figures."""

    id: str
    label: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a page shows, in its order."""

    title: str
    long_title: str
    questionnaire: str
    language: str
    synthetic: bool
    responses: str
    by: str | None
    group: str | None
    masked: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]

    def count(self, cell: Cell) -> str:
        """A cell's count as it is printed."""
        return self.masked if cell.count is None else f"{cell.count:,}"

    def figure(self, column: Column, code: str) -> tuple[str, str]:
        """A table's count and percentage as they are printed, or what stands in their place."""
        cell = column.cells.get(code)
        if cell is None:
            return "" if is_left_out(column, code) else NOT_HERE, ""
        return self.count(cell), percent(cell)

    def base(self, column: Column) -> str:
        """A table's base as it is printed."""
        return self.masked if column.base is None else f"{column.base:,}"


def is_left_out(column: Column, code: str) -> bool:
    """Whether a table lacks a category only because the tables of groups never have it."""
    return column.grouped and code == NOT_ASKED


def percent(cell: Cell) -> str:
    """A cell's percentage as it is printed; empty where it has none."""
    return "" if cell.percent is None else f"{cell.percent} %"


def report_of(summary: Summary, recorded: Questionnaire) -> Report:
    """Lay a summary out, with the words of the questionnaire of the stored records."""
    rule = summary.rule
    groups = group_labels(recorded, summary.by)
    shown = {table.group for table in summary.tables}
    only = next(iter(shown)) if len(shown) == 1 else None
    return Report(
        title=safe(recorded.short_title),
        long_title=safe(recorded.title),
        questionnaire=safe(f"{summary.questionnaire.id} {summary.questionnaire.version}"),
        language=recorded.language,
        synthetic=summary.synthetic,
        responses=f"<{rule.masked_below}" if summary.responses is None else _n(summary.responses),
        by=safe(_breakdown_label(recorded, summary.by)) if summary.by else None,
        group=None if only is None else groups.get(only, safe(only)),
        masked=f"<{rule.masked_below}",
        notes=tuple(_notes(summary, pooled=POOLED in shown)),
        parts=tuple(_Layout(recorded, groups).parts(summary.tables)),
    )


def group_labels(recorded: Questionnaire, by: str | None) -> dict[str, str]:
    """What the groups of a breakdown are called, by code."""
    labels = {**MISSING_LABELS, POOLED: POOLED_LABEL}
    if by in recorded.computed_by_id:
        own = [(part.code, part.label) for part in recorded.computed_by_id[by].categories]
    elif by in recorded.by_id:
        own = [(part.code, part.label) for part in recorded.options(recorded.by_id[by])]
    else:
        own = []
    return labels | {code: safe(label) for code, label in own}


def _breakdown_label(recorded: Questionnaire, by: str) -> str:
    if by in recorded.computed_by_id:
        return recorded.computed_by_id[by].label
    return _heading(recorded.by_id[by]) if by in recorded.by_id else by


def _notes(summary: Summary, *, pooled: bool) -> Iterator[str]:
    rule = summary.rule
    yield (
        f"Figures are rounded to multiples of {rule.rounded_to}; counts under "
        f"{rule.masked_below}, nought included, are shown as <{rule.masked_below}. "
        "Totals may not add up."
    )
    yield (
        "The base of a percentage is the people asked who gave an answer; who did not stands "
        "apart. Percentages are of the rounded figures."
    )
    yield from _on_small_bases(summary)
    if summary.by:
        pool = f" but counted together, as “{POOLED_LABEL}”" if pooled else ""
        yield f"Groups of fewer than {rule.smallest_group} people are not shown alone{pool}."
        grouped = {table.item for table in summary.tables if table.group is not None}
        if any(table.item not in grouped for table in summary.tables):
            yield NEVER_BROKEN_DOWN
    if any(table.withheld for table in summary.tables):
        yield "Where tables side by side could give single people away, they are not shown."
    yield (
        "The figures speak of the people asked who took part. They chose themselves, so nothing "
        "follows for others, and there is no margin of error."
    )


def _on_small_bases(summary: Summary) -> Iterator[str]:
    rule = summary.rule
    bases = [t.base for t in summary.tables if any(cell.percent is not None for cell in t.cells)]
    if not any(base is not None and base < FEW for base in bases):
        return
    shown = -(-rule.masked_below // rule.rounded_to) * rule.rounded_to
    fewest, most = rule.masked_below, shown + rule.rounded_to // 2
    yield (
        f"Percentages are rough where the base is under {FEW}, since both of their figures are "
        f"rounded: what is shown as {shown} of {shown}, 100 %, can be {fewest} of {most} people."
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Lays tables out as questions, in the words of a questionnaire and of the groups."""

    recorded: Questionnaire
    groups: Mapping[str, str]

    def parts(self, tables: Sequence[Table]) -> Iterator[Part]:
        questions = [
            (self.recorded.section_of[item.id], self._question(item, tuple(found)))
            for name, found in groupby(tables, key=lambda table: table.item)
            if (item := self.recorded.by_id.get(name)) is not None
        ]
        for section, group in groupby(questions, key=lambda pair: pair[0]):
            yield Part(section.id, safe(section.label), tuple(question for _, question in group))

    def _question(self, item: Item, tables: tuple[Table, ...]) -> Question:
        everyone = tuple(table for table in tables if table.group is None)
        grouped = [table for table in tables if table.group is not None]
        without_groups = bool(everyone and grouped) and all(table.withheld for table in grouped)
        grids = tuple(self._grids(item, everyone if without_groups else tables))
        return Question(
            id=item.id,
            heading=safe(_heading(item)),
            texts=tuple(safe(text) for text in _wordings(item, self.recorded)),
            kind=KINDS[tables[0].kind],
            grids=grids,
            groups_withheld=without_groups and not all(grid.withheld for grid in grids),
        )

    def _grids(self, item: Item, tables: Sequence[Table]) -> Iterator[Grid]:
        rows = dict.fromkeys(table.row for table in tables)
        if len({table.group for table in tables}) == 1 and len(rows) > 1:
            yield self._grid(item, "", [(_row_label(item, table.row), table) for table in tables])
            return
        for row in rows:
            columns = [(self._group(table), table) for table in tables if table.row == row]
            yield self._grid(item, "" if row is None else _row_label(item, row), columns)

    def _grid(self, item: Item, label: str, tables: Sequence[tuple[str, Table]]) -> Grid:
        asked = [(name, table) for name, table in tables if table.withheld or table.cells]
        shown = [(name, table) for name, table in asked if not table.withheld] or asked
        cells = [cell for _, table in shown for cell in table.cells]
        not_asked = (self._group(pair[1]) for pair in tables if pair not in asked)
        return Grid(
            label=safe(label),
            columns=tuple(_column(name, table) for name, table in shown),
            lines=_lines(cells, [option.code for option in self.recorded.options(item)]),
            scale=isinstance(item, Choice) and item.measure == "ordinal",
            not_asked=tuple(dict.fromkeys(safe(name) for name in not_asked)),
            not_shown=tuple(safe(pair[0]) for pair in asked if pair not in shown),
        )

    def _group(self, table: Table) -> str:
        return EVERYONE if table.group is None else self.groups.get(table.group, table.group)


def _column(name: str, table: Table) -> Column:
    cells = {cell.code: cell for cell in table.cells}
    return Column(safe(name), table.base, table.withheld, cells, table.group is not None)


def _lines(cells: Iterable[Cell], options: Sequence[str]) -> tuple[Line, ...]:
    """All categories of some tables in the questionnaire's order; a table may lack some."""
    labels = {cell.code: cell.label for cell in cells}
    answers = [code for code in labels if code not in RESERVED]
    if set(answers) <= set(options):
        answers = [code for code in options if code in labels]
    return (
        *(Line(code, safe(labels[code]), apart=False) for code in answers),
        *(Line(code, safe(labels[code]), apart=True) for code in RESERVED if code in labels),
    )


def _row_label(item: Item, row: str | None) -> str:
    if isinstance(item, Matrix):
        return next((part.label for part in item.rows if part.code == row), row or "")
    return RANKS.get(row or "", f"Rank {row}")


def _heading(item: Item) -> str:
    return item.concept[:1].upper() + item.concept[1:]


def _wordings(item: Item, recorded: Questionnaire) -> Iterator[str]:
    for text in dict.fromkeys((item.text, *(variant.text for variant in item.variants))):
        for phrase in recorded.phrases:
            words = " / ".join(dict.fromkeys(phrase.texts.values()))
            text = text.replace(f"{{{phrase.id}}}", words)
        yield text


def _n(number: int) -> str:
    return f"{number:,}"

"""Builds a report (see `report`) from a summary and the texts of the questionnaire."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from microcred_cli.clock.dates import date_in_words
from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _, digits, quoted, spoken
from microcred_cli.questionnaire.models import Choice, Item, Questionnaire
from microcred_cli.questionnaire.values import BLANK, RESERVED
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.report import (
    Category,
    Column,
    Grid,
    ListedQuestion,
    Listing,
    Report,
    ReportQuestion,
    ReportSection,
)
from microcred_cli.summary.labels import (
    breakdown_label,
    group_labels,
    heading_of,
    in_words,
    row_label,
    wordings,
)
from microcred_cli.summary.rule import POOLED
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from microcred_cli.summary.figures import Cell, Summary, Table


class Dates(Frozen):
    """The dates in the settings of the survey round."""

    respond_by: date | None = None
    closes: date | None = None


NO_DATES = Dates()


def report_of(
    summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES, *, aloud: bool = False
) -> Report:
    """Build a report in the current language, which must also be the language of `recorded`.

    With `aloud`, masked figures are shown as words instead of a symbol.
    """
    summary = in_words(summary, recorded)
    fewest = summary.rule.masked_below
    masked = words.under(fewest) if aloud else f"<{fewest}"
    groups = group_labels(recorded, summary.by)
    layout = _Layout(recorded, {code: safe(label) for code, label in groups.items()}, summary)
    pooled = groups[POOLED] if any(t.group == POOLED for t in summary.tables) else None
    return Report(
        title=safe(recorded.short_title),
        long_title=safe(recorded.title),
        language=spoken(),
        synthetic=summary.synthetic,
        facts=tuple(_facts(summary, recorded, dates, layout.groups)),
        masked=masked,
        masked_aloud=words.under(fewest),
        notes=tuple(words.notes(summary, quoted(masked) if aloud else masked, pooled=pooled)),
        parts=tuple(layout.parts()),
        not_shown=tuple(layout.listings(lambda table: table.withheld, words.AT_ALL)),
        rounded=tuple(layout.listings(lambda table: table.rounded_to is not None, words.BOTH)),
        rounded_to=tuple(sorted({t.rounded_to for t in summary.tables if t.rounded_to})),
    )


def _facts(
    summary: Summary, recorded: Questionnaire, dates: Dates, groups: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The facts at the top of a report, as pairs of name and value."""
    shown = {table.group for table in summary.tables}
    only = next(iter(shown)) if len(shown) == 1 else None
    count = f"<{summary.rule.masked_below}"
    yield _(words.RESPONSES), count if summary.responses is None else digits(summary.responses)
    if summary.by and summary.has_groups:
        yield _(words.BROKEN_DOWN_BY), safe(breakdown_label(recorded, summary.by))
    if only is not None:
        yield _(words.GROUP), groups.get(only, safe(only))
    for name, day in ((words.RESPOND_BY, dates.respond_by), (words.CLOSES, dates.closes)):
        if day is not None:
            yield _(name), date_in_words(day)
    which = summary.questionnaire
    yield _(words.QUESTIONNAIRE), safe(f"{which.id} {which.version}")


class _Layout(Frozen):
    """Lays out tables by question, with the texts of the questionnaire and the labels of groups."""

    recorded: Questionnaire
    groups: Mapping[str, str]
    summary: Summary

    def parts(self) -> Iterator[ReportSection]:
        """The sections of the report with their questions."""
        section_of = self.recorded.section_of
        for section, items in groupby(self._items(), key=lambda pair: section_of[pair[0].id]):
            questions = tuple(self._question(item, tables) for item, tables in items)
            yield ReportSection(section.id, safe(section.label), questions)

    def listings(self, wanted: Callable[[Table], bool], in_both: str) -> Iterator[Listing]:
        """Lists of selected tables by question: for all respondents, for groups, and for both.

        `in_both` is the heading for questions with selected tables of both kinds.
        """
        of_all = self._entries(lambda table: table.group is None and wanted(table))
        grouped = self._entries(lambda table: table.group is not None and wanted(table))
        if self.summary.by is None:
            yield from [Listing("", tuple(of_all))] if of_all else []
            return
        both = [entry for entry in grouped if entry in of_all]
        by = _(words.BY_GROUP).format(name=breakdown_label(self.recorded, self.summary.by))
        scopes = (
            (_(words.FOR_ALL), [entry for entry in of_all if entry not in both]),
            (_(in_both), both),
            (safe(by), [entry for entry in grouped if entry not in both]),
        )
        for scope, entries in scopes:
            if entries:
                yield Listing(scope, tuple(entries))

    def _entries(self, wanted: Callable[[Table], bool]) -> list[ListedQuestion]:
        found = []
        for item, tables in self._items():
            rows = dict.fromkeys(table.row for table in tables if wanted(table))
            whole = len(rows) == len({table.row for table in tables})
            parts = () if whole else tuple(safe(row_label(item, row)) for row in rows)
            if rows:
                found.append(ListedQuestion(item.id, self._heading(item), parts))
        return found

    def _items(self) -> Iterator[tuple[Item, tuple[Table, ...]]]:
        for name, found in groupby(self.summary.tables, key=lambda table: table.item):
            item = self.recorded.by_id.get(name)
            if item is not None:
                yield item, tuple(found)

    def _heading(self, item: Item) -> str:
        return safe(heading_of(item, self.recorded.language))

    def _question(self, item: Item, tables: tuple[Table, ...]) -> ReportQuestion:
        lacking = _without_groups(tables)
        without = len(lacking) == len({table.row for table in tables})
        grids = tuple(self._grids(item, tables, lacking))
        return ReportQuestion(
            id=item.id,
            heading=self._heading(item),
            texts=tuple(safe(text) for text in wordings(item, self.recorded)),
            kind=_(words.KINDS[tables[0].kind]),
            grids=grids,
            groups_withheld=without and not all(grid.withheld for grid in grids),
        )

    def _grids(
        self, item: Item, tables: Sequence[Table], lacking: Sequence[str | None]
    ) -> Iterator[Grid]:
        """One grid for each row that has tables by group, and a shared grid for all other rows."""
        rows = dict.fromkeys(table.row for table in tables)
        if len({table.group for table in tables}) == 1:
            only = len(rows) == 1 and tables[0].row is not None
            label = row_label(item, tables[0].row) if only else ""
            yield self._grid(item, label, [(self._name(item, table), table) for table in tables])
            return
        for row in rows:
            if row not in lacking:
                label = "" if row is None else row_label(item, row)
                columns = [(self._group(table), table) for table in tables if table.row == row]
                yield self._grid(item, label, columns)
        rest = [(self._name(item, t), t) for t in tables if t.row in lacking and t.group is None]
        if rest and len(rest) < len(rows) and all(table.withheld for __, table in rest):
            yield Grid("", (), (), scale=False, not_shown=tuple(safe(name) for name, __ in rest))
        elif rest:
            yield self._grid(item, "" if len(rest) == len(rows) else _(words.FOR_EVERYONE), rest)

    def _name(self, item: Item, table: Table) -> str:
        return self._group(table) if table.row is None else row_label(item, table.row)

    def _grid(self, item: Item, label: str, tables: Sequence[tuple[str, Table]]) -> Grid:
        asked = [(name, table) for name, table in tables if table.withheld or table.cells]
        shown = [(name, table) for name, table in asked if not table.withheld] or asked
        cells = [cell for _, table in shown for cell in table.cells]
        if item.required == "soft" and all(c.masked for c in cells if c.code == BLANK):
            # The item can be left empty only on paper, and few or no respondents did so.
            cells = [cell for cell in cells if cell.code != BLANK]
        not_asked = (pair[0] for pair in tables if pair not in asked)
        options = self.recorded.options(item)
        return Grid(
            label=safe(label),
            columns=tuple(_column(name, table) for name, table in shown),
            lines=_lines(cells, {option.code: not option.off_scale for option in options}),
            scale=isinstance(item, Choice) and item.measure == "ordinal",
            not_asked=tuple(dict.fromkeys(safe(name) for name in not_asked)),
            not_shown=tuple(safe(pair[0]) for pair in asked if pair not in shown),
        )

    def _group(self, table: Table) -> str:
        if table.group is None:
            return _(words.EVERYONE)
        return self.groups.get(table.group, safe(table.group))


def _without_groups(tables: Sequence[Table]) -> tuple[str | None, ...]:
    """The rows of an item for which the tables of all groups are withheld."""
    everyone = {table.row for table in tables if table.group is None}
    grouped = [table for table in tables if table.group is not None]
    shown = {table.row for table in grouped if not table.withheld}
    return tuple(dict.fromkeys(t.row for t in grouped if t.row in everyone and t.row not in shown))


def _column(name: str, table: Table) -> Column:
    cells = {cell.code: cell for cell in table.cells}
    is_grouped = table.group is not None
    return Column(safe(name), table.base, table.withheld, cells, is_grouped, table.rounded_to)


def _lines(cells: Iterable[Cell], options: Mapping[str, bool]) -> tuple[Category, ...]:
    """All categories that occur in any of the tables, in questionnaire order.

    `options` maps each option code of the item to True if it is a step of the scale.
    """
    labels = {cell.code: cell.label for cell in cells}
    answers = [code for code in labels if code not in RESERVED]
    if set(answers) <= set(options):
        answers = [code for code in options if code in labels]
    steps = (Category(code, safe(labels[code]), False, options.get(code, True)) for code in answers)
    apart = (Category(code, safe(labels[code]), apart=True) for code in RESERVED if code in labels)
    return (*steps, *apart)

"""A summary as an Excel workbook: one sheet for each question, with figures as numbers.

A masked figure is an empty cell, with the mask in a separate column, so that number columns contain
no text. There are no formulas, and the same summary always gives the same bytes.
"""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from microcred_cli.clock.dates import NEUTRAL
from microcred_cli.i18n import N_, _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.layout import NO_DATES, Dates, report_of
from microcred_cli.summary.labels import group_labels, in_words, row_label
from microcred_cli.summary.rule import ROUNDED_TO
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.questionnaire.models import Item, Questionnaire
    from microcred_cli.summary.figures import Summary, Table
    from microcred_cli.summary.formats.report import Report, ReportQuestion

    Row = tuple[str | int | None, ...]

_COLUMNS: Final = (
    (words.GROUP, 24),
    (N_("Row or rank"), 36),
    (N_("Code"), 20),
    (words.ANSWER, 40),
    (N_("Count"), 9),
    (N_("Masked count"), 16),
    (N_("Percent"), 9),
    (words.BASE, 9),
    (N_("Masked base"), 16),
    (N_("Rounded to multiples of"), 16),
)
"""The column headings, and their widths in characters."""

_FIRST_SHEET: Final = "summary"
_LONGEST_NAME: Final = 31
_REFUSED: Final = "history"
"""A sheet name that is reserved by Excel."""


def workbook(summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES) -> bytes:
    """The content of the Excel file in the current language."""
    import xlsxwriter

    report = report_of(summary, recorded, dates)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": report.title, "created": NEUTRAL.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    names = _Names()
    front = book.add_worksheet(names.name(_FIRST_SHEET))
    front.set_column(0, 0, 40)
    front.set_column(1, 1, 60, book.add_format({"align": "left"}))
    _write_front(front, report, summary.responses, bold)
    groups = group_labels(recorded, summary.by)
    questions = {question.id: question for part in report.parts for question in part.questions}
    tables = in_words(summary, recorded).tables
    for item, found in groupby(tables, key=lambda table: table.item):
        if item in questions:
            sheet = book.add_worksheet(names.name(item))
            rows = list(_rows(recorded.by_id[item], list(found), groups, report.masked))
            _write_question(sheet, questions[item], rows, bold)
    book.close()
    return out.getvalue()


class _Names:
    """Assigns sheet names that are unique even if case is ignored."""

    def __init__(self) -> None:
        self._taken = {_REFUSED}

    def name(self, wanted: str) -> str:
        """The wanted name, shortened or numbered if necessary."""
        found, number = wanted[:_LONGEST_NAME], 1
        while found.casefold() in self._taken:
            number += 1
            found = f"{wanted[: _LONGEST_NAME - 1 - len(str(number))]}_{number}"
        self._taken.add(found.casefold())
        return found


def _write_front(sheet: Any, report: Report, responses: int | None, bold: Any) -> None:
    """The title, facts, notes and questions of a report."""
    rows: list[tuple[str | int, ...]] = [(report.title,), (report.long_title,)]
    for name, value in report.facts:
        count = responses if name == _(words.RESPONSES) else None
        rows.append((name, value if count is None else count))
    if report.synthetic:
        rows.append((_(words.SYNTHETIC),))
    rows += [(note,) for note in report.notes]
    rows += [
        (question.heading, question.id) for part in report.parts for question in part.questions
    ]
    for ending in report.ends:
        rows += [(ending[1],), (ending[2],)]
        rows += [(entry.text,) for listing in ending[3] for entry in listing.entries]
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            if isinstance(text, int):
                sheet.write_number(number, place, text)
            else:
                sheet.write_string(number, place, text, *([bold] if number == 0 else []))


def _write_question(sheet: Any, question: ReportQuestion, rows: Sequence[Row], bold: Any) -> None:
    above = [question.heading, *question.texts, question.kind]
    for number, text in enumerate(above):
        sheet.write_string(number, 0, text, *([bold] if number == 0 else []))
    first = len(above) + 1
    for place, (heading, width) in enumerate(_COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(first, place, _(heading), bold)
    for number, row in enumerate(rows, first + 1):
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, place, value)
            elif value:
                sheet.write_string(number, place, value)
    sheet.autofilter(first, 0, first + len(rows), len(_COLUMNS) - 1)
    sheet.freeze_panes(first + 1, 0)


def _rows(
    item: Item, tables: Sequence[Table], groups: Mapping[str, str], masked: str
) -> Iterator[Row]:
    """One row for each cell; a withheld table has a single row with a note."""
    for table in tables:
        group = _(words.EVERYONE) if table.group is None else groups.get(table.group, table.group)
        row = "" if table.row is None else row_label(item, table.row)
        begin = safe(group), safe(row)
        if table.withheld:
            yield (*begin, None, _(words.NOT_SHOWN))
            continue
        base = table.base, masked if table.base is None else None
        for cell in table.cells:
            count = cell.count, masked if cell.masked else None, cell.percent
            end = *base, table.rounded_to or ROUNDED_TO
            yield (*begin, safe(cell.code), safe(cell.label), *count, *end)

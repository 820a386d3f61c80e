"""A summary as CSV (RFC 4180), with one row per cell, safe to open in a spreadsheet program.

Labels are in the current language; codes, headings and numbers are the same in all languages.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import TYPE_CHECKING

from microcred_cli.summary.formats.layout import NO_DATES, Dates
from microcred_cli.summary.labels import in_words
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary, Table

COLUMNS = (
    "item", "row", "kind", "label", "by", "group", "base",
    "code", "code_label", "count", "percent", "masked",
    "withheld", "asked",
    "format", "questionnaire", "version", "synthetic", "responses", "rounded_to",
)  # fmt: skip

_ERRORS = ("#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DIV/0!")


def render(summary: Summary, recorded: Questionnaire, _: Dates = NO_DATES) -> str:
    """A header, then one row per cell; a table without cells has one row without a code.

    Lines end in CR LF. Figures that are masked or do not apply are empty, never 0. The fields that
    describe the whole summary are repeated in each row.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    which = summary.questionnaire
    whole = [
        *map(cell_text, (summary.format, which.id, which.version)),
        _truth(summary.synthetic),
        summary.responses,
    ]
    for table in in_words(summary, recorded).tables:
        writer.writerows([*row, *whole, table.rounded_to] for row in _rows(table, summary.by))
    return out.getvalue()


def _rows(table: Table, by: str | None) -> Iterator[list[str | int | None]]:
    by = by if table.group is not None else None
    start = [cell_text(part) for part in (table.item, table.row, table.kind, table.label, by)]
    head = [*start, cell_text(table.group), table.base]
    # A table has no cells if it is withheld, or if no route for its group leads to the question.
    end = [_truth(table.withheld), _truth(table.withheld or bool(table.cells))]
    if not table.cells:
        yield [*head, "", "", "", "", "", *end]
    for cell in table.cells:
        figures = [cell.count, cell.percent, _truth(cell.masked)]
        yield [*head, cell_text(cell.code), cell_text(cell.label), *figures, *end]


def cell_text(text: str | None) -> str:
    """Change a text that spreadsheets would interpret as a formula (OWASP ASVS 5, 1.2.10).

    Names of error values, such as `#N/A`, are changed too.
    """
    if text is None:
        return ""
    if text.strip().upper() in _ERRORS:
        return f"'{safe(text)}"
    # Some programs treat full-width forms of these characters in the same way.
    first = unicodedata.normalize("NFKC", text).lstrip(" ")[:1]
    return ("'" if first in tuple("=+-@\t\r\n\0") else "") + safe(text)


def _truth(value: bool) -> str:
    return "true" if value else "false"

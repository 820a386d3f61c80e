"""A data set as an Excel workbook: one sheet with the codes, and one about the variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from microcred_cli.clock.dates import NEUTRAL
from microcred_cli.interchange.writers.csvw import codes_by_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from microcred_cli.interchange.microdata import Microdata
    from microcred_cli.interchange.variables import Variable
    from microcred_cli.interchange.writers import DataSet

_OFTEN: Final = 200
_HEADINGS: Final = ("variable", "label", "code", "code_label", "missing")


def write(dataset: DataSet, folder: Path, progress: Callable[[int, int], object]) -> None:
    """Write `<name>.xlsx`: variable names in row 1, then one row for each record."""
    import xlsxwriter

    # In constant-memory mode, rows go through a temporary file, which must stay in this folder.
    settings = {"constant_memory": True, "tmpdir": str(folder), "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(folder / f"{dataset.name}.xlsx"), settings)
    created = NEUTRAL.replace(tzinfo=None)
    book.set_properties({"title": dataset.title, "comments": dataset.notice, "created": created})
    sheet = book.add_worksheet("data")
    sheet.freeze_panes(1, 1)
    for place, variable in enumerate(dataset.data.variables):
        sheet.write_string(0, place, variable.name)
    _write_rows(sheet, dataset.data, progress)
    _describe(book.add_worksheet("variables"), dataset.data.variables)
    book.close()


def errors() -> tuple[type[Exception], ...]:
    """Exceptions that the libraries raise."""
    from xlsxwriter.exceptions import XlsxWriterException

    return (XlsxWriterException,)


def _write_rows(sheet: Any, data: Microdata, progress: Callable[[int, int], object]) -> None:
    codes = [codes_by_number(variable) for variable in data.variables]
    numbers = [_numbers(variable) for variable in data.variables]
    for record in range(data.size):
        for place, column in enumerate(data.columns):
            number = column[record]
            if number in numbers[place]:
                sheet.write_number(record + 1, place, number)
            else:
                sheet.write_string(record + 1, place, codes[place][number])
        if record % _OFTEN == 0:
            progress(record, data.size)


def _numbers(variable: Variable) -> range:
    """The variables written as numbers rather than codes: amounts, record numbers, 0 and 1."""
    if variable.kind == "multiple":
        return range(2)
    if variable.kind == "row":
        return range(1, 2**40)
    return range(variable.limits[0], variable.limits[1] + 1) if variable.limits else range(0)


def _describe(sheet: Any, variables: tuple[Variable, ...]) -> None:
    """Write the second sheet: one row for each value of each variable."""
    rows = [_HEADINGS]
    for variable in variables:
        values = [(v.code, v.label, "") for v in variable.values]
        values += [(v.code, v.label, "yes") for v in variable.missing]
        rows += [(variable.name, variable.label, *value) for value in values or [("", "", "")]]
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text)

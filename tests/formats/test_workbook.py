"""A summary as a workbook: figures are numbers, masks stand apart, and nothing is a formula."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from microcred_cli.i18n import speaking
from microcred_cli.interchange import extras
from microcred_cli.records.recoding import stored
from microcred_cli.summary.formats.xlsx import workbook
from tests.formats.examples import QUESTIONNAIRE, Example, example
from tests.scenario import questionnaire_of

if TYPE_CHECKING:
    from tests.cli.program import Place

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Cells = dict[str, str | float]


def sheets(data: bytes) -> dict[str, list[Cells]]:
    """The rows of each sheet, each with its cells by column letter."""
    found = {}
    with ZipFile(io.BytesIO(data)) as book:
        names = [
            each.get("name") or ""
            for each in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SPACE}sheet")
        ]
        strings = [
            "".join(each.itertext())
            for each in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SPACE}si")
        ]
        for number, name in enumerate(names, 1):
            sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iter(f"{SPACE}f"))
            found[name] = [
                {
                    (cell.get("r") or "")[0]: strings[int(text)]
                    if cell.get("t") == "s"
                    else float(text)
                    for cell in row
                    if (text := cell.findtext(f"{SPACE}v")) is not None
                }
                for row in sheet.iter(f"{SPACE}row")
            ]
    return found


def written(given: Example) -> dict[str, list[Cells]]:
    pytest.importorskip("xlsxwriter", reason="the extra export is not installed")
    return sheets(workbook(given.summary, given.recorded))


def test_the_number_of_responses_is_a_number() -> None:
    given = example(None)
    front, *_ = written(given).values()
    assert {"A": "Responses", "B": float(given.summary.responses or 0)} in front


@pytest.mark.parametrize("by", [None, "role"])
def test_every_figure_is_a_number_and_every_mask_is_in_its_own_column(by: str | None) -> None:
    given = example(by)
    found = written(given)
    for item in dict.fromkeys(table.item for table in given.tables):
        rows = [row for row in found[item] if isinstance(row.get("H") or row.get("I"), float | str)]
        rows = [row for row in rows if row.get("C") != "Code"]
        cells = [(t, c) for t in given.tables if t.item == item for c in t.cells]
        assert [row["C"] for row in rows] == [cell.code for _, cell in cells]
        for row, (table, cell) in zip(rows, cells, strict=True):
            assert row.get("E") == cell.count
            assert row.get("F") == ("<8" if cell.masked else None)
            assert row.get("G") == cell.percent
            assert row.get("H") == table.base
            assert row["J"] == (table.rounded_to or 5)


def test_a_table_that_is_withheld_says_so_and_has_no_figure() -> None:
    rows = written(example("role", withheld=("uses",)))["uses"]
    told = [row for row in rows if row.get("D") == "Not shown"]
    assert told
    assert all({*row} <= {"A", "B", "D"} for row in told)


def test_the_first_sheet_has_the_notes_and_every_question() -> None:
    given = example()
    front = written(given)["summary"]
    texts = [text for row in front for text in row.values()]
    assert any("rounded to multiples of 5" in str(text) for text in texts)
    assert {table.item for table in given.tables} <= {*texts}


@pytest.mark.parametrize("label", ["=1+1", "{=1}", "#N/A", "https://x.org", "TRUE", "12"])
def test_a_label_that_looks_like_a_formula_or_a_link_stays_text(label: str) -> None:
    given = example()
    texts = QUESTIONNAIRE.replace("A pen", f'"{label}"')
    found = written(Example(given.summary, stored(questionnaire_of(texts))))
    assert label in {text for row in found["uses"] for text in row.values()}


def test_headings_are_in_the_current_language_and_bytes_are_always_the_same() -> None:
    pytest.importorskip("xlsxwriter", reason="the extra export is not installed")
    given = example()
    with speaking("de"):
        data = workbook(given.summary, given.recorded)
        assert workbook(given.summary, given.recorded) == data
    headings = [text for row in sheets(data)["mood"] for text in row.values()]
    assert "Prozent" in headings


def test_a_workbook_needs_a_file_and_its_package(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: True)
    ran = place.run("summary", "--format", "xlsx")
    assert ran.code == 2
    assert "--output" in ran.err
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    ran = place.run("summary", "--output", "report.xlsx")
    assert ran.code == 2
    assert "[export]" in ran.err

"""JSON and CSV output for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from microcred_cli.summary.formats import FORMATS, format_named
from microcred_cli.summary.formats.csv_format import COLUMNS
from tests.formats.examples import Example, example

SIGNS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\x00=1",
]


def rendered(name: str, given: Example) -> str:
    return format_named(name).render(given.summary, given.recorded)


def rows(given: Example) -> list[dict[str, str]]:
    text = rendered("csv", given)
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("by", [None, "role"])
def test_json_is_exactly_the_summary(by: str | None) -> None:
    given = example(by, withheld=("uses",))
    assert json.loads(rendered("json", given)) == given.summary.model_dump()


def test_json_keeps_any_text_but_none_that_acts_on_a_screen() -> None:
    given = example(label="\x1b[2J\u202e\u200b\x9b\U000e0041é")
    text = rendered("json", given)
    assert json.loads(text) == given.summary.model_dump()
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "é" in text


@pytest.mark.parametrize("by", [None, "role"])
def test_csv_has_every_cell_of_every_table_in_order(by: str | None) -> None:
    given = example(by)
    cells = [(table, cell) for table in given.tables for cell in table.cells]
    read = rows(given)
    assert len(read) == len(cells)
    for row, (table, cell) in zip(read, cells, strict=True):
        assert row == {
            "item": table.item,
            "row": table.row or "",
            "kind": table.kind,
            "label": table.label,
            "by": "role" if table.group else "",
            "group": table.group or "",
            "base": "" if table.base is None else str(table.base),
            "code": cell.code,
            "code_label": cell.label,
            "count": "" if cell.count is None else str(cell.count),
            "percent": "" if cell.percent is None else str(cell.percent),
            "masked": "true" if cell.masked else "false",
            "withheld": "false",
            "asked": "true",
            "format": "microcred-summary/1",
            "questionnaire": given.summary.questionnaire.id,
            "version": given.summary.questionnaire.version,
            "synthetic": "false",
            "responses": "1250",
            "rounded_to": "",
        }


def test_csv_has_a_line_for_a_table_that_is_withheld() -> None:
    (row,) = [row for row in rows(example(withheld=("uses",))) if row["item"] == "uses"]
    assert (row["withheld"], row["asked"]) == ("true", "true")
    assert {row[name] for name in ("base", "code", "code_label", "count", "percent", "masked")} == {
        ""
    }


def test_csv_has_a_line_for_a_group_that_was_not_asked() -> None:
    read = rows(example("role", unasked=(("uses", "staff"),)))
    (row,) = [row for row in read if row["asked"] == "false"]
    assert (row["item"], row["group"], row["withheld"]) == ("uses", "staff", "false")
    assert row["base"] == row["code"] == row["count"] == ""


def test_csv_says_in_every_row_that_responses_are_synthetic() -> None:
    given = example()
    made = given.summary.model_copy(update={"synthetic": True, "responses": None})
    read = rows(Example(made, given.recorded))
    assert {row["synthetic"] for row in read} == {"true"}
    assert {row["responses"] for row in read} == {""}


def test_the_page_on_files_has_every_column_of_the_csv() -> None:
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    section = page.partition("## A summary for programs")[2].partition("\n## ")[0]
    named = {name for row in re.findall(r"^\| (.*?) \|", section, re.M)
             for name in re.findall(r"`(\w+)`", row)}  # fmt: skip
    assert set(COLUMNS) <= named


def test_csv_lines_end_as_rfc_4180_says_and_quotes_are_doubled() -> None:
    text = rendered("csv", example(label='a "b", c'))
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert '"a ""b"", cBada ""b"", c"' in text


@pytest.mark.parametrize("sign", SIGNS)
def test_csv_texts_are_no_formula(sign: str) -> None:
    read = rows(example(label=sign))
    assert all(row["code_label"].startswith("'") for row in read if row["code"] not in RESERVED)
    assert not any("\t" in row["label"] or "\r" in row["label"] for row in read)


RESERVED = ("dk", "pna", "blank", "not_asked", "not_reached")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_its_text_in_a_line_end(name: str) -> None:
    assert rendered(name, example("role")).endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_a_summary_without_tables(name: str) -> None:
    given = example()
    empty = given.summary.model_copy(update={"tables": (), "responses": None})
    assert format_named(name).render(empty, given.recorded)

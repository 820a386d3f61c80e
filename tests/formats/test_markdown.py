"""Markdown: tables as GitHub reads them."""

from __future__ import annotations

import re

from microcred_cli.summary.formats import format_named
from microcred_cli.summary.formats.words import WITHHELD, for_everyone_only
from tests.formats.examples import ROUTED, Example, example, shown, shown_with_share


def rendered(given: Example) -> str:
    return format_named("markdown").render(given.summary, given.recorded)


def plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip("* ")


def tables(text: str) -> list[list[list[str]]]:
    """Every table, its lines split where no backslash stands before the line."""
    found: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append([plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


def test_a_question_alone_has_a_line_for_each_answer_and_its_base_first() -> None:
    given = example()
    (wanted,) = [table for table in given.tables if table.item == "uses"]
    (table,) = [t for t in tables(rendered(given)) if any("A pen" in row for row in t)]
    assert table[0] == ["Answer", "People", "Per cent"]
    assert table[2] == ["Base", "1,200", ""]
    assert table[3:] == [
        [cell.label, shown(cell), f"{cell.percent} %" if cell.percent is not None else ""]
        for cell in wanted.cells
    ]


def test_a_breakdown_has_a_column_for_each_group() -> None:
    given = example("role")
    wanted = [table for table in given.tables if table.item == "uses"]
    (table,) = [t for t in tables(rendered(given)) if any("A pen" in row for row in t)]
    assert table[0] == [
        "Answer",
        "Everyone",
        "The one who leads the whole organisation",
        "Staff",
        "Smaller groups together",
    ]
    by_label = {row[0]: row[1:] for row in table[2:]}
    for cell in wanted[0].cells:
        same = [{c.code: c for c in t.cells}.get(cell.code) for t in wanted]
        assert by_label[cell.label] == [shown_with_share(c, " ({})") for c in same]


def test_not_asked_is_counted_for_everyone_only() -> None:
    text = rendered(example("role", text=ROUTED))
    (table,) = [t for t in tables(text) if any("A pen" in row for row in t)]
    (row,) = [row for row in table if row[0] == "Not asked"]
    assert row[1] != ""
    assert row[2:] == [""] * 3
    assert text.count(for_everyone_only("not_asked")) == 1
    assert "–" not in text


def test_the_percentages_of_small_bases_are_called_rough() -> None:
    assert "can be 8 of 12 people" in rendered(example("role", bases=(10,)))
    assert "can be 8 of 12 people" not in rendered(example("role", bases=(40,)))


def test_a_matrix_is_one_table_with_a_line_for_each_row() -> None:
    given = example()
    wanted = [table for table in given.tables if table.item == "trust"]
    (table,) = [t for t in tables(rendered(given)) if any("A firm" in row for row in t)]
    for row, source in zip(table[2:], wanted, strict=True):
        by_head = dict(zip(table[0], row, strict=True))
        assert row[0] == source.label
        assert by_head["Base"] == "1,200"
        for cell in source.cells:
            assert by_head[cell.label] == shown_with_share(cell, " ({})")


def test_what_is_withheld_is_said_in_words() -> None:
    assert rendered(example(withheld=("uses",))).count(WITHHELD) == 1


def test_no_text_means_anything_to_markdown() -> None:
    label = "<script>|*a*_b_`c`[d](http://e)~f~\\"
    given = example("role", label=label)
    text = rendered(given)
    assert re.search(r"(?<!\\)[<`\[~]", text) is None
    for table in tables(text):
        assert len({len(row) for row in table}) == 1
    assert any(label in row[0] for table in tables(text) for row in table)

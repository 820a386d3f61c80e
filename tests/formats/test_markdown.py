"""Markdown: tables as GitHub renders them."""

from __future__ import annotations

import re

import pytest

from microcred_cli.questionnaire.values import BLANK, RESERVED
from microcred_cli.summary.formats import format_named
from microcred_cli.summary.formats.markdown import escaped as text_of
from microcred_cli.summary.formats.words import WITHHELD, for_everyone_only
from tests.formats.examples import ROUTED, Example, example, shown, shown_with_share


def rendered(given: Example) -> str:
    return format_named("markdown").render(given.summary, given.recorded)


def plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip("* ")


def tables(text: str) -> list[list[list[str]]]:
    """Every table, with its lines split at unescaped vertical bars."""
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
    cells = [cell for cell in wanted.cells if cell.code != BLANK or not cell.masked]
    rows = [
        [cell.label, shown(cell), f"{cell.percent} %" if cell.percent is not None else ""]
        for cell in cells
    ]
    answers = sum(cell.code not in RESERVED for cell in cells)
    assert table[3:] == [*rows[:answers], ["Not in the base:", "", ""], *rows[answers:]]


def test_what_is_not_in_the_base_stands_apart_in_a_table_of_groups_too() -> None:
    text = rendered(example("role"))
    (table,) = [t for t in tables(text) if any("A pen" in row for row in t)]
    labels = [row[0] for row in table]
    apart = labels.index("Not in the base:")
    assert labels.index("None of these") < apart < labels.index("Prefer not to answer")
    assert table[apart][1:] == [""] * 4
    assert (
        "\n*Not in the base: Don't know; Prefer not to answer; Left empty; Not reached*\n" in text
    )


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
    assert "can mean 8 of 12 people" in rendered(example("role", bases=(10,)))
    assert "can mean 8 of 12 people" not in rendered(example("role", bases=(40,)))


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


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Which: this, or that?", "Which: this, or that?"),
        ("R&D: trust_by_issuer!", "R&D: trust_by_issuer!"),
        ("http://e.org", r"http\://e.org"),
        ("mailto:a@e.org", r"mailto\:a\@e.org"),
        ("www.e.org", r"www\.e.org"),
        ("a :smile: b", r"a \:smile: b"),
        ("&lt; &#60;", r"\&lt; \&\#60;"),
        ("_so_ and __so__", r"\_so\_ and \_\_so\_\_"),
        ("![a](b)", r"!\[a\](b)"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("1.200", "1.200"),
    ],
)
def test_only_what_means_something_is_escaped(text: str, written: str) -> None:
    assert text_of(text) == written

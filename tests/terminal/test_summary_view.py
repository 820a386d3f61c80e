"""A summary on the screen, at every width, with and without colour."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from microcred_cli.summary.formats.layout import report_of
from microcred_cli.summary.formats.words import (
    GROUPS_WITHHELD,
    MAY_WAIT,
    NO_MEAN_MEANS,
    WITHHELD,
    for_everyone_only,
)
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.report_lines import Look, look_for
from microcred_cli.terminal.report_view import report_lines, write
from microcred_cli.terminal.wrapping import width_of
from tests.formats.examples import ROUTED, Example, example, shown, with_counts

if TYPE_CHECKING:
    from microcred_cli.summary.figures import Cell

WIDTHS = (200, 80, 60, 40)
WIDE = "評価尺度"


def lines(given: Example, look: Look) -> list[str]:
    report = report_of(given.summary, given.recorded, aloud=look.spoken)
    return [line.plain for line in report_lines(report, look)]


def question(given: Example, item: str, look: Look) -> list[str]:
    """The lines below a question's heading."""
    found = lines(given, look)
    start = next(n for n, line in enumerate(found) if re.match(rf"{item}( ·| \||,)", line)) + 1
    end = next((n for n, line in enumerate(found[start:], start) if not line), len(found))
    return found[start:end]


def figures_in(text: list[str]) -> Counter[str]:
    """The figures on some lines; a bar of digits is not a figure."""
    tokens = re.findall(
        r"(?<!\S)(?:<8|\d{1,3}(?:,\d{3})*)(?: %)?(?!\S)", "\n".join(text).replace("\u00a0%.", " %")
    )
    return Counter(tokens)


def cells_of(given: Example, item: str) -> list[Cell]:
    """The cells of an item that are displayed: no blanks if all of them are masked."""
    cells = [cell for table in given.tables if table.item == item for cell in table.cells]
    no_blanks = all(cell.masked for cell in cells if cell.code == "blank")
    return [cell for cell in cells if not (no_blanks and cell.code == "blank")]


def figures_of(given: Example, item: str) -> Counter[str]:
    """The figures of an item in the summary: counts, percentages."""
    cells = cells_of(given, item)
    shares = (f"{cell.percent} %" for cell in cells if cell.percent is not None)
    return Counter([*map(shown, cells), *shares])


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("by", [None, "role"])
@pytest.mark.parametrize("label", ["", WIDE, " a-very-long-word-that-fits-no-column-at-all"])
@pytest.mark.parametrize("spoken", [True, False])
def test_no_line_is_wider_than_the_screen(
    width: int, by: str | None, label: str, spoken: bool
) -> None:
    for line in lines(example(by, label=label), Look(width, spoken=spoken)):
        assert width_of(line) <= min(width, 100)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("item", ["uses", "number", "trust", "best", "mood"])
@pytest.mark.parametrize("by", [None, "role"])
def test_every_figure_is_on_the_screen_at_every_width(
    width: int, item: str, by: str | None
) -> None:
    given = example(by)
    found = figures_in(question(given, item, Look(width)))
    wanted = figures_of(given, item)
    assert not wanted - found
    # There are also the bases, and the symbols of the steps above their columns.
    bases = Counter({"<8": 99, "40": 99, "1,100": 99, "1,200": 99})
    steps = Counter({str(step): 99 for step in range(1, 6)})
    more = Counter(
        found.replace("\u00a0", " ")
        for found in re.findall(
            r"highest two (\d+\s%)", " ".join(question(given, item, Look(width)))
        )
    )
    assert not found - wanted - bases - steps - more


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("by", [None, "role"])
def test_no_word_is_cut_at_any_width(width: int, by: str | None) -> None:
    given = example(by)
    words = " ".join(lines(given, Look(width))).split()
    for table in given.tables:
        for cell in table.cells:
            assert not set(cell.label.split()) - set(words) - set(",".join(words).split(","))


def test_answers_stand_in_the_order_of_the_questionnaire_with_a_bar_each() -> None:
    given = example()
    found = question(given, "uses", Look(80))
    labels = [line for line in found if line.startswith("  ") and not line.endswith(":")]
    for cell, line in zip(cells_of(given, "uses"), labels, strict=True):
        assert line.startswith(f"  {cell.label}"[:20])
        assert ("█" in line) is bool(cell.percent and cell.percent > 3)


def test_a_bar_is_as_long_as_its_share() -> None:
    for seed in range(20):
        given = example(seed=seed)
        cells = cells_of(given, "uses")
        found = question(given, "uses", Look(80, ascii_only=True))
        longest = 0
        for cell in cells:
            (line,) = [line for line in found if line.startswith(f"  {cell.label} ")]
            if cell.percent == 100:
                longest = line.count("#")
        for cell in cells:
            (line,) = [line for line in found if line.startswith(f"  {cell.label} ")]
            if longest and cell.percent is not None:
                assert abs(line.count("#") - longest * cell.percent / 100) <= 0.5


def test_reserved_codes_stand_apart() -> None:
    found = question(example(), "uses", Look(80))
    apart = found.index("  Not in the base:")
    assert any("Prefer not to answer" in line for line in found[apart:])
    assert not any("Prefer not to answer" in line for line in found[:apart])


def test_reserved_codes_stand_apart_beside_other_groups() -> None:
    found = [line.rstrip() for line in question(example("role"), "uses", Look(80))]
    apart = found.index("  Not in the base:")
    assert any("Prefer not to answer" in line for line in found[apart:])
    assert not any("Prefer not to answer" in line for line in found[:apart])


def test_the_signs_of_reserved_codes_are_explained_apart() -> None:
    found = " ".join(" ".join(question(example(), "trust", Look(80))).split())
    assert "Not in the base: DK Don't know · PNA Prefer not to answer" in found


def test_a_matrix_is_one_table_under_stacked_bars() -> None:
    found = question(example(seed=5), "trust", Look(80))
    assert sum(line.startswith("  A firm") for line in found) == 2
    bar = next(line for line in found if line.startswith("  A firm"))
    assert re.search(r"1*2*3+|1+2*3*|1*2+3*", bar)
    (heads,) = [line for line in found if re.search(r" 1 +2 +3 ", line)]
    assert heads.split()[:3] == ["1", "2", "3"]
    assert heads.split()[3:] == ["Base", "DK", "PNA", "left", "n.r."]


def test_a_breakdown_has_a_column_for_each_group() -> None:
    found = question(example("role"), "uses", Look(80))
    text = " ".join(" ".join(found).split())
    assert "Everyone" in text
    assert next(line for line in found if line.startswith("  Base")).split()[1] == "1,200"


def test_not_asked_is_counted_for_everyone_and_is_not_called_impossible_in_groups() -> None:
    found = question(example("role", text=ROUTED), "uses", Look(80))
    text = " ".join(" ".join(found).split())
    whole = " ".join(" ".join(lines(example("role", text=ROUTED), Look(80))).split())
    assert whole.count(for_everyone_only("not_asked")) == 1
    assert "–" not in text
    assert "not possible" not in text
    (line,) = [line for line in found if line.startswith("  Not asked")]
    assert len(re.findall(r"<8|\d+", line)) == 1
    assert for_everyone_only("not_asked") not in "".join(lines(example(text=ROUTED), Look(200)))


def test_what_no_route_makes_possible_is_said() -> None:
    given = example("role", groups=("boss", "staff"))
    tables = tuple(
        table.model_copy(update={"cells": table.cells[1:]}) if table.group == "boss" else table
        for table in given.tables
    )
    changed = Example(given.summary.model_copy(update={"tables": tables}), given.recorded)
    found = question(changed, "uses", Look(80))
    assert found[-1] == "– not possible here"
    assert "–" in next(line for line in found if line.startswith("  A pen"))


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_bar_of_steps_shows_that_a_step_is_not_shown(ascii_only: bool) -> None:
    look = Look(80, ascii_only=ascii_only)
    dot = "." if ascii_only else "·"
    for counts in ((50, 45, None), (10, None, None), (None, None, None)):
        found = question(with_counts(example(), "trust", *counts), "trust", look)
        bars = [line for line in found if line.startswith("  A firm")]
        assert bars[0].endswith(dot)
        assert any("steps that are not shown" in line for line in found)
    whole = question(with_counts(example(), "trust", 50, 45, 15), "trust", look)
    assert not any("not shown" in line for line in whole)
    assert not any(line.endswith(dot) for line in whole if line.startswith("  A firm"))


def test_a_mean_that_is_missing_is_explained() -> None:
    given = with_counts(example(), "trust", 50, 45, 15)
    assert NO_MEAN_MEANS not in question(given, "trust", Look(80))
    first, *others = [table for table in given.tables if table.item == "trust"]
    masked = first.cells[0].model_copy(update={"count": None, "percent": None, "masked": True})
    less = first.model_copy(update={"cells": (masked, *first.cells[1:])})
    tables = tuple(less if table is first else table for table in given.tables)
    changed = Example(given.summary.model_copy(update={"tables": tables}), given.recorded)
    assert NO_MEAN_MEANS in question(changed, "trust", Look(80))
    assert len(others) > 0


ROUGH = "Percentages are approximate where the base is under 30"


def test_the_percentages_of_small_bases_are_called_rough() -> None:
    small = " ".join(lines(example("role", bases=(25,)), Look(200)))
    assert f"{ROUGH}, since both figures are rounded: " in small
    assert "10 of 10, 100\u00a0%, can mean 8 of 12 people." in small
    assert ROUGH not in " ".join(lines(example("role", bases=(30, 40)), Look(200)))
    assert ROUGH not in " ".join(lines(example("role", bases=(None,)), Look(200)))


def test_spoken_lines_have_one_figure_each_and_no_bar() -> None:
    given = example("role")
    for line in lines(given, Look(80, spoken=True)):
        if line == MAY_WAIT:
            continue
        assert not re.search("[█▏▎▍▌▋▊▉]|#{2}", line)
        assert len(re.findall(r"(?<!\S)(?:under 8|[\d,]+)(?=,|$)", line)) <= 1
        assert "<8" not in line
    found = question(given, "uses", Look(80, spoken=True))
    assert any(line.startswith("Staff (base") for line in found)


def test_what_is_withheld_is_said_in_words() -> None:
    text = " ".join(" ".join(lines(example(withheld=("trust",)), Look(80))).split())
    assert text.count(WITHHELD) == 1
    grouped = lines(example("role", withheld=("trust",)), Look(80))
    assert GROUPS_WITHHELD in " ".join(" ".join(grouped).split())


def test_a_group_that_is_not_asked_is_named() -> None:
    given = example("role", unasked=(("number", "staff"),))
    assert "Not asked of: Staff." in question(given, "number", Look(80))


def test_without_colour_there_is_no_escape_and_with_ascii_no_other_sign() -> None:
    given = example("role", label="\x1b[31m\u202e[red]\x9b")
    report = report_of(given.summary, given.recorded)
    out = io.StringIO()
    write(report, out, Look(80), colour=False)
    assert "[red]" in out.getvalue()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out.getvalue())
    for by in (None, "role"):
        assert "".join(lines(example(by), Look(80, ascii_only=True))).isascii()


def test_in_colour_the_words_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    given = example("role", label="[b]")
    report = report_of(given.summary, given.recorded)
    coloured, plain = io.StringIO(), io.StringIO()
    write(report, coloured, Look(80), colour=True)
    write(report, plain, Look(80), colour=False)
    assert "\x1b[" in coloured.getvalue()
    words = Text.from_ansi(coloured.getvalue()).plain
    assert [line.rstrip() for line in words.splitlines()] == plain.getvalue().splitlines()


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Pipe(io.StringIO):
    encoding = "ascii"


@pytest.mark.parametrize(
    ("environment", "plain", "colour", "spoken"),
    [
        ({}, None, True, False),
        ({"NO_COLOR": "1"}, None, False, False),
        ({"NO_COLOR": ""}, None, True, False),
        ({"TERM": "dumb"}, None, False, False),
        ({"ACCESSIBLE": "1"}, None, False, True),
        ({"ACCESSIBLE": "1"}, False, True, False),
        ({}, True, False, True),
    ],
)
def test_a_terminal_gets_what_it_and_its_reader_can_take(
    environment: dict[str, str], plain: bool | None, colour: bool, spoken: bool
) -> None:
    surroundings = Surroundings(io.StringIO(), Screen(), environment)
    look, coloured = look_for(surroundings, plain)
    assert (coloured, look.spoken) == (colour, spoken)


@pytest.mark.parametrize(("environment", "width"), [({}, 80), ({"COLUMNS": "60"}, 60)])
@pytest.mark.parametrize("plain", [None, False])
def test_a_pipe_gets_no_colour_and_eighty_columns_or_as_many_as_are_set(
    environment: dict[str, str], width: int, plain: bool | None
) -> None:
    look, coloured = look_for(Surroundings(io.StringIO(), Pipe(), environment), plain)
    assert (look.width, look.ascii_only, coloured) == (width, True, False)

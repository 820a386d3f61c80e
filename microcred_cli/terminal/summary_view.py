"""A summary on the screen: bars beside figures, a matrix as stacked bars, tables side by side.

Lines fit the width that is given, down to 40 columns, and nothing is cut: what does not fit side by
side stands one below the other. Spoken lines have no bars and one figure each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from rich.text import Text

from microcred_cli.summary.formats.report import (
    APART,
    GROUPS_WITHHELD,
    NOT_HERE_MEANS,
    SYNTHETIC,
    WITHHELD,
    percent,
)
from microcred_cli.terminal.mode import DUMB_TERMINALS, wishes_plain
from microcred_cli.terminal.wrapping import WIDEST, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from microcred_cli.summary.formats.report import Column, Grid, Line, Question, Report
    from microcred_cli.terminal.mode import Surroundings

NARROWEST = 24
USUAL_WIDTH = 80
_EIGHTHS = " ▏▎▍▌▋▊▉"
_INDENT = "  "
_SHORT = {"dk": "DK", "pna": "PNA", "blank": "left", "not_asked": "n.a.", "not_reached": "n.r."}
_STEPS = ("black on #c6dbef", "black on #9ecae1", "black on #6baed6", "white on #2171b5")
_LAST_STEP = "white on #08306b"
_BAR = "#4292c6"
_IN_ASCII = str.maketrans({"–": "-", "“": '"', "”": '"', "’": "'", "…": "...", "·": "."})
_FEWEST_BESIDE = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are to look: their width, and whether there are bars and more than ASCII."""

    width: int
    spoken: bool = False
    ascii_only: bool = False

    @property
    def between(self) -> str:
        """What stands between two things on one line."""
        return " | " if self.ascii_only else " · "

    def said(self, text: str) -> str:
        """A text with only the signs that can be shown."""
        return text.translate(_IN_ASCII) if self.ascii_only else text


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a table: what it is called, and count and percentage for each head."""

    label: str
    figures: tuple[tuple[str, str], ...]
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a column, and a short sign for it where it is narrow."""

    label: str
    sign: str
    apart: bool = False


def look_for(surroundings: Surroundings, plain: bool | None) -> tuple[Look, bool]:
    """How lines are to look on standard output, and whether in colour.

    Args:
        surroundings: streams and environment.
        plain: what `--plain` (True) or `--rich` (False) said; else spoken where a person wishes it.
    """
    given = surroundings.environment
    spoken = wishes_plain(surroundings) if plain is None else plain
    # Some terminals begin a new line as soon as the last column is full.
    seen = surroundings.width - 1 if surroundings.width else None
    width = seen or _number(given.get("COLUMNS")) or USUAL_WIDTH
    dumb = given.get("TERM", "").casefold() in DUMB_TERMINALS
    colour = surroundings.width is not None and not (spoken or dumb or given.get("NO_COLOR"))
    return Look(width, spoken, not _can_show(surroundings.stdout)), colour


def _can_show(out: TextIO) -> bool:
    try:
        f"{_EIGHTHS}█·–“”".encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def write(report: Report, out: TextIO, look: Look, *, colour: bool) -> None:
    """Write a report, in colour or without a single escape sequence."""
    if not colour:
        out.writelines(line.plain.rstrip() + "\n" for line in report_lines(report, look))
        return
    from rich.console import Console

    console = Console(file=out, highlight=False, markup=False, emoji=False, width=WIDEST * 2)
    for line in report_lines(report, look):
        console.print(line, soft_wrap=True)


def report_lines(report: Report, look: Look) -> Iterator[Text]:
    """Every line of a report, none wider than the look."""
    look = replace(look, width=max(NARROWEST, min(look.width, WIDEST)))
    yield from _opening(report, look)
    for part in report.parts:
        yield Text()
        yield from _styled(f"== {part.label} ==", look, "bold cyan")
        for question in part.questions:
            yield Text()
            yield from _question(report, question, look)


def _opening(report: Report, look: Look) -> Iterator[Text]:
    yield from _styled(report.title, look, "bold")
    facts = [report.questionnaire, f"{report.responses} responses"]
    if report.by:
        facts.append(f"by {report.by[:1].lower()}{report.by[1:]}")
    if report.group:
        facts.append(f"group: {report.group}")
    yield from _listed(facts, look, "")
    if report.synthetic:
        yield from _styled(SYNTHETIC, look, "bold yellow")
    for note in report.notes:
        yield from _styled(note, look, "dim")


def _question(report: Report, question: Question, look: Look) -> Iterator[Text]:
    for text in question.texts:
        yield from _styled(text, look, "bold")
    facts = [question.id, question.kind.lower()]
    if len(question.grids) == 1 and len(question.grids[0].columns) == 1:
        column = question.grids[0].columns[0]
        facts += [] if column.withheld else [f"base {report.base(column)}"]
    yield from _listed(facts, look, "dim")
    if question.withheld:
        yield from _styled(WITHHELD, look, "italic")
        return
    for grid in question.grids:
        yield from _grid(report, grid, look)
    if question.groups_withheld:
        yield from _styled(GROUPS_WITHHELD, look, "italic")


def _grid(report: Report, grid: Grid, look: Look) -> Iterator[Text]:
    if grid.label:
        yield from _styled(grid.label, look, "underline")
    for sentence in grid.left_out:
        yield from _styled(sentence, look, "dim")
    if grid.withheld:
        yield from _styled(WITHHELD, look, "italic")
    elif len(grid.columns) == 1 and not grid.left_out:
        yield from _list(report, grid, grid.columns[0], look)
    elif grid.columns:
        yield from _side_by_side(report, grid, look)


def _side_by_side(report: Report, grid: Grid, look: Look) -> Iterator[Text]:
    """Several tables in one, or one below the other where that is too wide."""
    tables = None
    if not look.spoken:
        tables = _transposed(report, grid, look) if grid.scale else _upright(report, grid, look)
    if tables is not None:
        if grid.scale:
            yield from _stacked(grid, look)
        yield from tables
        if grid.has_gaps:
            yield from _styled(look.said(NOT_HERE_MEANS), look, "dim")
        return
    for column in grid.columns:
        yield from _styled(f"{column.label} (base {report.base(column)}):", look, "")
        yield from _list(report, grid, column, look)


# -- one table: bars beside figures ----------------------------------------------------------------


def _list(report: Report, grid: Grid, column: Column, look: Look) -> Iterator[Text]:
    answers = [line for line in grid.answers if line.code in column.cells]
    apart = [line for line in grid.apart if line.code in column.cells]
    lines = _spoken if look.spoken else _barred
    yield from lines(report, column, answers, look, "", [*answers, *apart])
    mean = grid.mean(column)
    if mean is not None:
        text = f"Mean {mean}{look.between}highest two {grid.top_two(column)} %"
        yield from _styled(text, look, "", indent=_INDENT)
    if apart:
        yield from _styled(f"{APART}:", look, "dim", indent=_INDENT)
        yield from lines(report, column, apart, look, "dim", [*answers, *apart])


def _spoken(
    report: Report,
    column: Column,
    lines: Sequence[Line],
    look: Look,
    style: str,
    _: Sequence[Line],
) -> Iterator[Text]:
    for line in lines:
        cell = column.cells[line.code]
        share = percent(cell)
        figures = report.count(cell) + (f", {share}" if share else "")
        yield from _styled(f"{line.label}: {figures}", look, style, indent=_INDENT)


def _barred(
    report: Report,
    column: Column,
    lines: Sequence[Line],
    look: Look,
    style: str,
    aligned: Sequence[Line],
) -> Iterator[Text]:
    """Label, bar, count and percentage; `aligned` are all lines that share the same edges."""
    count_width = max(len(report.count(column.cells[line.code])) for line in aligned)
    room = look.width - len(_INDENT) - count_width - 6 - 2
    longest = max(width_of(line.label) for line in aligned)
    label_width = min(longest, max(12, room * 11 // 20))
    bar_width = max(0, min(40, room - label_width - 1))
    for line in lines:
        cell = column.cells[line.code]
        labels = wrap(line.label, label_width)
        for label in labels[:-1]:
            yield Text(_INDENT + label, style=style)
        text = Text(_INDENT + _left(labels[-1], label_width) + " ", style=style)
        text.append(_left(_bar(cell.percent, bar_width, look), bar_width), style=_BAR)
        text.append(f"  {report.count(cell):>{count_width}}{percent(cell):>6}")
        yield text


def _bar(share: int | None, width: int, look: Look) -> str:
    if share is None:
        return ""
    share = min(share, 100)
    if look.ascii_only:
        return "#" * ((share * width + 50) // 100)
    eighths = (share * width * 8 + 50) // 100
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


# -- a scale: stacked bars -------------------------------------------------------------------------


def _stacked(grid: Grid, look: Look) -> Iterator[Text]:
    """A bar of 100 % for each table, of each step's own sign as often as its share."""
    signs = [head.sign for head in _step_heads(grid)]
    means = [grid.mean(column) for column in grid.columns]
    mean_width = 6 if any(means) else 0
    room = look.width - len(_INDENT) - mean_width - 1
    label_width = min(max(width_of(c.label) for c in grid.columns), max(12, room * 2 // 5))
    bar_width = min(50, room - label_width)
    if bar_width < 10:
        return
    if mean_width:
        yield Text(_INDENT + " " * (label_width + bar_width + 1) + "  Mean", style="dim")
    for column, mean in zip(grid.columns, means, strict=True):
        labels = wrap(column.label, label_width)
        for label in labels[:-1]:
            yield Text(_INDENT + label)
        text = Text(_INDENT + _left(labels[-1], label_width) + " ")
        text.append_text(_segments(grid, column, signs, bar_width, look))
        text.append(f"{mean or '':>{mean_width}}" if mean_width else "")
        yield text
    if grid.has_masked_steps:
        meaning = f"{_dot(look)} the share of the steps that are not shown"
        yield from _styled(meaning, look, "dim", indent=_INDENT)


def _segments(grid: Grid, column: Column, signs: Sequence[str], width: int, look: Look) -> Text:
    cells = [column.cells.get(line.code) for line in grid.answers]
    shares = [(cell.percent or 0) if cell is not None else 0 for cell in cells]
    whole = max(100, sum(shares))
    ends = [(total * width + whole // 2) // whole for total in accumulate(shares)]
    text = Text()
    if not any(shares):
        return Text(" " * width)
    for step, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        text.append(signs[step] * (end - start), style=_step_style(step, len(signs)))
    if any(cell is not None and cell.masked for cell in cells):
        text.append(_dot(look) * (width - ends[-1]), style="dim")
    return Text.assemble(text, " " * (width - len(text)))


def _dot(look: Look) -> str:
    return "." if look.ascii_only else "·"


def _step_style(step: int, steps: int) -> str:
    if step == steps - 1:
        return _LAST_STEP
    return _STEPS[step * len(_STEPS) // max(1, steps - 1)]


def _step_heads(grid: Grid) -> list[_Head]:
    numbered = all(len(line.code) == 1 for line in grid.answers)
    return [
        _Head(line.label, line.code if numbered else ascii_lowercase[place % 26])
        for place, line in enumerate(grid.answers)
    ]


# -- several tables as one -------------------------------------------------------------------------


def _transposed(report: Report, grid: Grid, look: Look) -> list[Text] | None:
    """A line for each table; its steps, what stands apart and its base from left to right."""
    steps = [*_step_heads(grid), _Head("Base", "Base")]
    apart = [_Head(line.label, _SHORT.get(line.code, line.code), apart=True) for line in grid.apart]
    asked = [
        _Row(column.label, (*_figures(report, column, grid.answers), (report.base(column), "")))
        for column in grid.columns
    ]
    others = [
        _Row(column.label, _figures(report, column, grid.apart), "dim") for column in grid.columns
    ]
    together = [
        _Row(row.label, (*row.figures, *other.figures))
        for row, other in zip(asked, others, strict=True)
    ]
    table = _table([*steps, *apart], together, look, signs_only=True)
    if table is not None or not apart:
        return table
    first = _table(steps, asked, look, signs_only=True)
    second = _table(apart, others, look, signs_only=True)
    return None if first is None or second is None else [*first, *second]


def _upright(report: Report, grid: Grid, look: Look) -> list[Text] | None:
    """A column for each table, in as few tables as have room, each with no less than four."""
    heads = [
        _Head(column.label, ascii_uppercase[place % 26])
        for place, column in enumerate(grid.columns)
    ]
    for tables in range(1, max(1, len(heads) // _FEWEST_BESIDE) + 1):
        beside = -(-len(heads) // tables)
        lines: list[Text] = []
        for start in range(0, len(heads), beside):
            columns = grid.columns[start : start + beside]
            rows = _upright_rows(report, grid, columns)
            table = _table(heads[start : start + beside], rows, look, signs_only=False)
            if table is None:
                break
            lines += table
        else:
            return lines
    return None


def _upright_rows(report: Report, grid: Grid, columns: Sequence[Column]) -> list[_Row]:
    """The bases on top, then the categories; what stands apart is dim."""
    rows = [_Row("Base", tuple((report.base(column), "") for column in columns), "bold")]
    for line in grid.lines:
        figures = tuple(figure for column in columns for figure in _figures(report, column, [line]))
        rows.append(_Row(line.label, figures, "dim" if line.apart else ""))
    return rows


def _figures(report: Report, column: Column, lines: Iterable[Line]) -> tuple[tuple[str, str], ...]:
    cells = [column.cells.get(line.code) for line in lines]
    return tuple((report.count(cell), percent(cell)) for cell in cells)


def _table(
    heads: Sequence[_Head], rows: Sequence[_Row], look: Look, *, signs_only: bool
) -> list[Text] | None:
    """Rows under heads, count and percentage side by side or one over the other; None: too wide."""
    room = look.width - len(_INDENT)
    longest = max(width_of(row.label) for row in rows)
    for one_line, least in ((True, min(longest, 26)), (False, min(longest, 14))):
        widths = [
            2
            + max(
                width_of(head.sign), *(_figure_width(row.figures[place], one_line) for row in rows)
            )
            for place, head in enumerate(heads)
        ]
        if room - sum(widths) >= least:
            break
    else:
        return None
    worded = [max(w, _word_width(head) + 2) for w, head in zip(widths, heads, strict=True)]
    if not signs_only and room - sum(worded) >= least:
        widths = worded
    label_width = min(longest, room - sum(widths))
    if not signs_only:
        spare = (room - label_width - sum(widths)) // len(widths)
        widths = [
            max(w, min(w + spare, width_of(h.label) + 2))
            for w, h in zip(widths, heads, strict=True)
        ]
    lines = list(_head_lines(heads, widths, label_width, look, signs_only=signs_only))
    for row in rows:
        lines += _row_lines(row, widths, label_width, look, one_line=one_line)
    return lines


def _figure_width(figure: tuple[str, str], one_line: bool) -> int:
    count, share = figure
    return len(count) + (6 if share else 0) if one_line else max(len(count), len(share))


def _head_lines(
    heads: Sequence[_Head],
    widths: Sequence[int],
    label_width: int,
    look: Look,
    *,
    signs_only: bool,
) -> Iterator[Text]:
    fits = all(_word_width(h) + 2 <= width for h, width in zip(heads, widths, strict=True))
    if fits and not signs_only:
        stacks = [wrap(h.label, w - 2) for h, w in zip(heads, widths, strict=True)]
    else:
        yield from _legend([head for head in heads if not head.apart], look)
        yield from _legend([head for head in heads if head.apart], look)
        stacks = [[head.sign] for head in heads]
    height = max(map(len, stacks))
    for level in range(height):
        text = Text(_INDENT + " " * label_width, style="bold")
        for stack, width in zip(stacks, widths, strict=True):
            place = level - (height - len(stack))
            text.append(_right(stack[place] if place >= 0 else "", width))
        yield text


def _legend(heads: Sequence[_Head], look: Look) -> Iterator[Text]:
    parts = (f"{head.sign} {head.label}" for head in heads if head.sign != head.label)
    yield from _listed(parts, look, "dim", indent=_INDENT)


def _word_width(head: _Head) -> int:
    return max(map(width_of, head.label.split(" ")))


def _row_lines(
    row: _Row, widths: Sequence[int], label_width: int, look: Look, *, one_line: bool
) -> Iterator[Text]:
    labels = wrap(row.label, label_width)
    figures = (
        [[f"{count}{share:>6}" if share else count for count, share in row.figures]]
        if one_line
        else [[count for count, _ in row.figures], [share for _, share in row.figures]]
    )
    if not any(figures[-1]):
        figures.pop()
    for level in range(max(len(labels), len(figures))):
        label = labels[level] if level < len(labels) else ""
        text = Text(_INDENT + _left(label, label_width), style=row.style)
        if level < len(figures):
            for figure, width in zip(figures[level], widths, strict=True):
                text.append(_right(look.said(figure), width))
        yield text


# -- pieces ----------------------------------------------------------------------------------------


def _styled(text: str, look: Look, style: str, *, indent: str = "") -> Iterator[Text]:
    if text:
        for line in wrap(look.said(text), look.width, first=indent, rest=indent):
            yield Text(line, style=style)


def _listed(parts: Iterable[str], look: Look, style: str, *, indent: str = "") -> Iterator[Text]:
    """Short texts side by side, as many to a line as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and width_of(indent + lines[-1] + look.between + part) <= look.width:
            lines[-1] += look.between + part
        else:
            lines.append(part)
    for line in lines:
        yield from _styled(line, look, style, indent=indent)


def _left(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def _right(text: str, width: int) -> str:
    return " " * (width - width_of(text)) + text

"""Combines several tables of a summary: stacked bars for a scale, or tables side by side."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen
from microcred_cli.i18n import _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.report import (
    BarSegment,
    Column,
    Grid,
    Report,
    TableRow,
)
from microcred_cli.terminal.report_lines import INDENT, LEGEND, Line, Look, left, listed, right
from microcred_cli.terminal.wrapping import width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_STEPS = ("black on #c6dbef", "black on #9ecae1", "black on #6baed6", "white on #2171b5")
_LAST_STEP = "white on #08306b"
_ASIDE = "black on #a8a8a8"
_STYLES = {"base": "bold", "answer": "", "apart": "dim"}
_FEWEST_BESIDE = 4


class _Head(Frozen):
    """A column heading, and an abbreviation for narrow columns."""

    label: str
    sign: str
    apart: bool = False


def stacked(grid: Grid, look: Look) -> Iterator[Line]:
    """A 100 % stacked bar for each table, with each step drawn in its own character."""
    means = [grid.mean(column) for column in grid.columns]
    name = _(words.MEAN)
    mean_width = max(6, width_of(name) + 2) if any(means) else 0
    room = look.width - len(INDENT) - mean_width - 1
    label_width = min(max(width_of(c.marked) for c in grid.columns), max(12, room * 2 // 5))
    bar_width = min(50, room - label_width)
    if bar_width < 10:
        return
    if mean_width:
        yield Line(INDENT + " " * (label_width + bar_width + 1) + right(name, mean_width), "dim")
    for column, mean in zip(grid.columns, means, strict=True):
        labels = wrap(look.said(column.marked), label_width)
        for label in labels[:-1]:
            yield Line(INDENT + label)
        text = Line(INDENT + left(labels[-1], label_width) + " ")
        text.spans += _segments(grid, column, bar_width, look)
        text.append(right(mean or "", mean_width) if mean_width else "")
        yield text


def _segments(grid: Grid, column: Column, width: int, look: Look) -> Iterator[tuple[str, str]]:
    """One bar: the scale steps, a gap, then other answers; one character for masked figures."""
    steps, aside = grid.bar(column)
    signs = [head.sign for head in _step_heads(grid)]
    widths = _widths((*steps, *aside), width - bool(aside))
    for place, (segment, wide) in enumerate(zip((*steps, *aside), widths, strict=True)):
        if place == len(steps):
            yield " ", ""
        if segment.line is None:
            yield bar_sign(look) * wide, "dim"
        else:
            yield signs[segment.place] * wide, _style(grid, segment.place)
    yield " " * (width - sum(widths) - bool(aside)), ""


def _widths(segments: Sequence[BarSegment], width: int) -> list[int]:
    """The width of each segment of a bar in characters, at least 1 for masked figures.

    The widths add up to the width of the bar, despite rounding.
    """
    whole = sum(segment.parts for segment in segments) or 1
    found = [
        max(int(segment.line is None), (segment.parts * width + whole // 2) // whole)
        for segment in segments
    ]
    while segments and sum(found) != width:
        step = 1 if sum(found) < width else -1
        wrong = [n - s.parts * width / whole for n, s in zip(found, segments, strict=True)]
        # Empty segments stay empty, and no other segment shrinks to nothing.
        free = [place for place, n in enumerate(found) if segments[place].parts and n + step > 0]
        if not free:
            break
        found[min(free, key=lambda place: wrong[place] * step)] += step
    return found


def bar_sign(look: Look) -> str:
    """The character for masked figures in a bar."""
    return "." if look.ascii_only else "·"


def _style(grid: Grid, place: int) -> str:
    last = len(grid.steps) - 1
    if place >= last:
        return _LAST_STEP if place == last else _ASIDE
    return _STEPS[place * len(_STEPS) // last]


def _step_heads(grid: Grid) -> list[_Head]:
    numbered = all(len(line.code) == 1 for line in grid.steps)
    signs = [line.code for line in grid.steps] if numbered else ascii_lowercase
    letters = [*signs, *ascii_lowercase]
    return [
        _Head(line.label, letters[place % len(letters)]) for place, line in enumerate(grid.answers)
    ]


def transposed(report: Report, grid: Grid, look: Look) -> list[Line] | None:
    """One row per table, with columns for steps, base and reserved codes; None if too wide."""
    base = _(words.BASE)
    steps = [*_step_heads(grid), _Head(base, base)]
    apart = [_Head(line.label, _(words.SHORT[line.code]), apart=True) for line in grid.apart]
    asked, others, together = [], [], []
    for column in grid.columns:
        name = look.said(column.marked)
        answers = [report.figure(column, line.code) for line in grid.answers]
        figures = (*answers, (report.base(column), ""))
        reserved = tuple(report.figure(column, line.code) for line in grid.apart)
        asked.append(TableRow(name, figures, "answer"))
        others.append(TableRow(name, reserved, "apart"))
        together.append(TableRow(name, (*figures, *reserved), "answer"))
    table = _table([*steps, *apart], together, look, signs_only=True)
    if table is not None or not apart:
        return table
    first = _table(steps, asked, look, signs_only=True)
    second = _table(apart, others, look, signs_only=True)
    return None if first is None or second is None else [*first, *second]


def upright(report: Report, grid: Grid, look: Look) -> list[Line] | None:
    """One column per table, in as few grids as fit, each with at least four columns."""
    heads = [
        _Head(look.said(column.marked), ascii_uppercase[place % 26])
        for place, column in enumerate(grid.columns)
    ]
    for tables in range(1, max(1, len(heads) // _FEWEST_BESIDE) + 1):
        beside = -(-len(heads) // tables)
        lines: list[Line] = []
        for start in range(0, len(heads), beside):
            columns = grid.columns[start : start + beside]
            rows = [*report.rows(grid, columns)]
            table = _table(heads[start : start + beside], rows, look, signs_only=False)
            if table is None:
                break
            lines += table
        else:
            return lines
    return None


def _table(
    heads: Sequence[_Head], rows: Sequence[TableRow], look: Look, *, signs_only: bool
) -> list[Line] | None:
    """Rows under headings, count and percentage side by side or stacked; None if too wide."""
    room = look.width - len(INDENT)
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
    heads: Sequence[_Head], widths: Sequence[int], label_width: int, look: Look, *, signs_only: bool
) -> Iterator[Line]:
    fits = all(_word_width(h) + 2 <= width for h, width in zip(heads, widths, strict=True))
    if fits and not signs_only:
        stacks = [wrap(h.label, w - 2) for h, w in zip(heads, widths, strict=True)]
    else:
        yield from _legend([head for head in heads if not head.apart], look)
        yield from _legend([head for head in heads if head.apart], look)
        stacks = [[head.sign] for head in heads]
    height = max(map(len, stacks))
    for level in range(height):
        text = Line(INDENT + " " * label_width, "bold")
        for stack, width in zip(stacks, widths, strict=True):
            place = level - (height - len(stack))
            text.append(right(stack[place] if place >= 0 else "", width))
        yield text


def _legend(heads: Sequence[_Head], look: Look) -> Iterator[Line]:
    parts = [f"{head.sign} {head.label}" for head in heads if head.sign != head.label]
    if parts and heads[0].apart:
        parts[0] = words.pair(_(words.APART), parts[0])
    yield from listed(parts, look, LEGEND, indent=INDENT)


def _word_width(head: _Head) -> int:
    return max(map(width_of, head.label.split(" ")))


def _row_lines(
    row: TableRow, widths: Sequence[int], label_width: int, look: Look, *, one_line: bool
) -> Iterator[Line]:
    style = _STYLES[row.role]
    if not any(count or share for count, share in row.figures):
        label_width += sum(widths)
        yield from (Line(INDENT + each, style) for each in wrap(row.label, label_width))
        return
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
        text = Line(INDENT + left(label, label_width), style)
        if level < len(figures):
            for figure, width in zip(figures[level], widths, strict=True):
                text.append(right(look.said(figure), width))
        yield text

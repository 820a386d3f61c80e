"""Charts as lists of shapes: bars, lines and text, with positions in pixels at full size.

There are three kinds of charts: bars for one table, stacked bars for several tables of a scale, and
panels of bars for several other tables. A masked figure is shown as a symbol, without a bar. In a
stacked bar, steps that are not shown are hatched, and answers that are not on the scale are
separated at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from microcred_cli.i18n import _
from microcred_cli.summary.formats import words as said
from microcred_cli.summary.formats.report import BarSegment, Column, Grid, Report, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.summary.figures import Cell

LETTER = 7.4
"""A generous estimate of the width of a letter in pixels."""

LINE = 17
STEPS = 7
"""The number of colours from the lowest to the highest step of a scale."""

_BARS = 460
_STACKED = 640
_MEAN = 50
_LABELS = 260
_PANEL = 840
_NARROWEST_COLUMN = 104
_WIDEST_COLUMN = 180
_FIGURE = 42
_BOLD = 1.17
_LEAST = 9
"""The minimum width of a hatched segment."""

_APART = 8
_HATCH = 6
ASIDE = "aside"
HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `look` is its CSS class."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A straight line of a hatch pattern."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text with its baseline at `y`."""

    x: float
    y: float
    text: str
    look: str = "label"


@dataclass(slots=True)
class Chart:
    """A drawing with a title and a description."""

    title: str
    description: str
    width: float
    height: float = 0
    bars: list[Bar] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    words: list[TextLine] = field(default_factory=list)


def chart_of(report: Report, grid: Grid, title: str) -> Chart:
    """Create a chart of the kind that suits a grid."""
    if len(grid.columns) == 1:
        return _bars(report, grid, grid.columns[0], title)
    return _stacked(report, grid, title) if grid.scale else _panel(report, grid, title)


# -- bars ------------------------------------------------------------------------------------------


def _bars(report: Report, grid: Grid, column: Column, title: str) -> Chart:
    chart = Chart(title, _(said.BARS).format(base=report.base(column)), _BARS)
    room = _BARS - 60
    y = 0.0
    for line in grid.answers:
        cell = column.cells.get(line.code)
        if cell is None:
            continue
        y = _label(chart, y, line.label, _BARS)
        _bar(chart, report, cell, (0, y + 5, room), height=13, gap=8)
        y += 30
    chart.height = y
    return chart


def _bar(
    chart: Chart,
    report: Report,
    cell: Cell,
    place: tuple[float, float, float],
    *,
    height: int,
    gap: int,
) -> None:
    """Add a bar on its track, followed by its figure."""
    x, y, room = place
    chart.bars.append(Bar(x, y, room, height, "track"))
    chart.bars.append(Bar(x, y, room * min(cell.percent or 0, 100) / 100, height, "bar"))
    shown = percent(cell) or report.count(cell)
    chart.words.append(TextLine(x + room + gap, y + height - 2, shown, "figure"))


# -- stacked bars ----------------------------------------------------------------------------------


def _stacked(report: Report, grid: Grid, title: str) -> Chart:
    chart = Chart(title, _(said.STACKED), _STACKED)
    y = _legend(chart, grid)
    means = [grid.mean(column) for column in grid.columns]
    room = _STACKED - (_MEAN if any(means) else 0)
    if any(means):
        chart.words.append(TextLine(_STACKED, y + 12, _(said.MEAN), "end faint"))
    for column, mean in zip(grid.columns, means, strict=True):
        y = _label(chart, y, said.with_base(column.marked, report.base(column)), room)
        steps, aside = grid.bar(column)
        widths = _widths((*steps, *aside), room - (_APART if aside else 0))
        x = 0.0
        for place, (segment, width) in enumerate(zip((*steps, *aside), widths, strict=True)):
            x += _APART if place == len(steps) else 0
            _segment(chart, grid, segment, (x, y + 5, width))
            x += width
        if mean:
            chart.words.append(TextLine(_STACKED, y + 20, mean, "end figure"))
        y += 34
    chart.height = y
    return chart


def _widths(segments: Sequence[BarSegment], room: float) -> list[float]:
    """The widths of a bar's segments, rounded so that they add up to the width of the bar."""
    whole = sum(segment.parts for segment in segments)
    wide = [0.0 if s.line else max(_LEAST, s.parts / (whole or 1) * room) for s in segments]
    shown = sum(segment.parts for segment in segments if segment.line)
    rest = max(0.0, room - sum(wide))
    return [
        s.parts / (shown or 1) * rest if s.line else hidden
        for s, hidden in zip(segments, wide, strict=True)
    ]


def _segment(
    chart: Chart, grid: Grid, segment: BarSegment, place: tuple[float, float, float]
) -> None:
    x, y, width = place
    if width <= 0:
        return
    if segment.line is None:
        _hatched(chart, x, y, width, 20)
        return
    look = _look(grid, segment.place)
    chart.bars.append(Bar(x, y, width, 20, look))
    if width >= _wide(segment.shown) + 6:
        on = f"middle on{look.removeprefix('step')}"
        chart.words.append(TextLine(x + width / 2, y + 14.5, segment.shown, on))


def _look(grid: Grid, place: int) -> str:
    """The CSS class of an answer: one for each step, and one for all answers off the scale."""
    steps = len(grid.steps)
    return f"step{(STEPS - 1) * place // max(1, steps - 1)}" if place < steps else ASIDE


def _hatched(chart: Chart, x: float, y: float, width: float, height: float) -> None:
    """Add an area filled with diagonal lines, which are clipped at its edges."""
    chart.bars.append(Bar(x, y, width, height, HIDDEN))
    for at in range(_HATCH // 2, int(width + height), _HATCH):
        right, low = min(width, at), at - min(width, at)
        left, high = max(0.0, at - height), min(height, at)
        if right > left:
            chart.strokes.append(Stroke(x + left, y + high, x + right, y + low))


def _legend(chart: Chart, grid: Grid) -> float:
    looks = [(_look(grid, place), line.label) for place, line in enumerate(grid.answers)]
    if grid.has_masked_steps:
        looks.append((HIDDEN, _(said.NOT_SHOWN)))
    x, y = 0.0, 4.0
    for look, label in looks:
        wide = 20 + _wide(label) + 16
        if x and x + wide > chart.width:
            x, y = 0.0, y + 20
        if look == HIDDEN:
            _hatched(chart, x, y, 13, 13)
        else:
            chart.bars.append(Bar(x, y, 13, 13, look))
        for level, line in enumerate(_wrapped(label, chart.width - 20)):
            y += LINE if level else 0
            chart.words.append(TextLine(x + 19, y + 11, line))
        x += wide
    return y + 28


# -- a panel ---------------------------------------------------------------------------------------


def _panel(report: Report, grid: Grid, title: str) -> Chart:
    """A chart with as many groups side by side as fit, and the remaining groups below."""
    longest = max(_wide(word.rstrip()) for c in grid.columns for word in _words(c.marked))
    least = max(_NARROWEST_COLUMN, longest * _BOLD + 14)
    most = max(1, int((_PANEL - _LABELS) / least))
    tiers = -(-len(grid.columns) // most)
    beside = -(-len(grid.columns) // tiers)
    across = max(least, min(_WIDEST_COLUMN, (_PANEL - _LABELS) / beside))
    chart = Chart(title, _(said.PANEL), _LABELS + across * beside)
    for start in range(0, len(grid.columns), beside):
        _tier(chart, report, grid, grid.columns[start : start + beside], across)
    return chart


def _tier(
    chart: Chart, report: Report, grid: Grid, columns: Sequence[Column], across: float
) -> None:
    """Add a row of groups side by side below the existing chart."""
    heads = [_wrapped(column.marked, (across - 14) / _BOLD) for column in columns]
    top = max(map(len, heads))
    y = chart.height + (22 if chart.height else 0)
    for place, head in enumerate(heads):
        x = _LABELS + place * across
        for level, text in enumerate(head):
            height = y + (top - len(head) + level) * LINE + 13
            chart.words.append(TextLine(x, height, text, "head"))
    y += top * LINE + 8.0
    for line in grid.answers:
        below = _label(chart, y, line.label, _LABELS - 14)
        for place, column in enumerate(columns):
            cell = column.cells.get(line.code)
            if cell is not None:
                room = across - 14 - _FIGURE
                where = (_LABELS + place * across, y + 4, room)
                _bar(chart, report, cell, where, height=12, gap=6)
        y = max(below, y + 18) + 6
    chart.height = y


# -- words -----------------------------------------------------------------------------------------


def _label(chart: Chart, y: float, text: str, room: float) -> float:
    """Add a text, wrapped if necessary, and return the vertical position below it."""
    for line in _wrapped(text, room):
        chart.words.append(TextLine(0, y + 14, line))
        y += LINE
    return y


def _wrapped(text: str, room: float) -> list[str]:
    lines = [""]
    for word in _words(text):
        if lines[-1] and _wide((lines[-1] + word).rstrip()) > room:
            lines.append("")
        lines[-1] += word
        while _wide(lines[-1].rstrip()) > room and len(lines[-1].rstrip()) > 1:
            most = next(
                n for n in range(len(lines[-1]), 0, -1) if n == 1 or _wide(lines[-1][:n]) <= room
            )
            lines[-1:] = [lines[-1][:most], lines[-1][most:]]
    return [line.rstrip(" ") for line in lines]


def _words(text: str) -> list[str]:
    """Split a text at possible line breaks: after spaces, and after hyphens within words."""
    return re.split(r"(?<= )(?! )|(?<=\w-)(?=\w)", text)


def _wide(text: str) -> float:
    return LETTER * sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

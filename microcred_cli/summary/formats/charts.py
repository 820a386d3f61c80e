"""Charts as shapes: where each bar and word of a drawing stands, in pixels at its full size.

Three kinds serve all tables: bars for one, stacked bars for scales side by side, and a panel of
bars for other tables side by side. A masked figure has no bar, only its sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from microcred_cli.summary.formats.report import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.summary.formats.report import Column, Grid, Report

LETTER = 6.9
"""The width of a letter, with some to spare."""

LINE = 17
STEPS = 7
"""How many colours there are from the low to the high end of a scale."""

_BARS = 460
_STACKED = 640
_MEAN = 50
_LABELS = 230
_PANEL = 840
_WIDEST_COLUMN = 170
_BOLD = 1.12
_END = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; `look` is its class in the style sheet."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text with its base line at `y`."""

    x: float
    y: float
    text: str
    look: str = "label"


@dataclass(slots=True)
class Chart:
    """A drawing with the two sentences that stand for it."""

    title: str
    description: str
    width: float
    height: float = 0
    bars: list[Bar] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


def chart_of(report: Report, grid: Grid, title: str) -> Chart:
    """The chart that suits a grid."""
    if len(grid.columns) == 1:
        return _bars(report, grid, grid.columns[0], title)
    return _stacked(report, grid, title) if grid.scale else _panel(report, grid, title)


# -- bars ------------------------------------------------------------------------------------------


def _bars(report: Report, grid: Grid, column: Column, title: str) -> Chart:
    chart = Chart(title, f"A bar for each answer, in per cent of {report.base(column)}.", _BARS)
    room = _BARS - 60
    y = 0.0
    for line in grid.answers:
        cell = column.cells.get(line.code)
        if cell is None:
            continue
        y = _label(chart, 0, y, line.label, _BARS)
        share = min(cell.percent or 0, 100)
        chart.bars.append(Bar(0, y + 5, room, 13, "track"))
        chart.bars.append(Bar(0, y + 5, room * share / 100, 13, "bar"))
        shown = percent(cell) or report.count(cell)
        chart.words.append(Words(room + 8, y + 16, shown, "figure"))
        y += 30
    chart.height = y
    return chart


# -- stacked bars ----------------------------------------------------------------------------------


def _stacked(report: Report, grid: Grid, title: str) -> Chart:
    chart = Chart(
        title,
        "A bar of 100 per cent for each line, parted into the steps of the scale in their order; "
        "steps that are not shown leave room at its end.",
        _STACKED,
    )
    y = _legend(chart, [line.label for line in grid.answers])
    means = [grid.mean(column) for column in grid.columns]
    room = _STACKED - (_MEAN if any(means) else 0)
    if any(means):
        chart.words.append(Words(_STACKED, y + 12, "Mean", "end faint"))
    for column, mean in zip(grid.columns, means, strict=True):
        y = _label(chart, 0, y, f"{column.label} ({report.base(column)})", room)
        chart.bars.append(Bar(0, y + 5, room, 20, "track"))
        _segments(chart, grid, column, y + 5, room)
        if mean:
            chart.words.append(Words(_STACKED, y + 20, mean, "end figure"))
        y += 34
    chart.height = y
    return chart


def _segments(chart: Chart, grid: Grid, column: Column, y: float, room: float) -> None:
    cells = [column.cells.get(line.code) for line in grid.answers]
    shares = [(cell.percent or 0) if cell is not None else 0 for cell in cells]
    whole = max(100, sum(shares))
    # Rounded shares can fill the bar although a step is not shown.
    room -= _END if any(cell is not None and cell.masked for cell in cells) else 0
    ends = [total * room / whole for total in accumulate(shares)]
    for step, (start, end) in enumerate(zip([0.0, *ends], ends, strict=False)):
        if end <= start:
            continue
        colour = _colour(step, len(shares))
        chart.bars.append(Bar(start, y, end - start, 20, f"step{colour}"))
        if end - start >= 34:
            middle = (start + end) / 2
            chart.words.append(Words(middle, y + 14.5, f"{shares[step]} %", f"middle on{colour}"))


def _legend(chart: Chart, labels: Sequence[str]) -> float:
    x, y = 0.0, 4.0
    for step, label in enumerate(labels):
        wide = 20 + _wide(label) + 16
        if x and x + wide > chart.width:
            x, y = 0.0, y + 20
        chart.bars.append(Bar(x, y, 13, 13, f"step{_colour(step, len(labels))}"))
        chart.words.append(Words(x + 19, y + 11, label))
        x += wide
    return y + 28


def _colour(step: int, steps: int) -> int:
    return (STEPS - 1) * step // max(1, steps - 1)


# -- a panel ---------------------------------------------------------------------------------------


def _panel(report: Report, grid: Grid, title: str) -> Chart:
    longest = max(_wide(word) for c in grid.columns for word in c.label.split(" "))
    roomy = min(_WIDEST_COLUMN, (_PANEL - _LABELS) / len(grid.columns))
    across = max(88.0, longest * _BOLD + 14, roomy)
    chart = Chart(
        title,
        "A column of bars for each group; a bar for each answer, in per cent of the group's base.",
        _LABELS + across * len(grid.columns),
    )
    heads = [_wrapped(column.label, (across - 14) / _BOLD) for column in grid.columns]
    top = max(map(len, heads))
    for place, head in enumerate(heads):
        x = _LABELS + place * across
        for level, text in enumerate(head):
            height = (top - len(head) + level) * LINE + 13
            chart.words.append(Words(x, height, text, "head"))
    y = top * LINE + 8.0
    for line in grid.answers:
        below = _label(chart, 0, y, line.label, _LABELS - 14)
        for place, column in enumerate(grid.columns):
            x = _LABELS + place * across
            _small_bar(chart, report, column, line.code, (x, y, across - 14))
        y = max(below, y + 26) + 8
    chart.height = y
    return chart


def _small_bar(
    chart: Chart, report: Report, column: Column, code: str, place: tuple[float, float, float]
) -> None:
    x, y, room = place
    cell = column.cells.get(code)
    if cell is None:
        return
    chart.words.append(Words(x, y + 14, percent(cell) or report.count(cell), "figure"))
    chart.bars.append(Bar(x, y + 18, room, 8, "track"))
    chart.bars.append(Bar(x, y + 18, room * min(cell.percent or 0, 100) / 100, 8, "bar"))


# -- words -----------------------------------------------------------------------------------------


def _label(chart: Chart, x: float, y: float, text: str, room: float) -> float:
    """Put a text there, in as many lines as it needs; where the next thing can stand."""
    for line in _wrapped(text, room):
        chart.words.append(Words(x, y + 14, line))
        y += LINE
    return y


def _wrapped(text: str, room: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and _wide(f"{lines[-1]} {word}") > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
        while _wide(lines[-1]) > room and len(lines[-1]) > 1:
            most = next(
                n for n in range(len(lines[-1]), 0, -1) if n == 1 or _wide(lines[-1][:n]) <= room
            )
            lines[-1:] = [lines[-1][:most], lines[-1][most:]]
    return lines


def _wide(text: str) -> float:
    return LETTER * sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

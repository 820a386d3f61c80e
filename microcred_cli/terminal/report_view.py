"""Prints a whole summary with bars next to figures, stacked bars, and tables side by side.

Lines fit the given width, down to 40 columns, without cutting anything: tables too wide to be side
by side are printed one below the other. The form for screen readers has no bars, and one answer per
line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.report import (
    Category,
    Column,
    Grid,
    Report,
    ReportQuestion,
    percent,
)
from microcred_cli.terminal.report_grids import bar_sign, stacked, transposed, upright
from microcred_cli.terminal.report_lines import (
    EIGHTHS,
    INDENT,
    LEGEND,
    Line,
    Look,
    left,
    listed,
    styled,
)
from microcred_cli.terminal.wrapping import WIDEST, width_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO


NARROWEST = 24
_BAR = "#4292c6"


def write(report: Report, out: TextIO, look: Look, *, colour: bool) -> None:
    """Write a report, in colour or without escape sequences."""
    if not colour:
        out.writelines(line.plain.rstrip() + "\n" for line in report_lines(report, look))
        return
    from rich.console import Console
    from rich.text import Text

    class Paper(Console):
        """A console that raises an error on a broken pipe."""

        def on_broken_pipe(self) -> None:
            raise

    console = Paper(file=out, highlight=False, markup=False, emoji=False, width=WIDEST * 2)
    for line in report_lines(report, look):
        console.print(Text.assemble(*line.spans, style=line.style), soft_wrap=True)


def report_lines(report: Report, look: Look) -> Iterator[Line]:
    """The lines of a report, none wider than `look.width`."""
    look = look.having(width=max(NARROWEST, min(look.width, WIDEST)))
    yield from _opening(report, look)
    for part in report.parts:
        yield Line()
        yield from _heading(part.label, look)
        for question in part.questions:
            yield Line()
            yield from _question(report, question, look)
    for _id, heading, why, listings in report.ends:
        yield Line()
        yield from _heading(heading, look)
        yield from styled(why, look, "")
        for listing in listings:
            if listing.scope:
                yield from styled(words.leading(listing.scope), look, "underline")
            for entry in listing.entries:
                yield from styled(entry.text, look, "", indent=INDENT)


def _heading(text: str, look: Look) -> Iterator[Line]:
    # A screen reader would read out each equals sign.
    yield from styled(text if look.spoken else f"== {text} ==", look, "bold cyan")


def _opening(report: Report, look: Look) -> Iterator[Line]:
    yield from styled(report.title, look, "bold")
    yield from listed((words.pair(name, value) for name, value in report.facts), look, "")
    if report.synthetic:
        yield from styled(_(words.SYNTHETIC), look, "bold yellow")
    for note in report.notes:
        yield from styled(note, look, "")


def _question(report: Report, question: ReportQuestion, look: Look) -> Iterator[Line]:
    for text in question.texts:
        yield from styled(text, look, "bold")
    facts = [question.id, question.kind]
    if question.alone:
        facts.append(words.pair(_(words.BASE), report.base(question.alone)))
    yield from listed(facts, look, "dim")
    if question.withheld:
        yield from styled(_(words.WITHHELD), look, "italic")
        return
    explained: set[str] = set()
    for grid in question.grids:
        for line in _grid(report, grid, look):
            if line.style != LEGEND:
                yield line
            elif line.plain not in explained:
                explained.add(line.plain)
                yield line
    if question.groups_withheld:
        yield from styled(_(words.GROUPS_WITHHELD), look, "italic")


def _grid(report: Report, grid: Grid, look: Look) -> Iterator[Line]:
    if grid.label:
        yield from styled(grid.label, look, "underline")
    for sentence in grid.left_out:
        yield from styled(sentence, look, "dim")
    if grid.withheld:
        yield from styled(_(words.WITHHELD), look, "italic")
    elif grid.alone:
        yield from _list(report, grid, grid.alone, look)
    elif grid.columns:
        yield from _side_by_side(report, grid, look)


def _side_by_side(report: Report, grid: Grid, look: Look) -> Iterator[Line]:
    """Print several tables side by side or, if they are too wide, one below the other."""
    tables = None
    if not look.spoken:
        tables = transposed(report, grid, look) if grid.scale else upright(report, grid, look)
    if tables is not None:
        if grid.scale:
            yield from stacked(grid, look)
            for sentence in grid.bar_legend(bar_sign(look)):
                yield from styled(sentence, look, LEGEND, indent=INDENT)
        yield from tables
        for sentence in grid.legend:
            yield from styled(sentence, look, LEGEND)
        return
    for column in grid.columns:
        name = words.with_base(column.label, report.base(column), column.rounded_to)
        yield from styled(words.leading(name), look, "")
        yield from _list(report, grid, column, look, is_named=True)


def _list(
    report: Report, grid: Grid, column: Column, look: Look, *, is_named: bool = False
) -> Iterator[Line]:
    """The answers of a table, then its reserved codes; `is_named` if a heading precedes it."""
    answers = [line for line in grid.answers if line.code in column.cells]
    apart = [line for line in grid.apart if line.code in column.cells]
    yield from _lines(report, column, answers, look, "", [*answers, *apart])
    sentence = grid.mean_sentence(column)
    if sentence is not None:
        yield from styled(sentence, look, "", indent=INDENT)
    for rounding in () if is_named else grid.rounding:
        note = rounding.removeprefix(f"{words.MARK} ") if look.spoken else rounding
        yield from styled(note, look, "dim", indent=INDENT)
    if apart:
        yield from styled(words.leading(_(words.APART)), look, "dim", indent=INDENT)
        yield from _lines(report, column, apart, look, "dim", [*answers, *apart])


def _lines(
    report: Report,
    column: Column,
    lines: Sequence[Category],
    look: Look,
    style: str,
    aligned: Sequence[Category],
) -> Iterator[Line]:
    """Lines of label, bar, count and percentage; `aligned` has all lines in the same columns."""
    if look.spoken:
        for line in lines:
            cell = column.cells[line.code]
            figures = ", ".join(filter(None, (report.count(cell), percent(cell))))
            yield from styled(words.pair(line.label, figures), look, style, indent=INDENT)
        return
    count_width = max(len(report.count(column.cells[line.code])) for line in aligned)
    room = look.width - len(INDENT) - count_width - 6 - 2
    longest = max(width_of(line.label) for line in aligned)
    label_width = min(longest, max(12, room * 11 // 20))
    bar_width = max(0, min(40, room - label_width - 1))
    for line in lines:
        cell = column.cells[line.code]
        labels = wrap(line.label, label_width)
        for label in labels[:-1]:
            yield Line(INDENT + label, style)
        text = Line(INDENT + left(labels[-1], label_width) + " ", style)
        text.append(left(_bar(cell.percent, bar_width, look), bar_width), style=_BAR)
        text.append(f"  {report.count(cell):>{count_width}}{percent(cell):>6}")
        yield text


def _bar(share: int | None, width: int, look: Look) -> str:
    if share is None:
        return ""
    share = min(share, 100)
    if look.ascii_only:
        return "#" * ((share * width + 50) // 100)
    eighths = (share * width * 8 + 50) // 100
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()

"""A summary as Markdown with GitHub's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.i18n import _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.layout import NO_DATES, Dates, report_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary
    from microcred_cli.summary.formats.report import (
        Category,
        Column,
        Grid,
        Listing,
        Report,
        ReportQuestion,
        TableRow,
    )

_MEANT = re.compile(
    r"""
    [\\`*\[\]<>#|~$@]
    | (?<![^\W_])_ | _(?![^\W_])      # an underscore inside a word means nothing
    | &(?=\#?\w+;)                    # a character by its name or number
    | :(?=//|[\w+-]+:)                # an address, a sign for a picture
    | (?<=\bmailto): | (?<=\bxmpp):
    | (?<=\bwww)\.
    | ^[-+=](?!\w)                     # a list, the line under a heading
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Characters that mean something to Markdown, or to GitHub's dialect of it."""

_MARKS = {"base": "**", "answer": "", "apart": "*"}
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?!\S)")


def render(summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES) -> str:
    """A document with a heading for each section and question."""
    return "\n".join(_document(report_of(summary, recorded, dates))) + "\n"


def _document(report: Report) -> Iterator[str]:
    yield f"# {_text(_(words.TITLE).format(title=report.title))}"
    yield ""
    yield _text(report.long_title)
    yield ""
    yield from (f"- {words.pair(_text(name), _text(value))}" for name, value in report.facts)
    if report.synthetic:
        yield ""
        yield f"**{_text(_(words.SYNTHETIC))}**"
    yield ""
    yield f"## {_text(_(words.READING))}"
    for note in report.notes:
        yield ""
        yield _text(note)
    for part in report.parts:
        yield ""
        yield f"## {_text(part.label)}"
        for question in part.questions:
            yield from _question(report, question)
    for _id, heading, why, listings in report.ends:
        yield from _end(heading, why, listings)


def _end(heading: str, why: str, listings: Sequence[Listing]) -> Iterator[str]:
    yield ""
    yield f"## {_text(heading)}"
    yield ""
    yield _text(why)
    for listing in listings:
        if listing.scope:
            yield ""
            yield f"### {_text(listing.scope)}"
        yield ""
        for entry in listing.entries:
            yield f"- {_text(entry.heading)} ({_text(entry.id)})"
            yield from (f"  - {_text(part)}" for part in entry.parts)


def _question(report: Report, question: ReportQuestion) -> Iterator[str]:
    yield ""
    yield f"### {_text(question.heading)}"
    for text in question.texts:
        yield ""
        yield f"**{_text(text)}**"
    yield ""
    yield f"{_text(question.id)}. {_text(question.kind)}."
    if question.withheld:
        yield ""
        yield f"*{_text(_(words.WITHHELD))}*"
        return
    for grid in question.grids:
        yield from _grid(report, grid)
    if question.groups_withheld:
        yield ""
        yield f"*{_text(_(words.GROUPS_WITHHELD))}*"


def _grid(report: Report, grid: Grid) -> Iterator[str]:
    if grid.label:
        yield ""
        yield f"#### {_text(grid.label)}"
    for sentence in grid.left_out:
        yield ""
        yield _text(sentence)
    if not grid.columns:
        return
    yield ""
    if grid.withheld:
        yield f"*{_text(_(words.WITHHELD))}*"
    elif grid.alone:
        yield from _alone(report, grid, grid.alone)
    else:
        yield from _across(report, grid) if grid.scale else _upright(report, grid)
        for sentence in grid.legend:
            yield ""
            yield f"*{_text(sentence)}*"


def _alone(report: Report, grid: Grid, column: Column) -> Iterator[str]:
    yield from _head([_text(_(name)) for name in (words.ANSWER, words.PEOPLE, words.PER_CENT)])
    for row in report.rows(grid, [column]):
        yield _figures(row, map(_text, row.figures[0]))
    for sentence in (grid.mean_sentence(column), *grid.rounding):
        if sentence is not None:
            yield ""
            yield _text(sentence)


def _upright(report: Report, grid: Grid) -> Iterator[str]:
    yield from _head([_text(_(words.ANSWER)), *(_text(c.marked) for c in grid.columns)])
    for row in report.rows(grid, grid.columns):
        yield _figures(row, map(_figure, row.figures))


def _across(report: Report, grid: Grid) -> Iterator[str]:
    means = [grid.mean(column) for column in grid.columns]
    extra = [_text(_(words.MEAN))] if any(means) else []
    base = _text(_(words.BASE))
    names = [_label(line) for line in grid.answers]
    yield from _head(["", *names, *extra, base, *(_label(line) for line in grid.apart)])
    for column, mean in zip(grid.columns, means, strict=True):
        figures = [_figure(report.figure(column, line.code)) for line in grid.answers]
        apart = [_figure(report.figure(column, line.code)) for line in grid.apart]
        more = [*([mean or ""] if extra else []), f"**{_text(report.base(column))}**"]
        yield _row([_text(column.marked), *figures, *more, *apart])
    if grid.apart:
        yield ""
        yield f"*{_text(words.not_in_base(line.label for line in grid.apart))}*"


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    yield _row(["---", *("---:" for _ in names[1:])])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(row: TableRow, figures: Iterable[str]) -> str:
    mark = _MARKS[row.role]
    bold = mark if row.role == "base" else ""
    cells = (f"{bold}{figure}{bold}" if figure else "" for figure in figures)
    return _row([f"{mark}{_text(row.label)}{mark}", *cells])


def _figure(figure: tuple[str, str]) -> str:
    count, share = figure
    return _text(count) + (f" ({share})" if share else "")


def _label(line: Category) -> str:
    return f"*{_text(line.label)}*" if line.apart else _text(line.label)


def _text(text: str) -> str:
    """A text in which no sign means anything to Markdown."""
    return _NUMBERED.sub(r"\1\\\2", _MEANT.sub(r"\\\g<0>", text))

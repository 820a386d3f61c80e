"""A summary as Markdown with GitHub's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.summary.formats.report import (
    GROUPS_WITHHELD,
    SYNTHETIC,
    WITHHELD,
    report_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary
    from microcred_cli.summary.formats.report import Column, Grid, Line, Question, Report

_MEANT = re.compile(r"([\\`*_{}\[\]<>#|~&!$@:])")


def render(summary: Summary, recorded: Questionnaire) -> str:
    """A document with a heading for each section and question."""
    return "\n".join(_document(report_of(summary, recorded))) + "\n"


def _document(report: Report) -> Iterator[str]:
    yield f"# {_text(report.title)}: results"
    yield ""
    yield f"{_text(report.questionnaire)}, {_text(report.responses)} responses{_whom(report)}."
    if report.synthetic:
        yield f"**{SYNTHETIC}**"
    yield ""
    yield from (f"- {_text(note)}" for note in report.notes)
    for part in report.parts:
        yield ""
        yield f"## {_text(part.label)}"
        for question in part.questions:
            yield from _question(report, question)


def _whom(report: Report) -> str:
    by = f", by {_text(report.by)}" if report.by else ""
    return by + (f", group {_text(report.group)}" if report.group else "")


def _question(report: Report, question: Question) -> Iterator[str]:
    yield ""
    yield f"### {_text(question.heading)}"
    for text in question.texts:
        yield ""
        yield f"**{_text(text)}**"
    yield ""
    yield f"{_text(question.id)}. {question.kind}."
    if question.withheld:
        yield ""
        yield f"*{WITHHELD}*"
        return
    for grid in question.grids:
        yield from _grid(report, grid)
    if question.groups_withheld:
        yield ""
        yield f"*{GROUPS_WITHHELD}*"


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
        yield f"*{WITHHELD}*"
    elif len(grid.columns) == 1 and not grid.left_out:
        yield from _alone(report, grid, grid.columns[0])
    else:
        yield from _across(report, grid) if grid.scale else _upright(report, grid)
        for sentence in grid.legend:
            yield ""
            yield f"*{sentence}*"


def _alone(report: Report, grid: Grid, column: Column) -> Iterator[str]:
    yield from _head(["Answer", "People", "Per cent"])
    yield _row(["**Base**", f"**{_text(report.base(column))}**", ""])
    for line in grid.lines:
        count, share = report.figure(column, line.code)
        yield _row([_label(line), _text(count), share])
    mean = grid.mean(column)
    if mean is not None:
        yield ""
        yield f"Mean {mean}; highest two {grid.top_two(column)} %."


def _upright(report: Report, grid: Grid) -> Iterator[str]:
    yield from _head(["Answer", *(_text(column.label) for column in grid.columns)])
    yield _row(["**Base**", *(f"**{_text(report.base(column))}**" for column in grid.columns)])
    for line in grid.lines:
        yield _row([_label(line), *(_figure(report, column, line) for column in grid.columns)])


def _across(report: Report, grid: Grid) -> Iterator[str]:
    means = [grid.mean(column) for column in grid.columns]
    extra = ["Mean"] if any(means) else []
    names = [_label(line) for line in grid.answers]
    yield from _head(["", *names, *extra, "Base", *(_label(line) for line in grid.apart)])
    for column, mean in zip(grid.columns, means, strict=True):
        figures = [_figure(report, column, line) for line in grid.answers]
        apart = [_figure(report, column, line) for line in grid.apart]
        more = [*([mean or ""] if extra else []), f"**{_text(report.base(column))}**"]
        yield _row([_text(column.label), *figures, *more, *apart])


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _row(names)
    yield _row(["---", *("---:" for _ in names[1:])])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figure(report: Report, column: Column, line: Line) -> str:
    count, share = report.figure(column, line.code)
    return _text(count) + (f" ({share})" if share else "")


def _label(line: Line) -> str:
    return f"*{_text(line.label)}*" if line.apart else _text(line.label)


def _text(text: str) -> str:
    """A text in which no sign means anything to Markdown."""
    return _MEANT.sub(r"\\\1", text)

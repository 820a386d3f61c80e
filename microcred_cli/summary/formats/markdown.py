"""A summary as GitHub Flavored Markdown."""

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
        Grid,
        Listing,
        Report,
        ReportQuestion,
        TableRow,
    )

_MEANT = re.compile(
    r"""
    [\\`*\[\]<>#|~$@]
    | (?<![^\W_])_ | _(?![^\W_])      # not an underscore inside a word
    | &(?=\#?\w+;)                    # a character reference
    | :(?=//|[\w+-]+:)                # a URL or an emoji code
    | (?<=\bmailto): | (?<=\bxmpp):
    | (?<=\bwww)\.
    | ^[-+=](?!\w)                     # a list item, or the underline of a heading
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Characters with a special meaning in Markdown or in GitHub's extension of it."""

_MARKS = {"base": "**", "answer": "", "apart": "*"}
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?!\S)")


def render(summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES) -> str:
    """The Markdown document, with a heading for each section and question."""
    return "\n\n".join(_blocks(report_of(summary, recorded, dates))) + "\n"


def _blocks(report: Report) -> Iterator[str]:
    """The headings, paragraphs, lists and tables, which are to be separated by empty lines."""
    yield f"# {_text(_(words.TITLE).format(title=report.title))}"
    yield _text(report.long_title)
    yield "\n".join(f"- {words.pair(_text(name), _text(fact))}" for name, fact in report.facts)
    if report.synthetic:
        yield f"**{_text(_(words.SYNTHETIC))}**"
    yield f"## {_text(_(words.READING))}"
    yield from map(_text, report.notes)
    for part in report.parts:
        yield f"## {_text(part.label)}"
        for question in part.questions:
            yield from _question(report, question)
    for _id, heading, why, listings in report.ends:
        yield f"## {_text(heading)}"
        yield _text(why)
        for listing in listings:
            if listing.scope:
                yield f"### {_text(listing.scope)}"
            yield "\n".join(_listed(listing))


def _listed(listing: Listing) -> Iterator[str]:
    for entry in listing.entries:
        yield f"- {_text(entry.heading)} ({_text(entry.id)})"
        yield from (f"  - {_text(part)}" for part in entry.parts)


def _question(report: Report, question: ReportQuestion) -> Iterator[str]:
    yield f"### {_text(question.heading)}"
    yield from (f"**{_text(text)}**" for text in question.texts)
    yield f"{_text(question.id)}. {_text(question.kind)}."
    if question.withheld:
        yield f"*{_text(_(words.WITHHELD))}*"
        return
    for grid in question.grids:
        yield from _grid(report, grid)
    if question.groups_withheld:
        yield f"*{_text(_(words.GROUPS_WITHHELD))}*"


def _grid(report: Report, grid: Grid) -> Iterator[str]:
    if grid.label:
        yield f"#### {_text(grid.label)}"
    yield from map(_text, grid.left_out)
    if grid.withheld:
        yield f"*{_text(_(words.WITHHELD))}*"
    elif grid.alone:
        names = [_text(_(name)) for name in (words.ANSWER, words.PEOPLE, words.PER_CENT)]
        rows = report.rows(grid, [grid.alone])
        yield _table(names, (_figures(row, map(_text, row.figures[0])) for row in rows))
        yield from map(_text, filter(None, (grid.mean_sentence(grid.alone), *grid.rounding)))
    elif grid.columns:
        if grid.scale:
            yield from _across(report, grid)
        else:
            names = [_text(_(words.ANSWER)), *(_text(column.marked) for column in grid.columns)]
            rows = report.rows(grid, grid.columns)
            yield _table(names, (_figures(row, map(_figure, row.figures)) for row in rows))
        yield from (f"*{_text(sentence)}*" for sentence in grid.legend)


def _across(report: Report, grid: Grid) -> Iterator[str]:
    extra = [_text(_(words.MEAN))] if grid.has_means else []
    names = ["", *map(_label, grid.answers), *extra, _text(_(words.BASE)), *map(_label, grid.apart)]
    rows = []
    for column in grid.columns:
        figures = [_figure(report.figure(column, line.code)) for line in grid.answers]
        apart = [_figure(report.figure(column, line.code)) for line in grid.apart]
        mean = [grid.mean(column) or ""] if extra else []
        base = f"**{_text(report.base(column))}**"
        rows.append([_text(column.marked), *figures, *mean, base, *apart])
    yield _table(names, rows)
    if grid.apart:
        labels = "; ".join(line.label for line in grid.apart)
        yield f"*{_text(words.pair(_(words.APART), labels))}*"


def _table(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [names, ["---", *("---:" for _ in names[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _figures(row: TableRow, figures: Iterable[str]) -> Iterator[str]:
    mark = _MARKS[row.role]
    bold = mark if row.role == "base" else ""
    yield f"{mark}{_text(row.label)}{mark}"
    yield from (f"{bold}{figure}{bold}" if figure else "" for figure in figures)


def _figure(figure: tuple[str, str]) -> str:
    count, share = figure
    return _text(count) + (f" ({share})" if share else "")


def _label(line: Category) -> str:
    return f"*{_text(line.label)}*" if line.apart else _text(line.label)


def _text(text: str) -> str:
    """A text with all special characters of Markdown escaped."""
    return _NUMBERED.sub(r"\1\\\2", _MEANT.sub(r"\\\g<0>", text))

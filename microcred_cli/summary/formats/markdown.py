"""A summary as GitHub Flavored Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microcred_cli.i18n import _, joined
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
    yield f"# {escaped(_(words.TITLE).format(title=report.title))}"
    yield escaped(report.long_title)
    yield "\n".join(f"- {words.pair(escaped(name), escaped(fact))}" for name, fact in report.facts)
    if report.synthetic:
        yield f"**{escaped(_(words.SYNTHETIC))}**"
    yield f"## {escaped(_(words.READING))}"
    yield from map(escaped, report.notes)
    for part in report.parts:
        yield f"## {escaped(part.label)}"
        for question in part.questions:
            yield from _question(report, question)
    for _id, heading, why, listings in report.ends:
        yield f"## {escaped(heading)}"
        yield escaped(why)
        for listing in listings:
            if listing.scope:
                yield f"### {escaped(listing.scope)}"
            yield "\n".join(_listed(listing))


def _listed(listing: Listing) -> Iterator[str]:
    for entry in listing.entries:
        yield f"- {escaped(entry.heading)} ({escaped(entry.id)})"
        yield from (f"  - {escaped(part)}" for part in entry.parts)


def _question(report: Report, question: ReportQuestion) -> Iterator[str]:
    yield f"### {escaped(question.heading)}"
    yield from (f"**{escaped(text)}**" for text in question.texts)
    yield f"{escaped(question.id)}. {escaped(question.kind)}."
    if question.withheld:
        yield f"*{escaped(_(words.WITHHELD))}*"
        return
    for grid in question.grids:
        yield from _grid(report, grid)
    if question.groups_withheld:
        yield f"*{escaped(_(words.GROUPS_WITHHELD))}*"


def _grid(report: Report, grid: Grid) -> Iterator[str]:
    if grid.label:
        yield f"#### {escaped(grid.label)}"
    yield from map(escaped, grid.left_out)
    if grid.withheld:
        yield f"*{escaped(_(words.WITHHELD))}*"
    elif grid.alone:
        names = [escaped(_(name)) for name in (words.ANSWER, words.PEOPLE, words.PER_CENT)]
        rows = report.rows(grid, [grid.alone])
        yield _table(names, (_figures(row, map(escaped, row.figures[0])) for row in rows))
        yield from map(escaped, filter(None, (grid.mean_sentence(grid.alone), *grid.rounding)))
    elif grid.columns:
        if grid.scale:
            yield from _across(report, grid)
        else:
            names = [escaped(_(words.ANSWER)), *(escaped(column.marked) for column in grid.columns)]
            rows = report.rows(grid, grid.columns)
            yield _table(names, (_figures(row, map(_figure, row.figures)) for row in rows))
        yield from (f"*{escaped(sentence)}*" for sentence in grid.legend)


def _across(report: Report, grid: Grid) -> Iterator[str]:
    extra = [escaped(_(words.MEAN))] if grid.has_means else []
    names = [
        "",
        *map(_label, grid.answers),
        *extra,
        escaped(_(words.BASE)),
        *map(_label, grid.apart),
    ]
    rows = []
    for column in grid.columns:
        figures = [_figure(report.figure(column, line.code)) for line in grid.answers]
        apart = [_figure(report.figure(column, line.code)) for line in grid.apart]
        mean = [grid.mean(column) or ""] if extra else []
        base = f"**{escaped(report.base(column))}**"
        rows.append([escaped(column.marked), *figures, *mean, base, *apart])
    yield _table(names, rows)
    if grid.apart:
        labels = joined(line.label for line in grid.apart)
        yield f"*{escaped(words.pair(_(words.APART), labels))}*"


def _table(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [names, ["---", *("---:" for _ in names[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _figures(row: TableRow, figures: Iterable[str]) -> Iterator[str]:
    mark = _MARKS[row.role]
    bold = mark if row.role == "base" else ""
    yield f"{mark}{escaped(row.label)}{mark}"
    yield from (f"{bold}{figure}{bold}" if figure else "" for figure in figures)


def _figure(figure: tuple[str, str]) -> str:
    count, share = figure
    return escaped(count) + (f" ({share})" if share else "")


def _label(line: Category) -> str:
    return f"*{escaped(line.label)}*" if line.apart else escaped(line.label)


def escaped(text: str) -> str:
    """A text with all special characters of Markdown escaped."""
    return _NUMBERED.sub(r"\1\\\2", _MEANT.sub(r"\\\g<0>", text))

"""Quality figures: short interviews, straight-lining and item nonresponse, safe to publish.

Quality figures show staff which problems to investigate; no response is ever deleted because of
them. Like all figures, quality figures are computed at a seal and printed unchanged until the next
seal.

*Straight-lining* means giving the same answer in every row of a matrix. The number of
straight-liners (people who straight-line) is printed only up to a limit that is computed from
printed figures alone, so neither the number nor the limit reveals more about the tables of the rows
(see `_most_straight`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.base_model import Model
from microcred_cli.questionnaire.models import Matrix
from microcred_cli.questionnaire.values import NOT_REACHED, RESERVED
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.figures import Quality, Share
from microcred_cli.summary.plan import ANY_RANK
from microcred_cli.summary.rule import (
    MASKED_BELOW,
    ROUNDED_TO,
    Interval,
    interval,
    percent,
    printed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Figures, TableFigures
    from microcred_cli.summary.plan import TableShape

SHORT: Final = 15
"""Interviews shorter than this number of minutes count as short."""

FEWEST_ROWS: Final = 3
"""In a matrix with fewer rows than this, the same answer in every row is not conspicuous."""

NONRESPONSE: Final = ("dk", "pna", "blank", NOT_REACHED)
"""The codes of people who should have answered an item but gave no substantive answer."""

FLAGGED_NONRESPONSE: Final = 20
"""Items are flagged if at least this percentage is item nonresponse."""


_NONE: Final = (0, 0)

Row = dict[str, Interval]
Rows = Sequence[Row]
"""The bounds of the counts of each row of a matrix, in one group."""


@dataclass(slots=True)
class QualityCounts:
    """Exact counts, never published: `[base, count]` of short interviews and of straight-lining."""

    short: list[int]
    straight: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def begin(cls, questionnaire: Questionnaire, kept: object | None = None) -> Self:
        """Continue from stored counts, or start from zero.

        Raises a StoreError if the stored counts do not match the questionnaire.
        """
        matrices = [item.id for item in questionnaire.items if _has_lines(item)]
        if kept is None:
            return cls([0, 0], {item: [0, 0] for item in matrices})
        try:
            return cls._read(kept, matrices)
        except (KeyError, TypeError, ValueError):
            raise StoreError(
                "The quality counts are damaged, or were written by another version of the "
                "program.",
                where="counts.json",
                hint="No action is needed: the counts will be recalculated.",
            ) from None

    @classmethod
    def _read(cls, kept: object, matrices: Sequence[str]) -> Self:
        if not isinstance(kept, Mapping) or [*kept["straight"]] != matrices:
            raise ValueError("other matrices")
        pairs = [[int(n) for n in pair] for pair in (kept["short"], *kept["straight"].values())]
        if any(len(pair) != 2 or not 0 <= pair[1] <= pair[0] for pair in pairs):
            raise ValueError("inconsistent numbers")
        return cls(pairs[0], dict(zip(matrices, pairs[1:], strict=True)))

    def count(self, answers: Mapping[str, Any], minutes: int | None, by: int) -> None:
        """Add a response to the counts, or remove it if `by` is -1."""
        if minutes is not None:
            self.short[0] += by
            self.short[1] += by * (minutes < SHORT)
        for item, pair in self.straight.items():
            given = answers[item]
            codes = {given} if isinstance(given, str) else set(given.values())
            if codes.isdisjoint(RESERVED):
                pair[0] += by
                pair[1] += by * (len(codes) == 1)

    def merge(self, other: QualityCounts) -> None:
        """Add the counts of other responses."""
        self.short = [a + b for a, b in zip(self.short, other.short, strict=True)]
        for item, pair in self.straight.items():
            found = zip(pair, other.straight[item], strict=True)
            self.straight[item] = [a + b for a, b in found]

    def to_object(self) -> dict[str, object]:
        """The counts as a JSON object."""
        return {"short": self.short, "straight": self.straight}


def _has_lines(item: object) -> bool:
    return isinstance(item, Matrix) and len(item.rows) >= FEWEST_ROWS


def quality_of(counts: QualityCounts, figures: Figures) -> Quality | None:
    """The quality figures to print with other figures; None if nothing may be printed."""
    if figures.responses is None:
        return None
    # An attacker knows the number of responses, so a figure close to it would reveal that nearly
    # everybody was among those counted.
    most = figures.responses - ROUNDED_TO
    return Quality(
        short=_share(counts.short, most),
        straight={
            item: _share(pair, min(most, _most_straight(item, figures)))
            for item, pair in counts.straight.items()
        },
    )


def _share(pair: Sequence[int], most: int) -> Share | None:
    """The printed share; `most` is an upper limit, which must not depend on the counts."""
    limit = ROUNDED_TO * (most // ROUNDED_TO)
    if limit < MASKED_BELOW:
        return None
    base, count = map(printed, pair)
    is_capped = count is not None and count >= limit
    return Share(base=base, count=limit if is_capped else count, at_least=is_capped)


def _most_straight(item: str, figures: Figures) -> int:
    """The maximum number of straight-liners that may be printed.

    The limit depends only on `figures`. If two people exchange their answers to a row, the table of
    the row stays the same, and the number of straight-liners changes by two at most. If enough
    people chose the same code in each row, exchanges of answers can raise the number of
    straight-liners at least to the limit, whatever the true data set is. If no code fills nearly
    all rows, exchanges can lower the number until it is masked. A printed number represents five
    values, so every number up to the limit could have been printed with the same tables. Exchanges
    are made among all people or, for the tables of a breakdown, within a group.
    """
    places = [n for n, heading in enumerate(figures.headings) if heading.item == item]
    codes = figures.headings[places[0]].codes
    everyone = [_bounds(figures.headings[place], figures.unbroken[place]) for place in places]
    divided = [[everyone]]
    for breakdown in figures.breakdowns:
        if breakdown.offered and places[0] in breakdown.tables:
            columns = [breakdown.tables[place] for place in places]
            divided.append([
                [
                    _bounds(figures.headings[place], None if column is None else column[at])
                    for place, column in zip(places, columns, strict=True)
                ]
                for at in range(len(breakdown.groups))
            ])  # fmt: skip
    most = min(_possible(groups, codes) for groups in divided)
    # Somebody whose interview ended within the matrix cannot be a straight-liner.
    unreached = max(row.get(NOT_REACHED, (0, 0))[1] for row in everyone)
    return max(0, most - unreached)


def _possible(groups: Sequence[Rows], codes: Sequence[str]) -> int:
    """The possible number of straight-liners in these groups; 0 if masking could not hide them."""
    asked = [rows for rows in groups if any(code in row for row in rows for code in codes)]
    certain = sum(_certain(rows, codes) for rows in asked)
    most = sum(min(row.get(code, _NONE)[0] for row in rows) for rows in asked for code in codes)
    return most if certain < MASKED_BELOW else 0


def _certain(rows: Rows, codes: Sequence[str]) -> int:
    """The maximum number of straight-liners that exchanges cannot remove in a group.

    If no exchange of answers reduces the number of straight-liners, then each person gave at most
    one answer other than the code that the straight-liners chose.
    """
    bases = sorted(row[BASE][0] for row in rows)
    most = (sum(row.get(code, _NONE)[1] for row in rows) for code in codes)
    return max(0, max(most) - sum(bases[1:]))


def _bounds(heading: TableShape, table: TableFigures | None) -> Row:
    """The bounds of the base and of each cell, by code; empty if the table is withheld."""
    if table is None:
        return {BASE: _NONE}
    to = table.rounded_to or ROUNDED_TO
    cells = {
        heading.cells[place].code: interval(count, to)
        for place, count in zip(table.cells, table.counts, strict=True)
    }
    return {BASE: interval(table.base), **cells}


class ItemNonresponse(Model):
    """The printed nonresponse of an item or a matrix row, from its table of all respondents.

    `codes` contains the counts of the codes that the item can have; masked counts are None.
    `percent` is the percentage of all printed nonresponse among the people who should have
    answered; None if all nonresponse is masked.
    """

    item: str
    row: str | None
    withheld: bool
    base: int | None
    codes: dict[str, int | None]
    percent: int | None

    @property
    def is_flagged(self) -> bool:
        """True if the percentage reaches the threshold for flagged nonresponse."""
        return (self.percent or 0) >= FLAGGED_NONRESPONSE


def item_nonresponse(figures: Figures) -> Iterator[ItemNonresponse]:
    """The nonresponse of every item that has a table, computed from printed figures alone.

    The tables of a ranking have the same nonresponse, so only the table of any rank is used.
    """
    for heading, table in zip(figures.headings, figures.unbroken, strict=True):
        if heading.kind == "ranking" and heading.row != ANY_RANK:
            continue
        base = None if table is None else table.base
        codes: dict[str, int | None] = {}
        if table is not None:
            by_code = {heading.cells[n].code: n for n in table.cells}
            counts = dict(zip(table.cells, table.counts, strict=True))
            codes = {code: counts[by_code[code]] for code in NONRESPONSE if code in by_code}
        missing = sum(count or 0 for count in codes.values())
        yield ItemNonresponse(
            item=heading.item,
            row=heading.row if heading.kind == "matrix" else None,
            withheld=table is None,
            base=base,
            codes=codes,
            percent=percent(missing, missing + (base or 0)) if any(codes.values()) else None,
        )

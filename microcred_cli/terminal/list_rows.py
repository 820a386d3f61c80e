"""The rows of a list prompt: their keys and scrolling."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from microcred_cli.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


HEADING = "class:mc.heading"


class Row(Frozen):
    """A row of a list: an option, or a heading that cannot be chosen.

    `sign` is the number or letter shown before the row; `gap` adds a blank line above the row;
    `style` applies to headings. An `exclusive` row cannot be ticked together with others; `apart`
    marks a reserved code, which a search never finds or hides. `also` holds aliases for the search.
    A bar marks rows that an interviewer reads `aloud`.
    """

    code: str
    label: str
    sign: str = ""
    exclusive: bool = False
    gap: bool = False
    heading: bool = False
    style: str = HEADING
    apart: bool = False
    also: tuple[str, ...] = ()
    aloud: bool = False


SINGLE_KEYS = "1234567890abcfimquxz"
"""Keys assigned to rows in order; excludes the keys for yes, no and reserved codes."""


LETTERS = "abcdefghijklmnop"
"""Keys assigned in order to the additional pages that an interviewer can open."""


def lettered(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Assign a letter to each row."""
    return _signed(rows, iter(LETTERS))


def numbered(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Number the rows, except for headings and rows that already have a sign."""
    return _signed(rows, map(str, count(1)))


def single_keyed(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Assign a single key to each row without a sign; numbers if there are too many rows."""
    plain = [row for row in rows if not row.heading and not row.sign]
    return numbered(rows) if len(plain) > len(SINGLE_KEYS) else _signed(rows, iter(SINGLE_KEYS))


def _signed(rows: Sequence[Row], signs: Iterator[str]) -> tuple[Row, ...]:
    return tuple(row if row.heading or row.sign else row.having(sign=next(signs)) for row in rows)


class ListWindow:
    """The range of visible rows, from `first` up to but not including `end`.

    Rows are shown whole, and the highlighted row is always visible. A line is reserved for a scroll
    indicator wherever rows are hidden.
    """

    def __init__(self) -> None:
        self.first = 0
        self.end = 1

    def fit(self, rows: Sequence[Row], heights: list[int], height: int, pointed: int) -> None:
        """Scroll just enough to show the highlighted row (`pointed`; -1 if none)."""
        wanted = pointed if pointed >= 0 else self.first
        first = max(0, min(self.first, len(heights) - 1, wanted))
        if first > 0 and rows[first - 1].heading:
            first -= 1
        while first > 0 and sum(heights[first - 1 :]) + (first > 1) <= height:
            first -= 1
        end = _end(heights, first, height)
        while pointed >= end and first < pointed:
            first += 1
            end = _end(heights, first, height)
        self.first, self.end = first, max(end, first + 1)


def _end(heights: list[int], first: int, height: int) -> int:
    """Index of the first row that no longer fits."""
    room = height - (first > 0)
    if sum(heights[first:]) <= room:
        return len(heights)
    room -= 1
    last = first
    while last < len(heights) and heights[last] <= room:
        room -= heights[last]
        last += 1
    return last

"""The part of a list that has room on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.terminal.list_rows import Row


@dataclass
class ListWindow:
    """The rows on the screen, from `first` to before `end`: whole rows, the pointed one among them.

    Above and below them a line is left for the mark that there are more.
    """

    first: int = 0
    end: int = 1

    def fit(self, rows: Sequence[Row], heights: list[int], height: int, pointed: int) -> None:
        """Scroll as little as possible, so that the pointed row (-1: none) is shown whole."""
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
    """The first row behind those that fit."""
    room = height - (first > 0)
    if sum(heights[first:]) <= room:
        return len(heights)
    room -= 1
    last = first
    while last < len(heights) and heights[last] <= room:
        room -= heights[last]
        last += 1
    return last

"""Marginal tables of a data set by group and answer, and moves of people within these tables.

A *cell* is any number bounded by a group's printed figures: the count of an answer, the total of
several answers, the base, or the size of the group. The bounds of a cell are its feasible interval.
The `room` of a move is the number of people who can make it before a printed figure changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.rule import Interval

UNBOUNDED: Final = (0, 1 << 60)
ABSENT: Final = -1
"""Placeholder for no answer, when a person only enters or only leaves."""

Step = tuple[int, int]
"""The rows of a marginal that a person leaves and enters; equal if the person stays."""

Pair = tuple[int, int]
"""A pair of answers: the count of the first increases, and the count of the second decreases."""

CellsOf = tuple[tuple[int, ...], ...]
"""For each answer, the cells that include it; the last cell is the size of the group."""

Changes = dict[tuple[int, int], tuple[tuple[int, ...], tuple[int, ...]]]
"""The cells that increase and those that decrease when one answer replaces another."""


Profile = tuple[int, ...]
"""The class of a person in each marginal."""

People = dict[Profile, list[int]]
"""The counts of each answer among the people of each profile."""


class Key(NamedTuple):
    """The position of a cell: its marginal, its group, and the matrix row (0 if not a matrix)."""

    marginal: int
    group: int
    row: int
    cell: int


@lru_cache(maxsize=256)
def changes_between(cells_of: CellsOf) -> Changes:
    """The changed cells for each pair of answers, including `ABSENT`."""
    cells = {ABSENT: set[int](), **{n: set(found) for n, found in enumerate(cells_of)}}
    return {
        (more, less): (
            tuple(sorted(cells[more] - cells[less])),
            tuple(sorted(cells[less] - cells[more])),
        )
        for more, less in product(cells, repeat=2)
    }


@lru_cache(maxsize=256)
def answers_in(cells_of: CellsOf) -> list[list[int]]:
    """For each cell, the answers that it includes."""
    width = max(map(max, cells_of)) + 1
    return [[n for n, found in enumerate(cells_of) if cell in found] for cell in range(width)]


@dataclass(slots=True)
class Marginal:
    """All respondents, divided by one breakdown or undivided.

    A row is a printed group, or the part of a pooled group that is in one class; people in rows of
    the same class can swap groups. `cells` contains the values of the cells in each group, `bounds`
    their bounds, and `targets` the cells that must stay uncertain.
    """

    cells_of: CellsOf
    row_group: list[int]
    row_class: list[int]
    rows: list[list[int]]
    cells: list[list[int]]
    bounds: list[list[Interval]]
    targets: list[list[int]]
    changes: Changes = field(init=False)
    rows_of_class: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.changes = changes_between(self.cells_of)
        for row, kind in enumerate(self.row_class):
            self.rows_of_class.setdefault(kind, []).append(row)

    def room(self, row: int, more: int, less: int) -> int:
        """The number of people in a row's group who can go from `less` to `more` within bounds."""
        group = self.row_group[row]
        values, bounds = self.cells[group], self.bounds[group]
        grow, shrink = self.changes[more, less]
        room = UNBOUNDED[1]
        for cell in grow:
            left = bounds[cell][1] - values[cell]
            if left < room:
                if left <= 0:
                    return 0
                room = left
        for cell in shrink:
            left = values[cell] - bounds[cell][0]
            if left < room:
                if left <= 0:
                    return 0
                room = left
        return room

    def room_to_step(self, step: Step, less: int, more: int) -> int:
        """The number of people who can leave a row with `less` and enter another with `more`."""
        row, new = step
        most = self.rows[row][less]
        if not most:
            return 0
        if self.row_group[row] == self.row_group[new]:
            return min(most, self.room(row, more, less))
        return min(most, self.room(row, ABSENT, less), self.room(new, more, ABSENT))

    def shift(self, row: int, more: int, less: int, many: int) -> None:
        """Change the answer of `many` people in a row from `less` to `more`."""
        if more != ABSENT:
            self.rows[row][more] += many
        if less != ABSENT:
            self.rows[row][less] -= many
        values = self.cells[self.row_group[row]]
        grow, shrink = self.changes[more, less]
        for cell in grow:
            values[cell] += many
        for cell in shrink:
            values[cell] -= many

    def neighbours(self, group: int) -> Iterator[Step]:
        """The rows of a group, each paired with rows of other groups that allow swaps with it."""
        for row, kind in enumerate(self.row_class):
            if self.row_group[row] == group:
                for other in self.rows_of_class[kind]:
                    if self.row_group[other] != group:
                        yield row, other


# -- moves ----------------------------------------------------------------------------------------


class Swap(NamedTuple):
    """A swap of people between two rows of a marginal; `more` is the answer entering `row`."""

    marginal: Marginal
    row: int
    other: int
    more: int
    less: int

    def room(self) -> int:
        """The number of people with `more` in `other` who can swap with others who have `less`."""
        marginal, row, other, more, less = self
        most = marginal.rows[other][more]
        if most and less != ABSENT:
            most = min(most, marginal.rows[row][less])
        if most:
            most = min(most, marginal.room(row, more, less))
        if most:
            most = min(most, marginal.room(other, less, more))
        return most

    def apply(self, many: int) -> None:
        """Swap this many pairs."""
        self.marginal.shift(self.row, self.more, self.less, many)
        self.marginal.shift(self.other, self.less, self.more, many)


class Transfer(NamedTuple):
    """A move of people from one profile, with answer `less`, to another, with answer `more`."""

    marginals: Sequence[Marginal]
    people: People
    source: Profile
    goal: Profile
    less: int
    more: int
    steps: Sequence[Step]

    def room(self) -> int:
        """The number of people who can move before a printed figure changes."""
        steps = zip(self.marginals, self.steps, strict=True)
        rooms = [marginal.room_to_step(step, self.less, self.more) for marginal, step in steps]
        return min(self.people[self.source][self.less], *rooms)

    def apply(self, many: int) -> None:
        """Move this many people."""
        self.people[self.source][self.less] -= many
        self.people[self.goal][self.more] += many
        for marginal, (row, new) in zip(self.marginals, self.steps, strict=True):
            marginal.shift(row, ABSENT, self.less, many)
            marginal.shift(new, self.more, ABSENT, many)


class Jointly(NamedTuple):
    """Several moves made together that affect different marginals or different people."""

    moves: Sequence[Move]
    at_most: int

    def room(self) -> int:
        """The number of people who can make all the moves."""
        return min(self.at_most, *(move.room() for move in self.moves))

    def apply(self, many: int) -> None:
        """Make all the moves."""
        for move in self.moves:
            move.apply(many)


Move = Swap | Transfer | Jointly
"""A change to a few people's records that results in another data set; `-many` undoes it."""

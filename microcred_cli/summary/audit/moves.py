"""Moves: small changes to a few people's records that lead from one data set to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from microcred_cli.summary.audit.marginals import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.summary.audit.marginals import Marginal, Step

Profile = tuple[int, ...]
"""The classes that a person has together, one in each marginal."""

People = dict[Profile, list[int]]
"""The counts of each answer among the people of each profile."""


class Move(Protocol):
    """A change that can be made for some people at once; for fewer than nobody, it is undone."""

    def room(self) -> int:
        """The people it can be made for before a printed figure changes."""
        ...

    def apply(self, many: int) -> None:
        """Make it for so many people."""
        ...


class Swap(NamedTuple):
    """People of two rows of one marginal trade places: `more` goes to `row`, `less` leaves it."""

    marginal: Marginal
    row: int
    other: int
    more: int
    less: int

    def room(self) -> int:
        """The people from `other` who said `more` and can come, against as many of `less`."""
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
        """Let so many trade places."""
        self.marginal.shift(self.row, self.more, self.less, many)
        self.marginal.shift(self.other, self.less, self.more, many)


class Transfer(NamedTuple):
    """People of one profile who said `less` become people of another who say `more`."""

    marginals: Sequence[Marginal]
    people: People
    source: Profile
    goal: Profile
    less: int
    more: int
    steps: Sequence[Step]

    def room(self) -> int:
        """The people who can change before a printed figure does."""
        steps = zip(self.marginals, self.steps, strict=True)
        rooms = [marginal.room_to_step(step, self.less, self.more) for marginal, step in steps]
        return min(self.people[self.source][self.less], *rooms)

    def apply(self, many: int) -> None:
        """Let so many change."""
        self.people[self.source][self.less] -= many
        self.people[self.goal][self.more] += many
        for marginal, (row, new) in zip(self.marginals, self.steps, strict=True):
            marginal.shift(row, ABSENT, self.less, many)
            marginal.shift(new, self.more, ABSENT, many)


class Jointly(NamedTuple):
    """Moves that are made together, each in marginals or for people that the others leave alone."""

    moves: Sequence[Move]
    at_most: int

    def room(self) -> int:
        """The people that all of the moves can be made for."""
        return min(self.at_most, *(move.room() for move in self.moves))

    def apply(self, many: int) -> None:
        """Make all of them."""
        for move in self.moves:
            move.apply(many)

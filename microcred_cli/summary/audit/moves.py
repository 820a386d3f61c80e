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
"""How the people of each profile answered."""


class Move(Protocol):
    """A change that can be made for some people at once; for fewer than nobody, it is undone."""

    def room(self) -> int:
        """How many people it can be made for before a printed figure changes."""
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
        """How many can come from `other` who said `more`, against as many of `less`."""
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
        """How many can change before a printed figure does."""
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


class Exchange(NamedTuple):
    """Two people of different profiles give each other's answer: no sum of everyone changes.

    `rows` has the marginals in which they are of different classes, with the rows of both.
    """

    people: People
    one: Profile
    other: Profile
    more: int
    less: int
    rows: Sequence[tuple[Marginal, int, int]]

    def room(self) -> int:
        """How many pairs can exchange their answers before a printed figure changes."""
        most = min(self.people[self.one][self.less], self.people[self.other][self.more])
        for marginal, row, new in self.rows:
            most = min(
                most,
                marginal.room_to_step((row, row), self.less, self.more),
                marginal.room_to_step((new, new), self.more, self.less),
            )
        return most

    def apply(self, many: int) -> None:
        """Let so many pairs exchange their answers."""
        for profile, more, less in (
            (self.one, self.more, self.less),
            (self.other, self.less, self.more),
        ):
            self.people[profile][more] += many
            self.people[profile][less] -= many
        for marginal, row, new in self.rows:
            marginal.shift(row, self.more, self.less, many)
            marginal.shift(new, self.less, self.more, many)


class Jointly(NamedTuple):
    """One person's moves in the data sets of several rows of a matrix."""

    moves: Sequence[Move]

    def room(self) -> int:
        """One: that all of them can be made was found out for a single person."""
        return 1

    def apply(self, many: int) -> None:
        """Make all of them."""
        for move in self.moves:
            move.apply(many)

"""Witnesses for a matrix or ranking: other data sets that include all its rows.

The rows share the groups, the people who were not asked, and the people who did not reach the item
or ended the interview within it. Each row has its own witness, and every change keeps the witnesses
consistent: a person can change an answer in one row, change from "not reached" to an answer in
several rows, or move to another group in all rows.
"""

from __future__ import annotations

from itertools import chain, islice, product
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.audit.marginals import ABSENT, Jointly, Swap, Transfer
from microcred_cli.summary.audit.witness import Search, Witness
from microcred_cli.summary.rule import FEWEST_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from microcred_cli.summary.audit.marginals import Key, Move, Profile, Step

TURNS: Final = 12
"""The maximum number of people who change their answers to the whole item in one walk."""

Said = set[tuple[int, int]]
"""The possible changes of answer in one row, as pairs (less, more)."""


class MatrixWitness(Search):
    """The data set for an item with rows.

    Args:
        rows: a witness for each row, with the same marginals and profiles.
        shared: the answers that apply to several rows and never change in a single row; the last
            answer is "not asked".
        unreached: the answer "not reached" if rows are asked in a fixed order, so that a person who
            did not reach a row did not reach the next one either.
    """

    def __init__(
        self, rows: Sequence[Witness], shared: Sequence[int], unreached: int | None
    ) -> None:
        super().__init__(rows[0].tries)
        self._rows, self._shared, self._unreached = rows, shared, unreached
        self._first = rows[0]
        for number, row in enumerate(rows):
            for key, seen in row.seen.items():
                self.seen[key._replace(row=number)] = seen

    def value(self, key: Key) -> int:
        """The value of a cell in the current data set."""
        return self._rows[key.row].value(key)

    def walk(self, random: Random, steps: int) -> None:
        """Make some moves in each row, then change some people's answers in all rows."""
        for row in self._rows:
            row.walk(random, steps)
        keys = self.open()
        for _ in range(min(len(keys), TURNS)):
            key, to, inside = random.choice(keys), random.random() < 0.5, random.random() < 0.5
            turns = self._turns(key, random.choice(self._shared), to=to, inside=inside)
            if not self._make_first(turns) and key.marginal:
                self._resize(key, random.choice((1, -1)))

    def _see(self, key: Key) -> None:
        super()._see(key)
        if key.cell in self._shared:
            for row in range(len(self._rows)):
                other = key._replace(row=row)
                if other in self.seen and other != key:
                    super()._see(other)

    # -- moves -------------------------------------------------------------------------------------

    def _push(self, key: Key, sign: int) -> None:
        super()._push(key, sign)
        # Resizing a group allows other counts in this group, and changes in other groups make room
        # in the counts of all respondents.
        for change in (self._resize, self._make_room) if key.marginal else ():
            for _ in range(FEWEST_VALUES - 1):
                if not self._is_open(key) or not change(key, sign):
                    break
                super()._push(key, sign)

    def _make_first(self, moves: Iterable[Move]) -> bool:
        return any(map(self._make, islice(moves, 1)))

    def _make_room(self, key: Key, sign: int) -> bool:
        """Change a shared answer of a person in another group, in the opposite direction."""
        return any(
            self._make_first(self._turns(key, answer, to=sign < 0, inside=False))
            for answer in ([key.cell] if key.cell in self._shared else self._shared)
        )

    def _resize(self, key: Key, sign: int) -> bool:
        """Move a person with all their answers into or out of the group of a cell."""
        swaps = self._swaps(key, lambda own: (own, ABSENT), inward=sign > 0)
        return self._make_first(chain(swaps, self._changes_of_group(key, sign)))

    def moves(self, key: Key, sign: int) -> Iterator[Move]:
        """The possible moves that increase (1) or decrease (-1) a cell."""
        row = self._rows[key.row]
        yield from row.moves(key, sign)
        counted = row.counted_in[key.cell]
        own = any(answer in counted for answer in row.answers)
        for answer in self._shared:
            if own != (answer in counted):
                yield from self._moves_to(key, answer, to=(answer in counted) == (sign > 0))

    def _moves_to(self, key: Key, answer: int, *, to: bool) -> Iterator[Move]:
        """The moves that increase a shared answer if `to` is set, and otherwise decrease it."""
        if key.marginal:
            yield from self._swaps(key, lambda own: (answer, own), inward=to)
        yield from self._turns(key, answer, to=to)
        if not key.marginal and answer == self._shared[-1]:
            yield from self._changes_of_route(answer, to=to)

    def _swaps(
        self, key: Key, pair: Callable[[int], tuple[int, int]], *, inward: bool
    ) -> Iterator[Move]:
        """Moves in which two people swap groups in all rows and do not change their answers.

        `pair` returns the answers that enter and leave the group, or the reverse if not `inward`.
        """
        for inside, outside in self._first.marginals[key.marginal].neighbours(key.group):
            goal, source = (inside, outside) if inward else (outside, inside)
            swaps: list[Move] = []
            for row in self._rows:
                marginal = row.marginals[key.marginal]
                found = (Swap(marginal, goal, source, *pair(own)) for own in row.answers)
                swaps += islice((swap for swap in found if swap.room() > 0), 1)
            if len(swaps) == len(self._rows):
                yield Jointly(swaps, 1)

    def _changes_of_group(self, key: Key, sign: int) -> Iterator[Move]:
        """Moves of a person to groups of another class, into or out of the group of a cell."""
        groups = self._first.marginals[key.marginal].row_group
        said = {row: {(own, own) for own in self._first.answers} for row in range(len(self._rows))}
        for profile, goal in product(self._first.people, repeat=2):
            if profile[key.marginal] != goal[key.marginal] and self._can_answer(goal):
                steps = list(self._first.steps(profile, goal, staying=True))
                steps[key.marginal] = [
                    (row, new)
                    for row, new in steps[key.marginal]
                    if (groups[new] == key.group) - (groups[row] == key.group) == sign
                ]
                yield from self._agreed(profile, goal, steps, said)

    def _can_answer(self, profile: Profile) -> bool:
        return not self._first.allowed[profile].isdisjoint(self._first.answers)

    def _turns(self, key: Key, answer: int, *, to: bool, inside: bool = True) -> Iterator[Move]:
        """Moves of a person to or from a shared answer in several rows, within the same groups."""
        groups = self._first.marginals[key.marginal].row_group
        for profile in self._first.people:
            if answer in self._first.allowed[profile] and self._can_answer(profile):
                steps = list(self._first.steps(profile, profile, staying=True))
                steps[key.marginal] = [
                    step for step in steps[key.marginal] if (groups[step[0]] == key.group) == inside
                ]
                for begin, said in self._turnings(key.row, answer, profile, to=to):
                    yield from self._agreed(profile, profile, self._ended(steps, begin), said)

    def _turnings(
        self, row: int, answer: int, profile: Profile, *, to: bool
    ) -> Iterator[tuple[int | None, dict[int, Said]]]:
        """The sets of rows that a person can change together, with the possible answers.

        Each set is paired with the first row that the person had not reached, if the interview must
        have ended there.
        """
        for rows, begin in self._sets(row, answer, to=to):
            yield begin, self._answers_in(rows, answer, to=to)
        for other in self._shared[:-1]:
            if other != answer and other in self._first.allowed[profile]:
                pair = (other, answer) if to else (answer, other)
                begin = 0 if pair[0] == self._unreached else None
                yield begin, {row: {pair} for row in range(len(self._rows))}

    def _sets(self, at: int, answer: int, *, to: bool) -> Iterator[tuple[range, int | None]]:
        """The sets of rows, including row `at`, that a person can change together."""
        last = len(self._rows)
        if answer != self._unreached:
            yield range(last), None
            return
        for begin, end in product(range(at, -1, -1), range(at + 1, last + 1)):
            ended = end if to else begin
            yield range(begin, end), ended if ended < last else None

    def _answers_in(self, rows: Iterable[int], answer: int, *, to: bool) -> dict[int, Said]:
        """The pairs of answers in some rows for changes to or from a shared answer."""
        own = self._first.answers
        return {row: {(o, answer) if to else (answer, o) for o in own} for row in rows}

    def _ended(self, steps: list[list[Step]], begin: int | None) -> list[list[Step]]:
        """The steps of people whose interview ended just before row `begin` of the matrix."""
        unreached = self._unreached
        if begin is None or unreached is None:
            return steps
        ended = []
        for number, found in enumerate(steps):
            here = self._rows[begin].marginals[number].rows
            before = self._rows[begin - 1].marginals[number].rows
            ended.append(
                [
                    step
                    for step in found
                    if here[step[0]][unreached] > (before[step[0]][unreached] if begin else 0)
                ]
            )
        return ended

    def _changes_of_route(self, answer: int, *, to: bool) -> Iterator[Move]:
        """Moves of a person to groups with a different route."""
        said = self._answers_in(range(len(self._rows)), answer, to=to)
        for profile, goal in product(self._first.people, repeat=2):
            asked, other = (profile, goal) if to else (goal, profile)
            allowed = self._first.allowed[other]
            if profile != goal and answer in allowed and self._can_answer(asked):
                steps = self._first.steps(profile, goal, staying=True)
                yield from self._agreed(profile, goal, steps, said)

    # -- moves that are consistent in all rows and marginals ---------------------------------------

    def _agreed(
        self,
        profile: Profile,
        goal: Profile,
        steps: Sequence[Sequence[Step]],
        said: dict[int, Said],
    ) -> Iterator[Move]:
        """A person's transfer in several rows, by steps that are possible in all of them."""
        self.tries.left -= len(said)
        if self.tries.are_used_up:
            return
        left = {}
        for row, pairs in said.items():
            people, allowed = self._rows[row].people, self._rows[row].allowed
            left[row] = {
                (less, more)
                for less, more in pairs
                if people[profile][less] > 0 and more in allowed[goal]
            }
        chosen = []
        for number, found in enumerate(steps):
            fits, step = self._best_step(number, found, left)
            if not fits:
                return
            left = fits
            chosen.append(step)
        moves = [
            Transfer(witness.marginals, witness.people, profile, goal, *min(left[row]), chosen)
            for row, witness in enumerate(self._rows)
            if row in left
        ]
        yield Jointly(moves, 1)

    def _best_step(
        self, number: int, steps: Sequence[Step], left: dict[int, Said]
    ) -> tuple[dict[int, Said], Step]:
        """The step in a marginal that is possible for the most pairs, together with those pairs."""
        best: dict[int, Said] = {}
        chosen = (-1, -1)
        for step in steps:
            fits = self._fitting(number, step, left)
            if sum(map(len, fits.values())) > sum(map(len, best.values())):
                best, chosen = fits, step
                if all(len(fits[row]) == len(left[row]) for row in left):
                    break
        return best, chosen

    def _fitting(self, number: int, step: Step, left: dict[int, Said]) -> dict[int, Said]:
        """The pairs with which a step of a marginal is possible; empty if a row has none."""
        found = {}
        for row, pairs in left.items():
            marginal = self._rows[row].marginals[number]
            fits = {pair for pair in pairs if marginal.room_to_step(step, *pair) > 0}
            if not fits:
                return {}
            found[row] = fits
        return found

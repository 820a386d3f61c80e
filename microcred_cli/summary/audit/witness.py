"""Witnesses: other data sets that would print the same figures.

A witness is a data set as far as one question goes: its marginal tables by each breakdown that is
printed. It starts as the true one and is changed by moves. A move is made only if everything
printed stays as it is, so whatever value a cell takes on the way, nobody who sees the figures can
rule it out.
"""

from __future__ import annotations

from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.audit.marginals import (
    ABSENT,
    UNBOUNDED,
    CellsOf,
    Jointly,
    Key,
    Marginal,
    Move,
    Pair,
    People,
    Profile,
    Step,
    Swap,
    Transfer,
    answers_in,
    changes_between,
)
from microcred_cli.summary.rule import FEWEST_VALUES, Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from random import Random


LONGEST_WALK: Final = 8
"""The most moves that are made in a row for one cell."""

MOST_CANDIDATES: Final = 200
"""The most moves that are tried before one is found that keeps what is printed."""


class Search:
    """Collects the values that the cells to be protected can have, from data set to data set."""

    def __init__(self, keeps: Callable[[], bool] | None = None) -> None:
        self.seen: dict[Key, Interval] = {}
        self._keeps = keeps

    def value(self, key: Key) -> int:
        """The value of a cell in the present data set."""
        raise NotImplementedError

    def open(self) -> list[Key]:
        """The cells that have not been shown to have enough values yet."""
        return [key for key in self.seen if self._is_open(key)]

    def search(self, random: Random, *, rounds: int, steps: int) -> None:
        """Look for values of every open cell, from here and from data sets some moves away."""
        for _ in range(rounds):
            for key in self.open():
                self._widen(key)
            if not self.open():
                return
            self.walk(random, steps)
        failed: set[int] = set()
        for key in self.open():
            # One cell is enough to fail the tables of a breakdown.
            if key.marginal not in failed and not self._widen(key):
                failed.add(key.marginal)

    def walk(self, random: Random, steps: int) -> None:
        """Make some moves of one person each, wherever they lead."""
        raise NotImplementedError

    def _is_open(self, key: Key) -> bool:
        low, high = self.seen[key]
        return high - low + 1 < FEWEST_VALUES

    def _widen(self, key: Key) -> bool:
        """Look for larger and smaller values of a cell; True if it has enough of them."""
        self._push(key, 1)
        if self._is_open(key):
            self._push(key, -1)
        return not self._is_open(key)

    def _push(self, key: Key, sign: int) -> None:
        """Move a cell up (1) or down (-1) from data set to data set, as far as is needed."""
        for _ in range(LONGEST_WALK):
            self._see(key)
            if not self._is_open(key):
                return
            if not any(map(self._make, islice(self.moves(key, sign), MOST_CANDIDATES))):
                return
        self._see(key)

    def _see(self, key: Key) -> None:
        low, high = self.seen[key]
        value = self.value(key)
        self.seen[key] = (min(low, value), max(high, value))

    def _make(self, move: Move, most: int = FEWEST_VALUES - 1) -> bool:
        """Make a move for as many people as are needed, if all that is printed stays as it is."""
        for many in sorted({min(move.room(), most), 1}, reverse=True):
            move.apply(many)
            if self._keeps is None or self._keeps():
                return True
            move.apply(-many)
        return False

    def moves(self, key: Key, sign: int) -> Iterator[Move]:
        """The possible moves that take a cell up (1) or down (-1)."""
        raise NotImplementedError


class Witness(Search):
    """One question's data set, and how far the cells to be protected can move in it.

    Args:
        cells_of: for each answer the cells that count it.
        marginals: the one of everyone first.
        people: how the people of each profile that there can be answered.
        allowed: the answers that people of a profile can give; a route may rule some out.
        keeps: tells if a data set prints the same, as far as the bounds do not say.
        fixed: the answers that nobody changes to or from; then nobody changes groups alone, either.
    """

    def __init__(
        self,
        cells_of: CellsOf,
        marginals: Sequence[Marginal],
        people: People,
        allowed: dict[Profile, frozenset[int]],
        keeps: Callable[[Witness], bool] | None = None,
        fixed: Collection[int] = (),
    ) -> None:
        super().__init__(None if keeps is None else partial(keeps, self))
        self.marginals = marginals
        self.people = people
        self.allowed = allowed
        self.answers = tuple(answer for answer in range(len(cells_of)) if answer not in fixed)
        self._partners = (*self.answers, *([] if fixed else [ABSENT]))
        self._is_alone = not fixed
        self._changes, self.counted_in = changes_between(cells_of), answers_in(cells_of)
        self._known_pairs: dict[tuple[int, int, tuple[int, ...]], list[Pair]] = {}
        self._steps: dict[tuple[Profile, Profile, bool], list[list[Step]]] = {}
        for number, marginal in enumerate(marginals):
            for group, targets in enumerate(marginal.targets):
                for cell in targets:
                    value = marginal.cells[group][cell]
                    self.seen[Key(number, group, 0, cell)] = (value, value)

    def value(self, key: Key) -> int:
        """The value of a cell in the present data set."""
        return self.marginals[key.marginal].cells[key.group][key.cell]

    # -- the moves that take one cell up or down ---------------------------------------------------

    def moves(self, key: Key, sign: int) -> Iterator[Move]:
        """The possible moves that take a cell up (1) or down (-1)."""
        if key.marginal:
            yield from self._swaps(key, sign)
        yield from self._changes_of_answer(key, sign)
        if key.marginal:
            yield from self._exchanges(key, sign)
        if self._is_alone:
            yield from self._changes_of_group(key, sign)

    def _pairs(self, cell: int, sign: int, partners: tuple[int, ...]) -> list[Pair]:
        """The answers that can be given more, and less, often to take a cell up or down."""
        key = (cell, sign, partners)
        if key not in self._known_pairs:
            changing = [answer for answer in self.counted_in[cell] if answer in self.answers]
            self._known_pairs[key] = [
                (one, other) if sign > 0 else (other, one)
                for one, other in product(changing, partners)
                if cell in self._changes[one, other][0]
            ]
        return self._known_pairs[key]

    def _possible(self, pairs: Iterable[Pair], profile: Profile, goal: Profile) -> list[Pair]:
        """The pairs of answers that people of a profile can give, and those of another gave."""
        said, allowed = self.people[profile], self.allowed[goal]
        return [(more, less) for more, less in pairs if said[less] and more in allowed]

    def _swaps(self, key: Key, sign: int) -> Iterator[Move]:
        """People of one marginal trade places."""
        marginal = self.marginals[key.marginal]
        pairs = self._pairs(key.cell, 1, self._partners)
        for row, other in marginal.neighbours(key.group):
            to, source = (row, other) if sign > 0 else (other, row)
            for more, less in pairs:
                if marginal.rows[source][more]:
                    move = Swap(marginal, to, source, more, less)
                    if move.room():
                        yield move

    def _changes_of_answer(self, key: Key, sign: int) -> Iterator[Move]:
        """People give another answer and stay in their groups."""
        marginal = self.marginals[key.marginal]
        pairs = self._pairs(key.cell, sign, self.answers)
        for profile in self.people:
            for row in marginal.rows_of_class[profile[key.marginal]]:
                if marginal.row_group[row] == key.group:
                    steps: list[Iterable[Step]] = list(self.steps(profile, profile, staying=True))
                    steps[key.marginal] = [(row, row)]
                    for more, less in self._possible(pairs, profile, profile):
                        move = self._transfer(profile, profile, less, more, steps)
                        if move is not None:
                            yield move

    def _exchanges(self, key: Key, sign: int) -> Iterator[Move]:
        """Two people of different classes give each other's answer.

        Where they are of the same class, they trade places too, so that nothing changes there.
        """
        at = key.marginal
        groups, classes = self.marginals[at].row_group, self.marginals[at].row_class
        here = {kind for group, kind in zip(groups, classes, strict=True) if group == key.group}
        pairs = self._pairs(key.cell, sign, self.answers)
        present = [profile for profile, said in self.people.items() if any(said)]
        for one, other in product(present, repeat=2):
            if one[at] in here and one[at] != other[at]:
                for more, less in self._possible(pairs, one, one):
                    if self._possible([(less, more)], other, other):
                        move = self._exchange(one, other, (more, less), key)
                        if move is not None:
                            yield move

    def _exchange(self, one: Profile, other: Profile, pair: Pair, key: Key) -> Move | None:
        """An exchange of answers, in the rows where most people can make it."""
        more, less = pair
        marginals, rows, others = [], [], []
        for number, marginal in enumerate(self.marginals):
            if one[number] != other[number]:
                groups = marginal.row_group
                own = _steps(marginal, one[number], one[number], staying=True)
                if number == key.marginal:
                    own = [step for step in own if groups[step[0]] == key.group]
                new = _steps(marginal, other[number], other[number], staying=True)
                here = _roomiest(marginal, own, less, more)
                there = _roomiest(marginal, new, more, less)
                if here is None or there is None or groups[here[0]] == groups[there[0]]:
                    return None
                marginals.append(marginal)
                rows.append(here)
                others.append(there)
        to = Transfer(marginals, self.people, one, one, less, more, rows)
        back = Transfer(marginals, self.people, other, other, more, less, others)
        return Jointly((to, back), FEWEST_VALUES)

    def _changes_of_group(self, key: Key, sign: int) -> Iterator[Move]:
        """People change to groups of another class, with the same answer or another."""
        marginal = self.marginals[key.marginal]
        counted = self.counted_in[key.cell]
        pairs = [*(product(counted, self.answers) if sign > 0 else product(self.answers, counted))]
        for profile, goal in product(self.people, repeat=2):
            rows = marginal.rows_of_class[(goal if sign > 0 else profile)[key.marginal]]
            if profile == goal or all(marginal.row_group[row] != key.group for row in rows):
                continue
            possible = self._possible(pairs, profile, goal)
            steps: list[Iterable[Step]] = list(self.steps(profile, goal)) if possible else []
            for more, less in possible:
                steps[key.marginal] = self._crossing(key, sign, profile, goal, (less, more))
                move = self._transfer(profile, goal, less, more, steps)
                if move is not None:
                    yield move

    def _crossing(
        self, key: Key, sign: int, profile: Profile, goal: Profile, said: tuple[int, int]
    ) -> Iterator[Step]:
        """The steps of a cell's marginal that take it up or down."""
        less, more = (answer in self.counted_in[key.cell] for answer in said)
        groups = self.marginals[key.marginal].row_group
        for step in self.steps(profile, goal)[key.marginal]:
            left, entered = (groups[row] == key.group for row in step)
            if (entered and more) - (left and less) == sign:
                yield step

    def steps(self, profile: Profile, goal: Profile, *, staying: bool = False) -> list[list[Step]]:
        """The steps in each marginal between two profiles; who need not change row is first.

        With `staying`, who need not change row does not.
        """
        key = (profile, goal, staying)
        if key not in self._steps:
            self._steps[key] = [
                _steps(marginal, kind, new, staying=staying)
                for marginal, kind, new in zip(self.marginals, profile, goal, strict=True)
            ]
        return self._steps[key]

    def _transfer(
        self,
        profile: Profile,
        goal: Profile,
        less: int,
        more: int,
        steps: Iterable[Iterable[Step]],
    ) -> Transfer | None:
        """A transfer by those of some steps that leave most room; None if there is no room."""
        chosen = []
        for marginal, found in zip(self.marginals, steps, strict=True):
            step = _roomiest(marginal, found, less, more, FEWEST_VALUES)
            if step is None:
                return None
            chosen.append(step)
        return Transfer(self.marginals, self.people, profile, goal, less, more, chosen)

    # -- walking -----------------------------------------------------------------------------------

    def walk(self, random: Random, steps: int) -> None:
        """Make some moves of one person each, wherever they lead."""
        divided = [m for m in self.marginals if any(len(r) > 1 for r in m.rows_of_class.values())]
        profiles = list(self.people)
        for _ in range(steps):
            if divided and random.random() < 0.6:
                self._swap_by_chance(random, random.choice(divided))
                continue
            staying = not self._is_alone or random.random() < 0.7
            profile = random.choice(profiles)
            goal = profile if staying else random.choice(profiles)
            more, less = random.choice(self.answers), random.choice(self.answers)
            if (not staying or more != less) and self._possible([(more, less)], profile, goal):
                found = self.steps(profile, goal, staying=staying)
                move = self._transfer(profile, goal, less, more, found)
                if move is not None:
                    self._make(move, 1)

    def _swap_by_chance(self, random: Random, marginal: Marginal) -> None:
        row = random.randrange(len(marginal.rows))
        other = random.choice(marginal.rows_of_class[marginal.row_class[row]])
        more, less = random.choice(self.answers), random.choice(self._partners)
        move = Swap(marginal, row, other, more, less)
        is_moved = marginal.row_group[row] != marginal.row_group[other] and more != less
        if is_moved and move.room():
            self._make(move, 1)


def _roomiest(
    marginal: Marginal, steps: Iterable[Step], less: int, more: int, enough: int = UNBOUNDED[1]
) -> Step | None:
    """The step that most people can make, saying `more` for `less`, or the first with `enough`."""
    best, found = 0, None
    for step in steps:
        if marginal.rows[step[0]][less] > best:
            room = marginal.room_to_step(step, less, more)
            if room > best:
                best, found = room, step
                if best >= enough:
                    break
    return found


def _steps(marginal: Marginal, kind: int, new: int, *, staying: bool) -> list[Step]:
    rows, others = marginal.rows_of_class[kind], marginal.rows_of_class[new]
    if staying and kind == new:
        return [(row, row) for row in rows]
    return sorted(product(rows, others), key=lambda step: step[0] != step[1])

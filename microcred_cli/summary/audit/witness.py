"""Witnesses: other data sets with the same printed figures.

A witness is a data set for one question, as marginal tables by each printed breakdown. The search
starts from the true data set and changes it by moves. A move is made only if all printed figures
stay the same, so readers of the figures cannot rule out any value that a cell takes during the
search.
"""

from __future__ import annotations

from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.audit.marginals import (
    ABSENT,
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
"""The maximum number of consecutive moves for one cell."""

MOST_CANDIDATES: Final = 200
"""The maximum number of moves to try in search of one that keeps all printed figures."""


PAIRS_PER_TRY: Final = 40
"""The number of pairs of profiles that can be skipped in the time of examining one move."""


class Tries:
    """The number of moves that may still be examined.

    The limit is a number of moves, not a time, so that the same responses have the same figures on
    any machine.
    """

    __slots__ = ("left",)

    def __init__(self, most: int) -> None:
        self.left = most

    @property
    def are_used_up(self) -> bool:
        """True if no more moves may be examined."""
        return self.left <= 0


class Search:
    """Collects possible values of the protected cells by moving from one data set to another."""

    def __init__(self, tries: Tries, keeps: Callable[[], bool] | None = None) -> None:
        self.seen: dict[Key, Interval] = {}
        self.tries = tries
        self._keeps = keeps

    def value(self, key: Key) -> int:
        """The value of a cell in the current data set."""
        raise NotImplementedError

    def open(self) -> list[Key]:
        """The cells that are not yet proved to have enough values."""
        return [key for key in self.seen if self._is_open(key)]

    def search(self, random: Random, *, rounds: int, steps: int) -> None:
        """Look for other values of every open cell, from this and nearby data sets."""
        for _ in range(rounds):
            for key in self.open():
                self._widen(key)
            if not self.open():
                return
            self.walk(random, steps)
        failed: set[int] = set()
        for key in self.open():
            # The tables of a breakdown fail if a single cell fails.
            if key.marginal not in failed and not self._widen(key):
                failed.add(key.marginal)

    def walk(self, random: Random, steps: int) -> None:
        """Make some random moves of one person each."""
        raise NotImplementedError

    def _is_open(self, key: Key) -> bool:
        low, high = self.seen[key]
        return high - low + 1 < FEWEST_VALUES

    def _widen(self, key: Key) -> bool:
        """Look for larger and smaller values of a cell; True if the cell now has enough values."""
        self._push(key, 1)
        if self._is_open(key):
            self._push(key, -1)
        return not self._is_open(key)

    def _push(self, key: Key, sign: int) -> None:
        """Increase (1) or decrease (-1) a cell step by step, as far as needed."""
        for _ in range(LONGEST_WALK):
            self._see(key)
            if not self._is_open(key) or self.tries.are_used_up:
                return
            if not any(map(self._make, islice(self.moves(key, sign), MOST_CANDIDATES))):
                return
        self._see(key)

    def _see(self, key: Key) -> None:
        low, high = self.seen[key]
        value = self.value(key)
        self.seen[key] = (min(low, value), max(high, value))

    def _make(self, move: Move, most: int = FEWEST_VALUES - 1) -> bool:
        """Make a move for as many people as needed, if all printed figures stay the same."""
        for many in sorted({min(move.room(), most), 1}, reverse=True):
            move.apply(many)
            if self._keeps is None or self._keeps():
                return True
            move.apply(-many)
        return False

    def moves(self, key: Key, sign: int) -> Iterator[Move]:
        """The possible moves that increase (1) or decrease (-1) a cell."""
        raise NotImplementedError


class Witness(Search):
    """The data set for one question, and the possible moves for its protected cells.

    Args:
        cells_of: for each answer, the cells that include it.
        marginals: the marginal tables; the table of all respondents is first.
        people: the counts of answers among people of each possible profile.
        allowed: the answers that people of a profile can give on their routes.
        tries: the number of moves that may be examined; several searches can share the object.
        keeps: checks that printed figures stay the same, in addition to the bounds.
        fixed: the answers that nobody changes to or from; if given, nobody changes groups either.
    """

    def __init__(
        self,
        cells_of: CellsOf,
        marginals: Sequence[Marginal],
        people: People,
        allowed: dict[Profile, frozenset[int]],
        tries: Tries,
        keeps: Callable[[Witness], bool] | None = None,
        fixed: Collection[int] = (),
    ) -> None:
        super().__init__(tries, None if keeps is None else partial(keeps, self))
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
        """The value of a cell in the current data set."""
        return self.marginals[key.marginal].cells[key.group][key.cell]

    def _spend(self) -> bool:
        """Count an examined move; return False if too many moves have been examined."""
        self.tries.left -= 1
        return self.tries.left >= 0

    def _spend_on_pairs(self) -> None:
        """Count a pass through all pairs of profiles, most of which are skipped unexamined."""
        self.tries.left -= len(self.people) ** 2 // PAIRS_PER_TRY

    # -- moves that increase or decrease one cell --------------------------------------------------

    def moves(self, key: Key, sign: int) -> Iterator[Move]:
        """The possible moves that increase (1) or decrease (-1) a cell."""
        if key.marginal:
            yield from self._swaps(key, sign)
        yield from self._changes_of_answer(key, sign)
        if key.marginal:
            yield from self._exchanges(key, sign)
        if self._is_alone:
            yield from self._changes_of_group(key, sign)

    def _pairs(self, cell: int, sign: int, partners: tuple[int, ...]) -> list[Pair]:
        """The pairs of answers (more, less) that increase or decrease a cell."""
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
        """The pairs of an answer possible for `goal` and an answer given by people of `profile`."""
        said, allowed = self.people[profile], self.allowed[goal]
        return [(more, less) for more, less in pairs if said[less] and more in allowed]

    def _swaps(self, key: Key, sign: int) -> Iterator[Move]:
        """Moves in which people swap groups in one marginal."""
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
        """Moves in which people give another answer and stay in their groups."""
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
        """Moves in which two people in different classes exchange answers.

        If the two respondents are in the same class of a marginal, they also swap groups there,
        which leaves that marginal unchanged.
        """
        at = key.marginal
        groups, classes = self.marginals[at].row_group, self.marginals[at].row_class
        here = {kind for group, kind in zip(groups, classes, strict=True) if group == key.group}
        pairs = self._pairs(key.cell, sign, self.answers)
        self._spend_on_pairs()
        present = [profile for profile, said in self.people.items() if any(said)]
        for one, other in product(present, repeat=2):
            if one[at] in here and one[at] != other[at]:
                for more, less in self._possible(pairs, one, one):
                    if self._possible([(less, more)], other, other):
                        move = self._exchange(one, other, (more, less), key)
                        if move is not None:
                            yield move

    def _exchange(self, one: Profile, other: Profile, pair: Pair, key: Key) -> Move | None:
        """An exchange of answers in the rows with the most room; None if impossible."""
        if not self._spend():
            return None
        more, less = pair
        marginals, rows, others = [], [], []
        for number, marginal in enumerate(self.marginals):
            if one[number] != other[number]:
                own: Iterable[int] = marginal.rows_of_class[one[number]]
                if number == key.marginal:
                    own = (row for row in own if marginal.row_group[row] == key.group)
                row = _roomiest(marginal, own, more, less)
                new = _roomiest(marginal, marginal.rows_of_class[other[number]], less, more)
                if row is None or new is None or marginal.row_group[row] == marginal.row_group[new]:
                    return None
                marginals.append(marginal)
                rows.append((row, row))
                others.append((new, new))
        there = Transfer(marginals, self.people, one, one, less, more, rows)
        back = Transfer(marginals, self.people, other, other, more, less, others)
        return Jointly((there, back), FEWEST_VALUES)

    def _changes_of_group(self, key: Key, sign: int) -> Iterator[Move]:
        """Moves of people to groups of another class, with the same answer or a different one."""
        marginal = self.marginals[key.marginal]
        self._spend_on_pairs()
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
        """The steps in a cell's marginal that increase or decrease the cell."""
        less, more = (answer in self.counted_in[key.cell] for answer in said)
        groups = self.marginals[key.marginal].row_group
        for step in self.steps(profile, goal)[key.marginal]:
            left, entered = (groups[row] == key.group for row in step)
            if (entered and more) - (left and less) == sign:
                yield step

    def steps(self, profile: Profile, goal: Profile, *, staying: bool = False) -> list[list[Step]]:
        """The steps in each marginal between two profiles; steps that stay in a row come first.

        With `staying`, people who do not need to change rows stay in their rows.
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
        """A transfer by the steps with the most room; None if no step has room."""
        if not self._spend():
            return None
        chosen: list[Step] = []
        for marginal, found in zip(self.marginals, steps, strict=True):
            best, roomiest = 0, (-1, -1)
            for step in found:
                if marginal.rows[step[0]][less] > best:
                    room = marginal.room_to_step(step, less, more)
                    if room > best:
                        best, roomiest = room, step
                        if best >= FEWEST_VALUES:
                            break
            if not best:
                return None
            chosen.append(roomiest)
        return Transfer(self.marginals, self.people, profile, goal, less, more, chosen)

    # -- walking -----------------------------------------------------------------------------------

    def walk(self, random: Random, steps: int) -> None:
        """Make some random moves of one person each."""
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


def _roomiest(marginal: Marginal, rows: Iterable[int], more: int, less: int) -> int | None:
    """The row in which the most people can change from `less` to `more`; None if there is none."""
    best, found = 0, None
    for row in rows:
        if marginal.rows[row][less] > best:
            room = marginal.room_to_step((row, row), less, more)
            if room > best:
                best, found = room, row
    return found


def _steps(marginal: Marginal, kind: int, new: int, *, staying: bool) -> list[Step]:
    if kind != new:
        return list(product(marginal.rows_of_class[kind], marginal.rows_of_class[new]))
    rows = marginal.rows_of_class[kind]
    stays = [(row, row) for row in rows]
    return (
        stays if staying else stays + [step for step in product(rows, rows) if step[0] != step[1]]
    )

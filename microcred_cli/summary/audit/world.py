"""Other data sets that would print the same: the witnesses of the audit.

A world is a data set as far as one question goes: how many people of each group, in each breakdown
that is printed, gave each answer. It starts as the true one and is changed by moves, each of which
is a change to a few people's records: some answer differently, or two change places between groups
that no route tells apart. A move is made only if everything printed stays as it is. So whatever
value a count takes on the way, nobody who sees the figures can rule it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from microcred_cli.summary.rule import FEWEST_VALUES, Interval, within

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from random import Random

UNBOUNDED: Final = (0, 1 << 60)
ABSENT: Final = -1
"""No answer: the other side of a move that only takes somebody in, or lets somebody go."""

MOST_CLIMBS: Final = 8
"""How many moves are made in a row for one count."""

MOST_WAYS: Final = 200
"""How many moves are tried, at most, before one is found that keeps what is printed."""


class Key(NamedTuple):
    """A count: its division, its group there, the row of the item (0 if it has none), its node."""

    division: int
    group: int
    row: int
    node: int


Way = tuple[int, "Callable[[int], None]"]
"""A move: for how many people it can be made, and how; fewer than nobody undo it."""

Gains = dict[tuple[int, int], tuple[tuple[int, ...], tuple[int, ...]]]


@dataclass(slots=True)
class Division:
    """Everyone, divided by one breakdown (or not at all).

    A row holds people who can change places with those of the rows of the same class: it is a
    printed group, or the part of a pooled one that belongs to a class. A node is a number of a
    group that is bounded by what is printed: an answer's count, the base, the size.
    """

    row_group: list[int]
    row_class: list[int]
    rows: list[list[int]]
    nodes: list[list[int]]
    bounds: list[list[Interval]]
    targets: list[list[int]]
    rows_of_class: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row, kind in enumerate(self.row_class):
            self.rows_of_class.setdefault(kind, []).append(row)


class Search:
    """Looks for values that the counts to be protected can have, from world to world."""

    def __init__(self, keeps: Callable[[], bool] | None = None) -> None:
        self.seen: dict[Key, Interval] = {}
        self._keeps = keeps

    def value(self, key: Key) -> int:
        """The value of a count in this world."""
        raise NotImplementedError

    def open(self) -> list[Key]:
        """The counts that have not been shown to have enough values yet."""
        return [key for key, (low, high) in self.seen.items() if high - low + 1 < FEWEST_VALUES]

    def search(self, random: Random, *, rounds: int, steps: int) -> None:
        """Look for values of every open count, from here and from worlds some moves away."""
        lost: set[int] = set()
        for again in range(rounds + 1):
            for key in self.open():
                if key.division in lost:
                    continue
                self._climb(key, 1)
                if self._is_open(key):
                    self._climb(key, -1)
                if self._is_open(key) and again == rounds:
                    lost.add(key.division)
            if all(key.division in lost for key in self.open()):
                return
            self._wander(random, steps)

    def _is_open(self, key: Key) -> bool:
        low, high = self.seen[key]
        return high - low + 1 < FEWEST_VALUES

    def _climb(self, key: Key, sign: int) -> None:
        """Move a count up (1) or down (-1) from world to world, as far as is needed."""
        for _ in range(MOST_CLIMBS):
            self._see(key)
            if not self._is_open(key):
                return
            ways = islice(self._ways(key, sign), MOST_WAYS)
            if not any(self._make(*way) for way in ways):
                return
        self._see(key)

    def _see(self, key: Key) -> None:
        low, high = self.seen[key]
        value = self.value(key)
        self.seen[key] = (min(low, value), max(high, value))

    def _make(self, room: int, move: Callable[[int], None]) -> bool:
        """Make a move for as many people as are needed, if all that is printed stays as it is."""
        for many in sorted({min(room, FEWEST_VALUES - 1), 1}, reverse=True):
            move(many)
            if self._keeps is None or self._keeps():
                return True
            move(-many)
        return False

    def _ways(self, key: Key, sign: int) -> Iterator[Way]:
        """The moves that take a count up or down: for how many people, and how it is made."""
        raise NotImplementedError

    def _wander(self, random: Random, steps: int) -> None:
        """Make some moves of one person each, wherever they lead."""
        raise NotImplementedError


class World(Search):
    """One question's data set, and how far the counts to be protected can move in it.

    Args:
        nodes_of: for each answer the nodes that count it, the last being the size of the group.
        divisions: the unbroken one first.
        mixes: the classes that a person can have together, one for each division, with how many
            people there are of each answer.
        allowed: the answers that a mix can give; a route may rule some out.
        keeps: whether a world prints the same as far as the bounds do not say.
        fixed: the answers that nobody changes to or from; then nobody changes groups alone, either.
    """

    def __init__(
        self,
        nodes_of: Sequence[tuple[int, ...]],
        divisions: Sequence[Division],
        mixes: dict[tuple[int, ...], list[int]],
        allowed: dict[tuple[int, ...], frozenset[int]],
        keeps: Callable[[World], bool] | None = None,
        fixed: Collection[int] = (),
    ) -> None:
        super().__init__(None if keeps is None else partial(keeps, self))
        self.divisions = divisions
        self.mixes = mixes
        self.allowed = allowed
        self.answers = [answer for answer in range(len(nodes_of)) if answer not in fixed]
        self._is_alone = not fixed
        self._gains, self._counting = structure(tuple(nodes_of))
        for number, division in enumerate(divisions):
            for group, targets in enumerate(division.targets):
                for node in targets:
                    value = division.nodes[group][node]
                    self.seen[Key(number, group, 0, node)] = (value, value)

    def value(self, key: Key) -> int:
        """The value of a count in this world."""
        return self.divisions[key.division].nodes[key.group][key.node]

    # -- how far one count can move ----------------------------------------------------------------

    def ways(self, key: Key, sign: int) -> Iterator[Way]:
        """The moves that take a count up or down: for how many people, and how it is made."""
        if key.division:
            yield from self._wayswithin(key, sign)
        yield from self._ways_by_answer(key, sign)
        if key.division:
            yield from self._ways_by_exchange(key, sign)
        if self._is_alone:
            yield from self._ways_across(key, sign)

    def _ways(self, key: Key, sign: int) -> Iterator[Way]:
        return self.ways(key, sign)

    def counting(self, node: int) -> list[int]:
        """The answers that a number counts."""
        return self._counting[node]

    def _changing(self, node: int) -> list[int]:
        """Those of them that people can change to or from."""
        return [answer for answer in self._counting[node] if answer in self.answers]

    def _wayswithin(self, key: Key, sign: int) -> Iterator[Way]:
        """People of one breakdown change places."""
        number, group, _, node = key
        division = self.divisions[number]
        for row, kind in enumerate(division.row_class):
            if division.row_group[row] != group:
                continue
            for other in division.rows_of_class[kind]:
                if division.row_group[other] == group:
                    continue
                to, source = (row, other) if sign > 0 else (other, row)
                for more in self._changing(node):
                    if not division.rows[source][more]:
                        continue
                    for less in (*self.answers, *([ABSENT] if self._is_alone else [])):
                        if less != ABSENT and node not in self._gains[more, less][0]:
                            continue
                        room = self.swaps(division, to, source, more, less)
                        if room:
                            yield room, partial(self.swap, division, to, source, more, less)

    def _ways_by_answer(self, key: Key, sign: int) -> Iterator[Way]:
        """People give another answer and stay in their groups."""
        number, group, _, node = key
        division = self.divisions[number]
        for mix in self.mixes:
            for row in division.rows_of_class[mix[number]]:
                if division.row_group[row] != group:
                    continue
                for one in self._changing(node):
                    for other in self.answers:
                        if node not in self._gains[one, other][0]:
                            continue
                        more, less = (one, other) if sign > 0 else (other, one)
                        if not self.mixes[mix][less]:
                            continue
                        room, rows = self._change(mix, more, less, (number, row))
                        if room:
                            pairs = [(r, r) for r in rows]
                            yield room, partial(self.apply, mix, mix, less, more, pairs)

    def _ways_by_exchange(self, key: Key, sign: int) -> Iterator[Way]:
        """Two people of different classes give each other's answer: no sum of everyone changes.

        Where they are of the same class, they change places too, so that nothing changes there.
        """
        number, group, _, node = key
        groups, classes = self.divisions[number].row_group, self.divisions[number].row_class
        here = {kind for at, kind in zip(groups, classes, strict=True) if at == group}
        for mix, other in product(self.mixes, repeat=2):
            if mix[number] not in here or mix[number] == other[number]:
                continue
            if not (any(self.mixes[mix]) and any(self.mixes[other])):
                continue
            for one, two in product(self._changing(node), self.answers):
                if node not in self._gains[one, two][0]:
                    continue
                more, less = (one, two) if sign > 0 else (two, one)
                room, rows = self._exchange(mix, other, more, less, key)
                if room:
                    yield room, partial(self._give, mix, other, more, less, rows)

    def _exchange(
        self,
        mix: tuple[int, ...],
        other: tuple[int, ...],
        more: int,
        less: int,
        key: Key,
    ) -> tuple[int, list[tuple[Division, int, int]]]:
        """How many of a mix can take `more` for `less` from those of another, and in which rows."""
        if more not in self.allowed[mix] or less not in self.allowed[other]:
            return 0, []
        most = min(self.mixes[mix][less], self.mixes[other][more])
        rows = []
        for number, division in enumerate(self.divisions):
            if most <= 0:
                return 0, []
            if mix[number] == other[number]:
                continue
            only = key.group if number == key.division else None
            room, row = self._roomiest(division, mix[number], more, less, only)
            back, new = self._roomiest(division, other[number], less, more, None)
            if room and back and division.row_group[row] == division.row_group[new]:
                return 0, []
            most = min(most, room, back)
            rows.append((division, row, new))
        return most, rows

    def _roomiest(
        self, division: Division, kind: int, more: int, less: int, group: int | None
    ) -> tuple[int, int]:
        """The row of a class (and group) in which most people can say `more` for `less`."""
        best, found = 0, -1
        for row in division.rows_of_class[kind]:
            if group is not None and division.row_group[row] != group:
                continue
            room = division.rows[row][less]
            if room > best:
                room = min(room, self._room(division, division.row_group[row], more, less))
                if room > best:
                    best, found = room, row
        return best, found

    def _give(
        self,
        mix: tuple[int, ...],
        other: tuple[int, ...],
        more: int,
        less: int,
        rows: Sequence[tuple[Division, int, int]],
        many: int,
    ) -> None:
        for which, gained, lost in ((mix, more, less), (other, less, more)):
            self.mixes[which][gained] += many
            self.mixes[which][lost] -= many
        for division, row, new in rows:
            self._shift(division, row, more, less, many)
            self._shift(division, new, less, more, many)

    def _ways_across(self, key: Key, sign: int) -> Iterator[Way]:
        """People change to groups of another class, with the same answer or another."""
        for mix, to in product(self.mixes, repeat=2):
            if mix == to or not any(self.mixes[mix]):
                continue
            counting = self._counting[key.node]
            gaining = product(counting, self.answers)
            losing = product(self.answers, counting)
            for more, less in gaining if sign > 0 else losing:
                if not self.mixes[mix][less] or not self._can_cross(mix, to, less, more, key, sign):
                    continue
                at = (key.division, key.group, key.node, sign)
                room, pairs = self.crossing(mix, to, less, more, at)
                if room:
                    yield room, partial(self.apply, mix, to, less, more, pairs)

    def swaps(self, division: Division, row: int, other: int, more: int, less: int) -> int:
        """How many can come from `other` to `row` who said `more`, against as many of `less`."""
        most = division.rows[other][more]
        if most and less != ABSENT:
            most = min(most, division.rows[row][less])
        if most:
            most = min(most, self._room(division, division.row_group[row], more, less))
        if most:
            most = min(most, self._room(division, division.row_group[other], less, more))
        return most

    def _room(self, division: Division, group: int, more: int, less: int) -> int:
        """How many of a group can say `more` instead of `less` before a printed figure changes."""
        values, bounds = division.nodes[group], division.bounds[group]
        ups, downs = self._gains[more, less]
        room = UNBOUNDED[1]
        for node in ups:
            left = bounds[node][1] - values[node]
            if left < room:
                if left <= 0:
                    return 0
                room = left
        for node in downs:
            left = values[node] - bounds[node][0]
            if left < room:
                if left <= 0:
                    return 0
                room = left
        return room

    def _change(
        self, mix: tuple[int, ...], more: int, less: int, at: tuple[int, int] | None
    ) -> tuple[int, list[int]]:
        """How many people of a mix can say `more` instead of `less`, and in which row of each."""
        if more not in self.allowed[mix]:
            return 0, []
        most = self.mixes[mix][less]
        chosen = []
        for number, (division, kind) in enumerate(zip(self.divisions, mix, strict=True)):
            if most <= 0:
                return 0, []
            best, best_row = 0, -1
            fixed = at is not None and at[0] == number
            for row in [at[1]] if fixed and at is not None else division.rows_of_class[kind]:
                room = division.rows[row][less]
                if room > best:
                    room = min(room, self._room(division, division.row_group[row], more, less))
                    if room > best:
                        best, best_row = room, row
                        if best >= FEWEST_VALUES:
                            break
            most = min(most, best)
            chosen.append(best_row)
        return most, chosen

    def crossing(
        self,
        mix: tuple[int, ...],
        to: tuple[int, ...],
        less: int,
        more: int,
        at: tuple[int, int, int, int] | None,
    ) -> tuple[int, list[tuple[int, int]]]:
        """How many people can change from one mix, saying `less`, to another, saying `more`.

        `at` is a count (division, group, node) that must go up (1) or down (-1) by it.
        """
        if more not in self.allowed[to]:
            return 0, []
        most = self.mixes[mix][less]
        chosen: list[tuple[int, int]] = []
        for number, division in enumerate(self.divisions):
            if most <= 0:
                return 0, []
            fixed = at is not None and at[0] == number
            best, pair = 0, (-1, -1)
            for row, new in self.pairs(division, mix[number], to[number]):
                if fixed and at is not None:
                    counting = self._counting[at[2]]
                    gain = (division.row_group[new] == at[1] and more in counting) - (
                        division.row_group[row] == at[1] and less in counting
                    )
                    if gain != at[3]:
                        continue
                room = min(division.rows[row][less], self.through(division, row, new, less, more))
                if room > best:
                    best, pair = room, (row, new)
                    if best >= FEWEST_VALUES:
                        break
            most = min(most, best)
            chosen.append(pair)
        return most, chosen

    def _can_cross(
        self,
        mix: tuple[int, ...],
        to: tuple[int, ...],
        less: int,
        more: int,
        key: Key,
        sign: int,
    ) -> bool:
        """Whether somebody can enter (1) or leave (-1) the group of a count on the way."""
        number, group, _, _ = key
        if more not in self.allowed[to]:
            return False
        division = self.divisions[number]
        kind, answer = (to[number], more) if sign > 0 else (mix[number], less)
        return any(
            division.row_group[row] == group and (sign > 0 or division.rows[row][answer])
            for row in division.rows_of_class[kind]
        )

    def pairs(self, division: Division, kind: int, to: int) -> Iterator[tuple[int, int]]:
        """The parts of a division from which, and to which, people can change classes."""
        if kind == to:
            yield from ((row, row) for row in division.rows_of_class[kind])
        yield from (
            (row, new)
            for row in division.rows_of_class[kind]
            for new in division.rows_of_class[to]
            if row != new
        )

    def through(self, division: Division, row: int, new: int, less: int, more: int) -> int:
        """How many can leave a row, saying `less`, for another, saying `more`."""
        group, goal = division.row_group[row], division.row_group[new]
        if group == goal:
            return self._room(division, group, more, less)
        return min(
            self._room(division, group, ABSENT, less), self._room(division, goal, more, ABSENT)
        )

    # -- walking ----------------------------------------------------------------------------------

    def _wander(self, random: Random, steps: int) -> None:
        self.wander(random, steps)

    def wander(self, random: Random, steps: int) -> None:
        """Make some moves of one person each, wherever they lead."""
        broken = [d for d in self.divisions if any(len(r) > 1 for r in d.rows_of_class.values())]
        mixes = list(self.mixes)
        for _ in range(steps):
            if broken and random.random() < 0.6:
                self._wanderwithin(random, random.choice(broken))
            elif not self._is_alone or random.random() < 0.7:
                mix = random.choice(mixes)
                more, less = random.choice(self.answers), random.choice(self.answers)
                most, rows = self._change(mix, more, less, None)
                if most and more != less:
                    pairs = [(row, row) for row in rows]
                    self._make(1, partial(self.apply, mix, mix, less, more, pairs))
            else:
                mix, to = random.choice(mixes), random.choice(mixes)
                more, less = random.choice(self.answers), random.choice(self.answers)
                most, pairs = self.crossing(mix, to, less, more, None)
                if most:
                    self._make(1, partial(self.apply, mix, to, less, more, pairs))

    def _wanderwithin(self, random: Random, division: Division) -> None:
        row = random.randrange(len(division.rows))
        other = random.choice(division.rows_of_class[division.row_class[row]])
        others = (*self.answers, *([ABSENT] if self._is_alone else []))
        more, less = random.choice(self.answers), random.choice(others)
        if division.row_group[row] == division.row_group[other] or more == less:
            return
        if self.swaps(division, row, other, more, less):
            self._make(1, partial(self.swap, division, row, other, more, less))

    def swap(
        self, division: Division, row: int, other: int, more: int, less: int, many: int
    ) -> None:
        """Let some come from `other` to `row` who said `more`, against as many of `less`."""
        self._shift(division, row, more, less, many)
        self._shift(division, other, less, more, many)

    def apply(
        self,
        mix: tuple[int, ...],
        to: tuple[int, ...],
        less: int,
        more: int,
        pairs: Sequence[tuple[int, int]],
        many: int,
    ) -> None:
        """Let some change from one mix, saying `less`, to another, saying `more`."""
        self.mixes[mix][less] -= many
        self.mixes[to][more] += many
        for division, (row, new) in zip(self.divisions, pairs, strict=True):
            self._shift(division, row, ABSENT, less, many)
            self._shift(division, new, more, ABSENT, many)

    def _shift(self, division: Division, row: int, more: int, less: int, many: int) -> None:
        """Some people of a row say `more` instead of `less`."""
        if more != ABSENT:
            division.rows[row][more] += many
        if less != ABSENT:
            division.rows[row][less] -= many
        values = division.nodes[division.row_group[row]]
        ups, downs = self._gains[more, less]
        for node in ups:
            values[node] += many
        for node in downs:
            values[node] -= many


@lru_cache(maxsize=256)
def structure(nodes_of: tuple[tuple[int, ...], ...]) -> tuple[Gains, list[list[int]]]:
    """Which nodes gain and which lose if an answer takes another's place; who counts in a node."""
    answers = range(len(nodes_of))
    gains: Gains = {}
    for more, less in product((ABSENT, *answers), repeat=2):
        up = set(nodes_of[more]) if more != ABSENT else set()
        down = set(nodes_of[less]) if less != ABSENT else set()
        gains[more, less] = (tuple(sorted(up - down)), tuple(sorted(down - up)))
    width = max(max(nodes) for nodes in nodes_of) + 1
    counting = [[a for a in answers if node in nodes_of[a]] for node in range(width)]
    return gains, counting


def room_in(bounds: Sequence[Interval], counting: Sequence[Sequence[int]], node: int) -> int:
    """How many values a number of a group can have, by the bounds of that group alone."""
    *answers, total, base, size = range(len(bounds))
    inside = [answer for answer in answers if answer in counting[base]]
    outside = [answer for answer in answers if answer not in inside]
    core = within(bounds[base], bounds[size], [bounds[answer] for answer in outside])
    if node == total:
        parts = [bounds[answer] for answer in counting[total]]
        low = max(bounds[total][0], sum(part[0] for part in parts))
        high = min(bounds[total][1], sum(part[1] for part in parts), core[1])
    elif node in inside:
        rest = [bounds[answer] for answer in inside if answer != node]
        low, high = within(bounds[node], core, rest)
    elif node in outside:
        rest = [core, *(bounds[answer] for answer in outside if answer != node)]
        low, high = within(bounds[node], bounds[size], rest)
    else:
        low, high = core
    return high - low + 1

"""Other data sets of an item with rows, which would print the same: all rows at once.

The rows of a matrix share who is in which group, who was not asked, and who did not reach the item
or ended within it. So there is a world for each row, and they move together: people give another
answer in one row, which leaves the others as they are; or somebody turns from "not reached" to an
answer in several rows, or to another group, in all worlds at once.
"""

from __future__ import annotations

from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from microcred_cli.summary.audit.world import ABSENT, Search, World
from microcred_cli.summary.rule import FEWEST_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from random import Random

    from microcred_cli.summary.audit.world import Key, Way

TURNS: Final = 12
"""How often, on a walk, somebody says something else of the whole item."""


Mix = tuple[int, ...]
"""The classes that a person has in all divisions."""


class RowsWorld(Search):
    """The data set of an item with rows.

    Args:
        worlds: one for each row, with the same divisions and mixes.
        whole: the answers that hold for several rows, which no world changes alone; the last of all
            answers is "not asked".
        unreached: the answer that a row was not reached, if rows are asked in a fixed order: what
            was not reached in one was not reached in the next.
    """

    def __init__(
        self,
        worlds: Sequence[World],
        whole: Sequence[int],
        unreached: int | None,
    ) -> None:
        super().__init__()
        self._worlds, self._whole = worlds, whole
        self._unreached = unreached
        self._known_parts: dict[tuple[Mix, Mix], list[list[tuple[int, int]]]] = {}
        self._rows = range(len(worlds))
        self._divisions = range(len(worlds[0].divisions))
        for row, world in enumerate(worlds):
            for key, seen in world.seen.items():
                self.seen[key._replace(row=row)] = seen

    def value(self, key: Key) -> int:
        """The value of a count in this world."""
        return self._worlds[key.row].value(key)

    def _see(self, key: Key) -> None:
        super()._see(key)
        if key.node in self._whole:
            for row in self._rows:
                other = key._replace(row=row)
                if other in self.seen and other != key:
                    super()._see(other)

    # -- moves -------------------------------------------------------------------------------------

    def _climb(self, key: Key, sign: int) -> None:
        super()._climb(key, sign)
        # A larger group, or a smaller one, leaves other counts possible in it; and what others say
        # leaves room in the counts of everyone.
        for change in (self._resize, self._make_room) if key.division else ():
            for _ in range(FEWEST_VALUES - 1):
                if not self._is_open(key) or not change(key, sign):
                    break
                super()._climb(key, sign)

    def _make_room(self, key: Key, sign: int) -> bool:
        """Let somebody of another group turn, the opposite way if the count is of such."""
        for answer in [key.node] if key.node in self._whole else self._whole:
            ways = self._ways_by_turn(key, answer, to=sign < 0, inside=False)
            if any(self._make(*way) for way in islice(ways, 1)):
                return True
        return False

    def _ways(self, key: Key, sign: int) -> Iterator[Way]:
        world = self._worlds[key.row]
        yield from world.ways(key, sign)
        counting = world.counting(key.node)
        own = any(answer in counting for answer in world.answers)
        for answer in self._whole:
            if own != (answer in counting):
                to = (answer in counting) == (sign > 0)
                if key.division:
                    yield from self._ways_by_places(key, answer, to=to)
                yield from self._ways_by_turn(key, answer, to=to)
                if not key.division and answer == self._whole[-1]:
                    yield from self._ways_by_route(answer, to=to)

    def _ways_by_places(self, key: Key, answer: int, *, to: bool) -> Iterator[Way]:
        """Somebody who says this of the whole item changes places with somebody who answered."""
        for inside, outside in self._row_pairs(key):
            goal, source = (inside, outside) if to else (outside, inside)
            pairs = [
                next(
                    (
                        (answer, own)
                        for own in world.answers
                        if world.swaps(world.divisions[key.division], goal, source, answer, own) > 0
                    ),
                    None,
                )
                for world in self._worlds
            ]
            if None not in pairs:
                yield 1, partial(self._change_places, key.division, goal, source, pairs)

    def _row_pairs(self, key: Key) -> Iterator[tuple[int, int]]:
        """The parts of a group and of others whose people can change places."""
        division = self._worlds[0].divisions[key.division]
        for row, group in enumerate(division.row_group):
            if group == key.group:
                for other in division.rows_of_class[division.row_class[row]]:
                    if division.row_group[other] != group:
                        yield row, other

    def _change_places(
        self,
        number: int,
        goal: int,
        source: int,
        pairs: Sequence[tuple[int, int] | None],
        many: int,
    ) -> None:
        for world, pair in zip(self._worlds, pairs, strict=True):
            if pair is not None:
                world.swap(world.divisions[number], goal, source, *pair, many)

    def _resize(self, key: Key, sign: int) -> bool:
        """Let somebody into the group of a count, or out of it, with all answers."""
        for inside, outside in self._row_pairs(key):
            goal, source = (inside, outside) if sign > 0 else (outside, inside)
            pairs = [
                next(
                    (
                        (own, ABSENT)
                        for own in world.answers
                        if world.swaps(world.divisions[key.division], goal, source, own, ABSENT) > 0
                    ),
                    None,
                )
                for world in self._worlds
            ]
            if None not in pairs:
                self._change_places(key.division, goal, source, pairs, 1)
                return True
        return any(self._make(*way) for way in self._ways_across(key, sign))

    def _ways_across(self, key: Key, sign: int) -> Iterator[Way]:
        """Somebody changes to groups of another class, into the group of a count or out of it."""
        first = self._worlds[0]
        groups = first.divisions[key.division].row_group
        for mix, goal in product(first.mixes, repeat=2):
            if mix[key.division] == goal[key.division] or first.allowed[goal].isdisjoint(
                first.answers
            ):
                continue
            parts = self._parts(mix, goal)
            parts[key.division] = [
                (one, two)
                for one, two in parts[key.division]
                if ((groups[two] == key.group) - (groups[one] == key.group)) == sign
            ]
            options = {row: {(own, own) for own in first.answers} for row in self._rows}
            found = self._agree(mix, goal, parts, options)
            if found is not None:
                yield 1, partial(self._apply, mix, goal, *found)

    def _parts(self, mix: Mix, goal: Mix) -> list[list[tuple[int, int]]]:
        """The parts of each division between which people change; who need not, stay."""
        if (mix, goal) not in self._known_parts:
            divisions = self._worlds[0].divisions
            self._known_parts[mix, goal] = [
                [
                    pair
                    for pair in self._worlds[0].pairs(division, kind, new)
                    if kind != new or pair[0] == pair[1]
                ]
                for division, kind, new in zip(divisions, mix, goal, strict=True)
            ]
        return list(self._known_parts[mix, goal])

    def _ways_by_turn(
        self, key: Key, answer: int, *, to: bool, inside: bool = True
    ) -> Iterator[Way]:
        """Somebody turns to an answer for several rows, or from it, and stays in all groups."""
        first = self._worlds[0]
        at = key.division
        groups = first.divisions[at].row_group
        for mix in first.mixes:
            allowed = first.allowed[mix]
            if answer not in allowed or allowed.isdisjoint(first.answers):
                continue
            parts = self._parts(mix, mix)
            parts[key.division] = [
                p for p in parts[key.division] if (groups[p[0]] == key.group) == inside
            ]
            choices = [
                (begin, self._turning(rows, answer, to=to))
                for rows, begin in self._sets(key.row, answer, to=to)
            ]
            for other in self._whole[:-1]:
                if other != answer and other in allowed:
                    pair = (other, answer) if to else (answer, other)
                    begin = 0 if pair[0] == self._unreached else None
                    choices.append((begin, {row: {pair} for row in self._rows}))
            for begin, options in choices:
                fitting = parts
                if begin is not None:
                    fitting = [
                        [part for part in found if self._ends_before(begin, number, part[0])]
                        for number, found in enumerate(parts)
                    ]
                found = self._agree(mix, mix, fitting, options)
                if found is not None:
                    yield 1, partial(self._apply, mix, mix, *found)

    def _turning(
        self, rows: Iterable[int], answer: int, *, to: bool
    ) -> dict[int, set[tuple[int, int]]]:
        """What can be said in each row before and after."""
        own = self._worlds[0].answers
        return {row: {(o, answer) if to else (answer, o) for o in own} for row in rows}

    def _sets(self, at: int, answer: int, *, to: bool) -> Iterator[tuple[range, int | None]]:
        """The rows in which somebody can turn together, with one among them.

        With them comes the first row that they had not reached, if they must have ended there.
        """
        last = len(self._rows)
        if answer != self._unreached:
            yield range(last), None
            return
        for begin, end in product(range(at, -1, -1), range(at + 1, last + 1)):
            if not to:
                yield range(begin, end), begin
            elif end < last:
                yield range(begin, end), end
            else:
                yield range(begin, end), None

    def _ways_by_route(self, answer: int, *, to: bool) -> Iterator[Way]:
        """Somebody changes to groups that another route leads to."""
        first = self._worlds[0]
        for mix, goal in product(first.mixes, repeat=2):
            asked, other = (mix, goal) if to else (goal, mix)
            if mix == goal or answer not in first.allowed[other]:
                continue
            if first.allowed[asked].isdisjoint(first.answers):
                continue
            options = self._turning(self._rows, answer, to=to)
            found = self._agree(mix, goal, self._parts(mix, goal), options)
            if found is not None:
                yield 1, partial(self._apply, mix, goal, *found)

    def _agree(
        self,
        mix: Mix,
        goal: Mix,
        parts: Sequence[Sequence[tuple[int, int]]],
        options: dict[int, set[tuple[int, int]]],
    ) -> tuple[dict[int, tuple[int, int]], list[tuple[int, int]]] | None:
        """What is said in each row before and after, and a part of each division, that all fit."""
        if not all(parts):
            return None
        left = {}
        for row, pairs in options.items():
            world = self._worlds[row]
            left[row] = {
                (less, more)
                for less, more in pairs
                if world.mixes[mix][less] > 0 and more in world.allowed[goal]
            }
        chosen = []
        for number in self._divisions:
            best: dict[int, set[tuple[int, int]]] = {}
            pair = (-1, -1)
            for part in parts[number]:
                fits = self._fitting(number, part, left)
                if sum(map(len, fits.values())) > sum(map(len, best.values())):
                    best, pair = fits, part
                    if all(len(fits[row]) == len(left[row]) for row in left):
                        break
            if not best:
                return None
            left = best
            chosen.append(pair)
        return {row: min(pairs) for row, pairs in left.items()}, chosen

    def _ends_before(self, row: int, number: int, part: int) -> bool:
        """Whether somebody there ended just before a row, so that it was the first not reached."""
        assert self._unreached is not None
        here, before = (
            self._worlds[place].divisions[number].rows[part][self._unreached]
            for place in (row, max(row - 1, 0))
        )
        return here > (before if row else 0)

    def _fitting(
        self, number: int, part: tuple[int, int], left: dict[int, set[tuple[int, int]]]
    ) -> dict[int, set[tuple[int, int]]]:
        """What somebody in a part of a division can say; empty if there is a row without."""
        found = {}
        for row, pairs in left.items():
            world = self._worlds[row]
            division = world.divisions[number]
            said = division.rows[part[0]]
            fits = {
                (less, more)
                for less, more in pairs
                if said[less] and world.through(division, *part, less, more) > 0
            }
            if not fits:
                return {}
            found[row] = fits
        return found

    def _apply(
        self,
        mix: Mix,
        goal: Mix,
        said: dict[int, tuple[int, int]],
        parts: list[tuple[int, int]],
        many: int,
    ) -> None:
        for row, (less, more) in said.items():
            self._worlds[row].apply(mix, goal, less, more, parts, many)

    def _wander(self, random: Random, steps: int) -> None:
        for world in self._worlds:
            world.wander(random, steps)
        keys = self.open()
        for _ in range(min(len(keys), TURNS)):
            key, to, inside = random.choice(keys), random.random() < 0.5, random.random() < 0.5
            answer = random.choice(self._whole)
            turns = self._ways_by_turn(key, answer, to=to, inside=inside)
            if not any(self._make(*way) for way in islice(turns, 1)) and key.division:
                self._resize(key, random.choice((1, -1)))

"""Whether what would be printed keeps every masked count uncertain; if not, what is withheld.

Everything printed on an item is judged together: the table of everyone, and those by each
breakdown. The attacker knows how many responses there are, exactly, and how figures are made.
Each masked count must be able to have at least four values; as they are values from nought on, no
count is then provably nought, and no row or column provably all in one cell. It is shown by
witnesses, data sets that print the same (see `worlds`). What cannot be shown is withheld.
"""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import TYPE_CHECKING, Final

from microcred_cli.answers import NOT_ASKED
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.questions import questions
from microcred_cli.summary.rule import (
    FEWEST_VALUES,
    MASKED_BELOW,
    POOLED,
    SMALLEST_GROUP,
    Interval,
    interval,
    printed,
)
from microcred_cli.summary.worlds import UNBOUNDED, Division, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.plan import Plan, TableShape
    from microcred_cli.summary.questions import Part, Question
    from microcred_cli.summary.tabulation import CellCounts, Grouping, Tabulation

Withheld = set[tuple[int, str | None]]
"""Tables that are not printed: place in the plan, and breakdown (None: of everyone)."""

Key = tuple[str | None, int, int]
"""A count: its breakdown, group and node."""

ROUNDS: Final = 6
STEPS: Final = 40

DECOYS: Final = 16
"""Of so many tables that could be printed, but not by much, one is withheld."""

SMALL: Final = 12
"""Where no more cells than these are printed on an item, all such tables are withheld."""

Unit = list[tuple[int, "TableShape"]]


def withheld(plan: Plan, whole: Tabulation) -> Withheld:
    """The tables that are not printed."""
    found: Withheld = set()
    audit = Audit(plan, whole)
    for block in _blocks(plan):
        for unit in _units(block):
            offered = [g for g in whole.groupings if g.offered and _is_broken(plan, unit)]
            shown = audit.shown(unit, offered)
            for place, _ in unit:
                hidden = [g.id for g in offered if shown is None or g not in shown]
                found |= {(place, name) for name in hidden}
                if shown is None:
                    found.add((place, None))
    return found


def _blocks(plan: Plan) -> Iterator[Unit]:
    places = iter(range(len(plan.tables)))
    for block in plan.blocks():
        yield [(next(places), table) for table in block]


def _units(block: Unit) -> Iterator[Unit]:
    """What is withheld together: a ranking with all its ranks, else each table for itself."""
    if block[0][1].kind == "ranking":
        yield block
    else:
        yield from ([one] for one in block)


def _is_broken(plan: Plan, unit: Unit) -> bool:
    return unit[0][1].item in plan.broken_down


class Audit:
    """The audit of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation) -> None:
        self.plan = plan
        self.whole = whole
        self.total = whole.counts.total
        self._rest: list[list[tuple[str, int]]] | None = None
        self._rests = {
            (grouping.id, table.item): plan.rests_on(grouping.id, table.item)
            for grouping in whole.groupings
            for table in plan.tables
        }
        self._sizes = {g.id: _size_bounds(g) for g in whole.groupings}
        self._mixed: dict[tuple[object, ...], dict[tuple[int, ...], list[CellCounts]]] = {}

    def shown(self, unit: Unit, offered: Sequence[Grouping]) -> list[Grouping] | None:
        """The breakdowns that can be printed of some tables; None if not even they themselves.

        Those that fail are withheld, the one with the most groups first.
        """
        asked = list(questions(unit))
        known: list[dict[Key, Interval]] = [{} for _ in asked]
        if any(self._failing(question, (), {}) for question in asked):
            return None
        bound = self._bound(asked, offered)
        if None in bound and self._draw(unit, offered, None):
            return None
        shown = [g for g in offered if not (g.id in bound and self._draw(unit, offered, g.id))]
        while shown:
            failing = {
                name
                for question, seen in zip(asked, known, strict=True)
                for name in self._failing(question, shown, seen)
            }
            if not failing:
                return shown
            suspects = [g for g in shown if g.id in failing] or shown
            most = max(len(g.groups) for g in suspects)
            shown.remove(next(g for g in reversed(suspects) if len(g.groups) == most))
        return shown

    def _failing(
        self, question: Question, shown: Sequence[Grouping], known: dict[Key, Interval]
    ) -> set[str | None]:
        """The breakdowns (None: no breakdown) with a count that was not shown to be uncertain.

        What was seen of a count before, beside more breakdowns, holds: it is kept in `known`.
        """
        names = [None, *(grouping.id for grouping in shown)]
        if known and all(_is_wide(known[key]) for key in known if key[0] in names):
            return set()
        world = self._world(question, shown)
        for number, group, node in world.seen:
            earlier = known.get((names[number], group, node))
            if earlier is not None:
                world.seen[number, group, node] = earlier
        world.search(Random(0), rounds=ROUNDS, steps=STEPS)
        for (number, group, node), seen in world.seen.items():
            known[names[number], group, node] = seen
        return {names[number] for number, _, _ in world.open()}

    # -- decoys -----------------------------------------------------------------------------------

    def _bound(self, asked: Sequence[Question], offered: Sequence[Grouping]) -> set[str | None]:
        """The breakdowns (None: no breakdown) whose figures leave a masked count less than all.

        It hangs on the printed figures alone.
        """
        names = [None, *(grouping.id for grouping in offered)]
        found: set[str | None] = set()
        for question in asked:
            world = self._world(question, offered)
            open_ = (key for key in world.seen if names[key[0]] not in found)
            found |= {names[key[0]] for key in open_ if world.room(key) < MASKED_BELOW}
        return found

    def _draw(self, unit: Unit, offered: Sequence[Grouping], name: str | None) -> bool:
        """Whether a table that could be printed is withheld, as a decoy.

        Else the fact of withholding would tell what made it necessary. The lot hangs on the printed
        figures of the tables and on the exact counts of all others, which nobody knows.
        """
        tables = [place for place, _ in unit]
        parts = [self.whole.everyone] if name is None else []
        parts += [self.whole.groups[g.id][group] for g in offered if name for group in g.groups]
        figures = [self._printed(part, tables) for part in parts]
        if self._cells(tables, offered) <= SMALL:
            return True
        if self._rest is None:
            self._rest = [sorted(table.items()) for table in self.whole.everyone]
        rest = [t for place, t in enumerate(self._rest) if place not in tables]
        lot = hashlib.sha256(json.dumps([figures, rest, tables, name]).encode()).digest()
        return lot[0] < 256 // DECOYS

    def _cells(self, tables: Sequence[int], offered: Sequence[Grouping]) -> int:
        """How many figures there are on an item in all, bases included."""
        each = sum(len(self.whole.everyone[place]) for place in tables)
        return each * (1 + sum(len(grouping.groups) for grouping in offered))

    def _printed(self, counts: Sequence[CellCounts], tables: Sequence[int]) -> list[int | None]:
        return [printed(count) for place in tables for count in counts[place].values()]

    # -- the true world ---------------------------------------------------------------------------

    def _world(self, question: Question, shown: Sequence[Grouping]) -> World:
        """The true data set of a question, divided by the breakdowns that are shown.

        The others stand behind those, with the sizes that their own tables tell.
        """
        item = self.plan.tables[question.base].item
        divisions = [self._everyone(question)]
        kinds = [self._classes(item, grouping) for grouping in shown]
        for grouping, classes in zip(shown, kinds, strict=True):
            divisions.append(self._division(question, grouping, classes))
        bare = [g for g in self.whole.groupings if g not in shown and self._is_apart(g, item)]
        for grouping in bare:
            classes = self._classes(item, grouping)
            if len(set(classes.values())) > 1:
                shown = (*shown, grouping)
                kinds.append(classes)
                divisions.append(self._bare(question, grouping, classes))
        mixes = self._mixes(question, shown, kinds)
        divides = item not in self.plan.broken_down
        allowed = {mix: _allowed(counts, only_seen=divides) for mix, counts in mixes.items()}
        return World(question.nodes, divisions, mixes, allowed)

    def _is_apart(self, grouping: Grouping, item: str) -> bool:
        return not self._rests[grouping.id, item]

    def _bare(self, question: Question, grouping: Grouping, kinds: dict[str, int]) -> Division:
        """A breakdown that is not shown: a group for each class, with the size that is known."""
        rows: dict[int, list[int]] = {}
        sizes: dict[int, Interval] = {}
        for code, kind in kinds.items():
            tables = self.whole.codes[grouping.id][code]
            counts = question.counts(tables, grouping.sizes[code])
            old = rows.get(kind, [0] * len(counts))
            rows[kind] = [a + b for a, b in zip(old, counts, strict=True)]
            low, high = interval(printed(grouping.sizes[code]))
            before = sizes.get(kind, (0, 0))
            sizes[kind] = (before[0] + low, before[1] + high)
        bounds = [[UNBOUNDED] * (len(row) + 2) + [sizes[kind]] for kind, row in rows.items()]
        nodes = [_values(question, row) for row in rows.values()]
        groups = list(range(len(rows)))
        return Division(groups, list(rows), list(rows.values()), nodes, bounds, [[] for _ in rows])

    def _everyone(self, question: Question) -> Division:
        tables = self.whole.everyone
        row = question.counts(tables, self.total)
        bounds, targets = self._bounds(question, None, tables, row)
        bounds[-1] = (self.total, self.total)
        if NOT_ASKED in tables[question.base]:
            place = len(row) - 1
            figure = printed(row[place])
            bounds[place] = interval(figure)
            if figure is None:
                targets.append(place)
        return Division([0], [0], [row], [_values(question, row)], [bounds], [targets])

    def _division(self, question: Question, grouping: Grouping, kinds: dict[str, int]) -> Division:
        shape = self.plan.tables[question.base]
        division = Division([], [], [], [], [], [])
        for number, group in enumerate(grouping.groups):
            rows: dict[int, list[int]] = {}
            for code in grouping.codes(group):
                tables = self.whole.codes[grouping.id][code]
                counts = question.counts(tables, grouping.sizes[code])
                old = rows.get(kinds[code], [0] * len(counts))
                rows[kinds[code]] = [a + b for a, b in zip(old, counts, strict=True)]
            for kind, counts in rows.items():
                division.row_group.append(number)
                division.row_class.append(kind)
                division.rows.append(counts)
            row = [sum(column) for column in zip(*rows.values(), strict=True)]
            tables = self.whole.groups[grouping.id][group]
            cells = grouping.cells(self.plan, shape, group)
            bounds, targets = self._bounds(question, cells, tables, row)
            bounds[-1] = self._sizes[grouping.id][group]
            division.nodes.append(_values(question, row))
            division.bounds.append(bounds)
            division.targets.append(targets)
        return Division(
            division.row_group, division.row_class, division.rows,
            division.nodes, division.bounds, division.targets,
        )  # fmt: skip

    def _bounds(
        self,
        question: Question,
        cells: tuple[str, ...] | None,
        tables: Sequence[CellCounts],
        row: Sequence[int],
    ) -> tuple[list[Interval], list[int]]:
        """What bounds each number of a group, and which of them must stay uncertain."""
        asked = cells is None or bool(cells)
        bounds: list[Interval] = [UNBOUNDED] * (len(row) + 3)
        targets: list[int] = []

        def take(place: int, figure: int | None, *, judged: bool) -> None:
            bounds[place] = interval(figure) if asked else (0, 0)
            if judged and asked and figure is None:
                targets.append(place)

        for place, part in enumerate(question.parts):
            take(place, _figure(part, tables), judged=part.judged)
        if question.rest and question.judges_rest and asked and row[-2] < MASKED_BELOW:
            targets.append(len(question.parts))
        if question.total is not None:
            take(len(row), _figure(question.total, tables), judged=True)
        take(len(row) + 1, printed(tables[question.base][BASE]), judged=True)
        return bounds, targets

    # -- who can change places ---------------------------------------------------------------------

    def _classes(self, item: str, grouping: Grouping) -> dict[str, int]:
        """A class for each code: those of a class can change places, as far as routes go."""
        found: dict[str, int] = {}
        firsts: list[str] = []
        for code in grouping.sizes:
            for kind, first in enumerate(firsts):
                if self._are_alike(item, grouping.id, code, first):
                    found[code] = kind
                    break
            else:
                found[code] = len(firsts)
                firsts.append(code)
        return found

    def _are_alike(self, item: str, breakdown: str, one: str, other: str) -> bool:
        plan = self.plan
        same = plan.is_asked_in(item, breakdown, one) == plan.is_asked_in(item, breakdown, other)
        return same and plan.alike(breakdown, one, other)

    def _mixes(
        self, question: Question, shown: Sequence[Grouping], kinds: Sequence[dict[str, int]]
    ) -> dict[tuple[int, ...], list[int]]:
        """How the people of each mix of classes answered."""
        places = {b.id: n for n, b in enumerate(self.plan.breakdowns)}
        numbers = [places[grouping.id] for grouping in shown]
        key = (*numbers, *(tuple(kind.values()) for kind in kinds))
        if key not in self._mixed:
            self._mixed[key] = self._mix(numbers, kinds)
        return {
            mix: question.counts(tables[1:], tables[0][BASE])
            for mix, tables in self._mixed[key].items()
        }

    def _mix(
        self, numbers: Sequence[int], kinds: Sequence[dict[str, int]]
    ) -> dict[tuple[int, ...], list[CellCounts]]:
        """The tables of each mix, after their number of people."""
        rows: dict[tuple[int, ...], list[list[int]]] = {}
        sizes: dict[tuple[int, ...], int] = {}
        for groups, row in sorted(self.whole.counts.by_groups.items()):
            pairs = zip(numbers, kinds, strict=True)
            mix = (0, *(kind[groups[number]] for number, kind in pairs))
            rows.setdefault(mix, []).append(row)
            sizes[mix] = sizes.get(mix, 0) + self.whole.counts.sizes[groups]
        return {
            mix: [{BASE: sizes[mix]}, *self.whole.tables_of(found)] for mix, found in rows.items()
        }


def _is_wide(seen: Interval) -> bool:
    return seen[1] - seen[0] + 1 >= FEWEST_VALUES


def _figure(part: Part, tables: Sequence[CellCounts]) -> int | None:
    return printed(tables[part.table][part.code])


def _values(question: Question, row: Sequence[int]) -> list[int]:
    """The numbers of a group: each answer, the total, the base, the size."""
    nodes = question.nodes
    values = [0] * (len(row) + 3)
    for place, count in enumerate(row):
        for node in nodes[place]:
            values[node] += count
    return values


def _allowed(counts: Sequence[int], *, only_seen: bool) -> frozenset[int]:
    """The answers that people of a mix can give: were some asked, and were some not?

    With `only_seen`, those that somebody of the mix gave.
    """
    if only_seen:
        return frozenset(place for place, count in enumerate(counts) if count)
    places = range(len(counts) - 1) if sum(counts[:-1]) else range(0)
    return frozenset((*places, len(counts) - 1) if counts[-1] else places)


def _size_bounds(grouping: Grouping) -> dict[str, Interval]:
    """How large each printed group can be without a change to what is printed or pooled."""
    taken = [c for c in grouping.pooled if grouping.sizes[c] >= SMALLEST_GROUP]
    smallest = max((grouping.sizes[code] + 1 for code in taken), default=SMALLEST_GROUP)
    found: dict[str, Interval] = {}
    for group in grouping.groups:
        if group == POOLED:
            found[group] = _pool_bounds(grouping, taken)
        else:
            low, high = interval(printed(grouping.sizes[group]))
            found[group] = (min(max(low, smallest), grouping.sizes[group]), high)
    return found


def _pool_bounds(grouping: Grouping, taken: Sequence[str]) -> Interval:
    small = [interval(printed(grouping.sizes[c])) for c in grouping.pooled if c not in taken]
    low = sum(bound[0] for bound in small)
    high = sum(min(bound[1], SMALLEST_GROUP - 1) for bound in small)
    if taken:
        fixed = sum(grouping.sizes[code] for code in taken)
        return fixed + max(1, low), fixed + min(high, SMALLEST_GROUP - 1)
    return max(low, SMALLEST_GROUP), high


__all__ = ["FEWEST_VALUES", "Audit", "Withheld", "withheld"]

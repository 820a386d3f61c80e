"""Whether what would be printed keeps every masked count uncertain; if not, what is withheld.

Everything printed on an item is judged together: the table of everyone, and those by each
breakdown. The attacker knows how many responses there are, exactly, and how figures are made.
Each masked count must be able to have at least four values; as they are values from nought on, no
count is then provably nought, and no row or column provably all in one cell. It is shown by
witnesses, data sets that print the same (see `worlds` and `rows`). What cannot be shown so is
withheld.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final

from microcred_cli.answers import BLANK, NOT_ASKED, NOT_REACHED
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.questions import questions
from microcred_cli.summary.rows import RowsWorld
from microcred_cli.summary.rule import (
    FEWEST_VALUES,
    MASKED_BELOW,
    Interval,
    interval,
    printed,
)
from microcred_cli.summary.sizes import bounds_together, pooling, size_bounds
from microcred_cli.summary.worlds import UNBOUNDED, Division, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microcred_cli.summary.plan import Plan, TableShape
    from microcred_cli.summary.questions import Part, Question
    from microcred_cli.summary.tabulation import CellCounts, Grouping, Tabulation
    from microcred_cli.summary.worlds import Search

Withheld = set[tuple[int, str | None]]
"""Tables that are not printed: place in the plan, and breakdown (None: of everyone)."""

Known = dict[tuple[str | None, int, int, int], Interval]
"""The values that counts were seen to have, by breakdown (or none), group, row and node."""

ROUNDS: Final = 6
STEPS: Final = 40

DECOYS: Final = 16
"""Of so many tables that could be printed, but not by much, one is withheld."""

SMALL: Final = 16
"""Where no more cells than these are printed on an item, all such tables are withheld."""

Unit = list[tuple[int, "TableShape"]]
"""The tables of an item: what is withheld together."""

Judged = tuple["Question", ...]
"""What is judged in one world: a question, or all rows or ranks of an item."""


def withheld(plan: Plan, whole: Tabulation) -> Withheld:
    """The tables that are not printed."""
    found: Withheld = set()
    audit = Audit(plan, whole)
    for unit in _units(plan):
        offered = [g for g in whole.groupings if g.offered and _is_broken(plan, unit)]
        shown = audit.shown(unit, offered)
        for place, _ in unit:
            hidden = [g.id for g in offered if shown is None or g not in shown]
            found |= {(place, name) for name in hidden}
            if shown is None:
                found.add((place, None))
    return found


def _units(plan: Plan) -> Iterator[Unit]:
    """What is withheld together: the tables of an item, all rows and ranks."""
    places = iter(range(len(plan.tables)))
    for block in plan.blocks():
        yield [(next(places), table) for table in block]


def _row_count(unit: Unit) -> int:
    """How many of the questions of an item, from the first on, are rows or ranks of it."""
    kind = unit[0][1].kind
    if kind == "matrix":
        return len(unit)
    return len(unit) - 1 if kind == "ranking" else 0


def _is_broken(plan: Plan, unit: Unit) -> bool:
    return unit[0][1].item in plan.broken_down


class Audit:
    """The audit of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation) -> None:
        self.plan = plan
        self.whole = whole
        self.total = whole.counts.total
        self._rest: list[list[tuple[str, int]]] | None = None
        self._sizes = {g.id: size_bounds(g) for g in whole.groupings}
        self._measured: dict[tuple[Judged, tuple[str | None, ...]], Search] = {}
        self._mixed: dict[tuple[object, ...], dict[tuple[int, ...], list[CellCounts]]] = {}

    def shown(self, unit: Unit, offered: Sequence[Grouping]) -> list[Grouping] | None:
        """The breakdowns that can be printed of some tables; None if not even they themselves.

        Those that fail are withheld: at once those that fail by the figures of a group alone, and
        of the others the one with the most groups first.
        """
        self._measured = {}
        parts = tuple(questions(unit))
        rows = _row_count(unit)
        asked: list[Judged] = [parts[:rows]] if rows else []
        asked += [(part,) for part in parts[rows:]]
        known: list[Known] = [{} for _ in asked]
        if any(self._failing(judged, (), {}) for judged in asked):
            return None
        room = self._room(asked, offered)
        if room[None] < MASKED_BELOW and self._draw(unit, offered, None):
            return None
        shown = [
            g
            for g in offered
            if room[g.id] >= MASKED_BELOW
            or (room[g.id] >= FEWEST_VALUES and not self._draw(unit, offered, g.id))
        ]
        while shown:
            failing = {
                name
                for judged, seen in zip(asked, known, strict=True)
                for name in self._failing(judged, shown, seen)
            }
            if not failing:
                return shown
            suspects = [g for g in shown if g.id in failing] or shown
            most = max(len(g.groups) for g in suspects)
            shown.remove(next(g for g in reversed(suspects) if len(g.groups) == most))
        return shown

    def _failing(self, judged: Judged, shown: Sequence[Grouping], known: Known) -> set[str | None]:
        """The breakdowns (None: no breakdown) with a count that was not shown to be uncertain.

        What was seen of a count before, beside more breakdowns, holds: it is kept in `known`.
        """
        names = [None, *(grouping.id for grouping in shown)]
        if known and all(_is_wide(known[key]) for key in known if key[0] in names):
            return set()
        world = self._measured.pop((judged, tuple(names)), None) or self._search(judged, shown)
        for key in world.seen:
            earlier = known.get((names[key.division], key.group, key.row, key.node))
            if earlier is not None:
                world.seen[key] = earlier
        world.search(Random(0), rounds=ROUNDS, steps=STEPS)
        for key, seen in world.seen.items():
            known[names[key.division], key.group, key.row, key.node] = seen
        return {names[key.division] for key in world.open()}

    # -- decoys -----------------------------------------------------------------------------------

    def _room(self, asked: Sequence[Judged], offered: Sequence[Grouping]) -> dict[str | None, int]:
        """How many values the figures of a breakdown (None: of none) leave a masked count at least.

        It hangs on the printed figures alone.
        """
        names = [None, *(grouping.id for grouping in offered)]
        found: dict[str | None, int] = dict.fromkeys(names, MASKED_BELOW)
        for judged in asked:
            world = self._measured[judged, tuple(names)] = self._search(judged, offered)
            for key in world.seen:
                name = names[key.division]
                if found[name] >= FEWEST_VALUES:
                    found[name] = min(found[name], world.room(key))
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

    def _search(self, judged: Judged, shown: Sequence[Grouping]) -> Search:
        """The true data set of what is judged together, divided by the breakdowns shown."""
        return self._world(judged[0], shown) if len(judged) == 1 else self._rows(judged, shown)

    def _world(
        self, question: Question, shown: Sequence[Grouping], fixed: Sequence[int] = ()
    ) -> World:
        """The true data set of a question, divided by the breakdowns that are shown.

        The others stand behind those, with the sizes that their own tables tell. Nobody changes to
        or from `fixed` answers.
        """
        item = self.plan.tables[question.base].item
        divisions = [self._everyone(question)]
        kinds = [self.classes(item, grouping) for grouping in shown]
        for grouping, classes in zip(shown, kinds, strict=True):
            divisions.append(self._division(question, grouping, classes))
        for grouping in self.whole.groupings:
            classes = self.classes(item, grouping)
            if grouping not in shown and grouping.id != item and len(set(classes.values())) > 1:
                shown = (*shown, grouping)
                kinds.append(classes)
                divisions.append(self._bare(question, grouping, classes))
        mixes = self._mixes(question, shown, kinds)
        allowed = {
            mix: self._allowed(question, _groups(shown, kinds, mix), counts)
            for mix, counts in mixes.items()
        }
        own = next((g for g in self.whole.groupings if g.id == item), None)
        keeps = (
            None if own is None else partial(_pools, question, dict(own.sizes), pooling(own.sizes))
        )
        return World(question.nodes, divisions, mixes, allowed, keeps, fixed)

    def _rows(self, rows: Judged, shown: Sequence[Grouping]) -> RowsWorld:
        """The true data set of all rows of an item."""
        parts = rows[0].parts
        table = self.plan.tables[rows[0].base]
        last = len(parts) + rows[0].rest
        if table.kind == "ranking":
            fixed = [place for place, part in enumerate(parts) if not part.substantive]
            unreached = []
        else:
            whole = (BLANK,) if self.plan.is_shuffled(table.item) else (BLANK, NOT_REACHED)
            fixed = [place for place, part in enumerate(parts) if part.code in whole]
            unreached = [place for place in fixed if parts[place].code == NOT_REACHED]
        worlds = [self._world(row, shown, [*fixed, last]) for row in rows]
        return RowsWorld(worlds, [*fixed, last], unreached[0] if unreached else None)

    def _bare(self, question: Question, grouping: Grouping, kinds: dict[str, int]) -> Division:
        """A breakdown that is not shown: a group for each class, with the size that is known."""
        rows: dict[int, list[int]] = {}
        for code, kind in kinds.items():
            tables = self.whole.codes[grouping.id][code]
            counts = question.counts(tables, grouping.sizes[code])
            old = rows.get(kind, [0] * len(counts))
            rows[kind] = [a + b for a, b in zip(old, counts, strict=True)]
        sizes = {
            kind: bounds_together(grouping, [code for code in kinds if kinds[code] == kind])
            for kind in rows
        }
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
        bounds: list[Interval] = [UNBOUNDED] * (len(row) + 3)
        targets: list[int] = []
        answered = cells is None or not {NOT_REACHED}.issuperset(cells)

        def take(place: int, figure: int | None, *, judged: bool, possible: bool) -> None:
            bounds[place] = interval(figure) if possible else (0, 0)
            if judged and possible and figure is None:
                targets.append(place)

        for place, part in enumerate(question.parts):
            possible = cells is None or part.code in cells
            take(place, _figure(part, tables), judged=part.judged, possible=possible)
        if question.empty_rest:
            bounds[len(question.parts)] = (0, 0)
        if question.rest and question.judges_rest and answered and row[-2] < MASKED_BELOW:
            targets.append(len(question.parts))
        if question.total is not None:
            figure = _figure(question.total, tables)
            take(len(row), figure, judged=True, possible=answered)
        figure = printed(tables[question.base][BASE])
        take(len(row) + 1, figure, judged=True, possible=answered)
        return bounds, targets

    # -- who can change places ---------------------------------------------------------------------

    def classes(self, item: str, grouping: Grouping) -> dict[str, int]:
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
        if plan.rests_on(breakdown, item):
            return False
        same = plan.possible(item, breakdown, one) == plan.possible(item, breakdown, other)
        return same and plan.alike(breakdown, one, other)

    def _allowed(
        self, question: Question, by: Mapping[str, frozenset[str]], counts: Sequence[int]
    ) -> frozenset[int]:
        """The answers that people of such groups can give: what no route leads to is left out.

        An answer that somebody of them gave is one that can be given. Of those who were not asked,
        none can have been, and of those who were, all.
        """
        shape = self.plan.tables[question.base]
        seen = {place for place, count in enumerate(counts) if count}
        if shape.item not in self.plan.broken_down:
            return frozenset(seen | self._beside(question, shape, by))
        if not any(counts[:-1]):
            return frozenset(seen)
        found = [self.plan.possible(shape.item, name, min(codes)) for name, codes in by.items()]
        answered, unreached = all(one for one, _ in found), all(two for _, two in found)
        late = [place for place, part in enumerate(question.parts) if part.code == NOT_REACHED]
        places = range(len(counts) - 1)
        return frozenset(
            seen.union(place for place in places if (unreached if place in late else answered))
        )

    def _beside(
        self, question: Question, shape: TableShape, by: Mapping[str, frozenset[str]]
    ) -> set[int]:
        """The answers to what a breakdown is made of that can stand beside the other groups."""
        answers = self.plan.answers_beside(shape.item, by)
        found = set()
        codes = {part.code for part in question.parts}
        for answer in answers:
            found |= {n for n, part in enumerate(question.parts) if part.code in answer}
            if question.rest and answer.isdisjoint(codes) and not answer.isdisjoint(shape.codes):
                found.add(len(question.parts))
        if any(NOT_ASKED in answer for answer in answers):
            found.add(len(question.parts) + question.rest)
        return found

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


def _groups(
    shown: Sequence[Grouping], kinds: Sequence[dict[str, int]], mix: tuple[int, ...]
) -> dict[str, frozenset[str]]:
    """The groups that people of a mix can be in, by breakdown."""
    return {
        grouping.id: frozenset(code for code, kind in classes.items() if kind == mix[number])
        for number, (grouping, classes) in enumerate(zip(shown, kinds, strict=True), start=1)
    }


def _pools(question: Question, sizes: dict[str, int], told: object, world: World) -> bool:
    """Whether the groups that an item itself makes are pooled in this way."""
    values = world.divisions[0].nodes[0]
    for place, code in enumerate((*(part.code for part in question.parts), NOT_ASKED)):
        if code in sizes:
            sizes[code] = values[place]
    return pooling(sizes) == told


__all__ = ["FEWEST_VALUES", "Audit", "Withheld", "withheld"]

"""The data set behind the tables of an item, with what is printed of it as bounds.

From here the audit looks for other data sets that would print the same (see `worlds` and `rows`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.models import Multiple
from microcred_cli.questionnaire.values import BLANK, NOT_ASKED, NOT_REACHED
from microcred_cli.summary.audit.rows_world import RowsWorld
from microcred_cli.summary.audit.sizes import bounds_together, pooling, size_bounds
from microcred_cli.summary.audit.world import UNBOUNDED, Division, World, room_in, structure
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.rule import (
    FEWEST_VALUES,
    MASKED_BELOW,
    ROUNDED_TO,
    interval,
    printed,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from microcred_cli.summary.audit.questions import Part, Question
    from microcred_cli.summary.audit.world import Search
    from microcred_cli.summary.plan import Plan, TableShape
    from microcred_cli.summary.rule import Interval
    from microcred_cli.summary.tabulation import CellCounts, Grouping, Tabulation

Judged = tuple["Question", ...]
"""What is judged in one data set: a question, or several rows or ranks of an item."""

Rounding = dict[str | None, int | None]
"""What counts are rounded to, by breakdown (None: of everyone); not at all where they are hidden.

Breakdowns that are not named are hidden.
"""

PASSES: Final = 3
"""How often the counts of a ranking are narrowed by each other."""

Classes = dict[str, int]
"""A class for each code of a breakdown: people of one class can change places."""


@dataclass(slots=True)
class _Bounds:
    """What bounds the numbers of a group: `masked` are hidden, `targets` must stay uncertain."""

    numbers: list[Interval]
    targets: list[int]
    masked: list[int]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The exact counts of a question by a breakdown: a row for each group and class."""

    groups: list[int]
    classes: list[int]
    counts: list[list[int]]
    values: list[list[int]]
    """The numbers of each group, for its rows together."""


class DataSets:
    """The data sets of one seal."""

    def __init__(self, plan: Plan, whole: Tabulation) -> None:
        self.plan = plan
        self.whole = whole
        self.total = whole.counts.total
        self._groupings = {grouping.id: grouping for grouping in whole.groupings}
        self._sizes = {g.id: size_bounds(g) for g in whole.groupings}
        self._classes: dict[tuple[str, str], Classes] = {}
        self._sized: dict[tuple[str, str], dict[int, Interval]] = {}
        self._mixed: dict[tuple[object, ...], dict[tuple[int, ...], list[CellCounts]]] = {}
        self._rows: dict[tuple[Question, str], _Rows] = {}
        self._bounded: dict[tuple[Question, str, int], list[_Bounds]] = {}

    def room(self, judged: Judged, name: str | None, to: int, *, every: bool = False) -> int:
        """The fewest values that the figures of a group alone leave a count.

        Of counts that must stay uncertain, or of every masked one. It hangs on the printed figures
        alone. Where there is no such count, it is one more than a masked count has values.
        """
        fewest = MASKED_BELOW + 1
        for question in judged:
            counting = structure(question.nodes)[1]
            for bounds in self._bounds_by(question, name, to):
                for node in bounds.masked if every else bounds.targets:
                    fewest = min(fewest, room_in(bounds.numbers, counting, node))
        return fewest

    def room_of_ticks(self, places: Sequence[int], name: str | None, to: int) -> int:
        """The fewest values that a masked option has, as each person chose one at least.

        What an item allows to be chosen together is taken into account; other items have none.
        """
        shape = self.plan.tables[places[0]]
        item = self.plan.recorded.by_id[shape.item]
        fewest = MASKED_BELOW + 1
        if not isinstance(item, Multiple):
            return fewest
        options = self.plan.recorded.options(item)
        alone = {option.code for option in options if option.exclusive}
        for table, reserved, size in self._columns(places[0], name):
            kept = [interval(printed(table[code], to), to) for code in reserved]
            base = within(interval(printed(table[BASE])), size, kept)
            shown = {code: interval(printed(table[code], to), to) for code in shape.codes}
            for code, (low, high) in shown.items():
                if printed(table[code], to) is None and base[1]:
                    others = {other: ends for other, ends in shown.items() if other != code}
                    low = max(low, base[0] - sum(ends[1] for ends in others.values()))
                    high = min(high, _most_ticks(code, others, alone, base[1], item.at_most))
                    fewest = min(fewest, high - low + 1)
        return fewest

    def _columns(
        self, place: int, name: str | None
    ) -> Iterator[tuple[CellCounts, list[str], Interval]]:
        """Each group's exact counts in a table, its reserved cells, and how large it can be."""
        shape = self.plan.tables[place]
        if name is None:
            yield self.whole.everyone[place], list(shape.reserved), (self.total, self.total)
            return
        grouping = self._groupings[name]
        for group in grouping.groups:
            cells = grouping.cells(self.plan, shape, group)
            reserved = [code for code in shape.reserved if code in cells]
            low, high = self._sizes[name][group]
            # How many of a group were not asked is not printed.
            size = (0 if NOT_ASKED in shape.reserved else low, high)
            yield self.whole.groups[name][group][place], reserved, size

    def room_of_ranks(self, places: Sequence[int], name: str | None, to: int) -> int:
        """The fewest values of a masked count at a rank, as any rank is the sum of all ranks.

        Who ranked anything named one option at the first rank, and at most one at each other.
        Items that are not ranked have none.
        """
        shape = self.plan.tables[places[0]]
        fewest = MASKED_BELOW + 1
        if shape.kind != "ranking":
            return fewest
        *ranks, named = places
        groups = [self.whole.everyone] if name is None else self.whole.groups[name].values()
        for tables in groups:
            base = interval(printed(tables[ranks[0]][BASE]))
            ends = {
                (place, code): interval(printed(tables[place][code], to), to)
                for place in places
                for code in shape.codes
            }
            for _ in range(PASSES):
                _narrow_ranks(ends, ranks, named, shape.codes, base)
            for (place, code), (low, high) in ends.items():
                if base[1] and printed(tables[place][code], to) is None:
                    fewest = min(fewest, high - low + 1)
        return fewest

    def narrow(self, judged: Judged, rounding: Rounding) -> set[str | None]:
        """The breakdowns whose figures, with those of everyone, leave a count too few values."""
        return {
            name
            for question in judged
            for name, to in rounding.items()
            if name is not None and to is not None
            if self._is_narrow(question, name, to, rounding[None] or ROUNDED_TO)
        }

    def _is_narrow(self, question: Question, name: str, to: int, of_everyone: int) -> bool:
        (whole,) = self._bounds_by(question, None, of_everyone)
        groups = self._bounds_by(question, name, to)
        parts = list(zip(*(group.numbers for group in groups), strict=True))
        sums = [(sum(low for low, _ in part), sum(high for _, high in part)) for part in parts]
        if any(_is_few(whole.numbers[node], sums[node]) for node in whole.targets):
            return True
        for group in groups:
            for node in group.targets:
                (low, high), (least, most) = group.numbers[node], sums[node]
                others = (least - low, most - high)
                left = (whole.numbers[node][0] - others[1], whole.numbers[node][1] - others[0])
                if _is_few((low, high), left):
                    return True
        return False

    def search(self, judged: Judged, rounding: Rounding) -> tuple[list[str | None], Search]:
        """What looks for other data sets of a question or of rows, and the breakdowns in it."""
        table = self.plan.tables[judged[0].base]
        if table.kind not in ("matrix", "ranking") or judged[0].total is not None:
            return self._world(judged[0], rounding)
        parts = judged[0].parts
        last = len(parts) + judged[0].rest
        if table.kind == "ranking":
            fixed = [place for place, part in enumerate(parts) if not part.substantive]
            unreached = []
        else:
            whole = (BLANK,) if self.plan.is_shuffled(table.item) else (BLANK, NOT_REACHED)
            fixed = [place for place, part in enumerate(parts) if part.code in whole]
            unreached = [place for place in fixed if parts[place].code == NOT_REACHED]
        found = [self._world(row, rounding, [*fixed, last]) for row in judged]
        names, world = found[0]
        if len(judged) == 1:
            return names, world
        worlds = [world for _, world in found]
        return names, RowsWorld(worlds, [*fixed, last], unreached[0] if unreached else None)

    def _world(
        self, question: Question, rounding: Rounding, fixed: Sequence[int] = ()
    ) -> tuple[list[str | None], World]:
        """The true data set of a question, divided by the breakdowns.

        Hidden ones have the sizes of groups that their own tables tell; they are left out where
        their people can all change places. Nobody changes to or from `fixed` answers.
        """
        item = self.plan.tables[question.base].item
        divisions = [self._everyone(question, rounding[None])]
        names: list[str | None] = [None]
        kinds = []
        for grouping in self.whole.groupings:
            to = rounding.get(grouping.id)
            classes = self._classes_of(item, grouping)
            if to is not None:
                divisions.append(self._division(question, grouping, to))
            elif grouping.id != item and len(set(classes.values())) > 1:
                divisions.append(self._hidden(question, grouping, classes))
            else:
                continue
            names.append(grouping.id)
            kinds.append(classes)
        shown = [self._groupings[name] for name in names if name is not None]
        mixes = self._mixes(question, shown, kinds)
        allowed = {
            mix: self._allowed(question, _groups(shown, kinds, mix), counts)
            for mix, counts in mixes.items()
        }
        own = self._groupings.get(item)
        keeps = (
            None if own is None else partial(_pools, question, dict(own.sizes), pooling(own.sizes))
        )
        return names, World(question.nodes, divisions, mixes, allowed, keeps, fixed)

    # -- divisions --------------------------------------------------------------------------------

    def _everyone(self, question: Question, to: int | None) -> Division:
        row = question.counts(self.whole.everyone, self.total)
        (bounds,) = self._bounds_by(question, None, to or ROUNDED_TO)
        values = _values(question, row)
        return Division([0], [0], [row], [values], [list(bounds.numbers)], [bounds.targets])

    def _division(self, question: Question, grouping: Grouping, to: int) -> Division:
        rows = self._rows_by(question, grouping)
        bounds = self._bounds_by(question, grouping.id, to)
        return Division(
            rows.groups,
            rows.classes,
            [list(counts) for counts in rows.counts],
            [list(values) for values in rows.values],
            [list(found.numbers) for found in bounds],
            [found.targets for found in bounds],
        )

    def _rows_by(self, question: Question, grouping: Grouping) -> _Rows:
        found = self._rows.get((question, grouping.id))
        if found is None:
            kinds = self._classes_of(self.plan.tables[question.base].item, grouping)
            found = _Rows([], [], [], [])
            for number, group in enumerate(grouping.groups):
                rows: dict[int, list[int]] = {}
                for code in grouping.codes(group):
                    tables = self.whole.codes[grouping.id][code]
                    counts = question.counts(tables, grouping.sizes[code])
                    old = rows.get(kinds[code], [0] * len(counts))
                    rows[kinds[code]] = [a + b for a, b in zip(old, counts, strict=True)]
                found.groups.extend([number] * len(rows))
                found.classes.extend(rows)
                found.counts.extend(rows.values())
                row = [sum(column) for column in zip(*rows.values(), strict=True)]
                found.values.append(_values(question, row))
            self._rows[question, grouping.id] = found
        return found

    def _hidden(self, question: Question, grouping: Grouping, kinds: Classes) -> Division:
        """A breakdown that is not shown: a group for each class, with the size that is known."""
        rows: dict[int, list[int]] = {}
        for code, kind in kinds.items():
            tables = self.whole.codes[grouping.id][code]
            counts = question.counts(tables, grouping.sizes[code])
            old = rows.get(kind, [0] * len(counts))
            rows[kind] = [a + b for a, b in zip(old, counts, strict=True)]
        sizes = self._class_sizes(self.plan.tables[question.base].item, grouping, kinds)
        bounds = [[UNBOUNDED] * (len(row) + 2) + [sizes[kind]] for kind, row in rows.items()]
        nodes = [_values(question, row) for row in rows.values()]
        groups = list(range(len(rows)))
        return Division(groups, list(rows), list(rows.values()), nodes, bounds, [[] for _ in rows])

    def _class_sizes(self, item: str, grouping: Grouping, kinds: Classes) -> dict[int, Interval]:
        if (item, grouping.id) not in self._sized:
            self._sized[item, grouping.id] = {
                kind: bounds_together(grouping, [code for code in kinds if kinds[code] == kind])
                for kind in kinds.values()
            }
        return self._sized[item, grouping.id]

    # -- bounds -----------------------------------------------------------------------------------

    def _bounds_by(self, question: Question, name: str | None, to: int) -> list[_Bounds]:
        """What bounds the numbers of each group of a breakdown, or of everyone."""
        key = (question, name or "", to)
        if key not in self._bounded:
            if name is None:
                self._bounded[key] = [self._bounds_of_everyone(question, to)]
            else:
                grouping = self._groupings[name]
                groups = grouping.groups
                self._bounded[key] = [
                    self._bounds_of_group(question, grouping, group, to) for group in groups
                ]
        return self._bounded[key]

    def _bounds_of_everyone(self, question: Question, to: int) -> _Bounds:
        tables = self.whole.everyone
        row = question.counts(tables, self.total)
        found = self._bounds(question, None, tables, row, to)
        found.numbers[-1] = (self.total, self.total)
        if NOT_ASKED in tables[question.base]:
            place = len(row) - 1
            figure = printed(row[place], to)
            found.numbers[place] = interval(figure, to)
            if figure is None:
                found.targets.append(place)
                found.masked.append(place)
        return found

    def _bounds_of_group(
        self, question: Question, grouping: Grouping, group: str, to: int
    ) -> _Bounds:
        cells = grouping.cells(self.plan, self.plan.tables[question.base], group)
        tables = self.whole.groups[grouping.id][group]
        size = sum(grouping.sizes[code] for code in grouping.codes(group))
        found = self._bounds(question, cells, tables, question.counts(tables, size), to)
        found.numbers[-1] = self._sizes[grouping.id][group]
        return found

    def _bounds(
        self,
        question: Question,
        cells: tuple[str, ...] | None,
        tables: Sequence[CellCounts],
        row: Sequence[int],
        to: int,
    ) -> _Bounds:
        found = _Bounds([UNBOUNDED] * (len(row) + 3), [], [])
        answered = cells is None or not {NOT_REACHED}.issuperset(cells)

        def take(place: int, part: Part, *, possible: bool) -> None:
            figure = printed(tables[part.table][part.code], to)
            found.numbers[place] = interval(figure, to) if possible else (0, 0)
            if possible and figure is None:
                found.masked.append(place)
                if part.substantive:
                    found.targets.append(place)

        for place, part in enumerate(question.parts):
            take(place, part, possible=cells is None or part.code in cells)
        if question.empty_rest:
            found.numbers[len(question.parts)] = (0, 0)
        if question.total is not None:
            take(len(row), question.total, possible=answered)
        figure = printed(tables[question.base][BASE])
        base = interval(figure) if answered else (0, 0)
        found.numbers[len(row) + 1] = base
        if answered and figure is None:
            found.masked.append(len(row) + 1)
        chosen = found.numbers[len(row) if question.total is not None else 0][1]
        if question.judges_rest and answered and base[0] - chosen < MASKED_BELOW:
            found.targets.append(len(question.parts))
            found.masked.append(len(question.parts))
        return found

    # -- who can change places --------------------------------------------------------------------

    def _classes_of(self, item: str, grouping: Grouping) -> Classes:
        """A class for each code: those of a class can change places, as far as routes go."""
        if (item, grouping.id) not in self._classes:
            self._classes[item, grouping.id] = self._find_classes(item, grouping)
        return self._classes[item, grouping.id]

    def _find_classes(self, item: str, grouping: Grouping) -> Classes:
        found: Classes = {}
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
        none can have been, and of those who were, all. If there is nobody, only "not asked" can be
        given, where no route leads to an answer.
        """
        shape = self.plan.tables[question.base]
        seen = {place for place, count in enumerate(counts) if count}
        if shape.item not in self.plan.broken_down:
            return frozenset(seen | self._beside(question, shape, by))
        found = [self.plan.possible(shape.item, name, min(codes)) for name, codes in by.items()]
        answered, unreached = all(one for one, _ in found), all(two for _, two in found)
        if not any(counts[:-1]):
            nobody = not seen and not answered and not unreached
            return frozenset((len(counts) - 1,)) if nobody else frozenset(seen)
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
        """The tables of each mix that there can be, after their number of people."""
        counts = self.whole.counts
        rows: dict[tuple[int, ...], list[list[int]]] = {}
        sizes: dict[tuple[int, ...], int] = {}
        for groups in sorted(self.plan.combinations | counts.by_groups.keys()):
            pairs = zip(numbers, kinds, strict=True)
            mix = (0, *(kind[groups[number]] for number, kind in pairs))
            sizes[mix] = sizes.get(mix, 0) + counts.sizes.get(groups, 0)
            if groups in counts.by_groups:
                rows.setdefault(mix, []).append(counts.by_groups[groups])
        return {
            mix: [{BASE: size}, *self.whole.tables_of(rows.get(mix, ()))]
            for mix, size in sizes.items()
        }


def _most_ticks(
    code: str,
    others: Mapping[str, Interval],
    alone: Collection[str],
    people: int,
    at_most: int | None,
) -> int:
    """How many of so many people can have chosen an option, beside what chose others."""
    apart = sum(ends[0] for other, ends in others.items() if other in alone)
    beside = [ends[0] for other, ends in others.items() if other not in alone]
    if code in alone:
        fewest = max(beside, default=0)
        if at_most is not None:
            fewest = max(fewest, -(-sum(beside) // at_most))
        return people - apart - fewest
    return people - apart if at_most is None else at_most * (people - apart) - sum(beside)


def _narrow_ranks(
    ends: dict[tuple[int, str], Interval],
    ranks: Sequence[int],
    named: int,
    codes: Sequence[str],
    base: Interval,
) -> None:
    """Narrow the counts at each rank and at any: by the sums of options, and of ranks."""
    for code in codes:
        parts = [ends[rank, code] for rank in ranks]
        low, high = sum(low for low, _ in parts), sum(high for _, high in parts)
        own = ends[named, code]
        ends[named, code] = max(own[0], low), min(own[1], high, base[1])
        for rank in ranks:
            others = [ends[other, code] for other in ranks if other != rank]
            ends[rank, code] = within(ends[rank, code], ends[named, code], others)
    for place, rank in enumerate(ranks):
        whole = base if not place else (0, base[1])
        for code in codes:
            others = [ends[rank, other] for other in codes if other != code]
            ends[rank, code] = within(ends[rank, code], whole, others)


def _is_few(one: Interval, two: Interval) -> bool:
    """Whether two intervals share fewer values than a count must be able to have."""
    return min(one[1], two[1]) - max(one[0], two[0]) + 1 < FEWEST_VALUES


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

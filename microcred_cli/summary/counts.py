"""Exact counts, which are added up response by response and never published.

Each combination of groups has separate counts, so that `audit` can construct data sets that differ
in a few answers, without reading the responses again. If nearly every response could have its own
combination, each group of each breakdown has separate counts instead, as does each combination of
classes of groups that are alike (`Occurrences.class_of`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, repeat
from math import prod
from operator import getitem
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import StoreError
from microcred_cli.questionnaire.conditions import category_of
from microcred_cli.questionnaire.models import Integer, Matrix, Multiple, Questionnaire, Ranking
from microcred_cli.questionnaire.routes import Deciding
from microcred_cli.questionnaire.values import NOT_REACHED, Answer
from microcred_cli.records.validation import as_decided, hashable
from microcred_cli.summary.plan import Plan, TableShape

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator


FORMAT: Final = "microcred-counts/1"

BASE: Final = "#base"
"""The code that represents a table's base (the number of substantive answers) among its cells."""

MOST_COMBINATIONS: Final = 5_000
"""The maximum number of combinations of groups that have separate counts."""

ANY: Final = "*"
"""The code for all groups of a breakdown, in counts by a single other breakdown."""

Combination = tuple[str, ...]
"""The groups to which a response belongs, one per breakdown, or the classes of these groups."""

Slots = dict[str, int]
"""The positions of a table's base and cells, by code."""

Steps = dict[object, tuple[int, ...]]
"""The positions to increment for each answer."""

CellCounts = dict[str, int]
"""The counts of a table's base and cells, by code."""

_MOST_REMEMBERED: Final = 50_000


class Layout:
    """The positions of all counts: for each table in turn, first the base, then the cells."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.start: dict[tuple[str, str | None], int] = {}
        width = 0
        names: list[list[str]] = []
        for table in plan.tables:
            self.start[table.item, table.row] = width
            width += 1 + len(table.cells)
            names.append([table.item, table.row or "", *(cell.code for cell in table.cells)])
        self.width = width
        possible = prod(len(breakdown.codes) for breakdown in plan.breakdowns)
        self.is_split = possible > MOST_COMBINATIONS and len(plan.breakdowns) > 1
        by = [[b.id, *b.codes] for b in plan.breakdowns]
        whole = json.dumps([names, by, *(["split"] if self.is_split else [])])
        self.sha256 = hashlib.sha256(whole.encode()).hexdigest()

    def slots(self, table: TableShape) -> Slots:
        """The position of each cell of a table, by code; the code of the base is `BASE`."""
        start = self.start[table.item, table.row]
        places = {cell.code: start + 1 + n for n, cell in enumerate(table.cells)}
        return {BASE: start, **places}

    def keys(self, groups: Combination) -> list[Combination]:
        """The keys of the counts to which a response in these groups is added."""
        if not self.is_split:
            return [groups]
        anywhere = [ANY] * (len(groups) - 1)
        single = [(*anywhere[:n], group, *anywhere[n:]) for n, group in enumerate(groups)]
        return [*single, self.classes(groups)]

    def classes(self, groups: Combination) -> Combination:
        """The classes of these groups."""
        names = (breakdown.id for breakdown in self.plan.breakdowns)
        return tuple(map(self.plan.occurrences.class_of, names, groups))

    def tables_of(self, rows: Iterable[list[int]]) -> list[CellCounts]:
        """All tables for the people counted in these rows."""
        whole = self.sum_of(rows)
        found = []
        for table in self.plan.tables:
            start = self.start[table.item, table.row]
            names = (BASE, *(cell.code for cell in table.cells))
            found.append(dict(zip(names, whole[start : start + len(names)], strict=True)))
        return found

    def sum_of(self, rows: Iterable[list[int]]) -> list[int]:
        """The sum of these rows."""
        return [sum(column) for column in zip(*rows, strict=True)] or [0] * self.width


@dataclass(slots=True)
class Counts:
    """The number of responses and the count of each answer, for each combination of groups.

    The combinations are the keys that `Layout.keys` returns.
    """

    layout: str
    total: int = 0
    by_groups: dict[Combination, list[int]] = field(default_factory=dict)
    sizes: dict[Combination, int] = field(default_factory=dict)

    def to_object(self) -> dict[str, object]:
        """The counts as a JSON object."""
        return {
            "format": FORMAT,
            "layout": self.layout,
            "total": self.total,
            "groups": [
                {"of": list(groups), "total": self.sizes[groups], "counts": row}
                for groups, row in sorted(self.by_groups.items())
            ],
        }

    def merge(self, other: Counts) -> None:
        """Add the counts of other responses."""
        self.total += other.total
        for groups, size in other.sizes.items():
            self.sizes[groups] = self.sizes.get(groups, 0) + size
            row = other.by_groups[groups]
            own = self.by_groups.get(groups) or [0] * len(row)
            self.by_groups[groups] = [a + b for a, b in zip(own, row, strict=True)]

    @classmethod
    def from_object(cls, value: object, *, where: str = "counts.json") -> Counts:
        """Create the counts from parsed JSON; raises a StoreError if they are damaged."""
        try:
            return cls._read(value)
        except (KeyError, TypeError, ValueError):
            raise StoreError(
                "The counts are damaged or were not written by this program.",
                where=where,
                hint="Delete the file; the counts will be recalculated from the sealed responses.",
            ) from None

    @classmethod
    def _read(cls, value: object) -> Counts:
        if not isinstance(value, Mapping) or value["format"] != FORMAT:
            raise ValueError("another format")
        counts = cls(layout=str(value["layout"]), total=int(value["total"]))
        for part in value["groups"]:
            groups = tuple(str(code) for code in part["of"])
            counts.by_groups[groups] = [int(number) for number in part["counts"]]
            counts.sizes[groups] = int(part["total"])
        wrong = any(number < 0 for row in counts.by_groups.values() for number in row)
        if wrong or counts.total != sum(counts.sizes[groups] for groups in joint(counts.sizes)):
            raise ValueError("inconsistent numbers")
        return counts


def joint(keys: Iterable[Combination]) -> Iterator[Combination]:
    """The keys of counts that differ by all breakdowns; each person is in one of them."""
    return (key for key in keys if ANY not in key)


def divided_by(keys: Collection[Combination], place: int) -> Iterator[Combination]:
    """The keys of counts that divide all people by the breakdown with this index."""
    is_split = any(ANY in key for key in keys)
    return (key for key in keys if key[place] != ANY and is_split == (ANY in key))


class Counter:
    """Counts records one by one; they must have been validated (see `records.validation`)."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        plan = Plan(questionnaire)
        layout = Layout(plan)
        self._layout = layout
        self._keys: dict[Combination, list[Combination]] = {}
        self.counts = Counts(layout.sha256)
        self._single: dict[str, Steps] = {}
        self._lists: dict[str, Steps] = {}
        self._rows: dict[str, dict[str, Steps]] = {}
        for block in plan.blocks():
            self._compile(plan, layout, block)
        self._groups = [group_reader(plan, breakdown.id) for breakdown in plan.breakdowns]

    def add(self, answers: Mapping[str, object]) -> None:
        """Add a record to the counts."""
        self._count(answers, 1)

    def subtract(self, answers: Mapping[str, object]) -> None:
        """Remove a record from the counts; raises ValueError if the record was not counted."""
        keys = self._layout.keys(tuple([read(answers) for read in self._groups]))
        sizes, by_groups = self.counts.sizes, self.counts.by_groups
        if any(key not in sizes for key in keys):
            raise ValueError("none of these records was counted")
        self._count(answers, -1)
        for key in keys:
            if not sizes[key]:
                del sizes[key], by_groups[key]

    def _compile(self, plan: Plan, layout: Layout, block: tuple[TableShape, ...]) -> None:
        item = plan.recorded.by_id[block[0].item]
        places = [layout.slots(table) for table in block]
        if isinstance(item, Multiple):
            self._lists[item.id] = _ListSteps(places, repeat(places))
        elif isinstance(item, Ranking):
            # A ranked option is counted in the table for its rank and in the table for any rank.
            ranked = [[rank, places[-1]] for rank in places]
            self._lists[item.id] = _ListSteps(places, ranked)
        elif isinstance(item, Matrix):
            pairs = zip(block, places, strict=True)
            self._rows[item.id] = {table.row or "": _steps(table, slots) for table, slots in pairs}
        else:
            steps = _steps(block[0], places[0])
            if isinstance(item, Integer):
                numbers = range(item.minimum, item.maximum + 1)
                steps |= {number: steps[str(number)] for number in numbers}
            self._single[item.id] = steps

    def _count(self, answers: Mapping[str, object], by: int) -> None:
        self.counts.total += by
        places = [*chain.from_iterable(self._places(answers))]
        for row in self._rows_of(tuple([read(answers) for read in self._groups]), by):
            for place in places:
                row[place] += by

    def _rows_of(self, groups: Combination, by: int) -> list[list[int]]:
        """The rows of counts for people in these groups; changes the number of people by `by`."""
        keys = self._keys.get(groups)
        if keys is None:
            keys = self._layout.keys(groups)
            if len(self._keys) < _MOST_REMEMBERED:
                self._keys[groups] = keys
        rows, sizes = self.counts.by_groups, self.counts.sizes
        for key in keys:
            if key not in rows:
                rows[key], sizes[key] = [0] * self._layout.width, 0
            sizes[key] += by
        return [rows[key] for key in keys]

    def _places(self, answers: Mapping[str, object]) -> list[tuple[int, ...]]:
        """The positions of the counts to which a response is added."""
        # The loops are in `map`, because most of the time of a seal would be spent in them.
        answer_to = answers.__getitem__
        found = [*map(getitem, self._single.values(), map(answer_to, self._single))]
        for item, steps in self._lists.items():
            value = answers[item]
            found.append(steps[tuple(value) if isinstance(value, list) else value])
        for item, rows in self._rows.items():
            given = answers[item]
            if isinstance(given, Mapping):
                found += map(getitem, rows.values(), map(given.__getitem__, rows))
            else:
                found += [steps[given] for steps in rows.values()]
        return found


class _ListSteps(Steps):
    """The positions to increment for an answer to an item with lists of codes, once computed.

    `tables` are the tables of the item, and `counted` those in which each code of a list in turn is
    counted. A reserved code is counted in all tables.
    """

    def __init__(self, tables: list[Slots], counted: Iterable[list[Slots]]) -> None:
        super().__init__()
        self._tables, self._counted = tables, counted

    def __missing__(self, chosen: str | tuple[str, ...]) -> tuple[int, ...]:
        if isinstance(chosen, str):
            found = [slots[chosen] for slots in self._tables]
        else:
            found = [slots[BASE] for slots in self._tables]
            for code, tables in zip(chosen, self._counted, strict=False):
                found += [slots[code] for slots in tables]
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[chosen] = steps = tuple(found)
        return steps


def _steps(table: TableShape, slots: Mapping[str, int]) -> Steps:
    """The positions to increment for each code: the cell and, if it is not reserved, the base."""
    return {
        cell.code: (slots[cell.code],) if cell.reserved else (slots[BASE], slots[cell.code])
        for cell in table.cells
    }


def group_reader(plan: Plan, name: str) -> Callable[[Mapping[str, object]], str]:
    """Create a function that returns the group of a record in a breakdown."""
    recorded = plan.recorded
    variable = recorded.computed_by_id.get(name)
    if variable is None:
        return lambda answers: str(answers[name])
    behind = sorted(Deciding(recorded).items_behind(name))
    known: dict[tuple[object, ...], str] = {}

    def read(answers: Mapping[str, object]) -> str:
        said = tuple([hashable(answers[item]) for item in behind])
        group = known.get(said)
        if group is None:
            decided: dict[str, Answer] = {item: as_decided(answers[item]) for item in behind}
            group = category_of(variable, decided, recorded) or NOT_REACHED
            if len(known) < _MOST_REMEMBERED:
                known[said] = group
        return group

    return read


def count(questionnaire: Questionnaire, records: Iterable[Mapping[str, object]]) -> Counts:
    """Count the answers in these records."""
    counter = Counter(questionnaire)
    for answers in records:
        counter.add(answers)
    return counter.counts

"""Sealed responses as columns of codes, which a counting engine adds up to exact counts.

A column file has one row for each response of a segment, in the same order. The columns contain
only counted values: one column for each breakdown, item, matrix row and rank, one for the duration,
and one for the straight-lining of each matrix. The groups of breakdowns are computed when the file
is written, so that no engine has to evaluate a condition. Column files contain no ids.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter as Multiset
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from microcred_cli.questionnaire.models import Matrix, Multiple, Ranking
from microcred_cli.questionnaire.values import RESERVED
from microcred_cli.summary.counts import BASE, Counts, Layout, group_reader
from microcred_cli.summary.plan import ANY_RANK, Plan
from microcred_cli.summary.quality import SHORT, QualityCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.plan import TableShape

    Read = Callable[[Mapping[str, Any], int | None], Any]

Kind = Literal["code", "codes", "number"]
"""The kind of values in a column: a code, a list of codes, or a whole number; a code or a number
can be missing."""

STRAIGHT: Final = "straight"
VARIED: Final = "varied"
"""Codes of a fully answered matrix: the same answer in every row, or different answers."""

_UNSUITABLE: Final = re.compile(r"[^a-z0-9_]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and the function that returns its value for the answers and minutes of a record."""

    name: str
    kind: Kind
    read: Read


@dataclass(frozen=True, slots=True)
class Flag:
    """A condition on rows: a column has this code, or the number of minutes is below a limit.

    Without a code and a limit, the condition is that the column is not missing.
    """

    column: Column
    code: str | None = None
    below: int | None = None


class Columns:
    """The columns of a questionnaire, and the flags whose sums are its counts.

    The first columns are the breakdowns. Names are in lower case and have no dots, because some
    engines ignore case, and others interpret a dot as access to a field.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        plan = Plan(questionnaire)
        self.layout = Layout(plan)
        self._questionnaire = questionnaire
        self.all: list[Column] = []
        self.flags: list[Flag] = []
        self._places: list[tuple[int, ...]] = []
        self._bases: list[tuple[int, tuple[int, ...]]] = []
        self._breakdowns = {
            each.id: self._add("code", _group(group_reader(plan, each.id)), each.id)
            for each in plan.breakdowns
        }
        self.groups: Sequence[Column] = tuple(self.all)
        for block in plan.blocks():
            self._item(plan, block)
        self._quality(QualityCounts.begin(questionnaire))
        names = [[column.name, column.kind] for column in self.all]
        whole = json.dumps([self.layout.sha256, names])
        self.sha256 = hashlib.sha256(whole.encode()).hexdigest()

    # -- from records to columns

    def row(self, answers: Mapping[str, Any], minutes: int | None) -> list[Any]:
        """The values of all columns for a valid record."""
        return [column.read(answers, minutes) for column in self.all]

    def _add(self, kind: Kind, read: Read, *words: str) -> Column:
        """Add a column with a unique name made from these words."""
        name = _UNSUITABLE.sub("_", "__".join(words).lower())
        while any(column.name == name for column in self.all):
            name += "_"
        self.all.append(Column(name, kind, read))
        return self.all[-1]

    def _item(self, plan: Plan, block: tuple[TableShape, ...]) -> None:
        item = plan.recorded.by_id[block[0].item]
        slots = [self.layout.slots(table) for table in block]
        if isinstance(item, Ranking):
            whole = slots[-1]
            for rank, (table, own) in enumerate(zip(block[:-1], slots, strict=False)):
                column = self._add("code", _rank(item.id, rank), item.id, str(rank + 1))
                for cell in table.cells:
                    # A reserved code is in the columns of all ranks, but is counted once.
                    is_also = not rank or not cell.reserved
                    also = (whole[cell.code],) if is_also else ()
                    self._flag(column, cell.code, own[cell.code], *also)
            assert block[-1].row == ANY_RANK
        for table, own in zip(block, slots, strict=True):
            reserved = tuple(own[code] for code in table.reserved)
            self._bases.append((own[BASE], reserved))
            if isinstance(item, Ranking):
                continue
            column = self._column_of(item, table)
            for cell in table.cells:
                self._flag(column, cell.code, own[cell.code])

    def _column_of(self, item: Any, table: TableShape) -> Column:
        if isinstance(item, Multiple):
            return self._add("codes", _several(item.id), item.id)
        if isinstance(item, Matrix):
            return self._add("code", _in_row(item.id, table.row or ""), item.id, table.row or "")
        # A breakdown by an item has the same codes as the item.
        known = self._breakdowns.get(item.id)
        return known or self._add("code", _single(item.id), item.id)

    def _flag(self, column: Column, code: str, *places: int) -> None:
        self.flags.append(Flag(column, code))
        self._places.append(places)

    def _quality(self, empty: QualityCounts) -> None:
        minutes = self._add("number", lambda _, minutes: minutes, "minutes")
        self.flags += [Flag(minutes), Flag(minutes, below=SHORT)]
        for item in empty.straight:
            column = self._add("code", _line(item), item, "line")
            self.flags += [Flag(column), Flag(column, STRAIGHT)]

    # -- from sums of flags to counts

    def counts(self, rows: Iterable[Sequence[Any]]) -> tuple[Counts, QualityCounts]:
        """Build the counts from rows of groups, number of people, and sums of flags."""
        counts, quality = Counts(self.layout.sha256), QualityCounts.begin(self._questionnaire)
        pairs = [quality.short, *quality.straight.values()]
        at, sums_from = len(self.groups), len(self._places)
        for row in rows:
            groups, people, sums = tuple(row[:at]), int(row[at]), list(map(int, row[at + 1 :]))
            counts.total += people
            found: Multiset[int] = Multiset()
            for places, count in zip(self._places, sums, strict=False):
                for place in places:
                    found[place] += count
            for base, reserved in self._bases:
                found[base] = people - sum(found[place] for place in reserved)
            for key in self.layout.keys(groups):
                counts.sizes[key] = counts.sizes.get(key, 0) + people
                into = counts.by_groups.setdefault(key, [0] * self.layout.width)
                for place, count in found.items():
                    into[place] += count
            for number, pair in enumerate(pairs):
                for side in (0, 1):
                    pair[side] += sums[sums_from + 2 * number + side]
        return counts, quality


def _group(group: Callable[[Mapping[str, Any]], str]) -> Read:
    return lambda answers, _: group(answers)


def _single(item: str) -> Read:
    return lambda answers, _: str(answers[item])


def _several(item: str) -> Read:
    def read(answers: Mapping[str, Any], _: int | None) -> Any:
        given = answers[item]
        return [given] if isinstance(given, str) else given

    return read


def _in_row(item: str, row: str) -> Read:
    def read(answers: Mapping[str, Any], _: int | None) -> Any:
        given = answers[item]
        return given if isinstance(given, str) else given[row]

    return read


def _rank(item: str, rank: int) -> Read:
    def read(answers: Mapping[str, Any], _: int | None) -> Any:
        given = answers[item]
        if isinstance(given, str):
            return given
        return given[rank] if rank < len(given) else None

    return read


def _line(item: str) -> Read:
    def read(answers: Mapping[str, Any], _: int | None) -> Any:
        given = answers[item]
        codes = set(RESERVED) if isinstance(given, str) else set(given.values())
        if not codes.isdisjoint(RESERVED):
            return None
        return STRAIGHT if len(codes) == 1 else VARIED

    return read

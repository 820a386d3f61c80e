"""Partitions, the input of the audit: sets of printed cells that count each person exactly once.

A single choice item has one partition, and so does each row of a matrix. A multiple choice item has
one partition for each option (chosen or not). A ranking has one partition for each rank, and one
for each option (the rank of the option, or none).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.counts import BASE, CellCounts
from microcred_cli.summary.plan import ANY_RANK, TableShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.audit.marginals import CellsOf

Statement = list[tuple[int, TableShape]]
"""Tables that are rounded or withheld together, with their indexes in the plan."""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """The table and code of one printed answer.

    `substantive` answers are included in the base, and must stay uncertain.
    """

    table: int
    code: str
    substantive: bool


@dataclass(frozen=True, slots=True)
class Partition:
    """Cells that count each person exactly once, and the index of the table with their base.

    The cells are followed by the number of people with any other answer (`rest`), if possible, and
    the number of people not asked. `total` is a cell with the sum of several others.
    """

    parts: tuple[PrintedCell, ...]
    base: int
    rest: bool
    judges_rest: bool = False
    empty_rest: bool = False
    total: PrintedCell | None = None

    def counts(self, tables: Sequence[CellCounts], size: int) -> list[int]:
        """The count of each answer in these tables, for a group of this size."""
        found = [tables[part.table][part.code] for part in self.parts]
        base = tables[self.base][BASE]
        said = sum(n for n, part in zip(found, self.parts, strict=True) if part.substantive)
        reserved = sum(found) - said
        if self.rest:
            found.append(base - said)
        found.append(size - base - reserved)
        return found

    def cells(self, row: Sequence[int]) -> list[int]:
        """All cells for these counts: the answers, then the total, the base and the size."""
        cells = [0] * (len(row) + 3)
        for count, places in zip(row, self.cells_of, strict=True):
            for place in places:
                cells[place] += count
        return cells

    @property
    def cells_of(self) -> CellsOf:
        """For each answer, the cells that include it: its own, the total, the base and the size."""
        substantive = tuple(part.substantive for part in self.parts)
        return _cells_of(substantive, self.rest, self.total is not None)

    @property
    def not_asked(self) -> int:
        """The index of "not asked", which is always the last answer."""
        return len(self.parts) + self.rest


@lru_cache(maxsize=256)
def _cells_of(substantive: tuple[bool, ...], rest: bool, has_total: bool) -> CellsOf:
    total = len(substantive) + rest + 1
    base, size = total + 1, total + 2
    found = []
    for place, counts in enumerate((*substantive, *([True] if rest else []), False)):
        in_total = has_total and counts and place < len(substantive)
        found.append((place, *([total] if in_total else []), *([base] if counts else []), size))
    return tuple(found)


def partitions(statement: Statement) -> Iterator[Partition]:
    """The partitions of tables that are checked together."""
    place, shape = statement[0]
    reserved = _reserved(place, shape)
    if shape.kind == "multiple":
        for code in shape.codes:
            chosen = PrintedCell(place, code, True)
            yield Partition((chosen, *reserved), place, rest=True, judges_rest=True)
    elif shape.kind == "ranking":
        yield from _of_ranking(statement, reserved)
    else:
        for place, shape in statement:
            parts = (*_answers(place, shape), *_reserved(place, shape))
            yield Partition(parts, place, rest=False)


def _reserved(place: int, shape: TableShape) -> list[PrintedCell]:
    return [PrintedCell(place, code, False) for code in shape.reserved if code != NOT_ASKED]


def _answers(place: int, shape: TableShape) -> tuple[PrintedCell, ...]:
    return tuple(PrintedCell(place, code, True) for code in shape.codes)


def _of_ranking(statement: Statement, reserved: Sequence[PrintedCell]) -> Iterator[Partition]:
    ranks = [(place, shape) for place, shape in statement if shape.row != ANY_RANK]
    last, named = statement[-1]
    for number, (place, shape) in enumerate(ranks):
        parts = (*_answers(place, shape), *reserved)
        # Every ranking has an option at the first rank, and perhaps at no other.
        yield Partition(parts, place, rest=True, empty_rest=not number)
    for code in named.codes:
        parts = tuple(PrintedCell(place, code, True) for place, _ in ranks)
        total = PrintedCell(last, code, True)
        yield Partition((*parts, *reserved), ranks[0][0], rest=True, judges_rest=True, total=total)

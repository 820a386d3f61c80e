"""The questions that the audit asks of a table: which answers divide people, and what is printed.

A table of single answers is one question, and so is each row of a matrix. Of a multiple choice
there is one for each option: chosen or not. A ranking has one for each rank, and one for each
option: at which rank it stands, if at any.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.values import NOT_ASKED
from microcred_cli.summary.counts import BASE
from microcred_cli.summary.plan import ANY_RANK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.summary.plan import TableShape
    from microcred_cli.summary.tabulation import CellCounts


@dataclass(frozen=True, slots=True)
class Part:
    """One answer to a question: in which table and cell it is printed.

    `substantive` answers count in the base, and must stay uncertain.
    """

    table: int
    code: str
    substantive: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Some tables' cells that divide everyone, with the table whose base they share.

    The parts are followed by those who answered otherwise (`rest`), if there can be such, and by
    those who were not asked. `total` is a cell that counts several parts together.
    """

    parts: tuple[Part, ...]
    base: int
    rest: bool
    judges_rest: bool = False
    empty_rest: bool = False
    total: Part | None = None

    def counts(self, tables: Sequence[CellCounts], size: int) -> list[int]:
        """How many gave each answer, of people with these tables."""
        found = [tables[part.table][part.code] for part in self.parts]
        base = tables[self.base][BASE]
        said = sum(n for n, part in zip(found, self.parts, strict=True) if part.substantive)
        reserved = sum(found) - said
        if self.rest:
            found.append(base - said)
        found.append(size - base - reserved)
        return found

    @property
    def nodes(self) -> tuple[tuple[int, ...], ...]:
        """For each answer the numbers that count it: its own, the total, the base, the size."""
        substantive = tuple(part.substantive for part in self.parts)
        return _nodes(substantive, self.rest, self.total is not None)


@lru_cache(maxsize=256)
def _nodes(
    substantive: tuple[bool, ...], rest: bool, totalled: bool
) -> tuple[tuple[int, ...], ...]:
    width = len(substantive) + rest + 1
    total, base, size = width, width + 1, width + 2
    found = []
    for place, counts in enumerate((*substantive, *([True] if rest else []), False)):
        nodes = [place]
        if totalled and counts and place < len(substantive):
            nodes.append(total)
        if counts:
            nodes.append(base)
        found.append((*nodes, size))
    return tuple(found)


def questions(tables: Sequence[tuple[int, TableShape]]) -> Iterator[Question]:
    """The questions of some tables that are judged together, with their places in the plan."""
    place, shape = tables[0]
    reserved = _reserved(place, shape)
    if shape.kind == "multiple":
        for code in shape.codes:
            yield Question((Part(place, code, True), *reserved), place, rest=True, judges_rest=True)
    elif shape.kind == "ranking":
        yield from _of_ranking(tables, reserved)
    else:
        for place, shape in tables:
            parts = (*_answers(place, shape), *_reserved(place, shape))
            yield Question(parts, place, rest=False)


def _reserved(place: int, shape: TableShape) -> list[Part]:
    return [Part(place, code, False) for code in shape.reserved if code != NOT_ASKED]


def _answers(place: int, shape: TableShape) -> tuple[Part, ...]:
    return tuple(Part(place, code, True) for code in shape.codes)


def _of_ranking(
    tables: Sequence[tuple[int, TableShape]], reserved: Sequence[Part]
) -> Iterator[Question]:
    ranks = [(place, shape) for place, shape in tables if shape.row != ANY_RANK]
    last, named = tables[-1]
    for number, (place, shape) in enumerate(ranks):
        parts = (*_answers(place, shape), *reserved)
        # Who ranked anything has a first rank, and perhaps no other.
        yield Question(parts, place, rest=True, empty_rest=not number)
    for code in named.codes:
        parts = tuple(Part(place, code, True) for place, _ in ranks)
        total = Part(last, code, True)
        yield Question((*parts, *reserved), ranks[0][0], rest=True, judges_rest=True, total=total)

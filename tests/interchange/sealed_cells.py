"""The cells that an export must have, from the sealed lines and the page on exports alone."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.questionnaire.models import Questionnaire

MISSING = ("dk", "pna", "blank", "not_asked", "not_reached", "no_further_rank", "suppressed")
LETTERS = dict(zip(MISSING, "dpbnrxs", strict=True))


class Column(NamedTuple):
    """A column: its name, item and part, and the codes of its categories in order."""

    name: str
    item: str
    part: str
    kind: str
    codes: tuple[str, ...]
    is_marked: bool

    def cell(self, record: Mapping[str, Any]) -> str:
        """The code of this column in a sealed record."""
        answer = record["answers"].get(self.item, record.get(self.item))
        if answer is None:
            return "blank"
        if self.kind == "matrix":
            return str(answer if isinstance(answer, str) else answer[self.part])
        if self.kind == "multiple":
            return answer if isinstance(answer, str) else str(int(self.part in answer))
        if self.kind == "ranking" and not isinstance(answer, str):
            place = int(self.part)
            return str(answer[place - 1]) if place <= len(answer) else "no_further_rank"
        return str(answer)

    def number(self, code: str) -> int:
        """The number of a code in SPSS, and in Stata if it is not a missing value."""
        if code in MISSING:
            return -1 - MISSING.index(code)
        if all(each.isdecimal() for each in self.codes):
            return int(code)
        return 1 + self.codes.index(code)


def name_of(item: str, part: str, position: int) -> str:
    """A name of at most 28 characters; a longer one keeps 25 and its position in the item."""
    name = f"{item}_{part}" if part else item
    return name if len(name) <= 28 else f"{name[:25]}_{position:02}"


def columns_of(questionnaire: Questionnaire) -> Iterator[Column]:
    """All columns after `row`, in order."""
    for item in questionnaire.items:
        recoded = getattr(item, "stored_as", None) or ()
        options = tuple(o.code for o in questionnaire.options(item) if not o.ends)
        codes = tuple(each.code for each in recoded) or options
        parts: Sequence[str] = ("",)
        if item.kind == "open":
            continue
        if item.kind == "multiple":
            parts, codes = codes, ("0", "1")
        elif item.kind == "matrix":
            parts = [row.code for row in item.rows]
        elif item.kind == "ranking":
            parts = [str(rank) for rank in range(1, min(item.ranks, len(codes)) + 1)]
        for position, part in enumerate(parts, 1):
            name = name_of(item.id, part, position)
            yield Column(name, item.id, part, item.kind, codes, item.quasi_identifier)
    yield Column("mode", "mode", "", "single", ("self", "phone", "in_person"), True)
    yield Column("status", "status", "", "single", ("complete", "partial"), True)
    yield Column("duration_minutes", "duration_minutes", "", "single", ("10", "20", "30"), True)


class Sealed:
    """The sealed records of a folder, matched with the rows of an export."""

    def __init__(self, folder: Path, questionnaire: Questionnaire) -> None:
        self.columns = [*columns_of(questionnaire)]
        lines = [line for path in folder.glob("*.jsonl") for line in path.open(encoding="utf-8")]
        self.records = [json.loads(line) for line in lines]

    @cached_property
    def cells(self) -> list[list[str]]:
        """The codes of each record, in the order of the columns."""
        return [[column.cell(record) for column in self.columns] for record in self.records]

    def matched(self, rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
        """The cells that each row must have: those of a record of its own, or suppressed."""
        shown = [[row[column.name] for column in self.columns] for row in rows]
        alike = defaultdict(list)
        for record, cells in enumerate(self.cells):
            alike[self._unmarked(cells)].append(record)
        rows_of: dict[int, int] = {}
        for row in range(len(rows)):
            assert self._find(row, shown, alike, rows_of, set()), f"row {row + 1} is not sealed"
        found = {row: self.cells[record] for record, row in rows_of.items()}
        return [
            [
                "suppressed" if is_hidden else cell
                for cell, is_hidden in zip(cells, hidden, strict=True)
            ]
            for row in range(len(rows))
            for cells, hidden in [(found[row], [cell == "suppressed" for cell in shown[row]])]
        ]

    def _unmarked(self, cells: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            c for c, column in zip(cells, self.columns, strict=True) if not column.is_marked
        )

    def _find(
        self,
        row: int,
        shown: Sequence[Sequence[str]],
        alike: Mapping[tuple[str, ...], Sequence[int]],
        rows_of: dict[int, int],
        seen: set[int],
    ) -> bool:
        """Give a row a record, and those that had this record others."""
        for record in alike[self._unmarked(shown[row])]:
            pairs = zip(shown[row], self.cells[record], strict=True)
            if record in seen or not all(a in (b, "suppressed") for a, b in pairs):
                continue
            seen.add(record)
            other = rows_of.get(record)
            if other is None or self._find(other, shown, alike, rows_of, seen):
                rows_of[record] = row
                return True
        return False

"""Microdata: the sealed responses of a folder, as columns of numbers in random order."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from microcred_cli.errors import StoreError
from microcred_cli.interchange.variables import (
    LANGUAGE,
    MINUTES,
    MODE,
    NO_FURTHER_RANK,
    ROW,
    STATUS,
    SUPPRESSED,
)
from microcred_cli.questionnaire.values import BLANK
from microcred_cli.store.counts import damaged_in, judged_lines, of_another
from microcred_cli.store.index import Tombstones
from microcred_cli.store.judge import Accepted
from microcred_cli.store.layout import Kind, LeftOut
from microcred_cli.store.pending import WITHDRAWN
from microcred_cli.store.sealed_set import contained
from microcred_cli.store.segments import LOT, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from microcred_cli.interchange.variables import Variable
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.judge import Judge

Record = dict[str, Any]
"""A response as parsed JSON."""

_OF_RECORD: Final = (MODE, STATUS, MINUTES, LANGUAGE)
_SMALLEST, _SMALL = 127, 32_767


@dataclass(slots=True)
class Microdata:
    """Records as columns: for each variable, the numbers of its values in all records."""

    variables: tuple[Variable, ...]
    columns: list[array[int]]

    @property
    def size(self) -> int:
        """The number of records."""
        return len(self.columns[0])

    def places(self, item: str) -> tuple[int, ...]:
        """The column indexes of an item."""
        return tuple(n for n, variable in enumerate(self.variables) if variable.item == item)

    def suppress(self, record: int, places: Sequence[int]) -> None:
        """Mark the values in these columns of a record as suppressed."""
        for place in places:
            number = self.variables[place].missing_number(SUPPRESSED)
            self.columns[place][record] = number

    def keep(self, records: Sequence[int]) -> None:
        """Keep only these records, in this order, and renumber them from 1."""
        for place, column in enumerate(self.columns):
            self.columns[place] = array(column.typecode, map(column.__getitem__, records))
        self.columns[0] = array("q", range(1, len(records) + 1))


@dataclass(slots=True)
class SealedRecords:
    """Reads the sealed responses to one questionnaire from a locked folder.

    After all records have been read, `left_out` lists the unusable lines with the reasons.
    """

    responses: Responses
    judge: Judge
    left_out: list[LeftOut] = field(default_factory=list)

    def read(self, progress: Callable[[int, int], object]) -> Iterator[Record]:
        """Each usable response, in file order."""
        segments = self.responses.segments
        tombstones = Tombstones.read(self.responses.folder)
        sizes, foreign = segments.sizes(Kind.RESPONSE)
        self.left_out += foreign
        entries = {name: segments.entry_of(name, size) for name, size in sizes.items()}
        names = sorted(entries.keys() - contained(entries, set(entries)))
        total = sum(len(entries[name].marks) for name in names)
        seen: set[int] = set()
        done = 0
        for name in names:
            if entries[name].sha256 not in (self.judge.ref.sha256, ""):
                reason = of_another(segments, self.judge, name)
                self.left_out.append((place_of(Kind.RESPONSE, name), reason))
                continue
            damaged: list[tuple[int, str]] = []
            lines = judged_lines(segments, self.judge, Kind.RESPONSE, name, seen, tombstones)
            for number, line in enumerate(lines, 1):
                if isinstance(line, Accepted):
                    yield from_json(line.line)
                elif line != WITHDRAWN:
                    damaged.append((number, line))
                done += 1
                progress(done, total)
            self.left_out += damaged_in(Kind.RESPONSE, name, damaged)


class Coder:
    """Converts records to microdata."""

    def __init__(self, variables: tuple[Variable, ...]) -> None:
        self._variables = variables
        self._items = [
            (variable.item, _coder([v for v in variables if v.item == variable.item]))
            for n, variable in enumerate(variables)
            if variable.item != ROW and (n == 0 or variables[n - 1].item != variable.item)
        ]

    def microdata(self, records: Iterator[Record]) -> tuple[Microdata, list[bytes]]:
        """The records as microdata, in the same order, and a digest of each response id."""
        columns = [_column(variable) for variable in self._variables]
        appends = [column.append for column in columns]
        digests: list[bytes] = []
        for record in records:
            digests.append(hashlib.sha256(record["response_id"].encode()).digest()[:8])
            answers = record["answers"] | {name: record.get(name[1:]) for name in _OF_RECORD}
            place = 1
            appends[0](len(digests))
            for item, code in self._items:
                for number in code(answers[item]):
                    appends[place](number)
                    place += 1
        return Microdata(self._variables, columns), digests


def shuffled_order(size: int) -> list[int]:
    """The numbers from 0 to `size` - 1 in random order."""
    order = [*range(size)]
    LOT.shuffle(order)
    return order


def _column(variable: Variable) -> array[int]:
    """An empty array of the smallest type that can store the values of a variable."""
    numbers = [v.number for v in variable.labelled] + [*(variable.limits or ())]
    largest = max(map(abs, (*numbers, variable.lowest_missing)))
    if variable.kind == "row" or largest > _SMALL:
        return array("q")
    return array("b" if largest <= _SMALLEST else "h")


def _coder(variables: Sequence[Variable]) -> Callable[[Any], tuple[int, ...]]:
    """Return a function that converts an answer to numbers, one for each variable of its item."""
    first = variables[0]
    values = {value.code: value.number for value in first.values}
    missing = {v.code: v.number for v in first.missing}
    whole = {code: (number,) * len(variables) for code, number in missing.items()}
    match first.kind:
        case "multiple":
            return _of_options(whole, [variable.part for variable in variables])
        case "matrix":
            both, rows = {**missing, **values}, [variable.part for variable in variables]
            return lambda answer: (
                _missing_of(whole, answer)
                if isinstance(answer, str)
                else tuple([both[answer[row]] for row in rows])
            )
        case "ranking":
            number = first.missing_number(NO_FURTHER_RANK)
            return _of_ranks(whole, values, len(variables), number)
        case "number":
            return lambda answer: (
                _missing_of(whole, answer) if isinstance(answer, str) else (int(answer),)
            )
        case "single" | "paradata" | "row":
            single = whole | {code: (number,) for code, number in values.items()}
            return lambda answer: single[BLANK if answer is None else str(answer)]


def _of_options(
    whole: Mapping[str, tuple[int, ...]], codes: Sequence[str]
) -> Callable[[Any], tuple[int, ...]]:
    kept: dict[tuple[str, ...], tuple[int, ...]] = {}

    def code(answer: Any) -> tuple[int, ...]:
        if isinstance(answer, str):
            return _missing_of(whole, answer)
        key = tuple(answer)
        if key not in kept:
            chosen = set(key)
            kept[key] = tuple(int(each in chosen) for each in codes)
        return kept[key]

    return code


def _of_ranks(
    whole: Mapping[str, tuple[int, ...]], values: Mapping[str, int], ranks: int, no_further: int
) -> Callable[[Any], tuple[int, ...]]:
    def code(answer: Any) -> tuple[int, ...]:
        if isinstance(answer, str):
            return _missing_of(whole, answer)
        found = [values[each] for each in answer]
        return (*found, *([no_further] * (ranks - len(found))))

    return code


def _missing_of(whole: Mapping[str, tuple[int, ...]], answer: str) -> tuple[int, ...]:
    if answer not in whole:
        raise StoreError(
            "A sealed response has a missing value that is not allowed for its question.",
            hint="Check the folder with microcred check.",
        )
    return whole[answer]

"""Suppression of quasi-identifiers in microdata, except values that would remain inferable.

Routes reveal some values: if an item was not asked, the answer that its route depends on can be
inferred; if an item was not reached, the status can be inferred. A value that can be inferred from
routes is never suppressed, because this would hide nothing. A record that other suppressions cannot
protect is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from microcred_cli.interchange.anonymity import masks_for
from microcred_cli.interchange.variables import STATUS
from microcred_cli.questionnaire.conditions import holds, names_in
from microcred_cli.questionnaire.models import Single
from microcred_cli.questionnaire.routes import Deciding
from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.interchange.microdata import Microdata
    from microcred_cli.interchange.variables import Variable
    from microcred_cli.questionnaire.models import Item, Questionnaire


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The result of a suppression: numbers of suppressed values, changed and omitted records.

    The whole answer to an item counts as one value, even if the item has several variables.
    """

    k: int
    values: int
    records: int
    left_out: int
    by_item: Mapping[str, int]
    """The number of suppressed values of each quasi-identifier."""
    kept: tuple[int, ...]
    """The indexes of the records that were not left out."""


def suppress(
    data: Microdata, recorded: Questionnaire, digests: Sequence[bytes], k: int
) -> Suppressed:
    """Suppress quasi-identifiers until each record shares the rest with k - 1 other records.

    Records that suppression cannot protect are not in `kept`. The records are processed in the
    order of their `digests`, which is unrelated to the order in the files.
    """
    names = list(dict.fromkeys(v.item for v in data.variables if v.identifies))
    places = [data.places(name) for name in names]
    order = sorted(range(data.size), key=digests.__getitem__)
    rows = [_row(data, places, record) for record in order]
    coded = [tuple(map(_Numbers(), column)) for column in zip(*rows, strict=True)]
    revealing = _Revealing(data, recorded)
    may_hide = [
        sum(1 << n for n, name in enumerate(names) if not revealing.shows(name, record))
        for record in order
    ]
    masks = masks_for(list(zip(*coded, strict=True)), may_hide, k)
    by_item = dict.fromkeys(names, 0)
    for record, mask in zip(order, masks, strict=True):
        for n, columns in enumerate(places):
            if mask and mask >> n & 1:
                data.suppress(record, columns)
                by_item[names[n]] += 1
    kept = tuple(r for r, mask in sorted(zip(order, masks, strict=True)) if mask is not None)
    left_out = data.size - len(kept)
    return Suppressed(k, sum(by_item.values()), sum(map(bool, masks)), left_out, by_item, kept)


def _row(
    data: Microdata, places: Sequence[tuple[int, ...]], record: int
) -> tuple[tuple[int, ...], ...]:
    return tuple([tuple([data.columns[n][record] for n in columns]) for columns in places])


class _Numbers(dict[tuple[int, ...], int]):
    """Assigns numbers to values in the order of their first occurrence."""

    def __missing__(self, value: tuple[int, ...]) -> int:
        self[value] = len(self)
        return self[value]

    def __call__(self, value: tuple[int, ...]) -> int:
        return self[value]


class _Revealing:
    """Finds quasi-identifiers that can be inferred from the set of items asked in a record."""

    def __init__(self, data: Microdata, recorded: Questionnaire) -> None:
        self._data = data
        self._recorded = recorded
        self._first = {v.item: (n, v) for n, v in reversed([*enumerate(data.variables)])}
        deciding = Deciding(recorded)
        self._behind = {
            item.id: frozenset().union(*map(deciding.items_behind, names_in(item.asked_if)))
            for item in recorded.items
            if item.asked_if is not None
        }
        self._shown = lru_cache(100_000)(self._reveals)

    def shows(self, name: str, record: int) -> bool:
        """True if the value of a quasi-identifier can be inferred from the rest of the record."""
        if name == STATUS:
            return True
        place, variable = self._first[name]
        code = _codes(variable).get(self._data.columns[place][record], "")
        if code in (NOT_ASKED, NOT_REACHED):
            return True
        after = [self._recorded.by_id[i] for i, behind in self._behind.items() if name in behind]
        if not after:
            return False
        names = sorted({name, *(n for item in after for n in self._behind[item.id])})
        answers = tuple((each, self._answer(each, record)) for each in names)
        asked = tuple(self._is_asked(item, record) for item in after)
        return self._shown(name, answers, tuple(item.id for item in after), asked)

    def _reveals(
        self,
        name: str,
        answers: tuple[tuple[str, str | tuple[str, ...]], ...],
        after: tuple[str, ...],
        asked: tuple[bool | None, ...],
    ) -> bool:
        """True if no other answer to an item leads to the same set of questions."""
        item = self._recorded.by_id[name]
        if not isinstance(item, Single):
            return True
        given = dict(answers)
        conditions = [self._recorded.by_id[each].asked_if for each in after]
        for value in self._first[name][1].values:
            if value.code != given[name]:
                other = given | {name: value.code}
                found = [holds(c, other, self._recorded) for c in conditions]
                if all(is_asked in (None, f) for f, is_asked in zip(found, asked, strict=True)):
                    return False
        return True

    def _is_asked(self, item: Item, record: int) -> bool | None:
        """True if an item was asked; None if it was not reached or has no variable."""
        if item.id not in self._first:
            return None
        place, variable = self._first[item.id]
        number = self._data.columns[place][record]
        if number == variable.missing_number(NOT_REACHED):
            return None
        return number != variable.missing_number(NOT_ASKED)

    def _answer(self, name: str, record: int) -> str | tuple[str, ...]:
        """The codes of an answer, in the form used to evaluate conditions."""
        place, first = self._first[name]
        columns = self._data.columns
        if first.kind == "multiple":
            number = columns[place][record]
            if number < 0:
                return _codes(first)[number]
            places = self._data.places(name)
            return tuple(self._data.variables[n].part for n in places if columns[n][record])
        if first.kind in ("matrix", "ranking"):
            numbers = {columns[n][record] for n in self._data.places(name)}
            return tuple(_codes(first).get(number, "") for number in sorted(numbers))
        return _codes(first).get(columns[place][record], "")


@lru_cache(1_000)
def _codes_of(variable: Variable) -> Mapping[int, str]:
    return {value.number: value.code for value in variable.labelled}


def _codes(variable: Variable) -> Mapping[int, str]:
    """The codes of a variable, by number."""
    return _codes_of(variable)

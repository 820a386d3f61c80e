"""Builds the true data set for an item's tables, from which the search for witnesses starts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.questionnaire.values import BLANK, NOT_ASKED, NOT_REACHED
from microcred_cli.summary.audit.intervals import (
    Intervals,
    Judged,
    Rounding,
    bounds_together,
    pooling,
)
from microcred_cli.summary.audit.marginals import UNBOUNDED, Marginal, Profile
from microcred_cli.summary.audit.matrix_witness import MatrixWitness
from microcred_cli.summary.audit.profiles import Profiles
from microcred_cli.summary.audit.witness import Search, Tries, Witness
from microcred_cli.summary.rule import ROUNDED_TO, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from microcred_cli.summary.audit.partitions import Partition
    from microcred_cli.summary.plan import TableShape
    from microcred_cli.summary.tabulation import Grouping

Classes = dict[str, int]
"""The class of each code of a breakdown; people in the same class can swap groups."""

Rows = list[tuple[int, int, list[int]]]
"""The exact counts of a partition in the rows of a breakdown: group, class and counts."""


class DataSet:
    """The true data set of one seal, from which the marginals for a partition are built."""

    def __init__(self, intervals: Intervals) -> None:
        self._intervals = intervals
        self.plan, self.whole = intervals.plan, intervals.whole
        self._classes: dict[tuple[str, str], Classes] = {}
        self._sized: dict[tuple[str, str], dict[int, Interval]] = {}
        self._profiles: dict[tuple[object, ...], Profiles] = {}
        self._rows: dict[tuple[Partition, str], tuple[Rows, list[list[int]]]] = {}

    def search(
        self, judged: Judged, rounding: Rounding, tries: Tries
    ) -> tuple[list[str | None], Search]:
        """The breakdown of each marginal (None for all respondents), and a search for witnesses."""
        table = self.plan.tables[judged[0].base]
        if table.kind not in ("matrix", "ranking") or judged[0].total is not None:
            return self.witness(judged[0], rounding, tries)
        parts = judged[0].parts
        unreached = None
        if table.kind == "ranking":
            fixed = [place for place, part in enumerate(parts) if not part.substantive]
        else:
            whole = {BLANK} if self.plan.blank_as_a_whole(table.item) else set()
            if not self.plan.is_shuffled(table.item):
                whole.add(NOT_REACHED)
            fixed = [place for place, part in enumerate(parts) if part.code in whole]
            unreached = next((n for n in fixed if parts[n].code == NOT_REACHED), None)
        fixed.append(judged[0].not_asked)
        found = [self.witness(row, rounding, tries, fixed) for row in judged]
        names, witness = found[0]
        if len(judged) == 1:
            return names, witness
        return names, MatrixWitness([witness for _, witness in found], fixed, unreached)

    def witness(
        self, partition: Partition, rounding: Rounding, tries: Tries, fixed: Sequence[int] = ()
    ) -> tuple[list[str | None], Witness]:
        """The breakdown of each marginal (None for all respondents), and the true data set.

        For a withheld breakdown, only the group sizes printed in its own table are included or, if
        all people can swap groups, nothing. Nobody may change to or from a `fixed` answer.
        """
        item = self.plan.tables[partition.base].item
        marginals = [self._marginal(partition, None, rounding[None] or ROUNDED_TO)]
        shown: list[tuple[Grouping, Classes]] = []
        for grouping in self.whole.groupings.values():
            to = rounding.get(grouping.id)
            classes = self._classes_of(item, grouping)
            if to is not None:
                marginals.append(self._marginal(partition, grouping, to))
            elif grouping.id != item and len(set(classes.values())) > 1:
                marginals.append(self._withheld(partition, grouping, classes))
            else:
                continue
            shown.append((grouping, classes))
        people = self._people(partition, shown)
        allowed = {
            profile: self._allowed(partition, _groups(shown, profile), counts)
            for profile, counts in people.items()
        }
        own = self.whole.groupings.get(item)
        keeps = (
            None if own is None else partial(_pools, partition, dict(own.sizes), pooling(own.sizes))
        )
        names = [None, *(grouping.id for grouping, _ in shown)]
        return names, Witness(partition.cells_of, marginals, people, allowed, tries, keeps, fixed)

    # -- marginals ---------------------------------------------------------------------------------

    def _marginal(self, partition: Partition, grouping: Grouping | None, to: int) -> Marginal:
        rows, cells = self._rows_by(partition, grouping)
        name = None if grouping is None else grouping.id
        bounds = self._intervals.by(partition, name, to)
        return Marginal(
            partition.cells_of,
            [group for group, _, _ in rows],
            [kind for _, kind, _ in rows],
            [list(counts) for _, _, counts in rows],
            [list(values) for values in cells],
            [list(found.cells) for found in bounds],
            [found.targets for found in bounds],
        )

    def _rows_by(
        self, partition: Partition, grouping: Grouping | None
    ) -> tuple[Rows, list[list[int]]]:
        """The rows of a breakdown, and the cells of each group, summed over its rows."""
        if grouping is None:
            row = partition.counts(self.whole.everyone, self.whole.counts.total)
            return [(0, 0, row)], [partition.cells(row)]
        key = (partition, grouping.id)
        if key not in self._rows:
            classes = self._classes_of(self.plan.tables[partition.base].item, grouping)
            found: Rows = []
            cells = []
            for number, group in enumerate(grouping.groups):
                rows = self._by_class(partition, grouping, classes, grouping.codes(group))
                found += [(number, kind, counts) for kind, counts in rows.items()]
                cells.append(partition.cells(_sums(rows.values())))
            self._rows[key] = found, cells
        return self._rows[key]

    def _by_class(
        self, partition: Partition, grouping: Grouping, classes: Classes, codes: Iterable[str]
    ) -> dict[int, list[int]]:
        """The counts of people with any of these codes, by class."""
        found: dict[int, list[int]] = {}
        for code in codes:
            counts = partition.counts(self.whole.codes[grouping.id][code], grouping.sizes[code])
            old = found.get(classes[code])
            found[classes[code]] = counts if old is None else _sums((old, counts))
        return found

    def _withheld(self, partition: Partition, grouping: Grouping, classes: Classes) -> Marginal:
        """The marginal of a withheld breakdown, with a group for each class and its known size."""
        rows = self._by_class(partition, grouping, classes, classes)
        sizes = self._class_sizes(self.plan.tables[partition.base].item, grouping, classes)
        return Marginal(
            partition.cells_of,
            list(range(len(rows))),
            list(rows),
            list(rows.values()),
            [partition.cells(row) for row in rows.values()],
            [[UNBOUNDED] * (len(row) + 2) + [sizes[kind]] for kind, row in rows.items()],
            [[] for _ in rows],
        )

    def _class_sizes(self, item: str, grouping: Grouping, classes: Classes) -> dict[int, Interval]:
        if (item, grouping.id) not in self._sized:
            self._sized[item, grouping.id] = {
                kind: bounds_together(grouping, [code for code in classes if classes[code] == kind])
                for kind in classes.values()
            }
        return self._sized[item, grouping.id]

    # -- people who can swap groups ----------------------------------------------------------------

    def _classes_of(self, item: str, grouping: Grouping) -> Classes:
        """The class of each code; the routes allow people in the same class to swap groups."""
        key = (item, grouping.id)
        if key not in self._classes:
            found: Classes = {}
            firsts: list[str] = []
            for code in grouping.sizes:
                alike = (n for n, first in enumerate(firsts) if self._are_alike(key, code, first))
                found[code] = next(alike, len(firsts))
                if found[code] == len(firsts):
                    firsts.append(code)
            self._classes[key] = found
        return self._classes[key]

    def _are_alike(self, key: tuple[str, str], one: str, other: str) -> bool:
        item, breakdown = key
        return (
            not self.plan.rests_on(breakdown, item)
            and self.plan.possible(*key, one) == self.plan.possible(*key, other)
            and self.plan.occurrences.alike(breakdown, one, other)
        )

    def _people(
        self, partition: Partition, shown: Sequence[tuple[Grouping, Classes]]
    ) -> dict[Profile, list[int]]:
        """The counts of each answer for people of each possible profile."""
        places = {b.id: n for n, b in enumerate(self.plan.breakdowns)}
        numbered = {places[grouping.id]: classes for grouping, classes in shown}
        key = tuple((number, *classes.values()) for number, classes in numbered.items())
        if key not in self._profiles:
            self._profiles[key] = Profiles(self.whole, numbered)
        by_class = [self._by_class(partition, *each, each[1]) for each in shown]
        return self._profiles[key].people(partition, by_class)

    # -- possible answers --------------------------------------------------------------------------

    def _allowed(
        self, partition: Partition, by: Mapping[str, frozenset[str]], counts: Sequence[int]
    ) -> frozenset[int]:
        """The answers that people in these groups can give on some route.

        The result includes all answers actually given. If nobody in the groups was asked, only "not
        asked" is possible; if everybody was asked, "not asked" is impossible. If the groups are
        empty and no route leads to an answer, only "not asked" is possible.
        """
        shape = self.plan.tables[partition.base]
        seen = frozenset(place for place, count in enumerate(counts) if count)
        if shape.item not in self.plan.broken_down:
            return seen | self._beside(partition, shape, by)
        found = [self.plan.possible(shape.item, name, min(codes)) for name, codes in by.items()]
        answered, unreached = all(one for one, _ in found), all(two for _, two in found)
        if not any(counts[:-1]):
            nobody = not seen and not answered and not unreached
            return frozenset((partition.not_asked,)) if nobody else seen
        late = [place for place, part in enumerate(partition.parts) if part.code == NOT_REACHED]
        places = range(partition.not_asked)
        return seen.union(place for place in places if (unreached if place in late else answered))

    def _beside(
        self, partition: Partition, shape: TableShape, by: Mapping[str, frozenset[str]]
    ) -> set[int]:
        """Answers to an item behind a breakdown that are compatible with the other groups."""
        answers = self.plan.answers_beside(shape.item, by)
        found = set()
        codes = {part.code for part in partition.parts}
        for answer in answers:
            found |= {n for n, part in enumerate(partition.parts) if part.code in answer}
            if partition.rest and answer.isdisjoint(codes) and not answer.isdisjoint(shape.codes):
                found.add(len(partition.parts))
        if any(NOT_ASKED in answer for answer in answers):
            found.add(partition.not_asked)
        return found


def _sums(rows: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _groups(
    shown: Sequence[tuple[Grouping, Classes]], profile: Profile
) -> dict[str, frozenset[str]]:
    """The possible groups of people with this profile, by breakdown."""
    return {
        grouping.id: frozenset(code for code, kind in classes.items() if kind == own)
        for (grouping, classes), own in zip(shown, profile[1:], strict=True)
    }


def _pools(partition: Partition, sizes: dict[str, int], known: object, witness: Witness) -> bool:
    """True if the groups that are derived from the item would still be pooled as printed."""
    cells = witness.marginals[0].cells[0]
    for place, code in enumerate((*(part.code for part in partition.parts), NOT_ASKED)):
        if code in sizes:
            sizes[code] = cells[place]
    return pooling(sizes) == known

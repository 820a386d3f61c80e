"""Feasible intervals: the possible values of each cell, given the printed figures.

A masked count is between 0 and 7, and a printed figure represents any count that rounds to it.
Known sums narrow the intervals. The intervals are outer bounds: only a witness (see `witness`)
proves that a value is possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from microcred_cli.questionnaire.models import Multiple
from microcred_cli.questionnaire.values import NOT_ASKED, NOT_REACHED
from microcred_cli.summary.audit.marginals import UNBOUNDED, answers_in
from microcred_cli.summary.counts import BASE, CellCounts
from microcred_cli.summary.rule import (
    FEWEST_VALUES,
    MASKED_BELOW,
    ROUNDED_TO,
    SMALLEST_GROUP,
    Interval,
    interval,
    pool,
    printed,
    within,
)
from microcred_cli.summary.tabulation import EVERYONE, Grouping, Tabulation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from microcred_cli.summary.audit.partitions import Partition
    from microcred_cli.summary.plan import Plan

Judged = tuple["Partition", ...]
"""The partitions checked in one data set: a single partition, or one per row or rank of an item."""

Rounding = dict[str | None, int | None]
"""The rounding base by breakdown (key None: all respondents); a base of None means withheld.

Breakdowns that are not in the dictionary are withheld.
"""

PASSES: Final = 3
"""The number of passes in which the intervals of a ranking are narrowed."""

MOST_VALUES: Final = MASKED_BELOW + 1
"""The result if no count is masked: one more than the number of values of a masked count."""


@dataclass(slots=True)
class GroupIntervals:
    """The intervals of a group's cells; `targets` are masked cells that must stay uncertain."""

    cells: list[Interval]
    targets: list[int]
    masked: list[int]


class Intervals:
    """The feasible intervals of one seal, and the number of values they allow for masked counts."""

    def __init__(self, plan: Plan, whole: Tabulation) -> None:
        self.plan = plan
        self.whole = whole
        total = whole.counts.total
        self._sizes: dict[str | None, dict[str, Interval]] = {
            g.id: {group: bounds_together(g, g.codes(group)) for group in g.groups}
            for g in whole.groupings.values()
        }
        self._sizes[None] = {EVERYONE: (total, total)}
        self._known: dict[tuple[Partition, str | None, int], list[GroupIntervals]] = {}

    def by(self, partition: Partition, name: str | None, to: int) -> list[GroupIntervals]:
        """The intervals in each group of a breakdown, or for all respondents."""
        key = (partition, name, to)
        if key not in self._known:
            self._known[key] = [
                self._of_group(partition, name, group, tables, to)
                for group, tables in self.whole.by(name).items()
            ]
        return self._known[key]

    def _of_group(
        self,
        partition: Partition,
        name: str | None,
        group: str,
        tables: Sequence[CellCounts],
        to: int,
    ) -> GroupIntervals:
        codes = self.whole.cells(partition.base, name, group)
        answered = not {NOT_REACHED}.issuperset(codes)
        total = partition.not_asked + 1
        found = GroupIntervals([UNBOUNDED] * (total + 3), [], [])

        def take(place: int, count: int, *, possible: bool, to: int = to, target: bool) -> None:
            figure = printed(count, to)
            found.cells[place] = interval(figure, to) if possible else (0, 0)
            if possible and figure is None:
                found.masked.append(place)
                if target:
                    found.targets.append(place)

        for place, part in enumerate(partition.parts):
            count = tables[part.table][part.code]
            take(place, count, possible=part.code in codes, target=part.substantive)
        rest = len(partition.parts)
        if partition.empty_rest:
            found.cells[rest] = (0, 0)
        if partition.total is not None:
            count = tables[partition.total.table][partition.total.code]
            take(total, count, possible=answered, target=True)
        base = tables[partition.base][BASE]
        take(total + 1, base, possible=answered, to=ROUNDED_TO, target=False)
        chosen = found.cells[0 if partition.total is None else total][1]
        least = found.cells[total + 1][0]
        if partition.judges_rest and answered and least - chosen < MASKED_BELOW:
            found.targets.append(rest)
            found.masked.append(rest)
        if NOT_ASKED in codes:
            count = tables[partition.base][NOT_ASKED]
            take(partition.not_asked, count, possible=True, target=True)
        found.cells[-1] = self._sizes[name][group]
        return found

    # -- possible values of masked counts ----------------------------------------------------------

    def fewest_values(
        self, judged: Judged, name: str | None, to: int, *, every: bool = False
    ) -> int:
        """The smallest number of values that the figures of one group allow for a masked count.

        Only counts that must stay uncertain are considered or, if `every` is set, all masked
        counts.
        """
        fewest = MOST_VALUES
        for partition in judged:
            counted = answers_in(partition.cells_of)
            for group in self.by(partition, name, to):
                for cell in group.masked if every else group.targets:
                    low, high = _narrowed(group.cells, counted, cell)
                    fewest = min(fewest, high - low + 1)
        return fewest

    def fewest_of_options(self, places: Sequence[int], name: str | None, to: int) -> int:
        """The smallest number of possible values of a masked option of a multiple choice item.

        The calculation uses the facts that everybody chose at least one option, and that some
        options cannot be combined.
        """
        place = places[0]
        shape = self.plan.tables[place]
        item = self.plan.recorded.by_id[shape.item]
        fewest = MOST_VALUES
        if not isinstance(item, Multiple):
            return fewest
        options = self.plan.recorded.options(item)
        exclusive = {option.code for option in options if option.exclusive}
        for group, tables in self.whole.by(name).items():
            table = tables[place]
            codes = self.whole.cells(place, name, group)
            low, high = self._sizes[name][group]
            # The number of people in a group who were not asked is never printed.
            size = (0 if NOT_ASKED in {*shape.reserved} - {*codes} else low, high)
            kept = [interval(printed(table[c], to), to) for c in shape.reserved if c in codes]
            base = within(interval(printed(table[BASE])), size, kept)
            shown = {code: interval(printed(table[code], to), to) for code in shape.codes}
            for code, (low, high) in shown.items():
                if printed(table[code], to) is None and base[1]:
                    others = {other: ends for other, ends in shown.items() if other != code}
                    low = max(low, base[0] - sum(ends[1] for ends in others.values()))
                    most = _most_choices(code, others, exclusive, base[1], item.at_most)
                    fewest = min(fewest, min(high, most) - low + 1)
        return fewest

    def fewest_of_ranks(self, places: Sequence[int], name: str | None, to: int) -> int:
        """The smallest number of possible values of a masked count of a ranking item.

        The calculation uses sums over ranks: each respondent ranked exactly one option first, and
        at most one option at each other rank. Respondents who chose an exclusive option ranked no
        other option.
        """
        shape = self.plan.tables[places[0]]
        fewest = MOST_VALUES
        if shape.kind != "ranking":
            return fewest
        *ranks, named = places
        options = self.plan.recorded.options(self.plan.recorded.by_id[shape.item])
        alone = {option.code for option in options if option.exclusive}
        nobody = {(rank, code) for rank in ranks[1:] for code in alone}
        for tables in self.whole.by(name).values():
            base = interval(printed(tables[ranks[0]][BASE]))
            ends = {
                (place, code): interval(printed(tables[place][code], to), to)
                for place in places
                for code in shape.codes
            }
            ends.update(dict.fromkeys(nobody, (0, 0)))
            for _ in range(PASSES):
                _narrow_ranks(ends, ranks, named, shape.codes, base)
                _narrow_alone(ends, ranks, alone, shape.codes, base)
            for (place, code), (low, high) in ends.items():
                masked = base[1] and printed(tables[place][code], to) is None
                if masked and (place, code) not in nobody:
                    fewest = min(fewest, high - low + 1)
        return fewest

    # -- groups compared with all respondents ------------------------------------------------------

    def narrow(self, judged: Judged, rounding: Rounding) -> set[str | None]:
        """The breakdowns that, compared with all respondents, leave a count too few values."""
        return {
            name
            for partition in judged
            for name, to in rounding.items()
            if name is not None and to is not None
            if self._is_narrow(partition, name, to, rounding[None] or ROUNDED_TO)
        }

    def _is_narrow(self, partition: Partition, name: str, to: int, of_everyone: int) -> bool:
        (whole,) = self.by(partition, None, of_everyone)
        groups = self.by(partition, name, to)
        parts = list(zip(*(group.cells for group in groups), strict=True))
        sums = [(sum(low for low, _ in part), sum(high for _, high in part)) for part in parts]
        if any(_is_few(whole.cells[cell], sums[cell]) for cell in whole.targets):
            return True
        for group in groups:
            for cell in group.targets:
                (low, high), (least, most) = group.cells[cell], sums[cell]
                others = (least - low, most - high)
                left = (whole.cells[cell][0] - others[1], whole.cells[cell][1] - others[0])
                if _is_few((low, high), left):
                    return True
        return False


def _is_few(one: Interval, two: Interval) -> bool:
    """True if two intervals have too few values in common for a count to be uncertain."""
    return min(one[1], two[1]) - max(one[0], two[0]) + 1 < FEWEST_VALUES


def _narrowed(cells: Sequence[Interval], counted: Sequence[Sequence[int]], cell: int) -> Interval:
    """The interval of a group's cell, narrowed by the other cells of the same group."""
    *answers, total, base, size = range(len(cells))
    inside = [answer for answer in answers if answer in counted[base]]
    outside = [answer for answer in answers if answer not in inside]
    core = within(cells[base], cells[size], [cells[answer] for answer in outside])
    if cell == total:
        parts = [cells[answer] for answer in counted[total]]
        low = max(cells[total][0], sum(part[0] for part in parts))
        return low, min(cells[total][1], sum(part[1] for part in parts), core[1])
    if cell in inside:
        return within(cells[cell], core, [cells[other] for other in inside if other != cell])
    if cell in outside:
        rest = [core, *(cells[other] for other in outside if other != cell)]
        return within(cells[cell], cells[size], rest)
    return core


def _most_choices(
    code: str,
    others: Mapping[str, Interval],
    exclusive: Collection[str],
    people: int,
    at_most: int | None,
) -> int:
    """The largest number of people who can have chosen an option, given the other intervals."""
    apart = sum(ends[0] for other, ends in others.items() if other in exclusive)
    beside = [ends[0] for other, ends in others.items() if other not in exclusive]
    if code in exclusive:
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
    """Narrow the intervals at each rank and at `any`, using sums over options and over ranks."""
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


def _narrow_alone(
    ends: dict[tuple[int, str], Interval],
    ranks: Sequence[int],
    alone: Collection[str],
    codes: Sequence[str],
    base: Interval,
) -> None:
    """Narrow the intervals of exclusive options: people who chose one ranked no other option."""
    first, *others = ranks
    for rank in others:
        ranked = sum(ends[rank, code][0] for code in codes)
        for code in alone:
            rest = sum(ends[first, other][0] for other in alone if other != code)
            low, high = ends[first, code]
            ends[first, code] = low, min(high, base[1] - ranked - rest)
        apart = sum(ends[first, code][0] for code in alone)
        for code in codes:
            low, high = ends[rank, code]
            left = ranked - low
            ends[rank, code] = low, min(high, base[1] - apart - left)


# -- sizes of groups ------------------------------------------------------------------------------


def pooling(sizes: Mapping[str, int]) -> object:
    """The printed information about pooling; None if the breakdown is not offered."""
    alone, pooled = pool(sizes)
    if len(alone) + bool(pooled) < 2:
        return None
    return alone, printed(sum(sizes[code] for code in pooled))


def _code_bounds(grouping: Grouping) -> dict[str, Interval]:
    """For each code, the interval of sizes for which printed figures and pooling stay the same.

    The total of the small groups is bounded separately (see `_small_bounds`). A large group that is
    pooled with the small groups must stay the smallest of the large groups. If a breakdown has no
    table of its own, only the total of its pooled groups is printed.
    """
    sizes = grouping.sizes
    order = list(sizes)
    taken = [code for code in grouping.pooled if sizes[code] >= SMALLEST_GROUP]
    limits = {}
    for one in taken:
        # Of groups with equal sizes, the last one is pooled.
        after = {code: order.index(code) > order.index(one) for code in order}
        alone = [code for code in order if code not in grouping.pooled]
        most = min((sizes[code] - after[code] for code in alone), default=1 << 60)
        middle = sizes[one] + (most - sizes[one]) // 2
        limits = {code: middle + after[code] for code in alone}
        limits[one] = middle
    found: dict[str, Interval] = {}
    for code, size in sizes.items():
        low, high = interval(printed(size))
        if not grouping.has_table and code in grouping.pooled:
            low, high = 0, sum(sizes.values())
        if size < SMALLEST_GROUP:
            found[code] = (low, min(high, SMALLEST_GROUP - 1))
        elif code in taken:
            found[code] = (max(low, SMALLEST_GROUP), min(high, limits[code]))
        else:
            found[code] = (max(low, SMALLEST_GROUP, limits.get(code, 0)), high)
    return found


def _small_bounds(grouping: Grouping, codes: Collection[str]) -> Interval:
    """The interval of the total size of the small groups among these codes.

    If the total of all small groups is under ten, it must stay under ten, and otherwise it must
    stay at ten or more; the available margin is divided among the groups.
    """
    sizes = grouping.sizes
    bounds = _code_bounds(grouping)
    small = [code for code, size in sizes.items() if size < SMALLEST_GROUP]
    here = [code for code in small if code in codes]
    if not here:
        return 0, 0
    low, high = (sum(bounds[code][end] for code in here) for end in (0, 1))
    if len(small) == len(sizes):
        # All groups are small, so they are pooled regardless of their sizes.
        return low, high
    many, together = sum(sizes[code] for code in here), sum(sizes[code] for code in small)
    margin = abs(together - (SMALLEST_GROUP - (together < SMALLEST_GROUP)))
    part = margin * len(here) // len(small)
    if together < SMALLEST_GROUP:
        return low, min(high, many + part)
    return max(low, many - part), high


def bounds_together(grouping: Grouping, codes: Collection[str]) -> Interval:
    """The interval of the total size of some groups of a breakdown."""
    bounds = _code_bounds(grouping)
    large = [code for code in codes if grouping.sizes[code] >= SMALLEST_GROUP]
    low, high = _small_bounds(grouping, codes)
    if not grouping.has_table and grouping.pooled and set(grouping.pooled) <= set(codes):
        # Only the total of the pooled groups is known, including any large group.
        low, high = interval(printed(sum(grouping.sizes[code] for code in grouping.pooled)))
        large = [code for code in large if code not in grouping.pooled]
    ends = [bounds[code] for code in large]
    return low + sum(end[0] for end in ends), high + sum(end[1] for end in ends)

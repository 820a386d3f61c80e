"""k-anonymity: suppresses values until at least k records have the same remaining values.

A record is a list of values of quasi-identifiers; a mask is the set of its suppressed values, as
bits. Two records are in the same group if they have the same mask and the same remaining values:
suppressed values are treated as equal to each other and different from all other values. Minimising
the number of suppressed values is NP-hard, so a greedy search is used. The result of the greedy
search is then improved: similar groups are dissolved and formed again in a random order, and the
new groups are kept if they are better. In the final result, restoring any single suppressed value
would leave a group with fewer than k records.

The random numbers have a fixed seed, so the result depends only on the set of records: two exports
of the same records suppress the same values, and comparing them reveals nothing.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from math import comb
from operator import itemgetter
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Values = tuple[int, ...]
    Group = tuple[int, Values]
    """A mask and the remaining values, in order."""

_MOST_VALUES: Final = 8_000_000
"""Limit on the work for all masks of one size: masks x records x values."""
_MOST_VALUES_OF_A_TURN: Final = 100_000
"""Limit on the work for attempts to rearrange only a few groups."""
_MOST_TURNS: Final = 1_000
_TURNS_OF_A_RECORD: Final = 2
_TURNS_OF_A_RECORD_LEFT_OUT: Final = 10
_RECORDS_OF_A_TURN: Final = 20
_LOOKED_AT: Final = 200
"""The number of records that are examined to find those most similar to a given record."""
_SPREAD: Final = 2.0
"""The size of the random term in the search for similar records, in differing values."""


def masks_for(rows: Sequence[Values], may_hide: Sequence[int], k: int) -> list[int | None]:
    """The mask of each record; None for a record that cannot be put into a group of at least k.

    For each record, `may_hide` has the bits of the values that may be suppressed. Among records
    with equal values and equal bits, earlier ones are suppressed first.
    """
    if k < 2:
        return [0] * len(rows)
    search = _Search(rows, may_hide, k)
    search.cover()
    search.borrow()
    search.rearrange()
    search.improve()
    return search.masks


def _remaining(mask: int, width: int) -> Callable[[Values], Values]:
    """Create a function that removes the values suppressed by a mask from a row."""
    places = [n for n in range(width) if not mask >> n & 1]
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple([row[n] for n in places])


class _Search:
    def __init__(self, rows: Sequence[Values], may_hide: Sequence[int], k: int) -> None:
        self._rows = rows
        self._may_hide = may_hide
        self._k = k
        self._width = len(rows[0]) if rows else 0
        self.masks: list[int | None] = [None] * len(rows)
        self._members: defaultdict[Group, set[int]] = defaultdict(set)
        self._remaining: dict[int, Callable[[Values], Values]] = {}
        self._most = _MOST_VALUES
        self._before: dict[int, int | None] = {}
        self._lots: Random | None = None
        whole: defaultdict[Values, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            whole[row].append(number)
        for records in whole.values():
            if len(records) >= k:
                self._join(records, 0)
        self._open = [number for number, mask in enumerate(self.masks) if mask is None]
        self._begun = sorted(self._members)
        self._indexed: dict[int, dict[Values, list[Group]]] = {}

    # -- groups

    def _group(self, record: int, mask: int) -> Group:
        if mask not in self._remaining:
            self._remaining[mask] = _remaining(mask, self._width)
        return mask, self._remaining[mask](self._rows[record])

    def _join(self, records: Sequence[int], mask: int) -> None:
        """Assign this mask to records, moving each record to the group that it then belongs to."""
        for record in records:
            self._leave(record)
            self.masks[record] = mask
            self._members[self._group(record, mask)].add(record)

    def _leave(self, record: int) -> None:
        mask = self.masks[record]
        if self._lots is not None:
            self._before.setdefault(record, mask)
        if mask is not None:
            group = self._group(record, mask)
            self._members[group].discard(record)
            if not self._members[group]:
                del self._members[group]
            self.masks[record] = None

    def _masks(self, record: int, size: int) -> Iterator[int]:
        """All masks for a record that suppress exactly this number of its values."""
        bits = [1 << n for n in range(self._width) if self._may_hide[record] >> n & 1]
        return map(sum, combinations(bits, size))

    # -- first search: leave groups of at least k records unchanged

    def cover(self) -> None:
        """Form groups of ungrouped records, trying masks with few suppressed values first."""
        for size in range(1, self._width + 1):
            if not self._open or self._is_too_large(size):
                break
            self._cover(size)
        # Suppress everything that may be suppressed in records that are still ungrouped.
        found = defaultdict(list)
        for record in self._open:
            found[self._group(record, self._may_hide[record])].append(record)
        for (mask, _), records in found.items():
            if len(records) >= self._k:
                self._join(records, mask)
        self._open = [record for record in self._open if self.masks[record] is None]

    def _is_too_large(self, size: int) -> bool:
        return comb(self._width, size) * len(self._open) * self._width > self._most

    def _cover(self, size: int) -> None:
        """Form groups of ungrouped records with this many suppressed values, largest first."""
        candidates: defaultdict[Group, list[int]] = defaultdict(list)
        for record in self._open:
            for mask in self._masks(record, size):
                candidates[self._group(record, mask)].append(record)
        for group in sorted(
            candidates, key=lambda group: (-self._weight(candidates[group]), group)
        ):
            left = [record for record in candidates[group] if self.masks[record] is None]
            if left and (len(left) >= self._k or group in self._members):
                self._join(left, group[0])
            elif left and (self._k - len(left)) * size <= len(left):
                self._with_others(left, group)
        self._open = [record for record in self._open if self.masks[record] is None]

    def _weight(self, records: Sequence[int]) -> float:
        return len(records) * (1 + self._lots.random() if self._lots is not None else 1)

    # -- second search: also change groups of at least k records

    def borrow(self) -> None:
        """Group each ungrouped record with records from other groups, suppressing few values."""
        for record in self._open:
            nearest = sorted(self._nearest(record))
            for _, mask, _ in nearest:
                if self._with_others([record], self._group(record, mask)):
                    break
            else:
                self._with_a_group(record, nearest)
        self._open = [record for record in self._open if self.masks[record] is None]

    def _with_a_group(self, record: int, nearest: Sequence[tuple[int, int, Group]]) -> None:
        """Give a record and all members of a group the mask that makes them equal."""
        ways = []
        for size, mask, group in nearest:
            members = self._members[group]
            if not any(mask & ~self._may_hide[member] for member in members):
                ways.append((size + len(members) * (size - group[0].bit_count()), mask, group))
        if ways:
            _, mask, group = min(ways)
            self._join([record, *sorted(self._members[group])], mask)

    def _nearest(self, record: int) -> Iterator[tuple[int, int, Group]]:
        """Masks that make a record equal to a group: number of suppressed values, mask, group."""
        row, may_hide = self._rows[record], self._may_hide[record]
        for group, members in self._members.items():
            mask = group[0]
            other = self._rows[next(iter(members))]
            for n, value in enumerate(row):
                if value != other[n]:
                    mask |= 1 << n
            if not mask & ~may_hide:
                yield mask.bit_count(), mask, group

    def _with_others(self, records: Sequence[int], group: Group) -> bool:
        """Move records to a group, adding records of other groups; False if too few are found."""
        lacking = self._k - len(records) - len(self._members.get(group, ()))
        spare = self._spare(group, lacking) if lacking > 0 else []
        if len(spare) < lacking:
            return False
        self._join([*records, *spare], group[0])
        return True

    def _spare(self, group: Group, count: int) -> list[int]:
        """About `count` records without suppressed values that can join a group, if possible."""
        found: list[int] = []
        mask, values = group
        for own in self._whole(mask).get(values, ()):
            members = sorted(self._members.get(own, ()))
            fitting = [member for member in members if not mask & ~self._may_hide[member]]
            wanted = min(count - len(found), len(fitting))
            if 0 < len(members) - wanted < self._k:
                # Either at least k members remain in the group, or the whole group moves.
                is_small = len(fitting) == len(members) < self._k + wanted
                wanted = len(members) if is_small else len(members) - self._k
            found += fitting[:wanted]
            if len(found) >= count:
                break
        return found

    def _whole(self, mask: int) -> dict[Values, list[Group]]:
        """The groups without suppressed values, by the values that would remain under a mask."""
        if mask not in self._indexed:
            index = self._indexed.setdefault(mask, {})
            remaining = _remaining(mask, self._width)
            for own in self._begun:
                index.setdefault(remaining(own[1]), []).append(own)
        return self._indexed[mask]

    # -- improvement

    def rearrange(self) -> None:
        """Form similar groups again in a different order, and keep the result if it is better.

        A result is better if fewer records are left out or, if that number is equal, fewer values
        are suppressed.
        """
        poor = [record for record, mask in enumerate(self.masks) if mask != 0]
        left = [record for record in poor if self.masks[record] is None]
        self._lots, self._most = Random(len(poor)), _MOST_VALUES_OF_A_TURN
        for record in left[:_RECORDS_OF_A_TURN] * _TURNS_OF_A_RECORD_LEFT_OUT:
            if self.masks[record] is None:
                self._form_again(record, range(len(self._rows)), self._lots)
        for _ in range(min(_MOST_TURNS, _TURNS_OF_A_RECORD * len(poor))):
            self._form_again(self._lots.choice(poor), poor, self._lots)
        self._lots = None

    def _form_again(self, record: int, poor: Sequence[int], lots: Random) -> None:
        """Form the groups around a record again, and undo this if the result is not better."""
        apart = self._around(record, poor, lots)
        self._before = {}
        for each in apart:
            self._leave(each)
        if self._before.get(record, 0) is None:
            self._first_of(record, apart, lots)
        self._open = [each for each in apart if self.masks[each] is None]
        self.cover()
        self.borrow()
        before, self._before = self._before, {}
        if self._cost([self.masks[each] for each in before]) > self._cost(list(before.values())):
            for each in before:
                self._leave(each)
            for each, mask in before.items():
                if mask is not None:
                    self._join([each], mask)

    def _first_of(self, record: int, apart: Sequence[int], lots: Random) -> None:
        """Begin with the group of a record that had been left out, using any possible mask."""
        masks = [self._mask_with(record, each) for each in lots.sample(apart, len(apart))]
        for mask in filter(None, masks):
            group = self._group(record, mask)
            alike = [
                n for n in apart if not mask & ~self._may_hide[n] and self._group(n, mask) == group
            ]
            if len(alike) >= self._k:
                others = [n for n in alike if n != record]
                self._join([record, *lots.sample(others, self._k - 1)], mask)
                return

    def _mask_with(self, record: int, other: int) -> int | None:
        """The smallest mask under which two records are equal."""
        pairs = enumerate(zip(self._rows[record], self._rows[other], strict=True))
        mask = sum(1 << n for n, (own, others) in pairs if own != others)
        return None if mask & ~self._may_hide[record] else mask

    def _around(self, record: int, poor: Sequence[int], lots: Random) -> list[int]:
        """A record, and all members of the groups that are most similar to it."""
        row, may_hide = self._rows[record], self._may_hide[record]
        weights = [1 if may_hide >> n & 1 else self._width for n in range(self._width)]

        def distance(other: int) -> float:
            values = zip(weights, row, self._rows[other], strict=True)
            differing = sum(weight for weight, own, others in values if own != others)
            return differing + _SPREAD * lots.random()

        seen = poor if len(poor) <= _LOOKED_AT else [record, *lots.sample(poor, _LOOKED_AT)]
        found: set[int] = set()
        for other in sorted(seen, key=distance):
            mask = self.masks[other]
            together = [other] if mask is None else self._members[self._group(other, mask)]
            if len(found) + len(together) <= _RECORDS_OF_A_TURN:
                found.update(together)
        return sorted(found)

    @staticmethod
    def _cost(masks: Sequence[int | None]) -> tuple[int, int]:
        return masks.count(None), sum(mask.bit_count() for mask in masks if mask is not None)

    def improve(self) -> None:
        """Move records to groups with fewer suppressed values, until no record can be moved."""
        moved = [True]
        while any(moved):
            masks = {mask for mask, _ in self._members}
            better = sorted(masks, key=lambda mask: (mask.bit_count(), mask))
            moved = [self._improve(group, better) for group in sorted(self._members) if group[0]]

    def _improve(self, group: Group, masks: Sequence[int]) -> bool:
        """Move members of a group to other groups in which fewer values are suppressed."""
        members = sorted(self._members.get(group, ()))
        better = {record: self._better(record, group, masks) for record in members}
        moving = [record for record in members if better[record] is not None]
        if len(moving) < len(members):
            moving = moving[: max(0, len(members) - self._k)]
        for record in moving:
            mask = better[record]
            assert mask is not None
            self._join([record], mask)
        return bool(moving)

    def _better(self, record: int, group: Group, masks: Sequence[int]) -> int | None:
        """The first mask, smaller than the group's, that puts a record in an existing group."""
        for mask in masks:
            if mask.bit_count() >= group[0].bit_count():
                return None
            if not mask & ~self._may_hide[record] and self._group(record, mask) in self._members:
                return mask
        return None

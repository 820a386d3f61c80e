"""The publication rule: thresholds, and the functions that mask, round and pool numbers.

Masking up to 7 and rounding to 5 follow OpenSAFELY ("Statistical disclosure control"); groups of at
least 10 follow the rule of 10 of the Australian Bureau of Statistics (DataLab, output clearance).
The thresholds are deliberately not configurable: a comparison of figures under two different rules
could undo the protection.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASKED_BELOW: Final = 8
"""The smallest count that is not masked."""

ROUNDED_TO: Final = 5
COARSER: Final = 10
"""The rounding base for tables in which rounding to 5 would reveal too much."""

SMALLEST_GROUP: Final = 10
"""The minimum number of people in a group, and in a summary."""

FEWEST_VALUES: Final = 4
"""The minimum number of values that must be possible for a masked count."""

POOLED: Final = "pooled"
"""The code of the pooled group."""

REVISION: Final = 4
"""Incremented with every change that affects the figures printed for the same counts."""

Interval = tuple[int, int]

RULE: Final = (
    f"masked below {MASKED_BELOW}, rounded to {ROUNDED_TO}, groups of {SMALLEST_GROUP}, "
    f"{FEWEST_VALUES} values, else to {COARSER}, revision {REVISION}"
)
RULE_SHA256: Final = hashlib.sha256(RULE.encode()).hexdigest()


def printed(count: int, to: int = ROUNDED_TO) -> int | None:
    """The printed figure for a count: None if masked, else the nearest multiple of `to`.

    Values halfway between two multiples are rounded up.
    """
    if count < MASKED_BELOW:
        return None
    return to * ((count + to // 2) // to)


def interval(figure: int | None, to: int = ROUNDED_TO) -> Interval:
    """The range of counts that are printed as this figure, including both ends."""
    if figure is None:
        return 0, MASKED_BELOW - 1
    low = figure - to // 2
    return max(MASKED_BELOW, low), low + to - 1


def within(own: Interval, whole: Interval, others: Iterable[Interval]) -> Interval:
    """The bounds of a part, narrowed by the bounds of the whole and of the other parts."""
    known = list(others)
    low = whole[0] - sum(other[1] for other in known)
    high = whole[1] - sum(other[0] for other in known)
    return max(own[0], low), min(own[1], high)


def percent(figure: int | None, base: int | None) -> int | None:
    """The percentage of printed figures, rounded half up; None if either figure is masked.

    The result is at most 100: a count rounded to the nearest 10 can be printed as larger than its
    base.
    """
    if figure is None or not base:
        return None
    return min(100, (200 * figure + base) // (2 * base))


def pool(sizes: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Divide groups into separate and pooled groups, both in the given order.

    Groups of fewer than 10 people are pooled, including empty groups: otherwise, a group that is
    neither shown nor pooled would be known to be empty. If the pool has fewer than 10 people, the
    smallest remaining group is added (the last of several equal ones).
    """
    alone = [code for code, size in sizes.items() if size >= SMALLEST_GROUP]
    pooled = [code for code, size in sizes.items() if size < SMALLEST_GROUP]
    if alone and pooled and sum(sizes[code] for code in pooled) < SMALLEST_GROUP:
        # Adding one group is enough, because all remaining groups have ten people or more.
        alone.remove(min(reversed(alone), key=sizes.__getitem__))
        pooled = [code for code in sizes if code not in alone]
    return tuple(alone), tuple(pooled)

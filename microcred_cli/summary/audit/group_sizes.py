"""Feasible sizes of the groups of a breakdown, while the same is printed and pooled of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.summary.rule import SMALLEST_GROUP, interval, pool, printed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from microcred_cli.summary.rule import Interval
    from microcred_cli.summary.tabulation import Grouping


def pooling(sizes: Mapping[str, int]) -> object:
    """Everything that shows how groups are pooled; None where the breakdown is not offered."""
    alone, pooled = pool(sizes)
    if len(alone) + bool(pooled) < 2:
        return None
    return alone, printed(sum(sizes[code] for code in pooled))


def _code_bounds(grouping: Grouping) -> dict[str, Interval]:
    """The interval of each code's size that leaves what is printed and pooled unchanged.

    The small groups are bounded together, too (see `_small_bounds`). Where a larger one is pooled
    with them, it stays the smallest of the larger ones. Of what is pooled, a breakdown without a
    table of its own shows only the sum.
    """
    sizes = grouping.sizes
    order = list(sizes)
    taken = [code for code in grouping.pooled if sizes[code] >= SMALLEST_GROUP]
    limits = {}
    for one in taken:
        # Of equals, the later one is taken.
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
    """The interval of the people in those small groups of a breakdown that are among some codes.

    All small groups stay under ten together, or ten at least. Each may use its part of the margin.
    """
    sizes = grouping.sizes
    bounds = _code_bounds(grouping)
    small = [code for code, size in sizes.items() if size < SMALLEST_GROUP]
    here = [code for code in small if code in codes]
    if not here:
        return 0, 0
    low, high = (sum(bounds[code][end] for code in here) for end in (0, 1))
    if len(small) == len(sizes):
        # They are pooled whatever their sizes.
        return low, high
    many, together = sum(sizes[code] for code in here), sum(sizes[code] for code in small)
    margin = abs(together - (SMALLEST_GROUP - (together < SMALLEST_GROUP)))
    part = margin * len(here) // len(small)
    if together < SMALLEST_GROUP:
        return low, min(high, many + part)
    return max(low, many - part), high


def bounds_together(grouping: Grouping, codes: Collection[str]) -> Interval:
    """The interval of the people in some groups of a breakdown together."""
    bounds = _code_bounds(grouping)
    large = [code for code in codes if grouping.sizes[code] >= SMALLEST_GROUP]
    low, high = _small_bounds(grouping, codes)
    if not grouping.has_table and grouping.pooled and set(grouping.pooled) <= set(codes):
        # What is pooled is known as a sum, with the larger one that is in it.
        low, high = interval(printed(sum(grouping.sizes[code] for code in grouping.pooled)))
        large = [code for code in large if code not in grouping.pooled]
    ends = [bounds[code] for code in large]
    return low + sum(end[0] for end in ends), high + sum(end[1] for end in ends)


def size_bounds(grouping: Grouping) -> dict[str, Interval]:
    """The interval of each printed group's size, while what is printed and pooled is unchanged."""
    return {group: bounds_together(grouping, grouping.codes(group)) for group in grouping.groups}

"""Times per item of a pilot as figures that may be published: masked and rounded counts.

On an item with a condition, they must not reveal how many people it was not asked, because the
summary protects this number. The attacker is assumed to know the number of interviews and that a
seal counts 10, 15, 20 … of the people who saw the item; `tests/summary/test_item_times.py` checks
that a number below 8 keeps at least four possible values.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from microcred_cli.records.formats import TIME_BANDS
from microcred_cli.summary.rule import MASKED_BELOW, SMALLEST_GROUP, interval
from microcred_cli.summary.two_way import protect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_FEWEST_INTERVIEWS: Final = 2 * SMALLEST_GROUP
_LEFT_OUT: Final = 4
"""The maximum number of people who saw an item but are not counted at a seal of its times."""


def band_names() -> tuple[str, ...]:
    """The names of the bands, in seconds."""
    first, *_, last = TIME_BANDS
    between = (f"{low} to {high - 1}" for low, high in pairwise(TIME_BANDS))
    return (f"under {first}", *between, f"{last} or more")


def protected_times(
    items: Mapping[str, Sequence[int]], interviews: int, conditional: Collection[str]
) -> dict[str, tuple[int | None, ...] | None]:
    """The printed counts by band of each item, each None if masked; None if they are withheld.

    `interviews` is the number of interviews, and `conditional` contains the items that are not
    asked of everybody.
    """
    shown: dict[str, tuple[int | None, ...] | None] = {}
    for item, counts in items.items():
        row = protect({"": dict(zip(band_names(), counts, strict=True))}).whole
        figures = tuple(row.counts.values())
        is_safe = sum(counts) >= SMALLEST_GROUP and not row.withheld
        if item in conditional:
            is_safe &= _hides_who_was_not_asked(figures, interviews)
        shown[item] = figures if is_safe else None
    return shown


def _hides_who_was_not_asked(figures: Iterable[int | None], interviews: int) -> bool:
    """True if the interviews without a time can be none or many, or must be too many to mask."""
    bounds = [interval(figure) for figure in figures]
    fewest = interviews - sum(high for _, high in bounds)
    most = interviews - sum(low for low, _ in bounds)
    is_apart = not MASKED_BELOW < fewest < MASKED_BELOW + _LEFT_OUT
    return interviews >= _FEWEST_INTERVIEWS and most >= SMALLEST_GROUP and is_apart

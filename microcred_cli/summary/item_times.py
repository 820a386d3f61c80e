"""Times per item of a pilot as figures that may be published: masked and rounded counts.

For an item with a condition, the counts must not reveal how many people were not asked, because the
summary protects this number. The attacker is assumed to know the number of interviews and that a
seal counts 10, 15, 20 … of the people who saw the item; `tests/summary/test_item_times.py` checks
that a number below 8 keeps at least four possible values.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from microcred_cli.records.formats import TIME_BANDS
from microcred_cli.summary.rule import FEWEST_VALUES, MASKED_BELOW, SMALLEST_GROUP, interval
from microcred_cli.summary.two_way import protect

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_FEWEST_INTERVIEWS: Final = 2 * SMALLEST_GROUP
_STEP: Final = 5
"""A seal of times counts a multiple of this number of people for each item."""


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


def _hides_who_was_not_asked(figures: Collection[int | None], interviews: int) -> bool:
    """True if, below 8, the number of people not asked has no or at least four possible values."""
    bounds = [interval(figure) for figure in figures]
    # Closer to the sum of the bounds, the masked counts would be known, and therefore withheld.
    distance = FEWEST_VALUES - 1 if None in figures else 0
    least = _STEP * -(-(sum(low for low, _ in bounds) + distance) // _STEP)
    most = _STEP * ((sum(high for _, high in bounds) - distance) // _STEP)
    fewest = max(0, interviews - most - (_STEP - 1))
    values = min(interviews - least, MASKED_BELOW - 1) - fewest + 1
    is_hidden = fewest >= MASKED_BELOW or values >= FEWEST_VALUES
    return interviews >= _FEWEST_INTERVIEWS and is_hidden

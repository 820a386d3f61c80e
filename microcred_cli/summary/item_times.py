"""Times per item of a pilot as figures that may be published: masked and rounded counts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from microcred_cli.records.formats import TIME_BANDS
from microcred_cli.summary.rule import SMALLEST_GROUP
from microcred_cli.summary.two_way import protect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microcred_cli.summary.two_way import ProtectedRow


def band_names() -> tuple[str, ...]:
    """The names of the bands, in seconds."""
    first, *_, last = TIME_BANDS
    between = (f"{low} to {high - 1}" for low, high in pairwise(TIME_BANDS))
    return (f"under {first}", *between, f"{last} or more")


def protected_times(items: Mapping[str, Sequence[int]]) -> dict[str, ProtectedRow | None]:
    """The printed counts by band of each item; None if fewer than ten people saw the item."""
    return {
        item: protect({"": dict(zip(band_names(), counts, strict=True))}).whole
        if sum(counts) >= SMALLEST_GROUP
        else None
        for item, counts in items.items()
    }

"""Times per item are printed as masked and rounded counts that do not reveal the route."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from microcred_cli.store.batches import batch_of
from microcred_cli.summary.item_times import band_names, protected_times
from microcred_cli.summary.rule import FEWEST_VALUES, MASKED_BELOW

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_counts_by_band_are_masked_and_rounded() -> None:
    items = {"a": [3, 12, 20, 0, 0], "b": [2, 3, 4, 0, 0], "c": [0, 22, 3, 0, 0]}
    assert protected_times(items, 36, ()) == {
        "a": (None, 10, 20, None, None),
        "b": None,
        "c": (None, 20, None, None, None),
    }


def test_an_item_that_many_people_are_not_asked_is_shown() -> None:
    assert protected_times({"a": [3, 12, 10, 0, 0]}, 100, ("a",))["a"] == (None, 10, 10, None, None)


def shares(total: int, parts: int, least: int = 0) -> Iterator[tuple[int, ...]]:
    """All ways to divide a number into parts; the order of the parts does not matter."""
    if parts == 1:
        yield (total,)
        return
    for first in range(least, total // parts + 1):
        for rest in shares(total - first, parts - 1, first):
            yield first, *rest


@pytest.mark.parametrize("interviews", [10, 20, 28, 46, 51])
def test_a_small_number_of_people_who_were_not_asked_keeps_four_values(interviews: int) -> None:
    possible: dict[tuple[int | None, ...] | None, set[int]] = defaultdict(set)
    for counted in {batch_of(saw) for saw in range(interviews + 1)}:
        saw = {each for each in range(interviews + 1) if batch_of(each) == counted}
        for counts in shares(counted, len(band_names())):
            figures = protected_times({"a": counts}, interviews, ("a",))["a"]
            possible[figures] |= {interviews - each for each in saw}
    masked = [{each for each in found if each < MASKED_BELOW} for found in possible.values()]
    assert all(len(found) >= FEWEST_VALUES for found in masked if found)
    assert interviews < 20 or len(possible) > 1

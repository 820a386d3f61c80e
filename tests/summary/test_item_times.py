"""Times per item are printed as masked and rounded counts that do not reveal the route."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations_with_replacement

import pytest

from microcred_cli.store.batches import batch_of
from microcred_cli.summary.item_times import band_names, protected_times
from microcred_cli.summary.rule import FEWEST_VALUES, MASKED_BELOW


def test_counts_by_band_are_masked_and_rounded() -> None:
    items = {"a": [3, 12, 20, 0, 0], "b": [2, 3, 4, 0, 0], "c": [0, 22, 3, 0, 0]}
    assert protected_times(items, 36, ()) == {
        "a": (None, 10, 20, None, None),
        "b": None,
        "c": (None, 20, None, None, None),
    }


@pytest.mark.parametrize("interviews", [10, 15, 20, 23, 28])
def test_a_small_number_of_people_who_were_not_asked_keeps_four_values(interviews: int) -> None:
    possible = defaultdict(set)
    bands = len(band_names())
    for saw in range(interviews + 1):
        for drawn in combinations_with_replacement(range(bands), batch_of(saw)):
            counts = [drawn.count(band) for band in range(bands)]
            if counts == sorted(counts):  # the order of the bands does not matter
                figures = protected_times({"a": counts}, interviews, ("a",))["a"]
                possible[figures].add(interviews - saw)
    masked = [{each for each in found if each < MASKED_BELOW} for found in possible.values()]
    assert all(len(found) >= FEWEST_VALUES for found in masked if found)
    assert interviews < 20 or len(possible) > 1

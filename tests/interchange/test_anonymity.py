"""k-anonymity by suppression: every group is large enough, and few values are suppressed."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.interchange.anonymity import masks_for

Rows = list[tuple[int, ...]]


def shown(row: tuple[int, ...], mask: int) -> tuple[int | None, ...]:
    return tuple(None if mask >> n & 1 else value for n, value in enumerate(row))


def sizes(rows: Rows, masks: list[int | None]) -> Counter[tuple[int | None, ...]]:
    pairs = zip(rows, masks, strict=True)
    return Counter(shown(row, mask) for row, mask in pairs if mask is not None)


def cost(masks: list[int | None]) -> int:
    return sum(mask.bit_count() for mask in masks if mask is not None)


def people(count: int, domains: tuple[int, ...], seed: int) -> Rows:
    random = Random(seed)
    return [tuple(min(random.randrange(d) for _ in "ab") for d in domains) for _ in range(count)]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=1, max_size=30),
    st.integers(2, 5),
    st.randoms(use_true_random=False),
)
def test_every_group_is_large_enough_and_only_what_may_be_hidden_is(
    rows: Rows, k: int, random: Random
) -> None:
    may_hide = [random.choice((15, 15, 7, 3, 0)) for _ in rows]
    masks = masks_for(rows, may_hide, k)
    assert all(size >= k for size in sizes(rows, masks).values())
    for mask, may in zip(masks, may_hide, strict=True):
        assert mask is None or not mask & ~may


@settings(max_examples=40)
@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=3, max_size=40),
    st.integers(2, 4),
    st.randoms(use_true_random=False),
)
def test_no_single_value_could_be_shown_again(rows: Rows, k: int, random: Random) -> None:
    masks = masks_for(rows, [random.choice((15, 15, 7)) for _ in rows], k)
    for record, mask in enumerate(masks):
        for n in range(4):
            if mask and mask >> n & 1:
                again = [*masks]
                again[record] = mask & ~(1 << n)
                assert min(sizes(rows, again).values()) < k


def test_a_record_is_left_out_only_if_no_group_has_room_for_it() -> None:
    """Here, the pair that is safe as it is must be parted."""
    rows = [(0, 0), (1, 0), (0, 1), (0, 2), (0, 0)]
    assert None not in masks_for(rows, [1, 3, 3, 2, 2], 2)


@pytest.mark.parametrize("k", [3, 5])
def test_everybody_can_be_hidden_if_all_values_can(k: int) -> None:
    rows = people(40, (4, 6, 3, 4), seed=k)
    assert None not in masks_for(rows, [15] * 40, k)


@pytest.mark.parametrize(
    ("rows", "fewest"),
    [
        ([(1, 1)] * 3, 0),
        ([(1, 1)] * 2 + [(1, 2)], 3),
        ([(1, n) for n in range(6)], 6),
        ([(1, 1)] * 3 + [(2, 2)] * 3, 0),
        ([(1, 1)] * 5 + [(1, 2)], 3),
        ([(1, 1)] * 3 + [(1, 2)] * 2 + [(2, 2)], 3),
    ],
)
def test_no_more_values_are_suppressed_than_needed(rows: Rows, fewest: int) -> None:
    masks = masks_for(rows, [3] * len(rows), 3)
    assert None not in masks
    assert cost(masks) == fewest


def test_few_values_are_suppressed_in_many_records() -> None:
    """Compared with the records in too small a group, each of which needs one at least."""
    rows = people(400, (4, 6, 3, 4, 3), seed=1)
    masks = masks_for(rows, [31] * 400, 3)
    groups = Counter(rows)
    assert cost(masks) < sum(groups[row] < 3 for row in rows) * 1.5


def test_the_result_depends_on_the_records_alone() -> None:
    rows = people(60, (4, 6, 3, 4), seed=2)
    masks = masks_for(rows, [15] * 60, 3)
    assert masks_for(list(rows), [15] * 60, 3) == masks


def test_a_record_alone_in_what_cannot_be_hidden_has_no_mask() -> None:
    rows = [(1, n) for n in range(4)] + [(2, 0)]
    assert masks_for(rows, [2] * 5, 3) == [2, 2, 2, 2, None]


def test_nothing_is_suppressed_without_a_wish_for_others() -> None:
    assert masks_for([(1,), (2,)], [1, 1], 1) == [0, 0]


def test_very_many_quasi_identifiers_end_in_reasonable_time() -> None:
    rows = people(30, (2,) * 40, seed=3)
    masks = masks_for(rows, [2**40 - 1] * 30, 3)
    assert None not in masks

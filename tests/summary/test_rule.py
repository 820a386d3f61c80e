"""The disclosure rule, and known results from the handbooks (numbered as in the privacy notes)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from microcred_cli.summary.rule import interval, percent, pool, printed
from tests.summary.attack import Seen, values_of
from tests.summary.surveys import Record, texts_of


@pytest.mark.parametrize(
    ("count_", "figure"), [(0, None), (7, None), (8, 10), (12, 10), (13, 15), (17, 15), (18, 20)]
)
def test_small_counts_are_masked_and_others_rounded(count_: int, figure: int | None) -> None:
    assert printed(count_) == figure


def test_an_interval_holds_just_the_counts_that_print_the_same() -> None:
    for exact in range(300):
        low, high = interval(printed(exact))
        assert {n for n in range(310) if printed(n) == printed(exact)} == set(range(low, high + 1))
        assert (low, high) == values_of(printed(exact))


@pytest.mark.parametrize(
    ("figure", "base", "whole"),
    [(10, 20, 50), (25, 40, 63), (5, 40, 13), (10, 80, 13), (None, 20, None), (10, None, None)],
)
def test_percentages_are_of_printed_figures_halves_rounded_up(
    figure: int | None, base: int | None, whole: int | None
) -> None:
    assert percent(figure, base) == whole


@pytest.mark.parametrize(
    ("sizes", "alone", "pooled"),
    [
        ({"a": 10, "b": 30}, "ab", ""),
        ({"a": 9, "b": 30, "c": 12}, "b", "ac"),
        ({"a": 9, "b": 1, "c": 12}, "c", "ab"),
        ({"a": 3, "b": 12, "c": 12}, "b", "ac"),
        ({"a": 0, "b": 12, "c": 12}, "b", "ac"),
        ({"a": 0, "b": 0, "c": 11}, "", "abc"),
        ({"a": 0, "b": 6, "c": 4, "d": 10}, "d", "abc"),
        ({"a": 0, "b": 1, "c": 40, "d": 20}, "c", "abd"),
        ({"a": 4, "b": 12}, "", "ab"),
    ],
)
def test_small_groups_are_pooled_until_they_are_ten(
    sizes: dict[str, int], alone: str, pooled: str
) -> None:
    assert pool(sizes) == (tuple(alone), tuple(pooled))


def bounds(equalities: list[tuple[list[int], int]], target: int) -> tuple[int, int]:
    """The smallest and largest value of an unknown of a system of sums."""
    rows = np.array([row for row, _ in equalities])
    sums = [total for _, total in equalities]
    width = rows.shape[1]
    found = []
    for sign in (1, -1):
        goal = np.zeros(width)
        goal[target] = sign
        done = milp(
            goal,
            constraints=LinearConstraint(rows, sums, sums),
            integrality=np.ones(width),
            bounds=Bounds(np.zeros(width), np.full(width, np.inf)),
        )
        found.append(int(sign * round(done.fun)))
    return found[0], found[1]


def test_k1_a_hidden_block_is_bounded_by_its_margins() -> None:
    block = [([1, 1, 0, 0], 7), ([0, 0, 1, 1], 3), ([1, 0, 1, 0], 6), ([0, 1, 0, 1], 4)]
    assert [bounds(block, n) for n in range(4)] == [(3, 6), (1, 4), (0, 3), (0, 3)]


def crowd(groups: dict[str, tuple[int, ...]]) -> list[Record]:
    """Firms in some regions, with a number of views for each code."""
    return [
        {
            "role": "firm", "region": region, "size": "small",
            "view": str(code + 1), "use": "a", "terms": ["x"],
        }
        for region, views in groups.items()
        for code, many in enumerate(views)
        for _ in range(many)
    ]  # fmt: skip


def seen(groups: dict[str, tuple[int, ...]]) -> Seen:
    return Seen.of(texts_of(crowd(groups)))


def test_k5_a_group_that_is_all_of_one_view_is_not_shown() -> None:
    found = seen({"north": (6, 0), "south": (5, 1), "east": (2, 2)})
    assert set(found.summaries) == {None}


def test_k7_what_is_left_after_men_are_taken_out_stays_uncertain() -> None:
    everyone, men, women = (22, 63, 27), (21, 58, 23), (1, 5, 4)
    for whole, part, rest in zip(everyone, men, women, strict=True):
        low = max(0, values_of(printed(whole))[0] - values_of(printed(part))[1])
        high = values_of(printed(whole))[1] - values_of(printed(part))[0]
        assert low <= rest <= high
        assert high - low >= 3


def test_k12_the_figures_of_opensafely() -> None:
    assert [printed(c) for c in (3, 8, 16, 23)] == [None, 10, 15, 25]
    assert [printed(c) for c in (18, 23, 31, 44)] == [20, 25, 30, 45]


def test_k13_one_woman_among_twenty_is_not_told() -> None:
    found = seen({"north": (7, 12), "south": (1, 0)})
    assert set(found.summaries) == {None}


def test_k14_every_figure_that_is_shown_can_be_five_counts() -> None:
    for figure in range(10, 500, 5):
        low, high = interval(figure)
        assert high - low + 1 == 5


def test_k15_midpoint_rounding_shows_where_a_nought_is_and_ours_does_not() -> None:
    def midpoint(exact: int) -> int:
        return 0 if exact == 0 else 6 * ((exact - 1) // 6) + 3

    assert [midpoint(c) for c in (0, 1, 6, 7, 12, 13, 18)] == [0, 3, 3, 9, 9, 15, 15]
    assert printed(0) == printed(1)

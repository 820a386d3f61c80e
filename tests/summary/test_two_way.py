"""Protected two-way tables of cases: masks, pooling, and what the sums of rows and columns tell."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from microcred_cli.summary.rule import FEWEST_VALUES, POOLED, printed
from microcred_cli.summary.two_way import protect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.summary.two_way import TwoWay


def row(*counts: int) -> dict[str, int]:
    return {f"c{number}": count for number, count in enumerate(counts)}


def test_small_counts_are_masked_and_others_rounded() -> None:
    found = protect({"a": row(12, 7, 33), "b": row(0, 9, 41)})
    assert found.rows["a"].counts == {"c0": 10, "c1": None, "c2": 35}
    assert found.rows["b"].counts == {"c0": None, "c1": 10, "c2": 40}
    assert (found.whole.size, found.whole.counts["c0"]) == (100, 10)


def test_small_strata_are_pooled_and_a_single_one_is_not_shown() -> None:
    found = protect({"a": row(40, 10), "one": row(1, 0), "few": row(5, 4)})
    assert [*found.rows] == ["a", POOLED]
    assert found.pooled == ("one", "few")
    assert protect({"a": row(40, 10), "one": row(1, 0)}).rows == {}
    assert protect({"a": row(40, 10)}).rows == {}


def test_a_row_whose_sum_tells_a_masked_count_is_withheld() -> None:
    found = protect({"a": row(10, 0, 0), "b": row(50, 20, 30)})
    assert found.rows["a"].withheld
    assert set(found.rows["a"].counts.values()) == {None}
    assert not found.rows["b"].withheld
    assert not found.whole.withheld


def possible(exact: Mapping[str, Mapping[str, int]], shown: TwoWay) -> list[set[int]]:
    """The values of each masked count of two rows and columns, by trying every table."""
    (first, second) = exact.values()
    sizes = [sum(first.values()), sum(second.values())]
    tables = [
        [row(left, sizes[0] - left), row(right, sizes[1] - right)]
        for left, right in product(range(sizes[0] + 1), range(sizes[1] + 1))
    ]
    rows = [*shown.rows.values(), shown.whole]
    values: dict[tuple[int, str], set[int]] = {}
    for table in tables:
        whole = {name: table[0][name] + table[1][name] for name in ("c0", "c1")}
        three = [*table, whole]
        if all(
            each.withheld or {n: printed(count) for n, count in of.items()} == each.counts
            for each, of in zip(rows, three, strict=True)
        ):
            for place, (each, of) in enumerate(zip(rows, three, strict=True)):
                for name, count in of.items():
                    if not each.withheld and each.counts[name] is None:
                        values.setdefault((place, name), set()).add(count)
    return [*values.values()]


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_every_masked_count_has_several_values(counts: tuple[int, ...]) -> None:
    exact = {"a": row(*counts[:2]), "b": row(*counts[2:])}
    shown = protect(exact)
    if shown.rows and not shown.pooled:
        assert all(len(values) >= FEWEST_VALUES for values in possible(exact, shown))

"""The decision whether figures are recomputed, kept or held back, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from microcred_cli.store.publication import Cohort, LastSeal, SealFigures, fate_of_figures

RULE: Final = "rule"
KEPT: Final = SealFigures(RULE, {"responses": 20})
OTHER: Final = SealFigures("another rule", {"responses": 20})
THEN: Final = Cohort(20, "then", 20)
LAST: Final = LastSeal(THEN, KEPT.digest, RULE)
ONE_LESS: Final = Cohort(19, "one less", 19)
TEN_MORE: Final = Cohort(30, "ten more", 30)


def fate(
    kept: SealFigures | None,
    last: LastSeal | None,
    now: Cohort,
    *,
    is_sealed: bool = False,
    is_untouched: bool = True,
) -> str:
    return fate_of_figures(
        kept, last, now, rule=RULE, is_sealed=is_sealed, is_untouched=is_untouched
    )


@pytest.mark.parametrize(
    ("kept", "last", "now", "expected"),
    [
        pytest.param(KEPT, LAST, THEN, "keep", id="the same people"),
        pytest.param(KEPT, LAST, ONE_LESS, "keep", id="one withdrew"),
        pytest.param(KEPT, LAST, TEN_MORE, "make", id="ten more than the figures count"),
        pytest.param(None, LAST, THEN, "make", id="lost, of the same people"),
        pytest.param(None, LAST, ONE_LESS, "lost", id="lost, and one withdrew"),
        pytest.param(OTHER, LAST, THEN, "rule", id="of another rule"),
        pytest.param(OTHER, LAST, TEN_MORE, "make", id="of another rule, and ten more"),
        pytest.param(KEPT, replace(LAST, figures=""), THEN, "make", id="cut off before the write"),
        pytest.param(KEPT, replace(LAST, due="one less"), ONE_LESS, "make", id="due when cut off"),
        pytest.param(None, None, THEN, "make", id="nothing was published"),
    ],
)
def test_what_was_published_decides(
    kept: SealFigures | None, last: LastSeal | None, now: Cohort, expected: str
) -> None:
    assert fate(kept, last, now) == expected


def test_a_batch_that_was_sealed_is_counted() -> None:
    assert fate(KEPT, LAST, ONE_LESS, is_sealed=True) == "make"
    assert fate(OTHER, LAST, ONE_LESS, is_sealed=True) == "make"


def test_where_nothing_is_remembered_figures_wait_for_the_next_batch_once_somebody_withdrew() -> (
    None
):
    assert fate(None, None, THEN, is_untouched=False) == "lost"
    assert fate(KEPT, None, THEN, is_untouched=False) == "keep"
    assert fate(None, None, THEN, is_untouched=False, is_sealed=True) == "make"


def test_an_unknown_cohort_is_never_taken_for_the_same() -> None:
    nobody = Cohort(20)
    assert fate(None, LastSeal(nobody, rule=RULE), nobody) == "lost"

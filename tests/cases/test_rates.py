"""Outcome rates, compared with published figures and with properties that hold for any counts."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.cases.dispositions import GROUPS
from microcred_cli.cases.rates import NAMES, OutcomeRates, estimated_e
from microcred_cli.errors import UsageError

HALF = Fraction(1, 2)
PUBLISHED = {
    "RR1": "1/3",
    "RR2": "8/15",
    "RR3": "5/14",
    "RR4": "4/7",
    "RR5": "5/13",
    "RR6": "8/13",
    "COOP1": "5/12",
    "COOP2": "2/3",
    "COOP3": "1/2",
    "COOP4": "4/5",
    "REF1": "2/15",
    "REF2": "1/7",
    "REF3": "2/13",
    "CON1": "4/5",
    "CON2": "6/7",
    "CON3": "12/13",
}
ESTIMATED = {"RR1": 0.364, "RR3": 0.370, "CON2": 0.741}

counts: st.SearchStrategy[Counter[str]] = st.builds(
    Counter, st.fixed_dictionaries(dict.fromkeys(GROUPS, st.integers(0, 60)))
)
shares = st.none() | st.fractions(0, 1)


@pytest.mark.parametrize("name", NAMES)
def test_the_published_example_with_a_given_e_comes_out_exactly(name: str) -> None:
    example = Counter(I=5, P=3, R=2, NC=1, O=2, UH=1, UO=1, NE=1)
    assert OutcomeRates(example, HALF).rate(name).value == Fraction(PUBLISHED[name])


def test_the_published_example_with_an_estimated_e_comes_out() -> None:
    example = OutcomeRates(Counter(I=4, P=2, R=1, NC=1, O=1, UH=1, UO=1, NE=1))
    assert example.e == Fraction(9, 10)
    for name, published in ESTIMATED.items():
        value = example.rate(name).value
        assert value is not None
        assert round(float(value), 3) == published


def test_a_single_unknown_case_gives_nought_and_not_defined() -> None:
    rates = OutcomeRates(Counter(UH=1))
    assert rates.e is None
    nought = {name for name in NAMES if rates.rate(name).value == 0}
    assert nought == {"RR1", "RR2", "REF1", "CON1"}
    assert {rates.rate(name).value for name in set(NAMES) - nought} == {None}
    assert OutcomeRates(Counter(UH=1), HALF).rate("RR3").value == 0
    assert OutcomeRates(Counter(UH=1), Fraction(0)).rate("RR3").value is None


def test_no_case_gives_no_rate() -> None:
    assert {OutcomeRates(Counter()).rate(name).value for name in NAMES} == {None}


def test_only_cases_that_do_not_belong_give_an_e_of_nought() -> None:
    assert OutcomeRates(Counter(NE=3, UO=1)).e == 0


@pytest.mark.parametrize("e", ["-1/1000", "1001/1000", "2"])
def test_an_e_outside_nought_to_one_is_refused(e: str) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        OutcomeRates(Counter(I=1), Fraction(e))


@pytest.mark.parametrize("name", NAMES)
@given(counts=counts, e=shares)
def test_a_rate_is_from_nought_to_one_or_not_defined(
    name: str, counts: Counter[str], e: Fraction | None
) -> None:
    rate = OutcomeRates(counts, e).rate(name)
    assert rate.value is None or 0 <= rate.value <= 1
    assert (rate.value is None) == (not rate.denominator)


@pytest.mark.parametrize(
    "rising",
    [
        ("RR1", "RR3", "RR5", "COOP1", "COOP3"),
        ("RR2", "RR4", "RR6", "COOP2", "COOP4"),
        ("RR1", "RR2"),
        ("RR3", "RR4"),
        ("COOP1", "COOP2"),
        ("REF1", "REF2", "REF3"),
        ("CON1", "CON2", "CON3"),
        ("RR2", "CON1"),
        ("REF1", "CON1"),
    ],
    ids="<=".join,
)
@given(counts=counts, e=shares)
def test_rates_rise_as_their_definitions_say(
    rising: tuple[str, ...], counts: Counter[str], e: Fraction | None
) -> None:
    values = [OutcomeRates(counts, e).rate(name).value for name in rising]
    defined = [value for value in values if value is not None]
    assert defined == sorted(defined)


@given(counts=counts, e=shares)
def test_without_unknown_cases_e_makes_no_difference(
    counts: Counter[str], e: Fraction | None
) -> None:
    rates = OutcomeRates(Counter({**counts, "UH": 0, "UO": 0}), e)
    assert rates.rate("RR1").value == rates.rate("RR3").value == rates.rate("RR5").value
    assert rates.rate("CON1").value == rates.rate("CON2").value == rates.rate("CON3").value


@given(counts=counts)
def test_the_ends_of_e_give_the_neighbouring_rates(counts: Counter[str]) -> None:
    nothing, everything = OutcomeRates(counts, Fraction(0)), OutcomeRates(counts, Fraction(1))
    assert nothing.rate("RR3").value == nothing.rate("RR5").value
    assert everything.rate("RR3").value == everything.rate("RR1").value


@given(counts=counts)
def test_the_estimated_e_grows_with_cases_that_belong(counts: Counter[str]) -> None:
    e = estimated_e(counts).value
    more = estimated_e(Counter(I=counts["I"] + 1, P=counts["P"], NE=counts["NE"])).value
    assert e is None or 0 <= e <= 1
    assert more is not None
    assert more > 0

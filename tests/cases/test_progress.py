"""The progress of the fieldwork: classes, rates by stratum, weeks, and the R-indicator."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.calling import Calling
from microcred_cli.cases.case import Case, Cases, Contact
from microcred_cli.cases.log import with_contact
from microcred_cli.cases.progress import CLASSES, Progress, progress_of, r_indicator
from microcred_cli.cases.rates import NAMES, OutcomeRates
from tests.cases.test_rates import PUBLISHED

MONDAY = datetime(2027, 5, 3, 10, tzinfo=UTC)
OF_GROUPS = {
    "I": "1.1",
    "P": "1.2",
    "R": "2.112",
    "NC": "2.20",
    "O": "2.36",
    "UH": "3.13",
    "UO": "3.90",
    "NE": "4.70",
}
"""A final outcome for each group."""


def cases_of(strata: dict[str | None, list[list[str]]]) -> Cases:
    """A log with the outcomes of the contacts of each case, by stratum; each case a week later."""
    cases = Cases()
    for stratum, contacts in strata.items():
        for codes in contacts:
            number = len(cases.cases)
            label = f"A-{number:03}"
            cases = cases.with_cases([Case(label=label, stratum=stratum)])
            now = MONDAY + timedelta(days=7 * number)
            for code in codes:
                cases = with_contact(cases, label, Contact(code), now, "Europe/Berlin")
    return cases


def progress(
    strata: dict[str | None, list[list[str]]],
    calling: Calling | None = None,
    e: Fraction | None = None,
) -> Progress:
    return progress_of(cases_of(strata), calling or Calling(), MONDAY, "Europe/Berlin", e)


def test_each_case_is_in_one_class() -> None:
    found = progress(
        {
            "north": [
                ["1.1"],
                ["busy", "1.2"],
                ["2.112"],
                ["2.12"],
                ["later"],
                [],
                ["4.70", "busy"],
            ],
            None: [["2.20"], ["3.13"], ["4.50"], ["2.32"], ["3.21"], ["2.111"]],
        }
    )
    north, rest = found.strata
    assert (north.stratum, rest.stratum) == ("north", None)
    assert north.classes == Counter(completed=1, partial=1, refused=2, open=3)
    assert rest.classes == Counter(not_reached=2, not_eligible=1, other=2, refused=1)
    assert found.whole.classes == north.classes + rest.classes
    assert {*found.whole.classes} == {*CLASSES}
    assert (found.whole.cases, found.whole.attempts) == (13, 14)
    assert found.whole.attempts_per_completed.value == 14


def test_the_rates_of_each_stratum_are_those_of_its_cases() -> None:
    published = Counter(I=5, P=3, R=2, NC=1, O=2, UH=1, UO=1, NE=1)
    twice = [[OF_GROUPS[group]] for group, count in published.items() for _ in range(count)]
    found = progress({"north": twice, "south": twice}, e=Fraction(1, 2))
    for row in (*found.strata, found.whole):
        values = {name: row.rates.rate(name).value for name in NAMES}
        assert values == {name: Fraction(value) for name, value in PUBLISHED.items()}
    estimated = progress({"north": twice, "south": [["1.1"], []]})
    for row in (*estimated.strata, estimated.whole):
        assert row.rates.rate("RR3") == OutcomeRates(row.groups).rate("RR3")


def test_interviews_and_refusals_are_counted_by_week() -> None:
    found = progress({"north": [["1.1"], ["2.112"], ["1.2"], ["later"]]})
    assert [(w.week, w.interviews, w.so_far, w.refused) for w in found.weeks] == [
        ("2027-W18", 1, 1, 0),
        ("2027-W19", 0, 1, 1),
        ("2027-W20", 1, 2, 0),
    ]


def test_targets_belong_to_strata_and_unknown_ones_are_named() -> None:
    strata: dict[str | None, list[list[str]]] = {"north": [["1.1"], []], "south": [[]]}
    found = progress(strata, Calling(targets={"north": 3, "east": 2}))
    assert [row.target for row in found.strata] == [3, None]
    assert (found.whole.target, found.unknown_targets) == (None, ("east",))
    both = progress(strata, Calling(targets={"north": 1, "south": 2}, quota_closes=True))
    assert both.whole.target == 3
    assert both.strata[0].classes == Counter(completed=1, not_eligible=1)
    assert both.strata[0].rates.rate("RR1").value == 1
    assert both.strata[1].classes == Counter(open=1)


def test_appointments_that_were_not_kept_are_counted() -> None:
    cases = cases_of({"north": [[], [], []]})
    for label, day in (("A-000", "2027-05-02"), ("A-001", "2027-05-03")):
        contact = Contact("later", Appointment(day=day, timezone="Europe/Berlin"))
        cases = with_contact(cases, label, contact, MONDAY - timedelta(days=9), None)
    assert progress_of(cases, Calling(), MONDAY, "Europe/Berlin").overdue == 1


@pytest.mark.parametrize(
    ("strata", "expected"),
    [
        ([(100, 50), (100, 30)], 1 - 2 * (2 / 199) ** 0.5),
        ([(10, 5), (20, 10), (30, 15)], 1.0),
        ([(10, 10), (10, 0)], 1 - 2 * (5 / 19) ** 0.5),
        ([(10, 5)], None),
        ([(10, 5), (0, 0)], None),
        ([], None),
    ],
)
def test_the_r_indicator_is_that_of_schouten_and_others(
    strata: list[tuple[int, int]], expected: float | None
) -> None:
    assert r_indicator(strata) == pytest.approx(expected)


@given(st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))))
def test_the_r_indicator_does_not_depend_on_the_order(strata: list[tuple[int, int]]) -> None:
    assert r_indicator(strata) == pytest.approx(r_indicator(strata[::-1]))

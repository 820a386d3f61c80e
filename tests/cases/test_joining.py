"""Joins of case logs: nothing is lost or doubled, whatever the order."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.calling import Calling
from microcred_cli.cases.case import Case, Cases, Contact, LoggedContact
from microcred_cli.cases.dispositions import COMPLETE, FINAL, INTERIM, PARTIAL
from microcred_cli.cases.joining import join_cases
from microcred_cli.cases.listing import list_cases
from microcred_cli.cases.log import with_contact, without_contact
from microcred_cli.cases.progress import progress_of
from microcred_cli.cases.rates import NAMES, OutcomeRates
from microcred_cli.cases.sample import deal
from microcred_cli.errors import UsageError

START = datetime(2027, 5, 3, 7, tzinfo=UTC)
LABELS = ["A-1", "a-1", "B-2", "C-3"]
FINALS = [outcome.code for outcome in FINAL if outcome.code != "3.11"]
CODES = [*[outcome.code for outcome in INTERIM], *FINALS]
SOON = Appointment(day="2027-05-04", timezone="Europe/Berlin")


def record(cases: Cases, label: str, code: str, hour: int = 0) -> Cases:
    """The log with a contact; a completed case is left as it is."""
    if cases.case(label).is_completed:
        return cases
    contact = Contact(code, SOON if code == "later" else None)
    return with_contact(cases, label, contact, START + timedelta(hours=hour), None)


def ids(case: Case) -> set[str]:
    return {contact.id for contact in case.contacts}


def codes(cases: Cases, label: str = "A-1") -> tuple[str, ...]:
    return cases.case(label).codes


def one(*said: str, hour: int = 0) -> Cases:
    """A log with a case that had these contacts, an hour apart."""
    cases = Cases()
    for number, code in enumerate(said):
        cases = record(cases, "A-1", code, hour + number)
    return cases


def joined(*logs: Cases) -> Cases:
    """The join of these logs, which is the same in every order."""
    first, *others = [join_cases(order) for order in permutations(logs)]
    assert all(other == first for other in others)
    assert join_cases([first.cases, *logs]).cases == first.cases
    return first.cases


def test_the_contacts_of_both_are_in_the_order_of_their_hours() -> None:
    assert codes(joined(one("busy", "no_answer", hour=0), one("technical", hour=5))) == (
        *("busy", "no_answer", "technical"),
    )


@pytest.mark.parametrize("hours", [(0, 9), (9, 0)])
def test_a_case_that_one_interviewer_closed_stays_closed(hours: tuple[int, int]) -> None:
    refused, later = one("busy", "2.112", hour=hours[0]), one("busy", "no_answer", hour=hours[1])
    assert joined(refused, later).case("A-1").outcome == "2.112"
    reopened = record(refused, "A-1", "appointment", 20)
    assert joined(reopened, later).case("A-1").is_open


def test_an_interview_wins_and_takes_all_hours_and_appointments() -> None:
    begun = one("later")
    interviewed, other = record(begun, "A-1", "1.1", 1), record(begun, "A-1", "2.112", 2)
    case = joined(interviewed, other, begun).case("A-1")
    assert case.codes == ("later", "2.112", "1.1")
    assert {(each.hour, each.appointment) for each in case.contacts} == {(None, None)}


def test_an_older_copy_changes_nothing_and_brings_nothing_back() -> None:
    older = one("busy", "2.112")
    refusal = older.case("A-1").contacts[-1]
    newer = record(without_contact(older, "A-1", refusal.id), "A-1", "no_answer", 2)
    assert codes(joined(older, newer)) == ("busy", "no_answer")


def test_a_case_stays_open_if_the_contact_that_reopened_it_is_undone_in_one_log() -> None:
    refused = one("busy", "2.112")
    reopened = record(refused, "A-1", "appointment", 2)
    called = record(record(reopened, "A-1", "no_answer", 3), "A-1", "busy", 4)
    middle = [contact.id for contact in called.case("A-1").contacts[2:4]]
    logs = [without_contact(called, "A-1", each) for each in middle]
    assert codes(logs[0]) == ("busy", "2.112", "no_answer", "busy")
    for place in range(2):
        assert codes(joined(logs[place], refused, reopened))[:2] == ("busy", "2.112")
        assert joined(logs[place], refused, reopened).case("A-1").is_open
    assert codes(joined(*logs, called)) == codes(joined(*logs)) == ("busy", "2.112", "busy")


def test_two_interviews_of_one_case_are_named_and_both_weeks_counted() -> None:
    found = join_cases([one("1.1"), one("1.2", hour=24 * 7)])
    assert found.twice == ("A-1",)
    assert found.cases.completed_by_week == {"2027-W18": 1, "2027-W19": 1}
    assert found.cases.counts().total() == 1
    assert join_cases([found.cases, one("busy")]).twice == ("A-1",)


def test_attributes_that_differ_are_named_and_chosen_in_one_way() -> None:
    logs = [
        Cases(cases=(Case(label="A-1", stratum=stratum, language=language),))
        for stratum, language in (("south", None), (None, "de"), ("north", "de"))
    ]
    assert joined(*logs).case("A-1") == Case(label="A-1", stratum="north", language="de")
    assert join_cases(logs).differing == ("A-1",)
    assert join_cases(logs[1:]).differing == ()


def test_contacts_that_refer_to_each_other_are_in_the_order_of_their_hours() -> None:
    def contact(number: int, hour: int, after: int | None) -> LoggedContact:
        earlier = None if after is None else f"{after:016x}"
        day_and_hour = f"2027-05-03T{hour:02}"
        return LoggedContact(id=f"{number:016x}", code="busy", hour=day_and_hour, after=earlier)

    ahead = contact(5, 8, 2)
    logs = [
        Cases(cases=(Case(label="A-1").with_contacts(contacts),))
        for contacts in ([contact(1, 11, 3), contact(2, 10, 1)], [contact(3, 12, 2), ahead])
    ]
    case = joined(*logs).case("A-1")
    assert [int(each.id, 16) for each in case.contacts] == [2, 5, 3, 1]
    assert Case.model_validate_json(case.model_dump_json()) == case


def test_training_cases_are_not_joined_with_others() -> None:
    training = Cases(synthetic=True, cases=(Case(label="A-1"),))
    with pytest.raises(UsageError, match="training"):
        join_cases([training, one("busy")])
    assert join_cases([Cases(), training]).cases == training


steps = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(LABELS),
        st.one_of(
            st.sampled_from(["undo", "join"]), st.sampled_from(CODES), st.sampled_from(["1.1"])
        ),
        st.integers(-3, 90),
    ),
    max_size=25,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_whatever_is_done_in_several_logs_the_invariants_hold(
    done: list[tuple[int, str, str, int]],
) -> None:
    logs = [Cases(), Cases(), Cases()]
    recorded: set[str] = set()
    undone: set[str] = set()
    for place, label, what, hour in done:
        before = logs[place]
        case = before.case(label)
        match what:
            case "join":
                after = join_cases(logs).cases
            case "undo":
                if not case.contacts or case.is_completed:
                    continue
                chosen = case.contacts[hour % case.attempts].id
                after = without_contact(before, label, chosen)
                undone.add(chosen)
            case code:
                after = record(before, label, code, hour)
        if what != "undo":
            for each in before.cases:
                assert ids(after.case(each.label)) >= ids(each) - undone
        logs[place] = Cases.model_validate_json(after.model_dump_json())
        recorded |= {each for case in after.cases for each in ids(case)}
    every = joined(*logs)
    assert {each for case in every.cases for each in ids(case)} == recorded - undone
    assert sum(case.attempts for case in every.cases) == len(recorded - undone)
    listed = list_cases(every, Calling(), START + timedelta(days=30), "Europe/Berlin")
    assert len(listed) == len(every.cases)
    assert not [each for each in listed if each.is_due and each.case.is_completed]
    assert every.counts().total() == len(every.cases)
    interviews = Counter(code for case in every.cases for code in case.codes)
    assert sum(every.completed_by_week.values()) == interviews[COMPLETE] + interviews[PARTIAL]


def test_a_day_of_five_interviewers_gives_the_same_in_every_order() -> None:
    """200 contacts with 120 cases, in five shared logs; two cases were also taken by another."""
    chance = random.Random(5)
    sample = [
        Case(label=f"DE-{n:03}", stratum=chance.choice(["n/a", "n/b", "s"])) for n in range(120)
    ]
    whole = Cases(cases=tuple(sample))
    logs = [Cases(cases=part) for part in deal(whole.cases, 5)]
    for number in range(200):
        place, hour = number % 5, number // 20
        listed = list_cases(logs[place], Calling(), START + timedelta(hours=hour))
        waiting = [each for each in listed if each.is_due]
        label = waiting[0].case.label if waiting else logs[place].cases[0].label
        if number in (50, 90):
            label = logs[(place + 1) % 5].cases[0].label
        code = chance.choice([*["busy", "no_answer", "later", "1.1"] * 3, *CODES])
        logs[place] = record(logs[place], label, code, hour)
        if number % 17 == 0 and not logs[place].case(label).is_completed:
            last = logs[place].case(label).contacts[-1]
            logs[place] = without_contact(logs[place], label, last.id)
    ways = [logs, logs[::-1], [*logs[2:], whole, *logs[:3], *logs]]
    found = [join_cases(way).cases for way in ways]
    found.append(join_cases([found[0], join_cases(logs[:2]).cases]).cases)
    assert found[1:] == found[:-1]
    lists = [list_cases(each, Calling(), START + timedelta(hours=11)) for each in found]
    assert lists[1:] == lists[:-1]
    rates = [OutcomeRates(each.counts()) for each in found]
    assert len({tuple(each.rate(name) for name in NAMES) for each in rates}) == 1
    progress = [progress_of(each, Calling(), START + timedelta(hours=11)) for each in found]
    assert progress[1:] == progress[:-1]
    assert sum(case.attempts for case in found[0].cases) > 150

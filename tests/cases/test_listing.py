"""The list of cases: what is due, in which order, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.calling import Calling
from microcred_cli.cases.case import Case, Cases, LoggedContact, hour_of, new_id
from microcred_cli.cases.dispositions import INTERIM
from microcred_cli.cases.listing import RULES, ListedCase, list_cases

NOON = datetime(2027, 5, 3, 12, 30, tzinfo=UTC)
"""A Monday, half past two in Berlin."""
BERLIN = "Europe/Berlin"


def case(
    *codes: str,
    label: str = "A-1",
    ago: timedelta = timedelta(days=30),
    appointment: Appointment | None = None,
    zone: str | None = BERLIN,
    stratum: str | None = None,
) -> Case:
    """A case with these contacts, all made at a time before noon; the last made an appointment."""
    contacts: list[LoggedContact] = []
    hour = hour_of(NOON - ago)
    for number, code in enumerate(codes, 1):
        is_interview = code in ("1.1", "1.2")
        contacts.append(
            LoggedContact(
                id=new_id(),
                code=code,
                hour=None if is_interview else hour,
                after=contacts[-1].id if contacts else None,
                appointment=appointment if number == len(codes) else None,
            )
        )
    return Case(label=label, stratum=stratum, timezone=zone).with_contacts(contacts)


def listed(
    *cases: Case, calling: Calling | None = None, now: datetime = NOON
) -> tuple[ListedCase, ...]:
    ordered = tuple(sorted(cases, key=lambda each: each.label))
    return list_cases(Cases(cases=ordered), calling or Calling(), now, BERLIN)


def state(case: Case, calling: Calling | None = None, now: datetime = NOON) -> tuple[str, object]:
    (only,) = listed(case, calling=calling, now=now)
    return only.state, only.rule


def on(day: int, hour: int | None = None) -> Appointment:
    """An appointment in May 2027, in Berlin."""
    if hour is None:
        return Appointment(day=f"2027-05-{day:02}", timezone=BERLIN)
    utc = f"2027-05-{day:02}T{hour - 2:02}:00Z"
    return Appointment(day=f"2027-05-{day:02}", time=f"{hour:02}:00", timezone=BERLIN, utc=utc)


@pytest.mark.parametrize(
    ("codes", "hours", "expected"),
    [
        ([], 0, ("due", "first_call")),
        (["busy"], 0, ("open", "retry_busy")),
        (["busy"], 2, ("due", "retry_busy")),
        (["technical"], 0, ("open", "retry_no_answer")),
        (["technical"], 2, ("due", "retry_no_answer")),
        (["no_answer"], 3, ("open", "retry_no_answer")),
        (["answering_machine"], 4, ("due", "retry_no_answer")),
        (["call_back"], 20, ("open", "call_back")),
        (["later"], 21, ("due", "call_back")),
        (["begun"], 1, ("paused", "paused")),
        (["begun"], 30, ("due", "paused")),
        (["soft_refusal"], 6 * 24, ("open", "retry_refusal")),
        (["soft_refusal_other"], 8 * 24, ("due", "retry_refusal")),
        (["not_found"], 24, ("due", "new_number")),
        (["busy"] * 10, 24, ("open", "most_attempts")),
        (["begun"] * 10, 24, ("due", "paused")),
        (["2.112"], 24, ("closed", None)),
        (["busy", "1.1"], 24, ("closed", None)),
        (["2.112", "busy"], 24, ("due", "retry_busy")),
    ],
)
def test_the_last_contact_and_its_rest_decide(
    codes: list[str], hours: int, expected: tuple[str, str]
) -> None:
    assert state(case(*codes, ago=timedelta(hours=hours))) == expected


@pytest.mark.parametrize(
    ("code", "appointment", "expected"),
    [
        ("later", None, ("due", "paused")),
        ("call_back", None, ("due", "paused")),
        ("no_answer", None, ("due", "paused")),
        ("appointment", on(3, 14), ("due", "appointment")),
        ("appointment", on(4, 9), ("paused", "appointment")),
    ],
)
def test_an_interview_that_waits_on_this_machine_is_paused_until_it_is_due(
    code: str, appointment: Appointment | None, expected: tuple[str, str]
) -> None:
    waiting = case(*["busy"] * 9, code, appointment=appointment)
    cases = Cases(cases=(waiting,))
    (only,) = list_cases(cases, Calling(), NOON, BERLIN, {"a-1": waiting.contacts[0].id})
    assert (only.state, only.rule) == expected


def test_an_interrupted_interview_comes_first_and_a_paused_one_at_its_appointment() -> None:
    missed = case("later", label="A-1", appointment=on(3, 9))
    paused = case("appointment", label="A-2", appointment=on(3, 14))
    today, interrupted = case("later", label="A-3", appointment=on(3)), case(label="A-4")
    cases = Cases(cases=(missed, paused, today, interrupted))
    found = list_cases(cases, Calling(), NOON, BERLIN, {"a-2": None, "a-4": None})
    assert [each.case.label for each in found if each.is_due] == ["A-4", "A-1", "A-2", "A-3"]


def test_every_outcome_has_a_rule_in_words() -> None:
    for outcome in INTERIM:
        (only,) = listed(case(outcome.code))
        assert only.rule in RULES
        assert only.is_due


def test_a_rest_begins_at_the_end_of_the_hour() -> None:
    busy = case("busy", ago=timedelta())
    (only,) = listed(busy)
    assert only.since == datetime(2027, 5, 3, 13, 30, tzinfo=UTC)
    assert state(busy, now=only.since - timedelta(minutes=1)) == ("open", "retry_busy")
    assert state(busy, now=only.since) == ("due", "retry_busy")


def test_a_clock_set_back_hides_no_case() -> None:
    assert state(case("no_answer", ago=timedelta(days=-400))) == ("due", "retry_no_answer")


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        (on(3, 14), ("due", "appointment")),
        (on(3, 15), ("open", "appointment")),
        (on(1, 9), ("due", "appointment")),
        (on(3), ("due", "soft_appointment")),
        (on(4), ("open", "soft_appointment")),
        (on(2), ("due", "soft_appointment")),
    ],
)
def test_an_appointment_goes_before_the_rest(
    appointment: Appointment, expected: tuple[str, str]
) -> None:
    made = case(*["busy"] * 12, "later", appointment=appointment)
    assert state(made) == expected


def test_an_appointment_is_overdue_after_an_hour_or_its_day() -> None:
    kept = {on(3, 14): False, on(3, 13): True, on(3): False, on(2): True}
    for appointment, is_overdue in kept.items():
        (only,) = listed(case("later", appointment=appointment))
        assert only.is_overdue(NOON) is is_overdue
    (closed,) = listed(case("later", "2.112"))
    assert not closed.is_overdue(NOON)


OFFICE = Calling(hours=((9 * 60, 12 * 60), (13 * 60, 17 * 60)), weekdays_off=frozenset({5, 6}))


@pytest.mark.parametrize(
    ("zone", "local", "opens"),
    [
        ("Europe/Berlin", "2027-05-03T14:30", None),
        ("Europe/Berlin", "2027-05-03T08:59", "2027-05-03T09:00"),
        ("Europe/Berlin", "2027-05-03T12:00", "2027-05-03T13:00"),
        ("Europe/Berlin", "2027-05-07T17:00", "2027-05-10T09:00"),
        ("America/New_York", "2027-05-03T08:30", "2027-05-03T09:00"),
        ("Asia/Kolkata", "2027-05-08T12:00", "2027-05-10T09:00"),
    ],
)
def test_hours_and_days_off_are_those_of_the_case(zone: str, local: str, opens: str | None) -> None:
    from zoneinfo import ZoneInfo

    there = ZoneInfo(zone)
    now = datetime.fromisoformat(local).replace(tzinfo=there).astimezone(UTC)
    (only,) = listed(case(zone=zone), calling=OFFICE, now=now)
    assert only.is_due is (opens is None)
    if opens is not None:
        assert only.since == datetime.fromisoformat(opens).replace(tzinfo=there)
    (retry,) = listed(case("busy", ago=timedelta(days=9), zone=zone), calling=OFFICE, now=now)
    assert retry.is_due is (opens is None)


def test_a_hard_appointment_holds_at_any_hour_and_an_agreed_day_is_not_off() -> None:
    sunday = datetime(2027, 5, 2, 18, 30, tzinfo=UTC)
    assert state(case("later", appointment=on(2, 20)), OFFICE, sunday)[0] == "due"
    assert state(case("later", appointment=on(2)), OFFICE, sunday)[0] == "open"
    morning = datetime(2027, 5, 2, 8, tzinfo=UTC)
    assert state(case("later", appointment=on(2)), OFFICE, morning)[0] == "due"
    assert state(case("later", appointment=on(1)), OFFICE, morning)[0] == "open"


def test_an_hour_that_the_clocks_skip_begins_an_hour_later() -> None:
    night = Calling(hours=((2 * 60 + 15, 5 * 60),))
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    (only,) = listed(case(), calling=night, now=before)
    assert only.since == datetime(2027, 3, 28, 1, 15, tzinfo=UTC)


def test_without_a_day_for_calling_nothing_is_due() -> None:
    never = Calling(dates_off=frozenset(date(2027, 5, 3) + timedelta(days=n) for n in range(500)))
    (only,) = listed(case(), calling=never)
    assert (only.state, only.since) == ("open", None)


def test_the_order_is_that_of_urgency() -> None:
    expected = [
        case("later", label="H-1", appointment=on(3, 9)),
        case("later", label="A-2", appointment=on(3, 14)),
        case("later", label="G-3", appointment=on(3)),
        case("begun", label="B-4"),
        case("busy", label="Z-5"),
        case("no_answer", label="F-6"),
        case(label="C-7"),
    ]
    waiting = [case("busy", label="A-8", ago=timedelta()), case("2.112", label="A-9")]
    found = listed(*waiting, *expected)
    assert [each.case.label for each in found] == [each.label for each in (*expected, *waiting)]
    assert [each.is_due for each in found[: len(expected)]] == [True] * len(expected)


def test_first_calls_are_in_an_order_that_is_not_that_of_the_labels() -> None:
    labels = [f"DE-{number:04}" for number in range(40)]
    found = [each.case.label for each in listed(*(case(label=label) for label in labels))]
    assert sorted(found) == labels
    assert found != labels
    few = [each.case.label for each in listed(*(case(label=label) for label in labels[::3]))]
    assert few == [label for label in found if label in few]


def test_a_full_quota_closes_first_contacts_only() -> None:
    stratum = "north/industry/small"
    cases = [
        case("1.1", label="A-1", stratum=stratum),
        case("1.2", label="A-2", stratum=stratum),
        case("busy", label="A-3", stratum=stratum),
        case(label="A-4", stratum=stratum),
        case(label="A-5", stratum="south"),
        case(label="A-6"),
    ]
    targets = {stratum: 1, "south": 1}
    closing = Calling(quota_closes=True, targets=targets)
    found = {each.case.label: each for each in listed(*cases, calling=closing)}
    closed = found["A-4"]
    assert (closed.state, closed.rule, closed.outcome) == ("closed", "quota", "4.80")
    assert {label for label, each in found.items() if each.is_due} == {"A-3", "A-5", "A-6"}
    for calling in (Calling(targets=targets), replace(closing, targets={stratum: 2})):
        labels = {each.case.label for each in listed(*cases, calling=calling) if each.is_due}
        assert labels == {"A-3", "A-4", "A-5", "A-6"}


def test_a_zone_that_this_machine_does_not_know_is_that_of_the_fieldwork() -> None:
    assert state(case(zone="Europe/Atlantis"), OFFICE) == ("due", "first_call")

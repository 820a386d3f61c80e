"""Joins case logs for a report, for example the logs of several interviewers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.cases.log import Case, CaseLog, Cases
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.cases.appointments import Appointment


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined cases of several logs, and the labels of cases with interviews in several logs.

    The records of a case in `same` are identical: they belong to one interview, which is counted
    once. Those of a case in `twice` differ.
    """

    cases: Cases
    same: tuple[str, ...]
    twice: tuple[str, ...]


def join(logs: Sequence[CaseLog]) -> Joined:
    """All cases in these logs.

    A case in several logs becomes one case with all its contacts. An interview closes the case;
    without an interview, any other final outcome closes it. If there are several, the one in the
    last log specified is used. An interview whose record is identical to that in an earlier log
    adds nothing. Because such a record was copied before the logs diverged, the interview is
    subtracted from the earliest week that both logs have.

    Raises:
        UsageError: two of the logs are identical.
    """
    read: list[Cases] = []
    cases: dict[str, Case] = {}
    weeks: Counter[str] = Counter()
    same: list[str] = []
    twice: list[str] = []
    for log in logs:
        found = log.read()
        if found.cases and found in read:
            raise UsageError(
                "This case log is identical to another one.",
                where=log.path,
                hint="Specify each case log only once, and do not include copies.",
            )
        read.append(found)
        again = 0
        for case in found.cases:
            label = case.label.lower()
            earlier = cases.get(label)
            if earlier is None:
                cases[label] = case
            elif case.is_completed and earlier.contacts == case.contacts:
                same.append(case.label)
                again += 1
            else:
                if earlier.is_completed and case.is_completed:
                    twice.append(case.label)
                cases[label] = _one_case(earlier, case)
        weeks += _without(Counter(found.completed_by_week), weeks, again)
    ordered = tuple(sorted(cases.values(), key=lambda case: case.label))
    joined = Cases(cases=ordered, completed_by_week=dict(sorted(weeks.items())))
    return Joined(joined, tuple(same), tuple(twice))


def _without(weeks: Counter[str], earlier: Counter[str], again: int) -> Counter[str]:
    """Interviews by week, less `again` interviews from the earliest weeks that both logs have."""
    left = weeks.copy()
    for week, count in sorted((weeks & earlier).items()):
        taken = min(count, again)
        left[week] -= taken
        again -= taken
    return left


def _one_case(earlier: Case, case: Case) -> Case:
    """Merge two records of a case; the contacts of the closed record come last."""
    first, last = sorted((earlier, case), key=_finality)
    appointments = [each.appointment for each in (earlier, case) if each.appointment is not None]
    is_due = last.is_open and appointments
    return Case(
        label=earlier.label,
        contacts=(*first.contacts, *last.contacts),
        appointment=min(appointments, key=_begins) if is_due else None,
        outcome=last.outcome,
    )


def _begins(appointment: Appointment) -> tuple[str, str]:
    return appointment.day, appointment.utc or ""


def _finality(case: Case) -> int:
    return case.is_completed + (not case.is_open)

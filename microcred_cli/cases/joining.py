"""Joins case logs for a report, for example the logs of several interviewers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from microcred_cli.cases.log import Case, CaseLog, Cases
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.cases.appointments import Appointment


def join(logs: Sequence[CaseLog]) -> tuple[Cases, tuple[str, ...]]:
    """All cases in these logs, and the labels of cases with interviews in several logs.

    A case in several logs becomes one case with all its contacts. An interview closes the case;
    without an interview, any other final outcome closes it. If there are several, the one in the
    last log specified is used.

    Raises:
        UsageError: two of the logs are identical.
    """
    read: list[Cases] = []
    cases: dict[str, Case] = {}
    weeks: Counter[str] = Counter()
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
        weeks.update(found.completed_by_week)
        for case in found.cases:
            earlier = cases.get(case.label.lower())
            if earlier is not None and earlier.is_completed and case.is_completed:
                twice.append(case.label)
            cases[case.label.lower()] = case if earlier is None else _one_case(earlier, case)
    ordered = tuple(sorted(cases.values(), key=lambda case: case.label))
    return Cases(cases=ordered, completed_by_week=dict(sorted(weeks.items()))), tuple(twice)


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

"""Joins case logs, for example the logs of several interviewers.

A join is the union of all contacts by id, except for those that were undone in any log. The order
of the logs does not matter, and joining a log again, or an older copy of it, changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.cases.case import Case, Cases
from microcred_cli.cases.dispositions import is_interview
from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.cases.log import CaseLog

ATTRIBUTES = ("stratum", "language", "timezone")


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined cases of several logs, and the labels of cases that need attention.

    The cases in `twice` have two interviews. For the cases in `differing`, the logs contain
    different strata, languages or time zones; the alphabetically first value is used.
    """

    cases: Cases
    twice: tuple[str, ...]
    differing: tuple[str, ...]


def join(logs: Sequence[CaseLog]) -> Joined:
    """All cases in these logs."""
    return join_cases([log.read() for log in logs])


def join_cases(read: Sequence[Cases]) -> Joined:
    """All cases in these logs.

    Raises:
        UsageError: some of the logs have training cases, and others do not.
    """
    if len({cases.synthetic for cases in read if cases.cases}) > 1:
        raise UsageError(
            "A log of training cases cannot be joined with a log of real cases.",
            hint="Specify either training logs or logs of the survey.",
        )
    found: dict[str, list[Case]] = defaultdict(list)
    interviews, synthetic = {}, False
    for cases in read:
        synthetic |= cases.synthetic
        for case in cases.cases:
            found[case.label.lower()].append(case)
        interviews.update({each.id: each for each in cases.interviews})
    joined = sorted((_one_case(same) for same in found.values()), key=lambda case: case.label)
    return Joined(
        cases=Cases(
            synthetic=synthetic,
            cases=tuple(joined),
            interviews=tuple(interviews[each] for each in sorted(interviews)),
        ),
        twice=tuple(case.label for case in joined if _interviews(case) > 1),
        differing=tuple(
            sorted(min(c.label for c in same) for same in found.values() if _differ(same))
        ),
    )


def _interviews(case: Case) -> int:
    return sum(is_interview(contact.code) for contact in case.contacts)


def _differ(same: Sequence[Case]) -> bool:
    return len(same) > 1 and any(
        len({getattr(case, name) for case in same} - {None}) > 1 for name in ATTRIBUTES
    )


def _one_case(same: Sequence[Case]) -> Case:
    """Merge the records of a case in several logs."""
    first = min(same, key=lambda case: case.label)
    if all(case == first for case in same):
        return first
    known = {
        name: min((value for case in same if (value := getattr(case, name))), default=None)
        for name in ATTRIBUTES
    }
    undone = {contact_id for case in same for contact_id in case.undone}
    # The same contact can differ between logs for two reasons. If one log has the interview, the
    # time of the contact is deleted below. If the preceding contact was undone in one log, it is
    # undone in all logs.
    by_id = {}
    for contact in sorted((c for case in same for c in case.contacts), key=_content):
        by_id[contact.id] = contact
    return first.model_copy(update=known).with_contacts(by_id.values(), undone)


def _content(contact: object) -> str:
    return repr(contact)

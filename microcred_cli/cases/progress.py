"""The progress of fieldwork: exact figures from the case log, by stratum and by week.

Each case is in exactly one class: *completed*, *partial*, *refused*, *not reached* (closed without
contact with the organisation or the respondent), *not eligible*, *other* (closed for another
reason), or *open*. Interviews are counted by week for all strata together, because the log does not
contain the week in which a particular case was interviewed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Final

from microcred_cli.cases.case import QUOTA_GROUP, week_of
from microcred_cli.cases.dispositions import COMPLETE, PARTIAL, REASONS, REFUSALS
from microcred_cli.cases.listing import full_strata, list_cases
from microcred_cli.cases.rates import OutcomeRates, Rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from microcred_cli.cases.calling import Calling
    from microcred_cli.cases.case import Case, Cases

CLASSES: Final = {
    "completed": "Complete interviews",
    "partial": "Partial interviews",
    "refused": "Refused or broken off",
    "not_reached": "Closed without being reached",
    "not_eligible": "Not eligible",
    "other": "Closed for another reason",
    "open": "Open",
}
"""The classes of cases, with their labels."""
WITHOUT_REASON: Final = "without_reason"
_CLASS_OF_GROUP: Final = {
    "R": "refused",
    "NC": "not_reached",
    "UH": "not_reached",
    QUOTA_GROUP: "not_eligible",
}


@dataclass(frozen=True, slots=True)
class StratumProgress:
    """The figures of a stratum, of the cases without a stratum, or of all cases.

    `stratum` is None for cases without a stratum and for all cases together. `classes` and `groups`
    contain the number of cases in each class and outcome group; both add up to the number of all
    cases. `refusals` contains the number of contacts that ended with a hard or soft refusal, for
    each reason (or `WITHOUT_REASON`). `quota_closed` is the number of cases without a contact that
    count as *not eligible* because the target of their stratum is met.
    """

    stratum: str | None
    classes: Counter[str]
    groups: Counter[str]
    refusals: Counter[str]
    attempts: int
    quota_closed: int = 0
    target: int | None = None
    given_e: Fraction | None = None

    @property
    def cases(self) -> int:
        """The number of cases."""
        return self.classes.total()

    @property
    def rates(self) -> OutcomeRates:
        """The outcome rates."""
        return OutcomeRates(self.groups, self.given_e)

    @property
    def attempts_per_completed(self) -> Rate:
        """The number of attempts on all cases, divided by the number of complete interviews."""
        return Rate(Fraction(self.attempts), Fraction(self.classes["completed"]))


@dataclass(frozen=True, slots=True)
class WeekProgress:
    """The interviews and refusals in an ISO week, and all interviews up to its end."""

    week: str
    interviews: int
    so_far: int
    refused: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a survey round at one point in time.

    `overdue` is the number of missed appointments. The strata in `unknown_targets` have a target
    but no cases.
    """

    whole: StratumProgress
    strata: tuple[StratumProgress, ...]
    weeks: tuple[WeekProgress, ...]
    overdue: int
    synthetic: bool
    unknown_targets: tuple[str, ...]

    @property
    def r_indicator(self) -> float | None:
        """The R-indicator of the strata, computed by the function `r_indicator`."""
        return r_indicator(
            (each.cases - each.groups[QUOTA_GROUP], each.classes["completed"])
            for each in self.strata
        )


def r_indicator(strata: Iterable[tuple[int, int]]) -> float | None:
    """The R-indicator from the number of cases and of complete interviews in each stratum.

    The R-indicator is 1 - 2 S, where S is the standard deviation of the response propensities of
    all cases. The R-indicator is 1 if all strata have the same response rate; the more the rates
    differ, the lower it is. The propensity of a case is the response rate (RR1) of its stratum. The
    result is None for fewer than two strata.

    Source: Schouten, Cobben and Bethlehem, "Indicators for the representativeness of survey
    response", Survey Methodology 35 (2009), 101-113. The formula for an unweighted design is used.
    """
    known = [(size, done) for size, done in strata if size]
    total = sum(size for size, _ in known)
    if len(known) < 2 or total < 2:
        return None
    mean = Fraction(sum(done for _, done in known), total)
    squares = sum(size * (Fraction(done, size) - mean) ** 2 for size, done in known)
    return 1 - 2 * sqrt(squares / (total - 1))


@dataclass(slots=True)
class _Sums:
    classes: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    quota_closed: int = 0


def progress_of(
    cases: Cases,
    calling: Calling,
    now: datetime,
    zone: str | None = None,
    given_e: Fraction | None = None,
) -> Progress:
    """The progress at one point in time.

    Weeks begin and end in the time zone `zone`, or in the machine's time zone if it is None.
    `given_e` replaces the estimate of e in all rates.
    """
    full = full_strata(cases, calling)
    sums: dict[str | None, _Sums] = defaultdict(_Sums)
    for case in cases.cases:
        is_quota = not case.contacts and case.stratum in full
        own = sums[case.stratum]
        own.classes["not_eligible" if is_quota else class_of(case)] += 1
        own.groups[QUOTA_GROUP if is_quota else case.group] += 1
        own.refusals.update(_reasons(case))
        own.attempts += case.attempts
        own.quota_closed += is_quota
    strata = [
        StratumProgress(
            stratum=stratum,
            classes=own.classes,
            groups=own.groups,
            refusals=own.refusals,
            attempts=own.attempts,
            quota_closed=own.quota_closed,
            target=calling.targets.get(stratum or ""),
            given_e=given_e,
        )
        for stratum, own in sorted(sums.items(), key=lambda each: each[0] or "\uffff")
    ]
    targets = [each.target for each in strata if each.target is not None]
    whole = StratumProgress(
        stratum=None,
        classes=sum((each.classes for each in strata), Counter()),
        groups=sum((each.groups for each in strata), Counter()),
        refusals=sum((each.refusals for each in strata), Counter()),
        attempts=sum(each.attempts for each in strata),
        quota_closed=sum(each.quota_closed for each in strata),
        target=sum(targets) if len(targets) == len(strata) and targets else None,
        given_e=given_e,
    )
    listed = list_cases(cases, calling, now, zone)
    return Progress(
        whole=whole,
        strata=tuple(strata),
        weeks=_weeks(cases, zone),
        overdue=sum(each.is_overdue(now) for each in listed),
        synthetic=cases.synthetic,
        unknown_targets=unknown_targets(cases, calling),
    )


def class_of(case: Case) -> str:
    """The class of a case, one of `CLASSES`."""
    if case.is_open:
        return "open"
    if case.outcome in (COMPLETE, PARTIAL):
        return "completed" if case.outcome == COMPLETE else "partial"
    return _CLASS_OF_GROUP.get(case.group, "other")


def _reasons(case: Case) -> Iterator[str]:
    """The reason for each refusal in the contacts of a case."""
    for contact in case.contacts:
        if contact.code in REFUSALS:
            yield contact.reason if contact.reason in REASONS else WITHOUT_REASON


def unknown_targets(cases: Cases, calling: Calling) -> tuple[str, ...]:
    """The strata that have a target but no cases."""
    known = {case.stratum for case in cases.cases}
    return tuple(stratum for stratum in calling.targets if stratum not in known)


def _weeks(cases: Cases, zone: str | None) -> tuple[WeekProgress, ...]:
    interviews, refused = cases.completed_by_week, _refusals(cases.cases, zone)
    found, so_far = [], 0
    for week in sorted({*interviews, *refused}):
        so_far += interviews.get(week, 0)
        found.append(WeekProgress(week, interviews.get(week, 0), so_far, refused[week]))
    return tuple(found)


def _refusals(cases: Sequence[Case], zone: str | None) -> Counter[str]:
    """The number of cases closed by a refusal, for each week."""
    moments = (case.last.moment for case in cases if case.last and class_of(case) == "refused")
    return Counter(week_of(moment, zone) for moment in moments if moment is not None)

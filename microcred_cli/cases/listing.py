"""The list of cases: the cases that are due now in calling order, and the reasons why.

The log contains only the hour of a contact, so the interval until the next attempt begins at the
end of that hour. If a wrong clock dated the last contact in the future, the interval is ignored, so
that the case appears in the list.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

from microcred_cli.cases.calling import HOUR, NO_CONTACT, SOFT_REFUSALS, first_moment
from microcred_cli.cases.case import QUOTA_FULL
from microcred_cli.cases.dispositions import COMPLETE
from microcred_cli.clock.zones import rules_of, wall_time
from microcred_cli.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from microcred_cli.cases.appointments import Appointment
    from microcred_cli.cases.calling import Calling
    from microcred_cli.cases.case import Case, Cases

State = Literal["due", "open", "paused", "closed"]

RULES: Final = {
    "appointment": N_("Appointment"),
    "soft_appointment": N_("Appointment for this day"),
    "paused": N_("Interview to be continued"),
    "retry_busy": N_("The line was busy"),
    "retry_no_answer": N_("No contact last time"),
    "call_back": N_("To be called back"),
    "new_number": N_("Wrong number or address last time"),
    "retry_refusal": N_("Said no, may be asked again"),
    "first_call": N_("First contact"),
    "most_attempts": N_("The maximum number of attempts has been made"),
    "quota": N_("The quota is full"),
    "in_use": "In use in another window",
}
"""The labels of the rules, in calling order; the last three mean "not due"."""
INTERRUPTED: Final = N_("The interview was interrupted.")

OVERDUE: Final = timedelta(hours=1)
"""The time after which a hard appointment is overdue; soft ones are overdue on the next day."""
_RULE_OF: Final = {
    "begun": "paused",
    "busy": "retry_busy",
    **dict.fromkeys(NO_CONTACT, "retry_no_answer"),
    **dict.fromkeys(SOFT_REFUSALS, "retry_refusal"),
    "not_found": "new_number",
}
"""The rule for each interim outcome; for all others, the rule is `call_back`."""
_NO_LIMIT: Final = ("appointment", "soft_appointment", "paused")
"""The rules that apply even after the maximum number of attempts, because a call is expected."""


def full_strata(cases: Cases, calling: Calling) -> frozenset[str]:
    """The strata in which no first contact is made, because their targets are met."""
    if not calling.quota_closes:
        return frozenset()
    done = completed_by_stratum(cases)
    return frozenset(s for s, target in calling.targets.items() if done[s] >= target)


def completed_by_stratum(cases: Cases) -> Counter[str]:
    """The number of complete interviews in each stratum."""
    return Counter(
        case.stratum
        for case in cases.cases
        if case.stratum is not None and case.outcome == COMPLETE
    )


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case in the list, with its state and the rule that led to this state.

    `since` is the time from which the case may be called, if there is one. The case `is_begun` if
    its interview is to be continued; the interview is `is_interrupted` if the program ended before
    the outcome of its contact was recorded.
    """

    case: Case
    state: State
    rule: str | None = None
    since: datetime | None = None
    is_begun: bool = False
    is_interrupted: bool = False

    @property
    def is_due(self) -> bool:
        """True if the case may be called now."""
        return self.state == "due"

    @property
    def reason(self) -> str:
        """The label of the rule, untranslated; empty without a rule."""
        return INTERRUPTED if self.is_interrupted else RULES[self.rule] if self.rule else ""

    @property
    def outcome(self) -> str | None:
        """The final outcome; 4.80 if the case was not contacted and its quota is full."""
        return QUOTA_FULL if self.rule == "quota" else self.case.outcome

    def is_overdue(self, now: datetime) -> bool:
        """True if the case has a missed appointment."""
        kept = self.case.appointment
        return kept is not None and self.state != "closed" and is_overdue(kept, now)


def is_overdue(appointment: Appointment, now: datetime) -> bool:
    """True if an appointment was missed; `OVERDUE` defines how late a contact may be."""
    if appointment.utc is not None:
        return now > _written_moment(appointment.utc) + OVERDUE
    here = wall_time(now, _known(appointment.timezone, None))
    return f"{here:%Y-%m-%d}" > appointment.day


def contacts_ahead(cases: Cases, now: datetime) -> int:
    """The number of contacts in the future, which a wrong clock has dated."""
    moments = (each.moment for case in cases.cases for each in case.contacts)
    return sum(moment > now for moment in moments if moment is not None)


def list_cases(
    cases: Cases,
    calling: Calling,
    now: datetime,
    zone: str | None = None,
    begun: Mapping[str, str | None] | None = None,
    in_use: Collection[str] = (),
) -> tuple[ListedCase, ...]:
    """All cases: first those that are due, in the order in which to call them.

    Interrupted interviews come first. Open and paused cases that are not due yet follow, sorted by
    the time from which they may be called; closed cases come last. For cases without a time zone,
    `zone` is used, or the machine's time zone if `zone` is None. Cases without a contact are
    ordered by a hash of their labels, so the order of the sample does not matter. `begun` maps the
    labels (in lower case) of cases with an unfinished interview on this machine to the ids of the
    last contacts before the interviews. Cases in `begun` are paused until they are due, whatever
    the number of attempts; if no contact followed the interview, they are due now. `in_use`
    contains the labels (in lower case) of cases that are open in a window; they are listed as open
    and not due.
    """
    judge = _Judge(calling, now, zone, full_strata(cases, calling), begun or {}, in_use)
    return tuple(sorted((judge.listed(case) for case in cases.cases), key=_place))


class _Judge:
    """Determines the state of each case at one point in time."""

    def __init__(
        self,
        calling: Calling,
        now: datetime,
        zone: str | None,
        full: frozenset[str],
        begun: Mapping[str, str | None],
        in_use: Collection[str],
    ) -> None:
        self.calling, self.now, self.zone, self.full = calling, now, zone, full
        self.begun, self.in_use = begun, in_use
        self._opening: dict[str | None, datetime | None] = {}

    def listed(self, case: Case) -> ListedCase:
        if not case.is_open:
            return ListedCase(case, "closed")
        label, last = case.label.lower(), case.last
        if label in self.in_use:
            return ListedCase(case, "open", "in_use")
        is_begun = label in self.begun
        if is_begun and self.begun[label] == (last.id if last is not None else None):
            return ListedCase(case, "due", "paused", self.now, is_begun=True, is_interrupted=True)
        if last is None and case.stratum in self.full:
            return ListedCase(case, "closed", "quota")
        rule, since = self._rule(case)
        is_paused = is_begun or (last is not None and last.code == "begun")
        if is_begun and rule == "call_back":
            rule = "paused"
        has_limit = not is_begun and rule not in _NO_LIMIT
        if has_limit and case.attempts >= self.calling.most_attempts:
            rule, since = "most_attempts", None
        if since is not None and since <= self.now:
            is_agreed = rule in ("appointment", "soft_appointment")
            rule = "paused" if is_paused and not is_agreed else rule
            return ListedCase(case, "due", rule, since, is_paused)
        return ListedCase(case, "paused" if is_paused else "open", rule, since, is_paused)

    def _rule(self, case: Case) -> tuple[str, datetime | None]:
        """The rule for an open case, and the time from which it may be called."""
        zone, last, kept = _known(case.timezone, self.zone), case.last, case.appointment
        if last is None:
            return "first_call", self._opens_now(zone)
        if kept is not None and kept.utc is not None:
            return "appointment", _written_moment(kept.utc)
        if kept is not None:
            day = date.fromisoformat(kept.day)
            begins = first_moment(datetime.combine(day, time()), _known(kept.timezone, zone))
            return "soft_appointment", self._from(begins, zone, day)
        rested = self.now
        if last.moment is not None and last.moment <= self.now:
            rested = last.moment + HOUR + self.calling.rest_after(last.code)
        return _RULE_OF.get(last.code, "call_back"), self._from(rested, zone)

    def _from(
        self, begins: datetime, zone: str | None, agreed: date | None = None
    ) -> datetime | None:
        """The time from which a case may be called; past or present if that is already possible."""
        if begins > self.now:
            return self.calling.opens(begins, zone, agreed)
        opens = self.calling.opens(self.now, zone, agreed) if agreed else self._opens_now(zone)
        return begins if opens == self.now else opens

    def _opens_now(self, zone: str | None) -> datetime | None:
        if zone not in self._opening:
            self._opening[zone] = self.calling.opens(self.now, zone)
        return self._opening[zone]


def _known(zone: str | None, otherwise: str | None) -> str | None:
    """The zone, or `otherwise` if the zone is None or not available on this machine."""
    if zone is None:
        return otherwise
    try:
        rules_of(zone)
    except ValueError:
        return otherwise
    return zone


def _written_moment(utc: str) -> datetime:
    return datetime.fromisoformat(utc.removesuffix("Z")).replace(tzinfo=UTC)


_RANKS: Final = {rule: rank for rank, rule in enumerate(RULES)}
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _place(listed: ListedCase) -> tuple[int, int, datetime, str]:
    label = listed.case.label
    if not listed.is_due:
        return (2 if listed.state == "closed" else 1), 0, listed.since or _LAST, label
    if listed.is_interrupted:
        return 0, -1, _FIRST, drawn(label)
    rule = listed.rule or ""
    since = _FIRST if rule == "first_call" else listed.since or _LAST
    return 0, _RANKS[rule], since, drawn(label)


def drawn(label: str) -> str:
    """A pseudo-random but reproducible sort key for a label."""
    return hashlib.sha256(label.lower().encode()).hexdigest()

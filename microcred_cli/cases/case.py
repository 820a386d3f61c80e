"""The state of a case, computed from a set of contacts that can be merged in any order.

All properties of a case (such as its outcome, its appointment and the number of attempts) are
computed from its contacts. Each contact has a random id and refers to the contact that preceded it,
so the order of contacts does not depend on clocks or on the order in which logs are joined.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.base_record import Checked
from microcred_cli.cases.dispositions import (
    CODES,
    NOT_ATTEMPTED,
    FinalOutcome,
    current_outcome,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.labels import LABEL, LONGEST_STRATUM, STRATUM
from microcred_cli.clock.zones import wall_time
from microcred_cli.records.formats import CASES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

QUOTA_FULL: Final = "4.80"
"""The outcome of a case that was not contacted because the quota of its stratum is full."""
QUOTA_GROUP: Final = "NE"


def new_id() -> str:
    """A random id, which does not reveal when it was created."""
    return secrets.token_hex(8)


Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Hour = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}$")]
Week = Annotated[str, Field(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]


@dataclass(frozen=True, slots=True)
class Contact:
    """The outcome of an attempt to reach a case; not yet recorded in the log.

    A refusal can have a `reason`. The `id` does not change when the contact is recorded, so
    recording a contact twice adds it only once.
    """

    code: str
    appointment: Appointment | None = None
    reason: str | None = None
    id: str = field(default_factory=new_id)


class LoggedContact(Checked):
    """A recorded contact.

    `hour` is the hour of the contact in UTC, such as 2026-11-29T14. `after` is the id of the
    contact that preceded this one in the log where it was recorded. If the preceding contact is
    undone, `after` becomes the id of the contact before that.
    """

    id: Id
    code: str
    hour: Hour | None = None
    after: Id | None = None
    appointment: Appointment | None = None
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")] | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.code not in CODES or self.code == NOT_ATTEMPTED:
            raise ValueError("the outcome of a contact is unknown")
        if self.appointment is not None and self.is_final:
            raise ValueError("a closed case cannot have an appointment")
        if self.hour is not None:
            datetime.fromisoformat(self.hour)
        return self

    @property
    def is_final(self) -> bool:
        """True if the outcome closes the case."""
        return isinstance(outcome_of(self.code), FinalOutcome)

    @property
    def moment(self) -> datetime | None:
        """The beginning of the hour of the contact, if it is known."""
        return None if self.hour is None else datetime.fromisoformat(self.hour).replace(tzinfo=UTC)

    def without_time(self) -> LoggedContact:
        """A copy without the hour and the appointment."""
        return self.model_copy(update={"hour": None, "appointment": None})


class Case(Checked):
    """A case: its attributes in the sample, if known, and its contacts in order.

    The contacts of a case with an interview have no hours and no appointments. `undone` contains
    the ids of contacts that were undone, so that joining an older copy of the log does not restore
    them.
    """

    label: Annotated[str, Field(pattern=rf"^{LABEL.pattern}$")]
    stratum: Annotated[str, Field(pattern=rf"^{STRATUM.pattern}$", max_length=LONGEST_STRATUM)] | (
        None
    ) = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] | None = None
    timezone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")] | None = None
    contacts: tuple[LoggedContact, ...] = ()
    undone: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.undone and list(self.undone) != sorted({*self.undone}):
            raise ValueError("the ids of undone contacts must be sorted, without duplicates")
        if not self.contacts:
            return self
        ids = {contact.id for contact in self.contacts}
        if len(ids) < len(self.contacts) or not ids.isdisjoint(self.undone):
            raise ValueError("a contact is listed twice, or was undone")
        if self.contacts != in_order(self.contacts):
            raise ValueError("contacts must be in order")
        if self.is_completed and any(c.hour or c.appointment for c in self.contacts):
            raise ValueError("a case with an interview cannot have hours or appointments")
        return self

    def with_contacts(self, contacts: Iterable[LoggedContact], undone: Iterable[str] = ()) -> Self:
        """A copy with these contacts, sorted and without undone contacts.

        A reference to an undone contact is replaced by a reference to the contact before it.
        """
        taken_back = {*self.undone, *undone}
        kept = _without(contacts, taken_back)
        if any(is_interview(contact.code) for contact in kept):
            kept = [contact.without_time() for contact in kept]
        return type(self)(
            label=self.label,
            stratum=self.stratum,
            language=self.language,
            timezone=self.timezone,
            contacts=in_order(kept),
            undone=tuple(sorted(taken_back)),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The outcome codes of all contacts in order; in a closed case, the last code is final."""
        return tuple(contact.code for contact in self.contacts)

    @property
    def attempts(self) -> int:
        """The number of contacts."""
        return len(self.contacts)

    @property
    def last(self) -> LoggedContact | None:
        """The last contact."""
        return self.contacts[-1] if self.contacts else None

    @property
    def outcome(self) -> str | None:
        """The final outcome, if the case is closed."""
        return self.last.code if self.last is not None and self.last.is_final else None

    @property
    def is_completed(self) -> bool:
        """True if a complete or partial interview was submitted."""
        return self.outcome is not None and is_interview(self.outcome)

    @property
    def is_open(self) -> bool:
        """True if the case has no final outcome yet."""
        return self.outcome is None

    @cached_property
    def group(self) -> str:
        """The outcome group in which the case is currently counted."""
        return current_outcome(self.codes).group

    @property
    def appointment(self) -> Appointment | None:
        """The appointment of an open case.

        An appointment is kept until it is replaced, the case is closed, or a contact is recorded in
        the appointed hour or later. The log contains only hours, so a contact earlier in the
        appointed hour has to repeat the appointment.
        """
        kept: Appointment | None = None
        for contact in self.contacts:
            if contact.is_final or (kept is not None and _is_due_by(kept, contact.moment)):
                kept = None
            kept = contact.appointment or kept
        return kept

    def find(self, contact_id: str) -> LoggedContact | None:
        """The contact with this id."""
        return next((contact for contact in self.contacts if contact.id == contact_id), None)


def _is_due_by(appointment: Appointment, moment: datetime | None) -> bool:
    """True if the hour of the appointment begins at or before this moment."""
    if moment is None:
        return False
    if appointment.utc is not None:
        return appointment.utc[:13] <= f"{moment:%Y-%m-%dT%H}"
    try:
        here = wall_time(moment, appointment.timezone)
    except ValueError:  # the time zone is not available on this machine
        here = moment
    return appointment.day <= f"{here:%Y-%m-%d}"


def _without(contacts: Iterable[LoggedContact], undone: set[str]) -> list[LoggedContact]:
    """The contacts that were not undone; each refers to the nearest earlier one that remains."""
    known = {contact.id: contact for contact in contacts}
    before = {each: known[each].after for each in undone if each in known}
    kept = []
    for contact in known.values():
        if contact.id in undone:
            continue
        after, steps = contact.after, len(before)
        while after in before and steps:  # the step limit prevents an endless loop
            after, steps = before[after], steps - 1
        is_same = after == contact.after
        kept.append(contact if is_same else contact.model_copy(update={"after": after}))
    return kept


def in_order(contacts: Iterable[LoggedContact]) -> tuple[LoggedContact, ...]:
    """Sort contacts into the order in which they were made.

    A contact comes after the one that it refers to; contacts that do not depend on each other are
    sorted by hour. The contact that closes the case comes last: an interview or, if there is none,
    a final outcome that was not followed by an interim one. A case that one interviewer closed
    stays closed, unless it was reopened in a log that contained the final outcome. If references
    form a cycle, which can happen when logs are joined, its earliest contact comes first.
    """
    ordered = [*contacts]
    if _is_chain(ordered):
        return tuple(ordered)
    ordered = [*_by_time(sorted(ordered, key=lambda each: (each.hour or "", each.id)))]
    finals = [contact for contact in ordered if contact.is_final]
    if finals:
        reopened = _followed(ordered)
        interviews = [contact for contact in finals if is_interview(contact.code)]
        closing = interviews or [contact for contact in finals if contact.id not in reopened]
        if closing:
            ordered.remove(closing[-1])
            ordered.append(closing[-1])
    return tuple(ordered)


def _is_chain(contacts: Sequence[LoggedContact]) -> bool:
    """True if each contact refers to the one before it, as in a log that was never joined."""
    last = None
    for contact in contacts:
        if contact.after != (last.id if last else None) or (last and is_interview(last.code)):
            return False
        last = contact
    return True


def _by_time(waiting: list[LoggedContact]) -> Iterator[LoggedContact]:
    missing = {contact.id for contact in waiting}
    while waiting:
        free = next((contact for contact in waiting if contact.after not in missing), None)
        if free is None:
            free = _earliest_in_cycle(waiting)
        waiting.remove(free)
        missing.remove(free.id)
        yield free


def _earliest_in_cycle(waiting: Sequence[LoggedContact]) -> LoggedContact:
    """The earliest contact of a cycle; each of the contacts must refer to another one of them."""
    by_id = {contact.id: contact for contact in waiting}
    within = waiting[0]
    for _step in waiting:  # after as many steps as there are contacts, `within` is in the cycle
        within = by_id[within.after or ""]
    cycle = {within.id}
    while (within := by_id[within.after or ""]).id not in cycle:
        cycle.add(within.id)
    return next(contact for contact in waiting if contact.id in cycle)


def _followed(ordered: Sequence[LoggedContact]) -> set[str]:
    """The ids of all contacts that are followed, directly or indirectly, by an interim contact."""
    before = {contact.id: contact.after for contact in ordered}
    found: set[str] = set()
    for contact in ordered:
        earlier = contact.after
        while not contact.is_final and earlier is not None and earlier not in found:
            found.add(earlier)
            earlier = before.get(earlier)
    return found


class CountedInterview(Checked):
    """An interview counted in its ISO week; its id is not the id of any contact."""

    id: Id
    week: Week


class Cases(Checked):
    """All cases, sorted by label, and the interviews of all cases together, sorted by id.

    `synthetic` is true for a log of training cases.
    """

    format: Literal["microcred-cases/1"] = CASES
    synthetic: bool = False
    cases: tuple[Case, ...] = ()
    interviews: tuple[CountedInterview, ...] = ()

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        labels = [case.label for case in self.cases]
        if labels != sorted(labels) or len({label.lower() for label in labels}) < len(labels):
            raise ValueError("cases must be sorted by label, without duplicates")
        ids = [interview.id for interview in self.interviews]
        if ids != sorted({*ids}):
            raise ValueError("interviews must be sorted, without duplicates")
        return self

    @cached_property
    def _by_label(self) -> dict[str, Case]:
        return {case.label.lower(): case for case in self.cases}

    def case(self, label: str) -> Case:
        """The case with this label (case-insensitive), or a new case without contacts."""
        return self._by_label.get(label.lower()) or Case(label=label)

    def has(self, label: str) -> bool:
        """True if the log has a case with this label (case-insensitive)."""
        return label.lower() in self._by_label

    @property
    def has_sample(self) -> bool:
        """True if any case was loaded from a sample: it has attributes, or no contact yet."""
        return any(
            case.stratum or case.language or case.timezone or not (case.contacts or case.undone)
            for case in self.cases
        )

    @property
    def completed_by_week(self) -> dict[str, int]:
        """The number of interviews in each ISO week."""
        return dict(sorted(Counter(each.week for each in self.interviews).items()))

    def counts(self, *, is_open: bool = False, full: Collection[str] = ()) -> Counter[str]:
        """The number of cases, or only of open cases, in each outcome group.

        In a stratum in `full`, cases without a contact count as closed with outcome 4.80 (quota
        full).
        """
        counts: Counter[str] = Counter()
        for case in self.cases:
            is_quota = not case.contacts and case.stratum in full
            if not is_open or (case.is_open and not is_quota):
                counts[QUOTA_GROUP if is_quota else case.group] += 1
        return counts

    def contacts_per_case(self) -> dict[int, int]:
        """The number of cases for each number of contacts, fewest contacts first."""
        return dict(sorted(Counter(case.attempts for case in self.cases).items()))

    def with_cases(self, changed: Iterable[Case]) -> Cases:
        """A copy with these cases added or replaced."""
        all_cases = self._by_label | {case.label.lower(): case for case in changed}
        ordered = sorted(all_cases.values(), key=lambda case: case.label)
        return Cases(synthetic=self.synthetic, cases=tuple(ordered), interviews=self.interviews)

    def with_interview(self, week: str) -> Cases:
        """A copy with one more interview counted in this ISO week."""
        more = (*self.interviews, CountedInterview(id=new_id(), week=week))
        ordered = tuple(sorted(more, key=lambda each: each.id))
        return Cases(synthetic=self.synthetic, cases=self.cases, interviews=ordered)


def week_of(moment: datetime, zone: str | None) -> str:
    """The ISO week of a moment in a zone, such as 2026-W48."""
    year, week, _day = wall_time(moment, zone).isocalendar()
    return f"{year:04}-W{week:02}"


def hour_of(moment: datetime) -> str:
    """The hour of a moment in UTC, such as 2026-11-29T14."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"

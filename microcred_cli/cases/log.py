"""The case log: how contacts with each case ended, in a file of its own.

Nothing in it leads to a response, and no response leads to it. It has no response id, no receipt,
no time, and no order but that of the labels; completed interviews are counted by week for all cases
together. Whoever writes reads the whole file again under a lock and writes it whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from microcred_cli import files
from microcred_cli.cases.dispositions import (
    CODES,
    NOT_ATTEMPTED,
    FinalOutcome,
    current_outcome,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.rates import Counts
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.models import Model
from microcred_cli.records.formats import CASES, CasesFormat
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from microcred_cli.cases.dispositions import Group

VARIABLE: Final = "MICROCRED_CASE_LOG"
DEFAULT: Final = "case-log.json"
LARGEST: Final = 16 * 1024 * 1024
"""The most bytes that a log may have: about a hundred thousand cases."""

LONGEST_LABEL: Final = 32
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_SEVERAL_NAMES = re.compile(r"[A-Z][a-z]+(?:[._-][A-Z][a-z]+)+")
_NUMBER_ONLY = re.compile(r"[+(]?[0-9][0-9 ()/.+_-]*")
_MOST_DIGITS = 6
_ANY_VERSION = re.compile(r"microcred-cases/[0-9]+")
_LONGEST_WAIT = 10.0
_LONGEST_LOOK = 0.3
_TAKE_LABEL = "Use the label that the study gave the case, such as DE-0042."
_MEND = (
    "Put back a copy of it, or rename it: then a new log begins with the next contact. "
    "It is never overwritten."
)


def check_label(typed: str) -> str:
    """The label of a case, which the study gives and which is nobody's name.

    It has 1 to 32 ASCII letters, digits, `-`, `_` and `.`, beginning with a letter or digit. Not
    every name can be told from a label: only what plainly is one is refused.

    Raises:
        UsageError: it is no label, or looks like a name, an e-mail address, a telephone number or
            a number from a register.
    """
    label = typed.strip(" ")
    if "@" in label:
        reason = "This looks like an e-mail address; a label is never one."
    elif _NUMBER_ONLY.fullmatch(label) and sum(c.isdigit() for c in label) > _MOST_DIGITS:
        reason = "This looks like a telephone or register number; a label is never one."
    elif _SEVERAL_NAMES.fullmatch(label) or len(label.split()) > 1:
        reason = "This looks like a name; the label of a case is never one."
    elif not _LABEL.fullmatch(label):
        reason = (
            f"The label of a case has 1 to {LONGEST_LABEL} letters (A to Z), digits, hyphens, "
            "underscores and dots, and begins with a letter or digit."
        )
    else:
        return label
    raise UsageError(reason, hint=_TAKE_LABEL)


# -- the shape of the file -------------------------------------------------------------------------


class Appointment(Model):
    """When a case is to be tried again: a day and, where wished, an hour from 0 to 23."""

    day: str
    hour: Annotated[int, Field(ge=0, le=23)] | None = None

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        if date.fromisoformat(self.day).isoformat() != self.day:
            raise ValueError("a day is written as 2027-05-01")
        return self


class Case(Model):
    """A case: the outcomes of all contacts in their order, and the final one if it is closed.

    `appointment` stands only while it is open.
    """

    label: Annotated[str, Field(pattern=rf"^{_LABEL.pattern}$")]
    contacts: tuple[str, ...]
    appointment: Appointment | None
    outcome: str | None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if not CODES.issuperset(self.contacts) or NOT_ATTEMPTED in self.contacts:
            raise ValueError("an outcome of a contact is unknown")
        last = outcome_of(self.contacts[-1]) if self.contacts else None
        if self.outcome != (last.code if isinstance(last, FinalOutcome) else None):
            raise ValueError("a final outcome is that of the last contact")
        if self.outcome is not None and self.appointment is not None:
            raise ValueError("a closed case has no appointment")
        return self

    @property
    def is_completed(self) -> bool:
        """Whether an interview was handed in, complete or partial: there is never a second one."""
        return self.outcome is not None and is_interview(self.outcome)

    @property
    def is_open(self) -> bool:
        """Whether it has no final outcome yet."""
        return self.outcome is None

    @property
    def group(self) -> Group:
        """The group in which the rates count it now."""
        return current_outcome(self.contacts).group


Week = Annotated[str, Field(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]


class Cases(Model):
    """All cases in the order of their labels, and how many interviews each ISO week brought."""

    format: CasesFormat = CASES
    cases: tuple[Case, ...]
    completed_by_week: dict[Week, Annotated[int, Field(ge=1)]]

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        labels = [case.label for case in self.cases]
        if labels != sorted(labels) or len({label.lower() for label in labels}) < len(labels):
            raise ValueError("cases stand in the order of their labels, each once")
        if list(self.completed_by_week) != sorted(self.completed_by_week):
            raise ValueError("weeks stand in their order")
        return self

    def case(self, label: str) -> Case:
        """The case with a label, in whatever capitals; one without contacts if there is none."""
        same = (case for case in self.cases if case.label.lower() == label.lower())
        return next(same, Case(label=label, contacts=(), appointment=None, outcome=None))

    def counts(self) -> Counts:
        """How many cases are in each group, by what they count as now."""
        return Counts.of(Counter(case.group for case in self.cases))

    def open_counts(self) -> Counts:
        """The same for the cases without a final outcome."""
        return Counts.of(Counter(case.group for case in self.cases if case.is_open))

    def contacts_per_case(self) -> dict[int, int]:
        """How many cases had how many contacts, from the fewest on."""
        return dict(sorted(Counter(len(case.contacts) for case in self.cases).items()))


@dataclass(frozen=True, slots=True)
class Contact:
    """How an attempt to reach a case ended, and when it is to be tried again.

    Raises:
        UsageError: there is no such outcome, or an appointment with one that closes the case.
    """

    code: str
    appointment: Appointment | None = None

    def __post_init__(self) -> None:
        is_final = isinstance(outcome_of(self.code), FinalOutcome)
        if is_final and self.appointment is not None:
            raise UsageError(
                "A closed case has no appointment.",
                hint="Leave the appointment out, or choose an outcome that keeps the case open.",
            )


def appointment_on(day: date, hour: int | None = None) -> Appointment:
    """An appointment.

    Raises:
        UsageError: there is no such hour.
    """
    if hour is not None and not 0 <= hour <= 23:
        raise UsageError("A day has the hours 0 to 23.", hint="Name one of them, or none.")
    return Appointment(day=day.isoformat(), hour=hour)


def _serialise(cases: Cases) -> bytes:
    shape = cases.model_dump(mode="json")
    return (json.dumps(shape, ensure_ascii=False, indent=2) + "\n").encode()


def _parse(data: bytes, where: str) -> Cases:
    try:
        value = parse_json(data)
    except DamagedError as error:
        raise DamagedError(
            f"The case log is damaged. {error.message}", where=where, hint=_MEND
        ) from None
    named = value.get("format") if isinstance(value, dict) else None
    if not isinstance(named, str) or not _ANY_VERSION.fullmatch(named):
        raise StoreError(
            "This file is no case log.",
            where=where,
            hint="Name the case log with --case-log, or another name for a new one.",
        )
    if named != CASES:
        raise StoreError(
            "The case log was written by a newer version of microcred.",
            where=where,
            hint="Install that version, or name another file with --case-log.",
        )
    try:
        return Cases.model_validate_json(data)
    except ValidationError as error:
        raise DamagedError(
            f"The case log is damaged ({_places(error)}).", where=where, hint=_MEND
        ) from None


def _places(error: ValidationError) -> str:
    """Which cases are wrong, by their number; the words of the file are not repeated."""
    places = []
    for fault in error.errors():
        head, *rest = fault["loc"] or ("the whole file",)
        is_case = head == "cases" and rest and isinstance(rest[0], int)
        known = str(head) if head in {*Cases.model_fields, "the whole file"} else "an unknown key"
        places.append(f"case {int(rest[0]) + 1}" if is_case else known)
    return "wrong: " + ", ".join(dict.fromkeys(places[:5]))


# -- the log ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseLog:
    """The case log in one file, which need not be there yet."""

    path: Path

    @classmethod
    def named(cls, name: str | None = None) -> CaseLog:
        """The log of that name, else that of `MICROCRED_CASE_LOG`, else `case-log.json` here."""
        return cls(Path(name or os.environ.get(VARIABLE) or DEFAULT).absolute())

    @property
    def is_there(self) -> bool:
        """Whether anything stands under its name."""
        return os.path.lexists(self.path)

    def read(self) -> Cases:
        """All cases; none where there is no log yet.

        Raises:
            StoreError: what stands there is no case log, damaged, of a newer version, too large,
                or not a plain file of this user's.
        """
        if not self.is_there:
            return Cases(cases=(), completed_by_week={})
        try:
            data = read_file(self.path, limit=LARGEST)
        except DamagedError as error:
            raise DamagedError(error.message, where=error.where, hint=_MEND) from None
        return _parse(data, safe(self.path))

    def counts(self) -> Counts:
        """How many cases are in each group, for the rates.

        Raises:
            StoreError: as for `read`.
        """
        return self.read().counts()

    @contextmanager
    def take(self, label: str) -> Iterator[Case]:
        """Hold a case against everybody else, in this process and others; the case as it is.

        Leaving never fails. What is recorded meanwhile goes through a `CaseRecorder`.

        Raises:
            UsageError: it is no label.
            StoreError: the case is completed or in use, or the log cannot be used.
        """
        label = check_label(label)
        self._check_folder()
        with ExitStack() as held:
            # Only when it is free again does the folder get back the time that tells nothing.
            held.callback(self._keep_still)
            try:
                held.enter_context(
                    files.lock(self._lock_of(label), wait=_LONGEST_LOOK, remove=True)
                )
            except files.InUseError:
                raise StoreError(
                    f"Case {label} is in use in another window.",
                    where=self.path,
                    hint="Finish it there, or close that window, then try again.",
                ) from None
            self._sweep(but=self._lock_of(label))
            with suppress(StoreError):
                files.neutralise_time(self._lock_of(label))
            case = self.read().case(label)
            if case.is_completed:
                raise self._completed(case)
            yield case

    def record(
        self, label: str, contact: Contact, today: date, *, after: Sequence[str] | None = None
    ) -> Case:
        """Add a contact to a case, durably; the case as it is then.

        A final outcome closes the case and deletes its appointment; an interim one opens it again.
        An appointment stays until its day is over or another one takes its place. "Never tried"
        (3.11) is no contact: it enters the case.

        Args:
            label: that of the case, in whatever capitals.
            contact: how it ended.
            today: the day, of which a completed interview leaves its week.
            after: the contacts that the case had before this one, as far as the caller knows: if
                this one already follows them, it is not added again.

        Raises:
            UsageError: it is no label.
            StoreError: it could not be recorded, or the case is completed. It may stand there all
                the same, if the disk failed at the very end; `after` keeps it from standing twice.
        """
        label = check_label(label)
        self._check_folder()
        with self._locked():
            files.remove_leftovers_of(self.path.parent, (self.path.name,), still=True)
            cases = self.read()
            case = cases.case(label)
            is_there = after is not None and case.contacts == (*after, contact.code)
            if not is_there:
                case = self._with_contact(case, contact, today)
                cases = _with_case(cases, case)
                if case.is_completed:
                    cases = _with_completed(cases, today)
            self._write(cases)
        return case

    # -- what stands around it

    def _lock_of(self, label: str) -> Path:
        # Whoever can list the folder is not told which case is being interviewed.
        digest = hashlib.sha256(label.lower().encode()).hexdigest()[:16]
        return self.path.with_name(f".{self.path.name}.{digest}.lock")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self.path.with_name(f".{self.path.name}.lock")
        with files.lock(lock, wait=_LONGEST_WAIT, still=True, remove=True):
            yield

    def _sweep(self, *, but: Path) -> None:
        """Remove the locks that killed windows left."""
        ours = re.compile(re.escape(f".{self.path.name}.") + r"[0-9a-f]{16}\.lock")
        with suppress(OSError, StoreError):
            for path in self.path.parent.iterdir():
                if path != but and ours.fullmatch(path.name):
                    with suppress(files.InUseError), files.lock(path, remove=True):
                        pass

    def _keep_still(self) -> None:
        with suppress(StoreError):
            files.neutralise_time(self.path)

    def _check_folder(self) -> None:
        folder = self.path.parent
        with files.faults_named(folder):
            is_own = files.is_own(folder.stat())
        if not is_own:
            raise StoreError(
                "The folder of the case log belongs to another user.",
                where=folder,
                hint="Name a file in a folder of your own with --case-log.",
            )

    def _write(self, cases: Cases) -> None:
        data = _serialise(cases)
        if len(data) > LARGEST:
            raise StoreError(
                "The case log is full.",
                where=self.path,
                hint="Name another file with --case-log for the cases to come.",
            )
        files.replace_durably(self.path, data, still=True)

    def _with_contact(self, case: Case, contact: Contact, today: date) -> Case:
        if case.is_completed:
            raise self._completed(case)
        if contact.code == NOT_ATTEMPTED:
            if case.contacts:
                raise StoreError(
                    f"Case {case.label} has been tried already.",
                    where=self.path,
                    hint="Choose the outcome that the last attempt had.",
                )
            return case
        is_final = isinstance(outcome_of(contact.code), FinalOutcome)
        kept = case.appointment
        if kept is not None and (is_final or date.fromisoformat(kept.day) < today):
            kept = None
        return Case(
            label=case.label,
            contacts=(*case.contacts, contact.code),
            appointment=contact.appointment or kept,
            outcome=contact.code if is_final else None,
        )

    def _completed(self, case: Case) -> StoreError:
        return StoreError(
            f"Case {case.label} is completed: its interview was handed in.",
            where=self.path,
            hint="Look at the label again; a case has one interview.",
        )


def _with_case(cases: Cases, case: Case) -> Cases:
    others = [other for other in cases.cases if other.label != case.label]
    ordered = sorted((*others, case), key=lambda each: each.label)
    return cases.model_copy(update={"cases": tuple(ordered)})


def _with_completed(cases: Cases, today: date) -> Cases:
    year, week, _ = today.isocalendar()
    weeks = Counter(cases.completed_by_week)
    weeks[f"{year:04}-W{week:02}"] += 1
    return cases.model_copy(update={"completed_by_week": dict(sorted(weeks.items()))})


@dataclass
class CaseRecorder:
    """Records the contacts of a case that is taken, and never stops an interview.

    Args:
        log: the case log.
        case: the case as `CaseLog.take` gave it, then as it was recorded last.
    """

    log: CaseLog
    case: Case
    _waiting: list[tuple[Contact, date]] = field(default_factory=list)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The codes of the contacts that could not be recorded yet, in their order."""
        return tuple(contact.code for contact, _ in self._waiting)

    def record(self, contact: Contact, today: date) -> str | None:
        """Record a contact, and all that waits before it; a sentence to show if that fails."""
        self._waiting.append((contact, today))
        return self.try_again()

    def try_again(self) -> str | None:
        """Record what waits; a sentence to show if that fails, None if nothing waits any more."""
        while self._waiting:
            contact, today = self._waiting[0]
            try:
                self.case = self.log.record(
                    self.case.label, contact, today, after=self.case.contacts
                )
            except StoreError as error:
                place = f" [{safe(error.where)}]" if error.where else ""
                return (
                    f"The case log was not written: {safe(error.message)}{place} "
                    f"{safe(error.hint)} The interview is not touched by this. To be recorded "
                    f"for case {self.case.label}: {', '.join(self.waiting)}."
                )
            del self._waiting[0]
        return None

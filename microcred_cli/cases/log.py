"""The case log: a file with the outcomes of all contacts with each case.

The log cannot be linked to responses. It contains no response ids, receipts or times, and cases are
sorted by label; completed interviews are counted by week for all cases together. To update the log,
the whole file is read under a lock, changed and replaced.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import ValidationError

from microcred_cli import files
from microcred_cli.cases.appointments import Appointment
from microcred_cli.cases.dispositions import (
    CODES,
    NOT_ATTEMPTED,
    FinalOutcome,
    current_outcome,
    is_interview,
    outcome_of,
)
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import DamagedError, NotTextError, as_text, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.questionnaire.model import Limits, Model
from microcred_cli.records.formats import CASES
from microcred_cli.records.shapes import serialise
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


VARIABLE: Final = "MICROCRED_CASE_LOG"
DEFAULT: Final = "case-log.json"
LARGEST: Final = 16 * 1024 * 1024
"""Maximum size of a log in bytes, enough for about a hundred thousand cases."""

LONGEST_LABEL: Final = 32
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_SEVERAL_NAMES = re.compile(r"[A-Z][a-z]+(?:[._-][A-Z][a-z]+)+")
_NUMBER_ONLY = re.compile(r"[+(]?[0-9][0-9 ()/.+_-]*")
_MOST_DIGITS = 6
_ANY_VERSION = re.compile(r"microcred-cases/[0-9]+")
_LONGEST_WAIT = 10.0
_LONGEST_LOOK = 0.3
_HINT_DAMAGED = (
    "Restore a backup, or rename the file to start a new log with the next contact. "
    "A damaged log is never overwritten."
)


def check_label(typed: str) -> str:
    """Return the label of a case without surrounding spaces; raise a UsageError if it is not valid.

    Only obvious names are rejected, because a name cannot always be distinguished from a label.
    """
    label = typed.strip(" ")
    if "@" in label:
        reason = "This looks like an e-mail address, which is not allowed as a label."
    elif _NUMBER_ONLY.fullmatch(label) and sum(c.isdigit() for c in label) > _MOST_DIGITS:
        reason = "This looks like a telephone or register number, which is not allowed as a label."
    elif _SEVERAL_NAMES.fullmatch(label) or len(label.split()) > 1:
        reason = "This looks like a name, which is not allowed as the label of a case."
    elif not _LABEL.fullmatch(label):
        reason = (
            f"The label of a case has 1 to {LONGEST_LABEL} letters (A to Z), digits, hyphens, "
            "underscores and dots, and begins with a letter or digit."
        )
    else:
        return label
    raise UsageError(reason, hint="Use the label assigned by the study, such as DE-0042.")


class Case(Model):
    """A case: the outcomes of all contacts in order, and the final outcome if the case is closed.

    Only an open case has an `appointment`.
    """

    label: Annotated[str, Limits(pattern=rf"^{_LABEL.pattern}$")]
    contacts: tuple[str, ...]
    appointment: Appointment | None
    outcome: str | None

    def check(self) -> None:
        """Refuse unknown outcomes, and a final outcome that the contacts do not have."""
        if not CODES.issuperset(self.contacts) or NOT_ATTEMPTED in self.contacts:
            raise ValueError("an outcome of a contact is unknown")
        last = outcome_of(self.contacts[-1]) if self.contacts else None
        if self.outcome != (last.code if isinstance(last, FinalOutcome) else None):
            raise ValueError("a final outcome must be that of the last contact")
        if self.outcome is not None and self.appointment is not None:
            raise ValueError("a closed case cannot have an appointment")

    @property
    def is_completed(self) -> bool:
        """True if a complete or partial interview was submitted; a case has at most one."""
        return self.outcome is not None and is_interview(self.outcome)

    @property
    def is_open(self) -> bool:
        """True if the case has no final outcome yet."""
        return self.outcome is None


Week = Annotated[str, Limits(pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]


class Cases(Model):
    """All cases, sorted by label, and the number of interviews in each ISO week."""

    format: Literal["microcred-cases/1"] = CASES
    cases: tuple[Case, ...]
    completed_by_week: dict[Week, Annotated[int, Limits(ge=1)]]

    def check(self) -> None:
        """Refuse cases and weeks that are not sorted."""
        labels = [case.label for case in self.cases]
        if labels != sorted(labels) or len({label.lower() for label in labels}) < len(labels):
            raise ValueError("cases must be sorted by label, without duplicates")
        if list(self.completed_by_week) != sorted(self.completed_by_week):
            raise ValueError("weeks must be sorted")

    def case(self, label: str) -> Case:
        """The case with this label (case-insensitive); a new case without contacts if not found."""
        same = (case for case in self.cases if case.label.lower() == label.lower())
        return next(same, Case(label=label, contacts=(), appointment=None, outcome=None))

    def counts(self, *, is_open: bool = False) -> Counter[str]:
        """The number of cases, or only of open cases, in each outcome group."""
        counted = (case for case in self.cases if case.is_open or not is_open)
        return Counter(current_outcome(case.contacts).group for case in counted)

    def contacts_per_case(self) -> dict[int, int]:
        """The number of cases for each number of contacts, fewest contacts first."""
        return dict(sorted(Counter(len(case.contacts) for case in self.cases).items()))

    def with_case(self, case: Case) -> Cases:
        """A copy with this case added or replaced."""
        others = [other for other in self.cases if other.label != case.label]
        ordered = sorted((*others, case), key=lambda each: each.label)
        return self.model_copy(update={"cases": tuple(ordered)})

    def with_completed(self, today: date) -> Cases:
        """A copy with one more interview counted in the week of this day."""
        year, week, _ = today.isocalendar()
        weeks = Counter(self.completed_by_week)
        weeks[f"{year:04}-W{week:02}"] += 1
        return self.model_copy(update={"completed_by_week": dict(sorted(weeks.items()))})


@dataclass(frozen=True, slots=True)
class Contact:
    """The outcome of an attempt to reach a case, and an appointment for the next attempt."""

    code: str
    appointment: Appointment | None = None


def _parse(data: bytes, where: Path) -> Cases:
    try:
        data = as_text(data).encode()
        value = parse_json(data)
    except DamagedError as error:
        message = f"The case log is damaged. {error.message}"
        is_text = not isinstance(error, NotTextError)
        hint = (
            _HINT_DAMAGED if is_text else f"{error.hint} If that is not possible: {_HINT_DAMAGED}"
        )
        raise DamagedError(message, where=where, hint=hint) from None
    named = value.get("format") if isinstance(value, dict) else None
    if not isinstance(named, str) or not _ANY_VERSION.fullmatch(named):
        raise StoreError(
            "This file is not a case log.",
            where=where,
            hint="Specify the case log with --case-log, or use another name to start a new one.",
        )
    if named != CASES:
        raise StoreError(
            "The case log was written by a newer version of microcred.",
            where=where,
            hint="Install that version, or specify another file with --case-log.",
        )
    try:
        return Cases.model_validate_json(data)
    except ValidationError as error:
        message = f"The case log is damaged ({_places(error)})."
        raise DamagedError(message, where=where, hint=_HINT_DAMAGED) from None


def _places(error: ValidationError) -> str:
    """The positions of invalid cases, without quoting anything from the file."""
    places = []
    for fault in error.errors():
        head, *rest = fault["loc"] or ("the whole file",)
        is_case = head == "cases" and rest and isinstance(rest[0], int)
        known = str(head) if head in {*Cases.model_fields, "the whole file"} else "an unknown key"
        places.append(f"case {int(rest[0]) + 1}" if is_case else known)
    return "invalid: " + ", ".join(dict.fromkeys(places[:5]))


class CompletedError(StoreError):
    """The case is completed and therefore cannot have another interview."""


@dataclass(frozen=True, slots=True)
class CaseLog:
    """A case log file, which may not exist yet."""

    path: Path

    @classmethod
    def named(cls, name: str | None = None) -> CaseLog:
        """The log at this path, or by default at `MICROCRED_CASE_LOG` or `./case-log.json`."""
        return cls(Path(name or os.environ.get(VARIABLE) or DEFAULT).absolute())

    @property
    def is_there(self) -> bool:
        """True if anything exists at the path of the log."""
        return os.path.lexists(self.path)

    def read(self) -> Cases:
        """All cases; empty if the log does not exist yet."""
        if not self.is_there:
            return Cases(cases=(), completed_by_week={})
        try:
            data = read_file(self.path, limit=LARGEST)
        except DamagedError as error:
            raise DamagedError(error.message, where=error.where, hint=_HINT_DAMAGED) from None
        return _parse(data, self.path)

    @contextmanager
    def take(self, label: str) -> Iterator[Case]:
        """Lock a case against all other processes and threads, and yield the case.

        Releasing the lock never fails. While the lock is held, contacts are recorded by a
        `CaseRecorder`.
        """
        label = check_label(label)
        self._check_folder()
        # A hash, so that a listing of the folder does not show which case is being interviewed.
        digest = hashlib.sha256(label.lower().encode()).hexdigest()[:16]
        lock = self.path.with_name(f".{self.path.name}.{digest}.lock")
        with ExitStack() as held:
            # Removing the lock file changes the folder's timestamp, so the timestamp is reset
            # afterwards.
            held.callback(self._neutralise_time, self.path)
            try:
                held.enter_context(files.lock(lock, wait=_LONGEST_LOOK, remove=True))
            except files.InUseError:
                hint = "Finish the interview there or close that window, then try again."
                raise self._refusal(f"Case {label} is in use in another window.", hint) from None
            self._sweep(but=lock)
            self._neutralise_time(lock)
            case = self.read().case(label)
            if case.is_completed:
                raise self._completed(case)
            yield case

    def record(
        self, label: str, contact: Contact, today: date, *, after: Sequence[str] | None = None
    ) -> Case:
        """Add a contact to a case, durably, and return the updated case.

        A final outcome closes the case and deletes its appointment; an interim outcome reopens the
        case. An appointment is kept until its day has passed or another one replaces it. "Not
        attempted" (3.11) is not a contact: it only adds the case to the log.

        `after` contains the earlier contacts of the case, if the caller knows them: if the log
        already has this contact after them, the contact is not added again. If the disk fails at
        the end of the write, the contact may have been recorded although an error was raised.
        """
        label = check_label(label)
        self._check_folder()
        lock = self.path.with_name(f".{self.path.name}.lock")
        with files.lock(lock, wait=_LONGEST_WAIT, still=True, remove=True):
            files.remove_leftovers_of(self.path.parent, (self.path.name,), still=True)
            cases = self.read()
            case = cases.case(label)
            is_there = after is not None and case.contacts == (*after, contact.code)
            if not is_there:
                case = self._with_contact(case, contact, today)
                cases = cases.with_case(case)
                if case.is_completed:
                    cases = cases.with_completed(today)
            data = serialise(cases)
            if len(data) > LARGEST:
                hint = "Specify another file with --case-log for further cases."
                raise self._refusal("The case log is full.", hint)
            files.replace_durably(self.path, data, still=True)
        return case

    def _sweep(self, *, but: Path) -> None:
        """Remove the lock files left by killed processes."""
        ours = re.compile(re.escape(f".{self.path.name}.") + r"[0-9a-f]{16}\.lock")
        with suppress(OSError, StoreError):
            for path in self.path.parent.iterdir():
                if path != but and ours.fullmatch(path.name):
                    with suppress(files.InUseError), files.lock(path, remove=True):
                        pass

    @staticmethod
    def _neutralise_time(path: Path) -> None:
        with suppress(StoreError):
            files.neutralise_time(path)

    def _check_folder(self) -> None:
        folder = self.path.parent
        with files.faults_named(folder):
            is_own = files.is_own(folder.stat())
        if not is_own:
            raise StoreError(
                "The folder of the case log belongs to another user.",
                where=folder,
                hint="Use --case-log to specify a file in a folder that you own.",
            )

    def _with_contact(self, case: Case, contact: Contact, today: date) -> Case:
        if case.is_completed:
            raise self._completed(case)
        if contact.code == NOT_ATTEMPTED:
            if case.contacts:
                hint = "Choose the outcome of the last attempt."
                message = f"Contact with case {case.label} has already been attempted."
                raise self._refusal(message, hint)
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
        hint = "Check the label; each case has only one interview."
        message = f"Case {case.label} is completed: its interview was submitted."
        return CompletedError(message, where=self.path, hint=hint)

    def _refusal(self, message: str, hint: str) -> StoreError:
        return StoreError(message, where=self.path, hint=hint)


@dataclass
class CaseRecorder:
    """Records the contacts of a locked case; a failure does not stop the interview.

    `case` is the case from `CaseLog.take`, updated after each recorded contact; `waiting` has the
    contacts that could not be recorded yet.
    """

    log: CaseLog
    case: Case
    waiting: list[tuple[Contact, date]] = field(default_factory=list)

    def record(self, contact: Contact, today: date) -> str | None:
        """Record all waiting contacts and this one; return a message to show if that fails."""
        self.waiting.append((contact, today))
        while self.waiting:
            contact, today = self.waiting[0]
            try:
                before = self.case.contacts
                self.case = self.log.record(self.case.label, contact, today, after=before)
            except StoreError as error:
                place = f" [{safe(error.where)}]" if error.where else ""
                return (
                    f"The case log could not be written: {safe(error.message)}{place} "
                    f"{safe(error.hint)} The interview is not affected. Still to be recorded "
                    f"for case {self.case.label}: {', '.join(c.code for c, _ in self.waiting)}."
                )
            del self.waiting[0]
        return None

"""The case log: a file with the outcome of every contact with every case.

Entries in the log cannot be linked to responses. The log contains no response ids or receipts, and
no contact times for cases with an interview; cases are sorted by label, and completed interviews
are counted by week for all cases together. To update the log, the whole file is read under a lock,
changed and replaced.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from microcred_cli import files
from microcred_cli.cases.case import (
    Case,
    Cases,
    Contact,
    LoggedContact,
    hour_of,
    week_of,
)
from microcred_cli.cases.dispositions import (
    NOT_ATTEMPTED,
    FinalOutcome,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.labels import check_label
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import DamagedError, NotTextError, as_text, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.formats import CASES
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from microcred_cli.cases.appointments import Appointment
    from microcred_cli.cases.base_record import Checked


VARIABLE: Final = "MICROCRED_CASE_LOG"
DEFAULT: Final = "case-log.json"
LARGEST: Final = 64 * 1024 * 1024
"""Maximum size of a log in bytes, enough for a hundred thousand cases with several contacts."""

_ANY_VERSION = re.compile(r"microcred-cases/[0-9]+")
_LONGEST_WAIT = 10.0
_LONGEST_LOOK = 0.3
_HINT_DAMAGED = (
    "Restore a backup, or rename the damaged file; a new log is then created when the next "
    "contact is recorded. A damaged log is never overwritten."
)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Suspend garbage collection, which would take most of the time when a large log is read."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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


def serialise_cases(cases: Cases) -> bytes:
    """Serialise a log as UTF-8 JSON, with one case per line."""
    head = json.dumps({"format": cases.format, "synthetic": cases.synthetic}, indent=2)
    parts = (f'"cases": {_lines(cases.cases)}', f'"interviews": {_lines(cases.interviews)}')
    return (head.removesuffix("\n}") + "".join(f",\n  {part}" for part in parts) + "\n}\n").encode()


def _lines(entries: Sequence[Checked]) -> str:
    lines = ",\n".join(f"    {entry.model_dump_json()}" for entry in entries)
    return f"[\n{lines}\n  ]" if lines else "[]"


def write_logs(folder: Path, parts: Sequence[Sequence[Case]], *, synthetic: bool) -> None:
    """Write each part as a separate case log, in a private folder, which is created if needed."""
    files.make_private_folder(folder)
    for number, part in enumerate(parts, 1):
        path = folder / f"case-log-{number:0{len(str(len(parts)))}}.json"
        data = serialise_cases(Cases(synthetic=synthetic, cases=tuple(part)))
        files.create_durably(path, data, still=True)


class CompletedError(StoreError):
    """Raised for a new interview of a case that is already completed."""


def _completed(case: Case, where: Path | None = None) -> StoreError:
    hint = "Check the label; each case has only one interview."
    message = f"Case {case.label} is completed: its interview was submitted."
    return CompletedError(message, where=where, hint=hint)


def with_contact(
    cases: Cases, label: str, contact: Contact, now: datetime, zone: str | None
) -> Cases:
    """The log with a contact added, as described in `CaseLog.record`."""
    case = cases.case(label)
    if case.find(contact.id) is not None or contact.id in case.undone:
        return cases
    if case.is_completed:
        raise _completed(case)
    if contact.code == NOT_ATTEMPTED:
        if case.contacts:
            hint = "Choose the outcome of the last attempt."
            message = f"A contact with case {case.label} is already recorded, so 3.11 cannot apply."
            raise StoreError(message, hint=hint)
        return cases.with_cases([case])
    logged = LoggedContact(
        id=contact.id,
        code=outcome_of(contact.code).code,
        hour=hour_of(now),
        after=case.last.id if case.last is not None else None,
        appointment=contact.appointment or _still_ahead(case, contact, now),
        reason=contact.reason,
    )
    cases = cases.with_cases([case.with_contacts((*case.contacts, logged))])
    return cases.with_interview(week_of(now, zone)) if is_interview(contact.code) else cases


def _still_ahead(case: Case, contact: Contact, now: datetime) -> Appointment | None:
    """The appointment of the case, if this interim contact was made earlier in the appointed hour.

    The log contains only the hours of contacts, so the new contact has to repeat the appointment.
    """
    kept = case.appointment
    if kept is None or kept.utc is None or isinstance(outcome_of(contact.code), FinalOutcome):
        return None
    is_ahead = kept.utc > f"{now.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return kept if is_ahead and kept.utc[:13] == hour_of(now) else None


def without_contact(cases: Cases, label: str, contact_id: str) -> Cases:
    """The log without a contact, as described in `CaseLog.undo`."""
    case = cases.case(label)
    contact = case.find(contact_id)
    if contact is None:
        if contact_id in case.undone:
            return cases
        hint = "Check the case log; another window may have changed it."
        raise StoreError(f"This contact is not in the log of case {case.label}.", hint=hint)
    if is_interview(contact.code):
        hint = "Withdraw the response with its receipt: microcred withdraw"
        message = f"The log entry for an interview cannot be undone (case {case.label})."
        raise StoreError(message, hint=hint)
    return cases.with_cases([case.with_contacts(case.contacts, undone=[contact_id])])


@dataclass(frozen=True, slots=True)
class CaseLog:
    """A case log file, which may not exist yet."""

    path: Path

    @classmethod
    def named(cls, name: str | None = None) -> CaseLog:
        """The log at this path, or by default at `MICROCRED_CASE_LOG` or `./case-log.json`.

        Raises:
            UsageError: the path is empty.
        """
        if name is None:
            name = os.environ.get(VARIABLE) or DEFAULT
        elif not name:
            raise UsageError(
                "The path of the case log is empty.", hint=f"Specify a file, such as {DEFAULT}."
            )
        return cls(Path(name).absolute())

    @property
    def is_there(self) -> bool:
        """True if anything exists at the path of the log."""
        return os.path.lexists(self.path)

    def read(self) -> Cases:
        """All cases; empty if the log does not exist yet."""
        if not self.is_there:
            return Cases()
        try:
            data = read_file(self.path, limit=LARGEST)
        except DamagedError as error:
            raise DamagedError(error.message, where=error.where, hint=_HINT_DAMAGED) from None
        with _without_collection():
            return _parse(data, self.path)

    @contextmanager
    def take(self, label: str) -> Iterator[Case]:
        """Lock a case, so that no other process or thread can use it, and yield the case.

        Releasing the lock never raises an error. While the lock is held, a `CaseRecorder` records
        the contacts.
        """
        label = check_label(label)
        self._check_folder()
        lock = self._lock_of(label)
        with ExitStack() as held:
            # Removing the lock file changes the folder's timestamp, so the timestamp is reset
            # afterwards.
            held.callback(self._neutralise_time, self.path)
            try:
                held.enter_context(files.lock(lock, wait=_LONGEST_LOOK, remove=True))
            except files.InUseError:
                hint = "Finish the interview in that window or close the window, then try again."
                message = f"Case {label} is in use in another window."
                raise files.InUseError(message, where=self.path, hint=hint) from None
            self._sweep()
            self._neutralise_time(lock)
            case = self.read().case(label)
            if case.is_completed:
                raise _completed(case, self.path)
            yield case

    def in_use(self, labels: Iterable[str]) -> frozenset[str]:
        """The labels (in lower case) of those given cases that a window has locked."""
        return frozenset(each.lower() for each in labels if self._is_held(self._lock_of(each)))

    def _sweep(self) -> None:
        """Remove the locks left by killed processes."""
        ours = re.compile(re.escape(f".{self.path.name}.") + r"[0-9a-f]{16}\.lock")
        with suppress(OSError):
            for path in self.path.parent.iterdir():
                if ours.fullmatch(path.name):
                    self._is_held(path)

    @staticmethod
    def _is_held(lock: Path) -> bool:
        """True if a lock is in use or cannot be opened; removes the lock of a killed process."""
        try:
            if os.path.lexists(lock):
                with files.lock(lock, still=True, remove=True):
                    pass
        except (OSError, StoreError):
            return True
        return False

    def _lock_of(self, label: str) -> Path:
        """The lock of a case; its name is a hash, so that a file listing does not show the case."""
        digest = hashlib.sha256(label.lower().encode()).hexdigest()[:16]
        return self.path.with_name(f".{self.path.name}.{digest}.lock")

    def record(
        self, label: str, contact: Contact, now: datetime, *, zone: str | None = None
    ) -> Case:
        """Durably add a contact, made at the moment `now`, to a case; return the updated case.

        A final outcome closes the case; an interim outcome reopens it. An interview is counted in
        its week in the time zone `zone`, and the hours and appointments of the case are deleted.
        "Not attempted" (3.11) is not a contact: it only adds the case to the log.

        Recording a contact again has no effect. If the disk fails at the end of the write, the
        contact may be in the log although an error was raised.
        """
        label = check_label(label)
        after = self.change(lambda cases: with_contact(cases, label, contact, now, zone))
        return after.case(label)

    def undo(self, label: str, contact_id: str) -> Case:
        """Undo a contact, durably, and return the updated case.

        Joining an older copy of the log does not restore the contact. Undoing a contact twice has
        no further effect. An interview cannot be undone, because its response is stored.
        """
        label = check_label(label)
        return self.change(lambda cases: without_contact(cases, label, contact_id)).case(label)

    def change(self, change: Callable[[Cases], Cases]) -> Cases:
        """Read the log under its lock, change it and replace it durably; returns the new log."""
        self._check_folder()
        lock = self.path.with_name(f".{self.path.name}.lock")
        with files.lock(lock, wait=_LONGEST_WAIT, still=True, remove=True):
            files.remove_leftovers_of(self.path.parent, (self.path.name,), still=True)
            before = self.read()
            try:
                cases = change(before)
            except StoreError as error:
                error.where = str(self.path)
                raise
            data = serialise_cases(cases)
            if len(data) > LARGEST:
                hint = "Specify another file with --case-log for further cases."
                raise self._refusal("The case log is full.", hint)
            files.replace_durably(self.path, data, still=True)
        return cases

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

    def _refusal(self, message: str, hint: str) -> StoreError:
        return StoreError(message, where=self.path, hint=hint)


@dataclass
class CaseRecorder:
    """Records the contacts of a locked case; a failure does not stop the interview.

    `case` is the case from `CaseLog.take`, updated after each recorded contact; `waiting` contains
    the contacts that could not be recorded yet. `in_doubt` contains the ids of contacts that were
    undone before they were recorded; a failed write may nevertheless have recorded them. `problem`
    is the last error in recording, in words that do not name the case.
    """

    log: CaseLog
    case: Case
    waiting: list[tuple[Contact, datetime]] = field(default_factory=list)
    in_doubt: list[str] = field(default_factory=list)
    problem: str = ""

    def record(self, contact: Contact, now: datetime, *, zone: str | None = None) -> str | None:
        """Record this and all waiting contacts; return a message to show if recording fails.

        An interview is counted in its week in the time zone `zone`.
        """
        self.waiting.append((contact, now))
        return self.retry(zone=zone)

    @property
    def is_behind(self) -> bool:
        """True if contacts still have to be recorded or undone in the log."""
        return bool(self.waiting or self.in_doubt)

    def retry(self, *, zone: str | None = None) -> str | None:
        """Record all waiting contacts; return a message to show if recording fails."""
        self.problem = ""
        try:
            self._undo_in_doubt()
            while self.waiting:
                contact, now = self.waiting[0]
                self.case = self.log.record(self.case.label, contact, now, zone=zone)
                del self.waiting[0]
        except StoreError as error:
            if not self.waiting:
                return self._not_undone(error)
            place = f" [{safe(error.where)}]" if error.where else ""
            self.problem = (
                f"The case log could not be written: {safe(error.message)}{place} "
                f"{safe(error.hint)} The interview is not affected."
            )
            codes = ", ".join(contact.code for contact, _ in self.waiting)
            return f"{self.problem} Still to be recorded for case {self.case.label}: {codes}."
        return None

    def undo(self, contact: Contact) -> str | None:
        """Undo a contact; return a message to show if the log cannot be written."""
        for entry in self.waiting:
            if entry[0].id == contact.id:
                self.waiting.remove(entry)
                self.in_doubt.append(contact.id)
                with suppress(StoreError):
                    self._undo_in_doubt()
                return None
        try:
            self.case = self.log.undo(self.case.label, contact.id)
        except StoreError as error:
            return self._not_undone(error)
        return None

    def _undo_in_doubt(self) -> None:
        while self.in_doubt:
            contact_id = self.in_doubt[0]
            if self.log.read().case(self.case.label).find(contact_id) is not None:
                self.case = self.log.undo(self.case.label, contact_id)
            del self.in_doubt[0]

    @staticmethod
    def _not_undone(error: StoreError) -> str:
        return f"The contact was not undone: {safe(error.message)} {safe(error.hint)}"

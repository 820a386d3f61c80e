"""A contact with a case, before and after the interview.

If the case log cannot be written, the interview continues, and the error is reported at the end.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microcred_cli.cases.appointments import Appointment, read_appointment
from microcred_cli.cases.dispositions import (
    COMPLETE,
    FINAL,
    INTERIM,
    PARTIAL,
    Mode,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.log import CaseLog, CaseRecorder, Contact
from microcred_cli.clock import zones
from microcred_cli.clock.zones import today
from microcred_cli.errors import ExitCode, InvalidAnswer
from microcred_cli.i18n import _, quoted
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.interview import Screen

BEGIN, ENDS, AGAIN = "begin", "ends", "again"
REFUSED = "2.112"
ENDINGS = {
    "complete": COMPLETE,
    "partial": PARTIAL,
    "screened_out": "4.70",
    "discarded": "2.12",
}
"""The final outcome codes, by the status of the interview."""
APPOINTMENTS = ("appointment", "later", "call_back")
"""Interim outcomes for which an appointment is requested."""


@dataclass
class CaseContact:
    """One contact with a locked case; the case log records nothing else of the interview.

    Dates and times are those of the time zone `zone`, or of the machine if it is None.
    """

    log: CaseLog
    recorder: CaseRecorder
    mode: Mode
    recorded: list[str] = field(default_factory=list)
    trouble: str = ""
    zone: str | None = None

    @property
    def label(self) -> str:
        """The label of the case."""
        return self.recorder.case.label

    def is_of(self, label: str | None, log: str | None) -> bool:
        """True if this contact belongs to the case with this label in this log."""
        return (label or "").lower() == self.label.lower() and log == str(self.log.path)

    @property
    def is_closed(self) -> bool:
        """True if the case has a final outcome."""
        return not self.recorder.case.is_open

    # -- before the interview --------------------------------------------------------------------

    def begins(self, screen: Screen, *, paused: bool = False) -> bool:
        """Ask how the contact went; True if the interview begins (or, if `paused`, continues)."""
        what = _("continue the interview") if paused else _("begin the interview")
        rows = [
            (BEGIN, _("The person is available: {what}").format(what=what)),
            *((o.code, _(o.label)) for o in INTERIM if self.mode in o.modes and o.code != "begun"),
            (ENDS, _("Close the case: choose the final outcome")),
        ]
        chosen: str | None = AGAIN
        while chosen == AGAIN:
            chosen = screen.choose(self._question(), rows)
            if chosen == BEGIN:
                return True
            if chosen == ENDS:
                question = _("Case {label}: what is the final outcome?").format(label=self.label)
                finals = [o for o in FINAL if self.mode in o.modes and not is_interview(o.code)]
                listed = [(o.code, f"{_(o.label)} ({o.code})") for o in finals]
                chosen = screen.choose(question, [*listed, (AGAIN, _("Go back: wrong key"))])
        if chosen is not None:
            self._record(screen, chosen)
        return False

    def said(self) -> int:
        """Report the recorded outcome of a contact without an interview; returns the exit code."""
        if self.trouble:
            say(self.trouble)
            return ExitCode.STORAGE
        what = ", ".join(_(outcome_of(code).label) for code in self.recorded) or _("nothing")
        say(_("Case {label}: recorded {what}.").format(label=self.label, what=what))
        return ExitCode.DONE

    def _question(self) -> str:
        case = self.recorder.case
        so_far = "; ".join(_(outcome_of(code).label) for code in case.contacts[-5:])
        parts = [_("Case {label}: how did this contact go?").format(label=case.label)]
        if so_far:
            parts.append(
                _("Contacts so far ({count}): {so_far}.").format(
                    count=len(case.contacts), so_far=so_far
                )
            )
        if case.appointment:
            agreed = case.appointment.in_words(today(self.zone))
            parts.append(_("Appointment: {appointment}.").format(appointment=agreed))
        return " ".join(parts)

    # -- after the interview ---------------------------------------------------------------------

    def ended(self, screen: Screen | None, status: str) -> str:
        """Record the outcome of an interview; returns any error message of the case log.

        Without a screen, no questions are asked: a refusal counts as final, and a pause has no
        appointment.
        """
        if status == "refused":
            self._record(screen, self._refusal(screen))
        elif status == "paused":
            self._record(screen, self._call_back(screen))
        elif status == "interrupted":
            # With piped input, the line after an invalid one answers a different question.
            there = screen if Surroundings.real().is_terminal else None
            self._record(there, self._call_back(there))
        else:
            self._record(screen, ENDINGS[status])
        return self.trouble

    def _refusal(self, screen: Screen | None) -> str:
        rows = (
            (REFUSED, _("Refused for good: do not ask again")),
            ("soft_refusal", _("Said no today: may be asked again")),
        )
        question = _("Case {label}: how firm was the refusal?").format(label=self.label)
        return (screen and screen.choose(question, rows)) or REFUSED

    def _call_back(self, screen: Screen | None) -> str:
        rows = (
            ("appointment", _("Appointment with the person")),
            ("later", _("The person asks for another time")),
            ("begun", _("To be continued, no time agreed")),
        )
        question = _("Case {label}: when will the interview continue?").format(label=self.label)
        return (screen and screen.choose(question, rows)) or "begun"

    def _record(self, screen: Screen | None, code: str) -> None:
        appointment = self._appointment(screen) if screen and code in APPOINTMENTS else None
        self.recorded.append(code)
        self.trouble = self.recorder.record(Contact(code, appointment), today(self.zone)) or ""

    def _appointment(self, screen: Screen) -> Appointment | None:
        """Ask for the date and time of an appointment; None if none was made."""
        problem = typed = ""
        while True:
            typed = screen.type_in(
                _("Case {label}: on which day, and at what hour?").format(label=self.label),
                _(
                    "For example 30.11. 14:30, tue 9.30, tomorrow 14 h, or +3 for three days from "
                    "now. Leave it empty if no day was agreed."
                ),
                problem,
                typed=typed,
            )
            if not typed:
                return None
            try:
                readings = read_appointment(typed, zones.now(), self.zone)
            except InvalidAnswer as invalid:
                problem = f"{invalid.message} {invalid.hint}"
                continue
            problem = ""
            if (agreed := self._agreed(screen, readings)) is not None:
                return agreed

    def _agreed(self, screen: Screen, readings: tuple[Appointment, ...]) -> Appointment | None:
        """The appointment that the person confirms when it is read out; None to type it again."""
        said = [appointment.in_words(today(self.zone)) for appointment in readings]
        back = (AGAIN, _("Go back and change it"))
        if len(said) == 1:
            question = _("Read out: {appointment}").format(appointment=quoted(said[0]))
            rows = [("0", _("Agreed: record it")), back]
        else:
            question = _("Which of these was agreed? Read them out.")
            rows = [*((str(number), words) for number, words in enumerate(said)), back]
        if readings[0].time is not None and readings[0].timezone is not None:
            zone = _("Time zone: {zone}").format(zone=readings[0].timezone)
            question = f"{question} ({zone})"
        chosen = screen.choose(question, rows)
        return None if chosen in (None, AGAIN) else readings[int(chosen)]


@contextmanager
def contact_with(log: CaseLog, label: str, mode: Mode) -> Iterator[CaseContact]:
    """A contact with a case, locked so that nobody else can contact it at the same time."""
    with log.take(label) as case:
        yield CaseContact(log, CaseRecorder(log, case), mode)

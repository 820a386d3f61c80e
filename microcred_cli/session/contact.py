"""A contact with a case, before and after the interview.

If the case log cannot be written, the interview continues, and the error is reported at the end.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar

from microcred_cli.cases.appointments import Appointment, read_appointment
from microcred_cli.cases.case import Contact
from microcred_cli.cases.dispositions import (
    COMPLETE,
    FINAL,
    INTERIM,
    PARTIAL,
    Mode,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.log import CaseLog, CaseRecorder
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words, hour_in_figures
from microcred_cli.clock.zones import today
from microcred_cli.errors import ExitCode, InvalidAnswer
from microcred_cli.i18n import _, joined, quoted, speaking, spoken
from microcred_cli.interview import ContactPage
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from microcred_cli.cases.case import Case
    from microcred_cli.cases.dispositions import FinalOutcome
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Screen

T = TypeVar("T")

BEGIN, ENDS, AGAIN = "begin", "ends", "again"
REFUSED, BROKEN_OFF = "2.112", "2.12"
Rows = tuple[tuple[str, str], ...]
"""The rows of a list, as pairs of code and label."""
ENDINGS = {
    "complete": COMPLETE,
    "partial": PARTIAL,
    "screened_out": "4.70",
    "discarded": BROKEN_OFF,
}
"""The final outcome codes, by the status of the interview."""
CONFIRMED = ("screened_out", "discarded")
"""The statuses whose outcome the interviewer has to confirm."""
APPOINTMENTS = ("appointment", "later", "call_back")
"""Interim outcomes for which the program asks for an appointment."""


@dataclass
class CaseContact:
    """One contact with a locked case; only its outcome is recorded in the case log.

    Weeks are counted in the time zone `zone` of the settings, or in the machine's time zone if
    `zone` is None; the dates and times on the pages are in the `local_zone` of the case. No
    appointment is made after `closes`, the last day of the survey, unless the interview has begun.
    `language` is the preselected language of the interview, if known; once the interview has begun,
    it is the actual language. `own_language` is the language of the interviewer's pages; None if it
    is the language of the screen.
    """

    finals: ClassVar[tuple[FinalOutcome, ...]] = FINAL
    """The final outcomes that can be chosen from a list."""

    log: CaseLog
    recorder: CaseRecorder
    mode: Mode
    recorded: list[str] = field(default_factory=list)
    trouble: str = ""
    zone: str | None = None
    closes: date | None = None
    language: str | None = None
    own_language: str | None = None
    interrupted: bool = field(init=False, default=False)
    """True if, before an interview, the interviewer left the list with Ctrl-C or input ended."""
    full_stratum: str = ""
    """The stratum of the case if its quota is full, and nobody has contacted the case yet."""
    is_unasked: bool = False
    """True if the interview was resumed without asking about the contact, with no answer since."""
    is_receipt_printed: bool = False
    """True if the receipt was printed in the shell, where the case must not be named."""
    has_answers: bool = field(init=False, default=False)
    """True if answers were given, which may be visible on the screen."""
    _was_closed: bool = field(init=False, default=False)
    _is_begun: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._was_closed = self.is_closed

    def follow(self, fieldwork: Fieldwork) -> None:
        """Use the time zone and the last day of these settings."""
        self.zone, self.closes = fieldwork.timezone, fieldwork.closes

    @property
    def local_zone(self) -> str | None:
        """The time zone of the case or, if it is missing or unknown on this machine, `zone`."""
        own = self.recorder.case.timezone
        return own if own and zones.is_area_and_city(own) else self.zone

    @property
    def label(self) -> str:
        """The label of the case."""
        return self.recorder.case.label

    @property
    def last_id(self) -> str | None:
        """The id of the last recorded contact with the case."""
        last = self.recorder.case.last
        return last.id if last is not None else None

    @contextmanager
    def own_pages(self, screen: Screen) -> Iterator[None]:
        """Show the pages within a `with` block in the language of the interviewer."""
        if self.own_language is None:
            yield
            return
        before = spoken()
        screen.speak(self.own_language)
        try:
            yield
        finally:
            screen.speak(before)

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
        self._is_begun = paused
        with self.own_pages(screen):
            while (chosen := self._outcome(screen, paused=paused)) is not None:
                if chosen == BEGIN:
                    return True
                if self._settles(screen, chosen):
                    return False
            self.interrupted = screen.interrupted
        return False

    def _outcome(self, screen: Screen, *, paused: bool) -> str | None:
        """The chosen outcome, or `BEGIN`; None if the interviewer leaves."""
        what = _("continue the interview") if paused else _("begin the interview")
        rows = [
            (BEGIN, _("The respondent is available: {what}").format(what=what)),
            *((o.code, _(o.label)) for o in INTERIM if self.mode in o.modes and o.code != "begun"),
            (ENDS, _("Close the case: choose the final outcome")),
        ]
        while True:
            chosen = screen.choose(self._question(), rows)
            if chosen == ENDS:
                chosen = self.final_outcome(screen, paused=paused)
            if chosen != AGAIN:
                return chosen

    def final_outcome(self, screen: Screen, *, paused: bool) -> str:
        """The final outcome chosen from a list, or `AGAIN`."""
        is_begun = paused or "begun" in self._case.codes
        finals = [
            (outcome.code, f"{_(outcome.label)} ({outcome.code})")
            for outcome in self.finals
            if self.mode in outcome.modes
            and not is_interview(outcome.code)
            and (is_begun or outcome.code != BROKEN_OFF)
        ]
        question = _("Case {label}: what is the final outcome?").format(label=self.label)
        return screen.choose(question, [*finals, go_back()], back=True) or AGAIN

    def said(self) -> int:
        """Report the recorded outcome of a contact without an interview; returns the exit code."""
        say(self.closing)
        if self.trouble:
            return ExitCode.STORAGE
        return ExitCode.INTERRUPTED if self.interrupted else ExitCode.DONE

    def tell(self, text: str) -> None:
        """Print a message about a paused interview."""
        say(text)

    @property
    def closing(self) -> str:
        """The line to print at the end, which does not name the case if a receipt is printed."""
        if self.is_receipt_printed:
            return self.recorder.problem or _("The outcome is recorded in the case log.")
        return self.outcome_words

    @property
    def outcome_words(self) -> str:
        """The recorded outcome and the state of the case, or the error in writing the case log."""
        if self.trouble:
            return self.trouble
        known = {
            COMPLETE: _("Case {label}: complete interview recorded."),
            PARTIAL: _("Case {label}: partial interview recorded."),
        }
        last = self.recorded[-1] if self.recorded else ""
        told = known.get(last) or _("Case {label}: recorded {what}.")
        what = _(outcome_of(last).label) if last else _("nothing")
        state = _("The case remains open.") if self._case.is_open else _("The case is closed.")
        if not last:
            state = ""
        elif self._was_closed and self._case.is_open:
            state = _("The case is open again.")
        parts = (told.format(label=self.label, what=what), state, self._appointment_words())
        return " ".join(filter(None, parts))

    @property
    def quota_words(self) -> str:
        """A note that the quota of the stratum is full; empty if it is not."""
        if not self.full_stratum:
            return ""
        full = _(
            "The quota of the stratum {stratum} is full: its target number of complete interviews "
            "has been reached."
        )
        return full.format(stratum=safe(self.full_stratum))

    @property
    def _case(self) -> Case:
        return self.recorder.case

    def _question(self) -> str:
        so_far = joined(_(outcome_of(code).label) for code in self._case.codes[-5:])
        asked = _("Case {label}: how did this contact go?").format(label=self.label)
        parts = [asked, self.quota_words]
        if self.is_closed and self._case.outcome is not None:
            code = self._case.outcome
            closed = _("The case is closed: {outcome} ({code}). Any interim outcome reopens it.")
            parts.append(closed.format(outcome=_(outcome_of(code).label), code=code))
        if so_far:
            parts.append(
                _("Contacts so far ({count}): {so_far}.").format(
                    count=self._case.attempts, so_far=so_far
                )
            )
        return " ".join(filter(None, (*parts, self._appointment_words())))

    def _appointment_words(self) -> str:
        """The appointment in words; empty if there is none."""
        agreed = self._case.appointment
        if agreed is None:
            return ""
        words = agreed.in_words(today(self.local_zone))
        return _("Appointment: {appointment}.").format(appointment=words)

    # -- after the interview ---------------------------------------------------------------------

    def ended(self, screen: Screen | None, status: str, *, is_begun: bool = True) -> bool:
        """Record the outcome of an interview; return False if the interviewer goes back instead.

        Without a screen, no questions are asked: a refusal counts as final, and a pause has no
        appointment. If the interview has not begun, a refusal can still be recorded.

        If the interviewer leaves without choosing an outcome, an interview that has begun is
        recorded as unfinished; otherwise, nothing is recorded.
        """
        with self.own_pages(screen) if screen is not None else nullcontext():
            if status in ENDINGS:
                return self._ends(screen, status)
            return self._stops(screen, status, is_begun=is_begun)

    def _stops(self, screen: Screen | None, status: str, *, is_begun: bool) -> bool:
        """Record the outcome of a pause or a refusal; return False if the interviewer goes back."""
        self._is_begun = is_begun
        if status == "interrupted" and not _is_at_terminal():
            # With piped input, the line after an invalid line is meant for a different question.
            screen = None
            is_begun = is_begun and not self.is_unasked
        question, rows = self._refusals() if status == "refused" else self._call_backs(is_begun)
        certain = "" if status == "refused" or not is_begun else "begun"
        while screen is not None:
            chosen = screen.offer(ContactPage("", question, (*rows, go_back()), back=AGAIN))
            if chosen is None:
                break
            if chosen == AGAIN:
                return False
            if self._settles(screen, chosen):
                return True
        if status == "refused" and (screen is None or not screen.watched):
            certain = REFUSED
        if certain:
            self._record(certain)
        return True

    def _ends(self, screen: Screen | None, status: str) -> bool:
        """Record the outcome of a closed interview, after confirmation if nothing was stored."""
        code = ENDINGS[status]
        if status in CONFIRMED and screen is not None and screen.watched:
            chosen = self._confirmed(screen, code)
            if chosen == AGAIN or (chosen is None and _is_at_terminal()):
                return False
        self._record(code)
        return True

    def _refusals(self) -> tuple[str, Rows]:
        rows = (
            (REFUSED, _("Refused for good: do not ask again")),
            ("soft_refusal", _("Said no today: may be asked again")),
        )
        return _("Case {label}: how firm was the refusal?").format(label=self.label), rows

    def _call_backs(self, is_begun: bool) -> tuple[str, Rows]:
        rows = (
            ("appointment", _("Appointment with the respondent")),
            ("later", _("The respondent asks for another time")),
        )
        if not is_begun:
            return self._question(), (*rows, *self._refusals()[1])
        question = _("Case {label}: when will the interview continue?").format(label=self.label)
        return question, (*rows, ("begun", _("To be continued, no time agreed")))

    def _settles(self, screen: Screen, code: str) -> bool:
        """Record an outcome chosen by the interviewer; return False if they go back instead."""
        appointment = self._appointment(screen) if code in APPOINTMENTS else None
        if isinstance(appointment, str):
            return False
        if appointment is None and screen.watched and not self._is_sure(screen, code):
            return False
        reason = self._reason(screen, code)
        if reason == AGAIN:
            return False
        self._record(code, appointment, reason)
        return True

    def _reason(self, screen: Screen, code: str) -> str | None:  # noqa: ARG002
        """The reason for a refusal, or `AGAIN`; None if it is not asked for."""
        return None

    def _is_sure(self, screen: Screen, code: str) -> bool:
        return self._confirmed(screen, code) == code

    def _confirmed(self, screen: Screen, code: str) -> str | None:
        """Ask for confirmation of an outcome, so that a single wrong key cannot record it.

        Returns the code or `AGAIN`; None if the interviewer leaves.
        """
        question = _("Case {label}: {what}").format(
            label=self.label, what=_(outcome_of(code).label)
        )
        rows = ((code, _("Record this outcome")), go_back())
        return screen.choose(question, rows, unexpected=True, back=True)

    def _record(
        self, code: str, appointment: Appointment | None = None, reason: str | None = None
    ) -> None:
        self._log(Contact(code, appointment, reason))

    def _log(self, contact: Contact) -> None:
        self.recorded.append(contact.code)
        self.trouble = self.recorder.record(contact, zones.now(), zone=self.zone) or ""

    def _appointment(self, screen: Screen) -> Appointment | str | None:
        """Ask for the date and time of an appointment; None if there is none, or `AGAIN`."""
        problem, typed = "", ""
        while True:
            line = screen.type_in(
                _("Case {label}: on which day, and at what time?").format(label=self.label),
                self._how_to_type_a_day(),
                problem,
                typed=typed,
            )
            if not line:
                return AGAIN if line is None else None
            typed = line
            try:
                readings = self._possible(read_appointment(typed, zones.now(), self.local_zone))
            except InvalidAnswer as invalid:
                problem = f"{invalid.message} {invalid.hint}"
                continue
            problem = ""
            if (agreed := self._agreed(screen, readings)) is not None:
                return agreed

    def _how_to_type_a_day(self) -> str:
        """How to type an appointment, after the time zone if the case or the settings have one."""
        how = _(
            "For example 30.11. 14:30, tue 9.30, tomorrow 14 h, or +3 for three days from now. "
            "Leave it empty if no day was agreed."
        )
        if self.local_zone is None:
            return how
        hour = hour_in_figures(zones.wall_time(zones.now(), self.local_zone).time())
        where = _("Time zone: {zone} (now {time}).").format(zone=self.local_zone, time=hour)
        return f"{where} {how}"

    def _possible(self, readings: tuple[Appointment, ...]) -> tuple[Appointment, ...]:
        """The meanings of a line that are not after the last day of the survey."""
        last = self.closes
        if last is None or self._is_begun:
            return readings
        found = tuple(each for each in readings if each.day_in(self.zone) <= last)
        if not found:
            wrong = _("The survey closes on {day}; no interview can begin after that day.")
            hint = _("Agree on an earlier day, or go back and choose another outcome.")
            raise InvalidAnswer(wrong.format(day=date_in_words(last)), hint=hint)
        return found

    def _agreed(self, screen: Screen, readings: tuple[Appointment, ...]) -> Appointment | None:
        """Ask the interviewer to read out an appointment and confirm it; None to change it."""
        first, day = readings[0], today(self.local_zone)
        back = (AGAIN, _("Go back and change it"))
        if len(readings) == 1:
            said = self._read_out(lambda: quoted(first.in_words(day, zone=False, aloud=True)))
            named = f" ({first.timezone})" if first.time and first.timezone else ""
            question = _("Read out: {appointment}").format(appointment=f"{said}{named}")
            rows = [("0", _("Agreed: record it")), back]
        else:
            question = _("Which of these was agreed? Read them out.")
            words = self._read_out(lambda: [each.in_words(day, aloud=True) for each in readings])
            rows = [*((str(n), each) for n, each in enumerate(words)), back]
        chosen = screen.choose(question, rows, back=True)
        return None if chosen in (None, AGAIN) else readings[int(chosen)]

    def _read_out(self, words: Callable[[], T]) -> T:
        """Create words to read out, in the language of the respondent."""
        if self.own_language is None or self.language is None:
            return words()
        with speaking(self.language):
            return words()


def _is_at_terminal() -> bool:
    return Surroundings.real().is_terminal


def go_back() -> tuple[str, str]:
    """The row of a list with which the interviewer goes back to the previous list."""
    return AGAIN, _("Go back: wrong key")


@contextmanager
def contact_with(log: CaseLog, label: str, mode: Mode) -> Iterator[CaseContact]:
    """A contact with a case, which is locked so that no other process can use it."""
    with log.take(label) as case:
        yield CaseContact(log, CaseRecorder(log, case), mode, language=case.language)

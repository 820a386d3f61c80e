"""`conduct_series`: offers the cases that are due, one after the other."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.cases.calling import Calling
from microcred_cli.cases.listing import contacts_ahead, list_cases
from microcred_cli.cases.log import CaseRecorder, CompletedError
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import ExitCode, MicrocredError
from microcred_cli.fieldwork.background import objections, opening_words
from microcred_cli.i18n import N_, _, n_, speak, speaking
from microcred_cli.session.begin import begin_interview, prepare_to_ask, usual_language
from microcred_cli.session.opening import (
    prepared_responses,
    screen_for,
    start_on,
)
from microcred_cli.session.options import notes_for_staff
from microcred_cli.session.paused import (
    PausedCase,
    delete_paused,
    paused_cases,
    receipt_left,
)
from microcred_cli.session.resume import find_paused, resume_interview
from microcred_cli.session.series_contact import (
    IN_USE,
    NEXT,
    SKIP,
    STOP,
    UNDO,
    FirstWords,
    SeriesContact,
)
from microcred_cli.store.drafts import Drafts
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.text import safe

if TYPE_CHECKING:
    from datetime import datetime

    from microcred_cli.cases.case import Case
    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.cases.listing import ListedCase
    from microcred_cli.cases.log import CaseLog
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.session.options import Choices

RECEIPT_LEFT: Final = N_(
    "The receipt of an earlier interview has not been confirmed yet. To show it again: microcred "
    "resume"
)
CLOCK: Final = N_(
    "The case log has contacts in the future, so the clock of this or another machine is or was "
    "wrong. Check the date and time."
)
RECEIPT: Final = "receipt"


def conduct_series(choices: Choices, mode: Mode, log: CaseLog) -> int:
    """Offer the cases that are due, one after the other; returns the exit code."""
    fieldwork, loaded, offered, asked_for = prepare_to_ask(choices)
    prepared_responses(choices, fieldwork, loaded)
    drafts = Drafts.here()
    drafts.prepare()
    start_on(drafts, fieldwork)
    choices = choices.having(in_series=True)
    series = Series(choices, mode, log, fieldwork, loaded, offered, asked_for)
    series.notes = notes_for_staff(fieldwork, loaded.questionnaire)
    if drafts.keeps_receipt() and not series.offers_receipt():
        say(_(RECEIPT_LEFT))
        series.first_notes += (RECEIPT_LEFT,)
    return series.conduct()


def _still_due(count: int) -> str:
    still = n_(
        "{count} case left for now is still due.",
        "{count} cases left for now are still due.",
        count,
    )
    return still.format(count=count)


@dataclass
class Series:
    """The cases offered to one interviewer, and the screen between interviews.

    `passed` contains the labels of all cases that were skipped for now or are in use in another
    window. `left` contains the cases that were skipped for now, in order. `busy` contains the cases
    that were in use when they were due, and `in_use` those of them that have not been reported to
    the interviewer yet. `unrecorded` contains the contacts that could not be recorded: recording is
    retried before the next case and at the end, where any remaining errors are printed. `notes` are
    shown on the first page until a key is pressed. `first_notes` are untranslated messages that are
    part of the page of the first case, and `last` is the last contact with a recorded outcome.
    """

    choices: Choices
    mode: Mode
    log: CaseLog
    fieldwork: Fieldwork
    loaded: Loaded
    offered: tuple[str, ...]
    asked_for: str | None
    first_notes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    passed: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    in_use: list[str] = field(default_factory=list)
    unrecorded: list[SeriesContact] = field(default_factory=list)
    code: int = ExitCode.DONE
    last: SeriesContact | None = None
    _just_left: str = ""
    _nothing: str = ""
    _retaken: set[str] = field(default_factory=set)
    _has_answers: bool = False
    _is_clock_checked: bool = False
    _paused: dict[str, PausedCase] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _screen: Screen | None = None

    def conduct(self) -> int:
        """Offer one case after the other, until none is due or the interviewer stops."""
        try:
            with self._stack:
                wish = NEXT
                while wish != STOP:
                    if (found := self._next()) is not None:
                        wish = self._take(*found)
                    elif not self._frees() and not self._returns():
                        break
                self._close()
        finally:
            self._retry()
            for contact in self.unrecorded:
                say(contact.closing)
            self._say_rest()
        self._say_last()
        if self.unrecorded:
            self.code = ExitCode.STORAGE
        if wish != STOP:
            self._say_none_is_due()
        return self.code

    def _say_last(self) -> None:
        """Print the last recorded outcome, or that nothing was recorded."""
        if self.last is not None:
            for line in filter(None, (self.last.told, self.last.closing)):
                say(line)
        elif self._nothing:
            say(self._nothing)

    def _say_rest(self) -> None:
        """Print any notes that no page has shown, and how to clear answers from a plain screen."""
        for note in self.notes:
            say(note)
        if not self._has_answers:
            return
        surroundings = Surroundings.real()
        if is_plain(surroundings, self.choices.plain) and surroundings.width is not None:
            from microcred_cli.terminal.plain_asker import VISIBLE

            say(_(VISIBLE))

    def offers_receipt(self) -> bool:
        """Offer a receipt left unconfirmed by an interruption; False if it cannot be shown."""
        code = receipt_left(Drafts.here())
        if code is None:
            return False
        rows = [(RECEIPT, _("Show the receipt")), (SKIP, _("Later"))]
        question = _("The receipt of an earlier interview has not been confirmed yet.")
        with self._stack:
            chosen = self._open().choose(question, rows, unexpected=True)
            self._close()
        if chosen == RECEIPT:
            try:
                resume_interview(self.choices, code)
            except MicrocredError:
                return False
            speak(self.own_language)
        return True

    # -- the list --------------------------------------------------------------------------------

    def _listed(self) -> tuple[ListedCase, ...]:
        self._paused = paused_cases(self.log.path)
        begun = {label: each.last_contact for label, each in self._paused.items()}
        calling, zone = self.fieldwork.calling or Calling(), self.fieldwork.timezone
        cases, now = self.log.read(), zones.now()
        if not self._is_clock_checked:
            self._is_clock_checked = True
            self.first_notes += (CLOCK,) if contacts_ahead(cases, now) else ()
        return list_cases(cases, calling, now, zone, begun)

    def _next(self) -> tuple[str, str] | None:
        """The label of the next case, and the untranslated message that states why it is due."""
        self._retry()
        for each in self._listed():
            if each.is_due and each.case.label.lower() not in self.passed:
                return each.case.label, each.reason
        return None

    def _frees(self) -> bool:
        """Offer the cases again that are no longer in use; False if there are none.

        A case that is refused again when it is offered again is not offered a third time.
        """
        held = self.log.in_use(self.busy) | self._retaken
        free = [label for label in self.busy if label.lower() not in held]
        self._retaken.update(label.lower() for label in free)
        self.busy = [label for label in self.busy if label not in free]
        self.in_use = [label for label in self.in_use if label not in free]
        self.passed.difference_update(label.lower() for label in free)
        return bool(free)

    def _returns(self) -> bool:
        """Ask whether to offer the cases skipped for now again; False if there are none."""
        count = self._left_and_due()
        if not count:
            return False
        question = " ".join((_("No other case is due now."), _still_due(count)))
        again = n_("Back to the case left for now", "Back to the cases left for now", count)
        rows = [(NEXT, again), (STOP, _("Stop here"))]
        if self._open().choose(question, rows, unexpected=True) != NEXT:
            return False
        self.passed.difference_update(label.lower() for label in self.left)
        self.left.clear()
        self._just_left = ""
        return True

    def _left_and_due(self) -> int:
        """The number of cases that were skipped for now and are still due."""
        return sum(each.is_due and each.case.label in self.left for each in self._listed())

    def _retry(self) -> None:
        """Try again to record the contacts that could not be recorded."""
        still = []
        for contact in self.unrecorded:
            if contact.recorder.is_behind:
                contact.trouble = contact.recorder.retry(zone=contact.zone) or ""
            if contact.trouble:
                still.append(contact)
                continue
            if contact.recorded:
                self.passed.discard(contact.label.lower())
            if contact.is_closed:
                delete_paused(contact)
        self.unrecorded = still

    def _say_none_is_due(self) -> None:
        for label in self.busy:
            say(_(IN_USE).format(label=label))
        listed = self._listed()
        if not listed:
            say(_("The case log has no cases yet. Load the sample: microcred cases load FILE"))
            return
        say(_("No other case is due now."))
        if count := self._left_and_due():
            say(_still_due(count))
        ahead = [each.since for each in listed if each.since is not None and not each.is_due]
        if ahead:
            say(_("Next case due: {time}").format(time=self._in_words(min(ahead))))

    def _in_words(self, moment: datetime) -> str:
        zone = self.fieldwork.timezone
        there = zones.wall_time(moment, zone)
        year = there.year != self.fieldwork.today().year
        named = zone or zones.zone_of_this_machine() or ""
        return date_in_words(there.date(), there.time(), named, weekday=True, year=year)

    # -- a case ----------------------------------------------------------------------------------

    def _take(self, label: str, why: str) -> str:
        """Lock a case and handle the contact; a case in use in another window is skipped."""
        with ExitStack() as held:
            try:
                case = held.enter_context(self.log.take(label))
            except (files.InUseError, CompletedError) as error:
                self.passed.add(label.lower())
                if isinstance(error, files.InUseError):
                    self.busy.append(label)
                    self.in_use.append(label)
                return NEXT
            self._retaken.discard(label.lower())
            if self.last is not None:
                self.last.told = ""
            contact = self._contact(case, why)
            try:
                wish = self._attend(contact)
                if contact.interrupted:
                    self.code = self.code or ExitCode.INTERRUPTED
            finally:
                if contact.trouble or contact.recorder.is_behind:
                    self.passed.add(label.lower())
                    self.unrecorded.append(contact)
            if contact.recorded and not contact.trouble:
                self.last = contact
            return wish

    def _contact(self, case: Case, why: str) -> SeriesContact:
        own = case.language if case.language in self.offered else None
        usual = self.own_language if self.own_language in self.offered else self.offered[0]
        contact = SeriesContact(
            *(self.log, CaseRecorder(self.log, case), self.mode),
            language=own or usual,
            own_language=self.own_language,
            words_in=self._words_in,
            languages=self.offered,
            why=why,
            in_use=tuple(self.in_use),
            left=self._just_left,
            first_notes=self.first_notes,
        )
        paused = self._paused.get(contact.label.lower())
        if paused is not None and paused.language in self.loaded.languages:
            contact.language = paused.language
        self.first_notes, self._just_left = (), ""
        contact.follow(self.fieldwork)
        self.in_use.clear()
        return contact

    def _words_in(self, language: str) -> FirstWords:
        said = self.loaded.languages[language]
        is_known = self.own_language in self.loaded.languages
        own = self.loaded.languages[self.own_language] if is_known else said
        with speaking(language):
            opening = opening_words(said, self.fieldwork, language)
            return FirstWords(" ".join(opening), objections(said, self.fieldwork, language, own))

    def _attend(self, contact: SeriesContact) -> str:
        """Record an outcome, or conduct the interview; returns the interviewer's next choice."""
        while True:
            screen = self._open()
            if contact.begins(screen, paused=contact.label.lower() in self._paused):
                failed = self._interviews(contact)
                self._paused = paused_cases(self.log.path)
                if failed is not None:
                    return self._after_failure(contact, failed)
            if contact.wish in (SKIP, STOP):
                self.passed.add(contact.label.lower())
                if contact.wish == SKIP:
                    self.left.append(contact.label)
                    self._just_left = contact.label
                else:
                    self._nothing = contact.outcome_words
                return contact.wish
            if contact.recorded:
                wish = contact.comes_next(self._open())
                if wish != UNDO:
                    if contact.is_closed:
                        delete_paused(contact)
                        contact.told = ""
                    return wish
            elif not self._open().watched:
                contact.interrupted = True
                return STOP

    def _interviews(self, contact: SeriesContact) -> MicrocredError | None:
        """Conduct the interview on a separate screen; returns any error that prevented it."""
        self._close()
        contact.is_there = contact.in_interview = True
        contact.told = ""
        try:
            code = find_paused(contact, self.choices.plain)
            if code is not None:
                resume_interview(self.choices, code, contact)
            else:
                begin_interview(self.choices.having(language=None), self.mode, contact)
        except MicrocredError as error:
            return error
        finally:
            contact.is_there = contact.in_interview = False
            self._has_answers |= contact.has_answers
        return None

    def _after_failure(self, contact: SeriesContact, error: MicrocredError) -> str:
        """Show the error that ended an interview, and skip the case."""
        self.code = error.exit_code
        self.passed.add(contact.label.lower())
        screen = self._open()
        rows = [(NEXT, _("Next case")), (STOP, _("Stop here"))]
        place = f" [{safe(error.where)}]" if error.where else ""
        message = f"{safe(error.message)}{place} {safe(error.hint)} {contact.trouble}".rstrip()
        return screen.choose(message, rows, unexpected=True) or STOP

    # -- the screen ------------------------------------------------------------------------------

    @property
    def own_language(self) -> str:
        """The language of the pages for the interviewer."""
        return self.asked_for or usual_language(self.offered)

    def _open(self) -> Screen:
        """The screen between interviews, in the language of the interviewer."""
        if self._screen is None:
            screen = screen_for(self.choices, self.loaded, self.fieldwork, self.mode, self.offered)
            screen.warn(self.notes)
            self.notes = ()
            self._screen = self._stack.enter_context(screen)
        self._screen.speak(self.own_language)
        return self._screen

    def _close(self) -> None:
        """Release the terminal, so that messages can be printed."""
        self._stack.close()
        self._screen = None

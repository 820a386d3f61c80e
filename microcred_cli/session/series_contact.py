"""A contact with a case in a series: the outcome is asked for first, and can be undone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, ClassVar, Final

from microcred_cli.cases.case import Contact
from microcred_cli.cases.dispositions import (
    FINAL,
    INTERIM,
    NOT_ATTEMPTED,
    REASONS,
    REFUSALS,
    Reached,
    is_interview,
    outcome_of,
)
from microcred_cli.cases.listing import INTERRUPTED, RULES, is_overdue
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words, hour_in_figures
from microcred_cli.errors import ExitCode
from microcred_cli.i18n import N_, _, labelled, n_
from microcred_cli.interview import ContactPage
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.session.contact import (
    AGAIN,
    BEGIN,
    ENDS,
    CaseContact,
    Rows,
    go_back,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from microcred_cli.cases.appointments import Appointment
    from microcred_cli.cases.case import LoggedContact
    from microcred_cli.interview import Screen

SOMEBODY, OTHER, REFUSED, OPENING, LANGUAGE = "somebody", "other", "refused", "opening", "language?"
NEXT, UNDO, SKIP, STOP = "next", "undo", "skip", "stop"
IN_USE: Final = N_("Case {label} is in use in another window.")
LEFT: Final = N_("Case {label} was left for now; it is offered again at the end.")
_MOST_SHOWN: Final = 3
"""The maximum number of earlier contacts shown, so that the page fits on 20 rows."""
_LATER_IN_LIST: Final = ("technical", "not_found", "language")
"""Rare interim outcomes, which are offered only in a second list."""
_ASKED: Final = {"phone": N_("Did anybody answer?"), "in_person": N_("Is anybody there?")}
_WITHOUT: Final = {
    "phone": N_("Who is on the line?"),
    "in_person": N_("Who is there?"),
}


@dataclass(frozen=True, slots=True)
class FirstWords:
    """The opening words in one language, and each objection with its reply."""

    opening: str
    replies: tuple[tuple[str, str], ...]


@dataclass(kw_only=True)
class SeriesContact(CaseContact):
    """A contact with a case that is due; each outcome is recorded as soon as it is chosen.

    `why` is an untranslated message that states why the case is due; `in_use` contains the labels
    of cases that were skipped because they are in use, and `left` is the label of the case that was
    just skipped for now. `language` is the language of the opening words and, unless another one is
    chosen, of the interview; all other words are in `own_language`. `wish` is the interviewer's
    choice if no outcome was recorded.
    """

    finals: ClassVar = tuple(outcome for outcome in FINAL if outcome.code != NOT_ATTEMPTED)
    words_in: Callable[[str], FirstWords]
    languages: tuple[str, ...]
    why: str = ""
    in_use: tuple[str, ...] = ()
    left: str = ""
    wish: str = ""
    is_there: bool = False
    """True if an earlier screen established that the respondent is available."""
    in_interview: bool = False
    first_notes: tuple[str, ...] = ()
    """Untranslated messages that are shown with the first case."""
    told: str = field(default="", init=False)
    """The message about a paused interview, which is printed only if the series ends with it."""
    last: Contact | None = field(default=None, init=False)

    def begins(self, screen: Screen, *, paused: bool = False) -> bool:
        """Ask whether anybody answered; True if the interview begins or (if `paused`) continues."""
        if self.is_there:
            self.is_there = False
            return True
        self.wish, self._is_begun = "", paused
        with self.own_pages(screen):
            return self._asks(screen, paused=paused)

    def _asks(self, screen: Screen, *, paused: bool) -> bool:
        """Show the pages before the interview until an outcome is recorded or it begins."""
        while not self.wish and not self.recorded:
            chosen = screen.offer(self._dialling()) or STOP
            self.interrupted = screen.interrupted
            if chosen in (SKIP, STOP):
                self.wish = chosen
            elif chosen == SOMEBODY:
                if self._opens(screen, paused=paused):
                    return True
            elif chosen == OTHER:
                self._settles_other(screen, paused=paused)
            else:
                self._settles(screen, chosen)
        return False

    def said(self) -> int:
        """The exit code of a contact without an interview; the next page shows its outcome."""
        return ExitCode.STORAGE if self.trouble else ExitCode.DONE

    def tell(self, text: str) -> None:
        """Keep the message until the end of the series, which offers the paused interview again."""
        self.told = text

    @property
    def closing(self) -> str:
        """The recorded outcome; empty during an interview, as the next page shows the outcome."""
        return "" if self.in_interview else super().closing

    # -- pages -----------------------------------------------------------------------------------

    def _dialling(self) -> ContactPage:
        """The page that is shown until somebody has answered."""
        nobody = tuple(
            (outcome.code, _(outcome.label))
            for outcome in INTERIM
            if self.mode in outcome.modes
            and outcome.reached <= Reached.SIGN
            and outcome.code not in _LATER_IN_LIST
        )
        rows = (
            (SOMEBODY, _("Yes: show the opening words")),
            *nobody,
            (OTHER, _("Another outcome")),
            (SKIP, _("Leave this case for now")),
            (STOP, _("Stop here")),
        )
        place = self._reason_due()
        passed = [_(IN_USE).format(label=label) for label in self.in_use]
        passed += [_(LEFT).format(label=self.left)] if self.left not in ("", self.label) else []
        notes = (self._local_time(), self._not_offered(), *map(_, self.first_notes))
        known = (*self._history(), *filter(None, notes), *passed)
        title = self._title(self._language_name())
        return ContactPage(title, _(_ASKED[self.mode]), rows, place, known)

    def _reason_due(self) -> str:
        """The appointment or the rule by which the case is due, and whether its interview began."""
        begun, agreed = RULES["paused"], self._agreed_words()
        why = begun if self._is_begun and self.why != INTERRUPTED else self.why
        named = [_(why)] if why and (not agreed or why in (begun, INTERRUPTED)) else []
        return " · ".join(filter(None, (*named, agreed)))

    def _title(self, *more: str) -> str:
        case = self.recorder.case
        label = _("Case {label}").format(label=case.label)
        return " · ".join(filter(None, (label, case.stratum, *more)))

    def _agreed_words(self) -> str:
        """The appointment in words, and whether it is overdue; empty if there is none."""
        agreed, words = self._case.appointment, self._appointment_words()
        if agreed is None or not is_overdue(agreed, zones.now()):
            return words
        return " ".join((words, _("This appointment is overdue.")))

    def _language_name(self) -> str:
        """The language of the case or of its paused interview; empty if the case has none."""
        own = self.recorder.case.language
        if own is None:
            return ""
        return own_name((self.language or own) if own in self.languages else own)

    def _not_offered(self) -> str:
        """A note if the interview is not offered in the language of the case."""
        own = self.recorder.case.language
        if own is None or own in self.languages:
            return ""
        return labelled(own_name(own), _("The questionnaire is not available in this language."))

    def _local_time(self) -> str:
        """The time of day in the time zone of the case, if this machine uses a different one."""
        zone = self.recorder.case.timezone
        if zone is None or zone != self.local_zone:
            return ""
        now = zones.now()
        there, here = (zones.wall_time(now, each).replace(tzinfo=None) for each in (zone, None))
        if there == here:
            return ""
        time_there = hour_in_figures(there.time())
        return _("It is now {time} there ({zone}).").format(time=time_there, zone=zone)

    def _history(self) -> Iterator[str]:
        contacts = self.recorder.case.contacts
        earlier = len(contacts) - _MOST_SHOWN
        if earlier > 0:
            more = n_("{count} earlier contact", "{count} earlier contacts", earlier)
            yield more.format(count=earlier)
        for contact in contacts[-_MOST_SHOWN:]:
            yield self._in_words(contact)

    def _in_words(self, contact: LoggedContact) -> str:
        what = _(outcome_of(contact.code).label)
        if contact.reason in REASONS:
            what = f"{what} ({_(REASONS[contact.reason])})"
        if contact.moment is None:
            return what
        then = zones.wall_time(contact.moment, self.local_zone)
        year = then.year != zones.today(self.local_zone).year
        begins, ends = (hour_in_figures(time((then.hour + more) % 24)) for more in (0, 1))
        day = date_in_words(then.date(), weekday=True, year=year)
        return labelled(_("{day}, {time}").format(day=day, time=f"{begins}–{ends}"), what)

    def _opens(self, screen: Screen, *, paused: bool) -> bool:
        """Show the first words; True if the interview begins.

        If the interview does not begin, an outcome was recorded, or the interviewer goes back.
        """
        words = self.words_in(self.language or "")
        heading, said = _("Opening words (read aloud)"), words.opening
        while True:
            chosen = screen.offer(self._opening(words, heading, said, paused=paused))
            if chosen is None or chosen in (AGAIN, BEGIN):
                return chosen == BEGIN
            if chosen == OPENING:
                heading, said = _("Opening words (read aloud)"), words.opening
            elif chosen == LANGUAGE:
                words = self._in_other_language(screen, words)
                heading, said = _("Opening words (read aloud)"), words.opening
            elif chosen.isdecimal():
                heading, said = words.replies[int(chosen)]
            elif self._settles_one(screen, chosen, paused=paused):
                return False

    def _opening(self, words: FirstWords, heading: str, said: str, *, paused: bool) -> ContactPage:
        what = _("continue the interview") if paused else _("begin the interview")
        begin = _("The respondent is available: {what}").format(what=what)
        spoken_to = ("appointment", "later", "call_back")
        rows = (
            (BEGIN, begin),
            *((code, _(outcome_of(code).label)) for code in spoken_to),
            (REFUSED, _("Refusal")),
            (OTHER, _("Another outcome")),
        )
        further = [(str(number), label) for number, (label, _reply) in enumerate(words.replies)]
        if len(self.languages) > 1:
            further.append((LANGUAGE, _("Change the language")))
        if said != words.opening:
            further.append((OPENING, _("Opening words")))
        question = _(_WITHOUT[self.mode])
        title = self._title(heading)
        return ContactPage(title, question, rows, aloud=said, further=further, back=AGAIN)

    def _in_other_language(self, screen: Screen, words: FirstWords) -> FirstWords:
        rows = [(code, own_name(code)) for code in self.languages]
        chosen = screen.choose(_("Which language?"), rows, back=True)
        if chosen is None:
            return words
        self.language = chosen
        return self.words_in(chosen)

    # -- outcomes --------------------------------------------------------------------------------

    def _settles_one(self, screen: Screen, chosen: str, *, paused: bool) -> bool:
        """Record an outcome, from a second list if needed; False if the interviewer goes back."""
        if chosen == OTHER:
            return self._settles_other(screen, paused=paused)
        if chosen == REFUSED:
            rows = [(code, _(outcome_of(code).label)) for code in REFUSALS]
            question = _("Case {label}: who refuses, and how firmly?").format(label=self.label)
            chosen = screen.choose(question, [*rows, go_back()], back=True) or AGAIN
        return chosen != AGAIN and self._settles(screen, chosen)

    def _settles_other(self, screen: Screen, *, paused: bool) -> bool:
        rows: Rows = tuple(
            (outcome.code, _(outcome.label))
            for outcome in INTERIM
            if outcome.code in _LATER_IN_LIST and self.mode in outcome.modes
        )
        rows = (*rows, (ENDS, _("Close the case: choose the final outcome")), go_back())
        chosen = screen.choose(self._question(), rows, back=True) or AGAIN
        if chosen == ENDS:
            chosen = self.final_outcome(screen, paused=paused)
        return chosen != AGAIN and self._settles(screen, chosen)

    def _confirmed(self, screen: Screen, code: str) -> str | None:  # noqa: ARG002
        """The code without confirmation, because the outcome can be undone on the next page."""
        return code

    def _reason(self, screen: Screen, code: str) -> str | None:
        """The reason for a refusal, or `AGAIN`; None for other outcomes."""
        if code not in REFUSALS:
            return None
        question = _("Case {label}: what is the reason?").format(label=self.label)
        rows = [*((reason, _(label)) for reason, label in REASONS.items()), go_back()]
        return screen.choose(question, rows, back=True) or AGAIN

    def _record(
        self, code: str, appointment: Appointment | None = None, reason: str | None = None
    ) -> None:
        self.last = Contact(code, appointment, reason)
        self._log(self.last)

    # -- after the outcome -----------------------------------------------------------------------

    def comes_next(self, screen: Screen) -> str:
        """Show the recorded outcome; return `NEXT`, `UNDO` (it was undone) or `STOP`."""
        can_undo = self.last is not None and not is_interview(self.last.code)
        while True:
            rows = [(NEXT, _("Next case")), (STOP, _("Stop here"))]
            rows += [(UNDO, _("Undo this outcome"))] if can_undo else []
            page = ContactPage(
                *(self.outcome_words, _("Next case?"), rows),
                pointed=NEXT,
                back=UNDO if can_undo else None,
                unexpected=True,
            )
            chosen = screen.offer(page)
            self.interrupted = screen.interrupted
            if chosen != UNDO:
                return chosen or STOP
            if self._takes_back():
                return UNDO

    def _takes_back(self) -> bool:
        assert self.last is not None
        self.trouble = self.recorder.undo(self.last) or ""
        if not self.trouble:
            self.last = None
            self.recorded.clear()
        return not self.trouble

"""Runs an interview on its screen, stores the response, and reports the outcome."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

from microcred_cli import files
from microcred_cli.clock.dates import date_in_words
from microcred_cli.clock.zones import today
from microcred_cli.errors import ExitCode, MicrocredError, Paused, StoreError
from microcred_cli.i18n import N_, _, speak
from microcred_cli.interview import Finished, Interview, run
from microcred_cli.interview.loop import records_of
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, new_code, show
from microcred_cli.records.shapes import Unfinished
from microcred_cli.session.draft_keeper import (
    DraftKeeper,
    Kept,
    Way,
    are_same,
    chosen_way,
    in_another_folder,
    reason,
)
from microcred_cli.session.restore import unfinished_of
from microcred_cli.store.folder import Responses, TakenError
from microcred_cli.terminal.console import say
from microcred_cli.terminal.program_name import as_called
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack
    from pathlib import Path

    from microcred_cli.interview import Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.records.shapes import Draft, Response, Text, Times
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.session.options import Choices
    from microcred_cli.store.drafts import Drafts


class Session(DraftKeeper):
    """A running interview: its draft, the folder for its response, and its screen.

    `contact` records the outcome while the screen is open; errors of the case log are printed at
    the end. The command for resuming repeats `--plain` or `--rich` from the `choices`. In a
    training session, the response is synthetic. In a series of cases, no closing line is printed:
    the next page shows the outcome.
    """

    _now: Interview

    def __init__(
        self,
        drafts: Drafts,
        draft: Draft,
        loaded: Loaded,
        screen: Screen,
        stack: ExitStack,
        kept: Kept = Kept.NOTHING,
        *,
        responses: Responses,
        choices: Choices,
        contact: CaseContact | None = None,
    ) -> None:
        super().__init__(drafts, draft, loaded, screen, stack, kept)
        self.responses = responses
        self.contact = contact
        self._given = draft.given
        self.choices = choices
        self._at: str | None = None
        self._stored_elsewhere = False
        self._shown = time.monotonic()
        self.screen.note = self.note
        self.screen.elapsed = self.elapsed
        self.screen.one_key = self.draft.one_key
        self.screen.unfinished = unfinished_of(self.draft)
        self.screen.prefer = self.prefer

    def conduct(self, interview: Interview) -> int:
        """Ask questions until the end or a pause; returns the exit code."""
        self._at, self._now = interview.at, interview
        self._shown = time.monotonic()
        self._note_answers(interview)
        if self.draft.at != interview.at:
            # Discard a remark that belongs to another question.
            self.draft = self.draft.model_copy(update={"unsent_remark": ""})
        while True:
            try:
                finished = run(self._now, self.screen, self.keep)
            except Paused as pause:
                if self.is_over("interrupted" if pause.interrupted else "paused"):
                    return self.paused(pause)
                self._shown = time.monotonic()
                if self._at is not None:
                    self.screen.recall(self._at, pause.unsent_remark)
            except MicrocredError:
                if self.contact is not None:
                    self.contact.ended(None, "interrupted", is_begun=bool(self.draft.given))
                raise
            else:
                if finished.status in ("complete", "partial") or self.is_over(finished.status):
                    return self.finish(finished)

    def speak(self, language: str) -> None:
        """Switch to another language before the first question."""
        self.draft = self.draft.model_copy(update={"language": language})
        self.screen.speak(language)

    def is_over(self, status: str) -> bool:
        """Record the outcome in the case log; False if the interviewer goes back instead."""
        if self.contact is None:
            return True
        self.contact.language = self.draft.language
        self.contact.is_unasked &= self.draft.given == self._given
        return self.contact.ended(self.screen, status, is_begun=bool(self.draft.given))

    def leave(self) -> None:
        """Release the screen and the draft; later messages are in the interviewer's language."""
        super().leave()
        if self.contact is not None and self.contact.own_language is not None:
            speak(self.contact.own_language)

    def _note_answers(self, interview: Interview) -> None:
        if self.contact is not None and interview.given:
            self.contact.has_answers = True

    def keep(self, interview: Interview) -> None:
        """Write the draft durably; if that fails, report it and let the user choose what to do.

        After a refusal or screen-out, the draft is deleted instead, and written again if the user
        goes back.
        """
        self._now = interview
        self._note_answers(interview)
        if interview.status in ("refused", "screened_out"):
            self._at = interview.at
            self.forget_draft()
            return
        times = self._times()
        self._at = interview.at
        try:
            self.save(
                given={
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in interview.given.items()
                },
                texts=dict(interview.texts),
                remarks=dict(interview.remarks),
                wordings=dict(interview.wordings),
                at=interview.at,
                unsent_remark="",
                unfinished=self._unfinished,
                language=interview.language,
                answered=interview.answered,
                of=interview.progress.of,
                times=times,
            )
        except StoreError as error:
            self.unsaved(error)

    def _times(self) -> dict[str, float] | None:
        """Seconds on each item, including the time on the current page; None if not measured.

        If the interview was paused on a page, the time on this page begins when the interview
        continues.
        """
        now, since = time.monotonic(), self._shown
        self._shown = now
        if self.draft.times is None or self._at is None:
            return self.draft.times
        item = self._at.partition(".")[0]
        seconds = round(self.draft.times.get(item, 0.0) + now - since, 1)
        return {**self.draft.times, item: seconds}

    def note(self) -> None:
        """Save unsubmitted selections; if that fails, they are saved with the answer."""
        with suppress(StoreError):
            self.save(at=self._at, unfinished=self._unfinished)

    @property
    def _unfinished(self) -> Unfinished:
        return self.screen.unfinished.copy()

    def prefer(self, one_key: bool) -> None:
        """Save the `one_key` preference in the draft; if that fails, the next save includes it."""
        self.draft = self.draft.model_copy(update={"one_key": one_key})
        with suppress(StoreError):
            self.save()

    def finish(self, finished: Finished) -> int:
        """Store the answers, delete the draft, show the receipt; returns the exit code."""
        if finished.status not in ("complete", "partial"):
            return self._end_unstored(finished)
        receipt = self._stored(finished)
        if receipt is None:
            self._say_what_is_kept()
            return ExitCode.STORAGE
        self.is_over(finished.status)
        self._keep_receipt_only("complete" if finished.status == "complete" else "partial")
        return self.show_receipt(receipt, finished.interview.questionnaire)

    def _keep_receipt_only(self, closing: Literal["complete", "partial"]) -> None:
        """Keep only the receipt in the draft, so that it can be shown again until it is confirmed.

        Anything that could reveal more about the response is removed, such as the case, the number
        of a paper, and all details that coarse responses omit.
        """
        expires = begun = self.draft.expires
        if files.is_drop(self.responses.folder):
            # Other people use this machine, so the receipt is kept only until the end of the day.
            expires = begun = min(expires, today(self.draft.timezone).isoformat())
        elif self.draft.is_undated:
            # Both dates are set later, based on the number of days between them.
            begun = self.draft.begun
        emptied: dict[str, object] = {
            "given": {},
            "texts": {},
            "remarks": {},
            "wordings": {},
            "unsent_remark": "",
            "unfinished": Unfinished(),
            "at": None,
            "case": None,
            "case_log": None,
            "last_contact": None,
            "paper": None,
            "desk": None,
            "second": False,
            "settled": [],
            "fieldwork": None,
            "seed": 0,
            "answered": 0,
            "of": 0,
            "begun": begun,
            "elapsed_seconds": 0.0,
            "times": None,
        }
        with suppress(StoreError):
            self.save(**emptied, closing=closing, stored=True, expires=expires)

    def show_receipt(self, receipt: str, questionnaire: Questionnaire) -> int:
        """Show the receipt of a stored response until it is confirmed; returns the exit code."""
        closing = questionnaire.closing.get(self.draft.closing or "complete", "")
        text = as_called(_(RECEIPT_TEXT)) if self._is_alone else _(RECEIPT_ALOUD)
        where = ""
        if self._stored_elsewhere:
            folder = safe(self.responses.folder)
            where = _("Saved in this folder: {folder}").format(folder=folder)
        reply = self.screen.receipt(show(receipt), f"{safe(closing)} {text} {where}".strip())
        with files.uninterrupted():
            # A draft that could not be reduced to the receipt still contains the answers.
            left = self.delete_draft() if reply or self.kept is not Kept.ALL else ""
            self.leave()
            shown, again = "", ""
            if reply is None:
                if self.contact is not None:
                    self.contact.is_receipt_printed = True
                shown = _("Your receipt: {code}").format(code=show(receipt))
                again = self._shown_again() if self.kept is Kept.ALL else ""
            is_lost = self._is_alone and reply == "not wanted"
            status = "not wanted" if is_lost else self.draft.closing or "complete"
            _say_each(self._closing_line(status), left, where, shown, again)
        return ExitCode.DONE

    def _closing_line(self, status: str) -> str:
        """The result of the interview, and the next steps; empty in a series of cases."""
        if self.choices.in_series:
            return ""
        lines = TO_INTERVIEWER
        if self._is_alone:
            lines = TO_RESPONDENT
        elif self.contact is not None:
            lines = WITH_CASE
        line = as_called(_(lines[status])) if status in lines else ""
        return f"{line} {self._recorded}".strip()

    def _shown_again(self) -> str:
        """Instructions for showing the receipt again."""
        text = self.same_way(
            _("To see the receipt again, until {day}:\nmicrocred resume   code: {code}")
        )
        return text.format(day=self._last_day, code=show(self.draft.code))

    @property
    def _last_day(self) -> str:
        """The last day on which the draft is kept, formatted for the current language."""
        return date_in_words(date.fromisoformat(self.draft.expires))

    def _end_unstored(self, finished: Finished) -> int:
        left = self.delete_draft()
        self.leave()
        closing = self._closing_line(finished.status)
        if left:
            # The answers are not deleted yet.
            closing = self._recorded
        _say_each(left, closing)
        trouble = self.contact.trouble if self.contact else ""
        return ExitCode.STORAGE if left or trouble else ExitCode.DONE

    def _stored(self, finished: Finished) -> str | None:
        """Store the response and return its receipt; None if the user gives up for now."""
        leaving = False
        while True:
            try:
                return self._store(finished, self.responses)
            except StoreError as error:
                found = error
            all_kept = self.try_again() is None
            kept = _("The answers remain on this machine as a draft.") if all_kept else ""
            failed = _("The answers could not be handed in: {reason}").format(
                reason=f"{reason(found)} {kept}".strip()
            )
            stop = Way.LATER if all_kept else Way.LOSE
            way = chosen_way(self.screen, failed, Way.AGAIN, Way.ELSEWHERE, stop)
            if way is stop or (way is None and (all_kept or leaving)):
                return None
            leaving = way is None
            if way is Way.ELSEWHERE and in_another_folder(
                self.screen, partial(self._store_elsewhere, finished)
            ):
                assert self.draft.receipt is not None
                return self.draft.receipt

    def _store_elsewhere(self, finished: Finished, folder: Path) -> None:
        responses = self.responses.having(folder=folder)
        responses.prepare(
            self.draft.questionnaire.id,
            detail=finished.interview.detail,
            synthetic=self.choices.training,
        )
        self._store(finished, responses)
        self._stored_elsewhere = True

    def _store(self, finished: Finished, responses: Responses) -> str:
        closing = "complete" if finished.status == "complete" else "partial"
        receipt = self.draft.receipt or new_code(RECEIPT_SYMBOLS)
        if self.draft.receipt is None or self.kept is not Kept.ALL:
            # With the receipt in the draft, a repeated attempt stores the response only once. If
            # the draft cannot be written, store the response: its answers must not be only in
            # memory.
            with suppress(StoreError):
                self.save(receipt=receipt, closing=closing)
        response, texts = self._records(finished, receipt)
        times = self._times_of(response, receipt, responses)
        try:
            responses.store(response, texts, times)
        except TakenError:
            # The file name is taken: use another receipt rather than lose the interview.
            receipt = new_code(RECEIPT_SYMBOLS)
            with suppress(StoreError):
                self.save(receipt=receipt, closing=closing)
            response, texts = self._records(finished, receipt)
            times = self._times_of(response, receipt, responses)
            responses.store(response, texts, times)
        if not are_same(responses.folder, self.responses.folder):
            with suppress(StoreError):
                self.responses.remove(response, texts, times)
        self.responses = responses
        return receipt

    def _times_of(self, response: Response, receipt: str, responses: Responses) -> Times | None:
        """The pilot timings, if they were measured and the folder is not a drop folder."""
        if self.draft.times is None or files.is_drop(responses.folder):
            return None
        from microcred_cli.records.times import times_of

        return times_of(response, self.draft.times, receipt)

    def _records(self, finished: Finished, receipt: str) -> tuple[Response, tuple[Text, ...]]:
        return records_of(
            *(self.loaded, finished, receipt, self.draft.elapsed_seconds, self.draft.seed),
            synthetic=self.choices.training,
        )

    def paused(self, pause: Paused) -> int:
        """Report which answers are saved, and how to continue; returns the exit code.

        The outcome of the contact is already in the case log.
        """
        code = ExitCode.INTERRUPTED if pause.interrupted else ExitCode.DONE
        if not self.draft.given:
            if self.kept is not Kept.NOTHING:
                self.delete_draft()
            self.leave()
            if not self.choices.in_series:
                nothing = _("No question was answered, so nothing was stored.")
                say(f"{nothing} {self._recorded}".strip())
            return code
        is_changed = self.screen.unfinished != self.draft.unfinished
        if is_changed or pause.unsent_remark != self.draft.unsent_remark:
            # Save unsubmitted text, if possible; if this fails, no acknowledged answer is lost.
            with suppress(StoreError):
                self.save(
                    at=self._at,
                    unsent_remark=pause.unsent_remark,
                    unfinished=self._unfinished,
                )
        self.until_kept()
        kept = self._say_what_is_kept(self._tell)
        _say_each(self._recorded)
        return code if kept is Kept.ALL else ExitCode.STORAGE

    @property
    def _recorded(self) -> str:
        """The recorded outcome of the case, if there is one."""
        return self.contact.closing if self.contact is not None else ""

    def _tell(self, text: str) -> None:
        """Print a message, or pass it to the contact, which may delay it until a series ends."""
        tell = say if self.contact is None else self.contact.tell
        tell(text)

    def _say_what_is_kept(self, tell: Callable[[str], None] = say) -> Kept:
        self.try_again()
        self.leave()
        kept = self.kept
        if self.choices.training:
            return kept
        if kept is not Kept.ALL:
            say(_("The last answers could not be saved on this machine."))
        if kept is not Kept.NOTHING:
            if kept is not Kept.ALL:
                text = _("The earlier answers are kept on this machine until {day}.")
            elif self._is_alone:
                text = _("Your answers are kept on this machine until {day}.")
            else:
                text = _("The answers are kept on this machine until {day}.")
            lines = (
                text.format(day=self._last_day),
                *self._ways_on(),
                _("To delete them: microcred drafts delete"),
            )
            (tell if kept is Kept.ALL else say)("\n".join(lines))
        return kept

    @property
    def _is_alone(self) -> bool:
        return self.draft.mode == "self"

    def same_way(self, text: str) -> str:
        """Add the option `--plain` or `--rich`, if it was used, to a command for resuming."""
        return text.replace("microcred resume", f"microcred resume{self._option}")

    @property
    def _option(self) -> str:
        return {None: "", True: " --plain", False: " --rich"}[self.choices.plain]

    def _ways_on(self) -> list[str]:
        resume = self.same_way(_("To go on: microcred resume   code: {code}"))
        ways = [resume.format(code=show(self.draft.code))]
        if self.draft.case is not None:
            mode = self.draft.mode.replace("_", "-")
            call = _("To call back: microcred interview --mode {mode} --case {case}")
            call = call.format(mode=mode, case=safe(self.draft.case)) + self._option
            if self.contact is not None and self.contact.log != self.contact.log.named():
                import shlex

                call += f" --case-log {shlex.quote(safe(self.contact.log.path))}"
            ways.insert(0, call)
        if self._before:
            first = _("Before that, set MICROCRED_STATE={folder}: the answers are in that folder.")
            ways.append(first.format(folder=safe(self.drafts.folder)))
        return ways


def _say_each(*lines: str) -> None:
    for line in filter(None, lines):
        say(line)


TO_RESPONDENT = {
    "complete": N_(
        "Your answers have been handed in. To withdraw them, run microcred withdraw and type the "
        "receipt."
    ),
    "partial": N_(
        "Your answers so far have been handed in. To withdraw them, run microcred withdraw and "
        "type the receipt."
    ),
    "not wanted": N_(
        "Your answers have been handed in. Without the receipt, they cannot be withdrawn."
    ),
    "refused": N_("You did not take part. Nothing was stored."),
    "screened_out": N_("The survey does not apply to you. Nothing was stored."),
    "discarded": N_("Your answers are deleted. Nothing was handed in."),
}
TO_INTERVIEWER = {
    "complete": N_("Complete interview recorded."),
    "partial": N_("Partial interview recorded."),
    "refused": N_("The respondent did not take part. Nothing was stored."),
    "screened_out": N_("The survey does not apply to this respondent. Nothing was stored."),
    "discarded": N_("The answers are deleted. Nothing was handed in."),
}
"""The closing line of an interview, by its status."""
WITH_CASE = {status: TO_INTERVIEWER[status] for status in ("refused", "screened_out", "discarded")}
"""The beginning of the closing line if the outcome of a case follows."""

RECEIPT_TEXT = N_(
    "Your answers have been handed in. With the receipt below you can withdraw them (command: "
    "microcred withdraw); nobody can find them without it. Once you confirm that it is written "
    "down, it is not shown again."
)

RECEIPT_ALOUD = N_(
    "Your answers have been handed in. I will now read out a receipt; please write "
    "it down. With it, your answers can be withdrawn; without it, nobody can find "
    "them."
)

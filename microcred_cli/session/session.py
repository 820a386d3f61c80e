"""An interview under way: its draft kept after every answer, and what it becomes at its end."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.errors import ExitCode, MicrocredError, Paused, StoreError
from microcred_cli.fieldwork.settings import written_date
from microcred_cli.i18n import N_, OWN_LANGUAGE, _, spoken
from microcred_cli.interview import Finished, Interview, run
from microcred_cli.questionnaire.routes import routes
from microcred_cli.records.anonymise import anonymise
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, new_code, show
from microcred_cli.records.shapes import Draft, QuestionnaireRef
from microcred_cli.session.draft_keeper import Keeping, Kept, are_same
from microcred_cli.session.restore import refuse_misfit
from microcred_cli.session.save_trouble import Way, chosen_way, in_another_folder, reason
from microcred_cli.store.folder import TakenError
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Detail, Response, Text
    from microcred_cli.store.folder import Responses


@dataclass
class Session(Keeping):
    """An interview under way: its draft, the folder of its response, and the screen that asks.

    `on_end` hears how it ended (the status of `Finished`, `paused` or `interrupted`) while the
    screen is still there; what it gives back is said at the end.
    """

    responses: Responses = field(kw_only=True)
    on_end: Callable[[str], str] = lambda _: ""
    _at: str | None = None
    _stored_elsewhere: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.screen.note = self.note
        self.screen.elapsed = self.elapsed

    def lead(self, interview: Interview) -> int:
        """Ask until the end or a pause; the exit code."""
        self._at = interview.at
        if self.draft.at != interview.at:
            # What was begun at another question is not begun at this one.
            self.draft = self.draft.model_copy(update={"unsent": "", "marks": {}})
        try:
            finished = run(interview, self.screen, self.keep)
        except Paused as pause:
            return self.paused(pause)
        except MicrocredError:
            self.on_end("interrupted")
            raise
        return self.finish(finished)

    def keep(self, interview: Interview) -> None:
        """Write the draft durably; if it cannot be written, the person hears so and chooses.

        Raises:
            Paused: they stop.
        """
        progress = interview.progress
        stays, self._at = interview.at == self._at, interview.at
        try:
            self.save(
                given={
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in interview.given.items()
                },
                texts=dict(interview.texts),
                remarks=dict(interview.remarks),
                at=interview.at,
                unsent=self.draft.unsent if stays else "",
                marks=self.draft.marks if stays else {},
                language=interview.language,
                answered=progress.number - (0 if interview.at is None else 1),
                of=progress.of,
            )
        except StoreError as error:
            self.unsaved(error)

    def note(self, marks: Mapping[str, bool]) -> None:
        """Keep what is marked at the open question, which is no answer yet.

        What could not be written is tried again with the answer itself.
        """
        with suppress(StoreError):
            self.save(at=self._at, marks=dict(marks))

    def finish(self, finished: Finished) -> int:
        """Store what was said, delete the draft, show the receipt; the exit code."""
        if finished.status not in ("complete", "partial"):
            # First the answers go: nobody may come back to what was refused or taken back.
            left = self.delete_draft()
            told = self.on_end(finished.status)
            self.leave()
            if finished.status == "discarded" and not left:
                yours, others = (
                    _("Your answers are deleted. Nothing was handed in."),
                    _("The answers are deleted. Nothing was handed in."),
                )
                say(yours if self._is_alone else others)
            for line in (left, told):
                if line:
                    say(line)
            return ExitCode.STORAGE if left or told else ExitCode.DONE
        receipt = self._stored(finished)
        if receipt is None:
            self._say_what_is_kept()
            return ExitCode.STORAGE
        told = self.on_end(finished.status)
        left = self.delete_draft()
        closing = finished.interview.questionnaire.closing.get(
            "complete" if finished.status == "complete" else "partial", ""
        )
        words = _(RECEIPT_TEXT) if self._is_alone else _(RECEIPT_ALOUD)
        where = self._where()
        noted = self.screen.receipt(show(receipt), f"{safe(closing)} {words} {where}".strip())
        self.leave()
        shown = "" if noted else _("Your receipt: {code}").format(code=show(receipt))
        for line in (told, left, where, shown):
            if line:
                say(line)
        return ExitCode.DONE

    def _stored(self, finished: Finished) -> str | None:
        """The receipt of the stored response; None if the person gives up for now."""
        leaving = False
        while True:
            try:
                return self._store(finished, self.responses)
            except StoreError as error:
                found = error
            all_kept = self.try_again() is None
            kept = _("They are kept on this machine as a draft.") if all_kept else ""
            told = _("The answers could not be handed in: {reason}").format(
                reason=f"{reason(found)} {kept}".strip()
            )
            stop = Way.LATER if all_kept else Way.LOSE
            way = chosen_way(self.screen, told, Way.AGAIN, Way.ELSEWHERE, stop)
            if way is stop or (way is None and (all_kept or leaving)):
                return None
            leaving = way is None
            if way is Way.ELSEWHERE and in_another_folder(
                self.screen, partial(self._store_elsewhere, finished)
            ):
                assert self.draft.receipt is not None
                return self.draft.receipt

    def _store_elsewhere(self, finished: Finished, folder: Path) -> None:
        responses = replace(self.responses, folder=folder)
        responses.prepare(self.draft.questionnaire.id, detail=finished.interview.detail)
        self._store(finished, responses)
        self._stored_elsewhere = True

    def _store(self, finished: Finished, responses: Responses) -> str:
        closing = "complete" if finished.status == "complete" else "partial"
        receipt = self.draft.receipt or new_code(RECEIPT_SYMBOLS)
        if self.draft.receipt is None or self.kept is not Kept.ALL:
            # With its receipt in the draft, a response that is stored twice is the same one. Where
            # no draft can be written, the answers are better handed in than kept in memory.
            with suppress(StoreError):
                self.save(receipt=receipt, closing=closing)
        response, texts = self._records(finished, receipt)
        try:
            responses.store(response, texts)
        except TakenError:
            # Whatever has taken the name, it is not worth an interview: another receipt, then.
            receipt = new_code(RECEIPT_SYMBOLS)
            with suppress(StoreError):
                self.save(receipt=receipt, closing=closing)
            response, texts = self._records(finished, receipt)
            responses.store(response, texts)
        if not are_same(responses.folder, self.responses.folder):
            with suppress(StoreError):
                self.responses.remove(response, texts)
        self.responses = responses
        return receipt

    def _records(self, finished: Finished, receipt: str) -> tuple[Response, tuple[Text, ...]]:
        return records_of(
            self.loaded, finished, receipt, self.draft.elapsed_seconds, self.draft.seed
        )

    def _where(self) -> str:
        """Where the response is, if that is not where it was meant to be."""
        if not self._stored_elsewhere:
            return ""
        return _("Saved in this folder: {folder}").format(folder=safe(self.responses.folder))

    def paused(self, pause: Paused) -> int:
        """Say what is kept, and how to go on; the exit code."""
        code = ExitCode.INTERRUPTED if pause.interrupted else ExitCode.DONE
        told = self.on_end("interrupted" if pause.interrupted else "paused")
        if not self.draft.given:
            if self.kept is not Kept.NOTHING:
                self.delete_draft()
            self.leave()
            nothing = _("Nothing had been answered, so nothing is kept.")
            say(f"{nothing} {told}".strip())
            return code
        if pause.unsent:
            # What was not entered yet is kept if it can be; it was never acknowledged.
            with suppress(StoreError):
                self.save(at=self._at, unsent=pause.unsent)
        self.until_kept()
        kept = self._say_what_is_kept()
        if told:
            say(told)
        return code if kept is Kept.ALL else ExitCode.STORAGE

    def _say_what_is_kept(self) -> Kept:
        self.try_again()
        self.leave()
        kept = self.kept
        if kept is not Kept.ALL:
            say(_("The last answers could not be saved on this machine."))
        if kept is not Kept.NOTHING:
            if kept is not Kept.ALL:
                told = _("The earlier answers are kept on this machine until {day}.")
            elif self._is_alone:
                told = _("Your answers are kept on this machine until {day}.")
            else:
                told = _("The answers are kept on this machine until {day}.")
            lines = (
                told.format(day=_day(self.draft.expires)),
                *self._ways_on(),
                _("To delete them: microcred drafts delete"),
            )
            say("\n".join(lines))
        return kept

    @property
    def _is_alone(self) -> bool:
        return self.draft.mode == "self"

    def _ways_on(self) -> list[str]:
        ways = [_("To go on: microcred resume   code: {code}").format(code=show(self.draft.code))]
        if self.draft.case is not None:
            mode = self.draft.mode.replace("_", "-")
            told = _("To call back: microcred interview --mode {mode} --case {case}")
            ways.insert(0, told.format(mode=mode, case=safe(self.draft.case)))
        if self._before:
            told = _("Before that, set MICROCRED_STATE={folder}: the answers are in that folder.")
            ways.append(told.format(folder=safe(self.drafts.folder)))
        return ways


def _day(iso: str) -> str:
    """A day as the language writes it; in English as it stands in the draft."""
    language = spoken()
    return iso if language == OWN_LANGUAGE else written_date(date.fromisoformat(iso), language)


RECEIPT_TEXT = N_(
    "Your answers have been handed in. With the receipt below you can withdraw them (command: "
    "microcred withdraw); it is shown only now, and nobody can find your answers without it."
)

RECEIPT_ALOUD = N_(
    "Your answers have been handed in. Now I read out a receipt; please write it down. With it "
    "your answers can be withdrawn, and without it nobody can find them."
)


def reference(loaded: Loaded) -> QuestionnaireRef:
    """How a record names its questionnaire."""
    questionnaire = loaded.questionnaire
    return QuestionnaireRef(
        id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256
    )


def spoken_language(draft: Draft, loaded: Loaded) -> str:
    """The language of a draft; the questionnaire's own where its texts are gone."""
    with suppress(KeyError, MicrocredError):
        loaded.languages[draft.language]
        return draft.language
    return loaded.questionnaire.language


def interview_of(draft: Draft, loaded: Loaded, detail: Detail = "coarse") -> Interview:
    """The interview that a draft holds, at its first open question.

    `detail` says what of it is kept in the end.

    Raises:
        StoreError: no interview can have left this draft.
    """
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in draft.given.items()
    }
    language = spoken_language(draft, loaded)
    interview = Interview(
        loaded.languages[language],
        routes(loaded.questionnaire),
        mode=draft.mode,
        language=language,
        seed=draft.seed,
        given=given,
        texts=dict(draft.texts),
        remarks=dict(draft.remarks),
        spoken=loaded.languages,
        detail=detail,
    )
    refuse_misfit(draft, interview)
    return interview.resumed()


def records_of(
    loaded: Loaded, finished: Finished, receipt: str, elapsed: float | None, seed: int | None
) -> tuple[Response, tuple[Text, ...]]:
    """The response and the texts of a closed interview; `elapsed` in seconds."""
    interview = finished.interview
    return anonymise(
        loaded.questionnaire,
        reference(loaded),
        answers=interview.closed_answers(),
        texts=interview.closed_texts(),
        status="complete" if finished.status == "complete" else "partial",
        mode=interview.mode,
        receipt=receipt,
        elapsed_seconds=elapsed,
        seed=seed,
        detail=interview.detail,
        language=interview.language,
    )

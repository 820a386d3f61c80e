"""One interview from its first page to its receipt."""

from __future__ import annotations

import secrets
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.background import written
from microcred_cli.cli.paused import SEEDS, refuse_misfit
from microcred_cli.cli.wiring import ask_line, responses_folder, say
from microcred_cli.codes import RECEIPT_SYMBOLS, RESUME_SYMBOLS, new_code, parse, show
from microcred_cli.errors import (
    ExitCode,
    InvalidAnswer,
    MicrocredError,
    Paused,
    StoreError,
    UsageError,
)
from microcred_cli.fieldwork import today, written_date
from microcred_cli.interview import Finished, Interview, Pause, run
from microcred_cli.questionnaire.loading import from_canonical, load
from microcred_cli.records import Draft, QuestionnaireRef
from microcred_cli.store import disk
from microcred_cli.store.anonymise import anonymise
from microcred_cli.store.drafts import Drafts, expires
from microcred_cli.store.responses import Responses
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from microcred_cli.cli.wiring import Choices, Screen
    from microcred_cli.fieldwork import Fieldwork
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records import Response, Text


# -- the three ways into an interview --------------------------------------------------------------


def respond_alone(choices: Choices) -> int:
    """A respondent's interview from the background to the receipt; the exit code."""
    disk.harden_process()
    _refuse_prompts_without_terminal(choices)
    fieldwork = choices.read_fieldwork()
    _refuse_if_closed(fieldwork)
    loaded = load(choices.questionnaire)
    language = _language(choices.language, loaded, fieldwork)
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id)
    drafts = Drafts.here()
    drafts.prepare()
    begun_under = str(fieldwork.path) if fieldwork.path else None
    drafts.delete_expired(today(), fieldwork.draft_days, fieldwork=begun_under)
    _warn_without_privacy_statement(fieldwork)
    seed = secrets.randbelow(SEEDS)
    interview = Interview.begin(loaded.questionnaire, language=language, seed=seed)
    draft = Draft(
        code=new_code(RESUME_SYMBOLS),
        questionnaire=reference(loaded),
        begun=today().isoformat(),
        mode="self",
        language=language,
        seed=seed,
        responses=str(responses.folder),
        fieldwork=begun_under,
    )
    with ExitStack() as stack:
        stack.enter_context(drafts.held(draft.code))
        drafts.keep_definition(loaded.sha256, loaded.source)
        screen = _screen(choices, loaded, fieldwork)
        stack.enter_context(screen)
        session = Session(drafts, draft, responses, loaded, screen)
        if fieldwork.is_late(today()) and fieldwork.respond_by:
            screen.say(
                f"Answers were asked for by {written_date(fieldwork.respond_by)}. "
                "You can still take part."
            )
        if isinstance(screen.read_background(), Pause):
            return session.paused(Paused(interrupted=True))
        return session.lead(interview)


def resume_paused(choices: Choices) -> int:
    """The rest of a paused interview; the exit code."""
    disk.harden_process()
    _refuse_prompts_without_terminal(choices)
    drafts = Drafts.here()
    code = ask_code(drafts)
    with ExitStack() as stack:
        stack.enter_context(drafts.held(code))
        draft = drafts.load(code)
        fieldwork = _fieldwork_of(choices, draft)
        if expires(draft, fieldwork.draft_days) < today():
            drafts.delete(code)
            raise StoreError(
                f"That interview was paused more than {fieldwork.draft_days} days ago, and has "
                "been deleted as promised.",
                mend="Begin a new one with: microcred respond",
            )
        loaded = _begun_with(drafts, draft)
        responses = Responses(_path(choices.responses or draft.responses).absolute())
        responses.prepare(draft.questionnaire.id)
        interview = interview_of(draft, loaded)
        screen = _screen(choices, loaded, fieldwork)
        stack.enter_context(screen)
        session = Session(drafts, draft, responses, loaded, screen, _kept=True, _stands=True)
        if draft.closing is not None:
            return session.finish(Finished(interview, draft.closing))
        return session.lead(interview)


def respond_from_file(choices: Choices, source: str) -> int:
    """An interview whose answers stand in a file; the path of its response on standard output."""
    from microcred_cli.cli.answers_file import read_answers
    from microcred_cli.interview.script import walk_answers

    disk.harden_process()
    fieldwork = choices.read_fieldwork()
    _refuse_if_closed(fieldwork)
    loaded = load(choices.questionnaire)
    _language(choices.language, loaded, fieldwork)
    answers, texts = read_answers(source)
    finished = walk_answers(loaded.questionnaire, answers, texts)
    if finished.status not in ("complete", "partial"):
        say("Nothing was stored: the answers end the interview before its questions.")
        return ExitCode.DONE
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id)
    receipt = new_code(RECEIPT_SYMBOLS)
    response, detached = _records(loaded, finished, receipt, None, None)
    _notice_removed(finished, detached)
    path = responses.store(response, detached)
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    say(f"Receipt: {show(receipt)}")
    return ExitCode.DONE


# -- an interview under way ------------------------------------------------------------------------


@dataclass
class Session:
    """An interview under way: its draft, its folder, and the screen that asks.

    The draft on the disk is the newest (`_kept`), or at least one from before (`_stands`).
    """

    drafts: Drafts
    draft: Draft
    responses: Responses
    loaded: Loaded
    screen: Screen
    _kept: bool = False
    _stands: bool = False

    def lead(self, interview: Interview) -> int:
        """Ask until the end or a pause; the exit code."""
        self._since = time.monotonic()
        try:
            finished = run(interview, self.screen, self.keep)
        except Paused as pause:
            return self.paused(pause)
        return self.finish(finished)

    def keep(self, interview: Interview) -> None:
        """Write the draft durably."""
        now = time.monotonic()
        progress = interview.progress
        draft = self.draft.model_copy(
            update={
                "given": {
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in interview.given.items()
                },
                "texts": dict(interview.texts),
                "at": interview.at,
                "language": interview.language,
                "elapsed_seconds": self.draft.elapsed_seconds + now - self._since,
                "answered": progress.number - (0 if interview.at is None else 1),
                "of": progress.of,
            }
        )
        self._since, self.draft = now, draft
        self._save(draft)

    def finish(self, finished: Finished) -> int:
        """Store what was said, delete the draft, show the receipt; the exit code."""
        if finished.status not in ("complete", "partial"):
            self.drafts.delete(self.draft.code)
            return ExitCode.DONE
        receipt = self._stored(finished)
        if receipt is None:
            self._say_what_is_kept()
            return ExitCode.STORAGE
        closing = self.loaded.questionnaire.closing.get(
            "complete" if finished.status == "complete" else "partial", ""
        )
        self.screen.receipt(show(receipt), f"{safe(closing)} {RECEIPT_TEXT}".strip())
        return ExitCode.DONE

    def _stored(self, finished: Finished) -> str | None:
        """The receipt of the stored response; None if the person gives up for now."""
        while True:
            try:
                return self._store(finished)
            except StoreError as error:
                kept = " They are kept on this machine as a draft." if self._try_again() else ""
                choice = self.screen.choose(
                    f"Your answers could not be handed in: {error.message} {error.mend}{kept}",
                    (("again", "Try again"), ("pause", "Stop here, and hand them in later")),
                )
                if choice != "again":
                    return None

    def _store(self, finished: Finished) -> str:
        receipt = self.draft.receipt or new_code(RECEIPT_SYMBOLS)
        closing = "complete" if finished.status == "complete" else "partial"
        if self.draft.receipt is None:
            draft = self.draft.model_copy(update={"receipt": receipt, "closing": closing})
            self._save(draft)
            self.draft = draft
        response, texts = _records(
            self.loaded, finished, receipt, self.draft.elapsed_seconds, self.draft.seed
        )
        self.responses.store(response, texts)
        self.drafts.delete(self.draft.code)
        return receipt

    def paused(self, pause: Paused) -> int:
        """Say what is kept, and how to go on; the exit code."""
        code = ExitCode.INTERRUPTED if pause.interrupted else ExitCode.DONE
        if not self.draft.given:
            self._after(lambda: say("Nothing had been answered, so nothing is kept."))
        elif not self._say_what_is_kept():
            return ExitCode.STORAGE
        return code

    def _save(self, draft: Draft) -> None:
        self._kept = False
        self.drafts.save(draft)
        self._kept = self._stands = True

    def _try_again(self) -> bool:
        """Whether the draft stands on the disk with everything, after another try if need be."""
        if not self._kept:
            with suppress(StoreError):
                self._save(self.draft)
        return self._kept

    def _say_what_is_kept(self) -> bool:
        """Say how to go on with what stands on the disk; whether that is everything."""
        kept = self._try_again()
        said = "" if kept else "Your last answers could not be saved on this machine.\n"
        if self._stands:
            said += _how_to_resume(self.draft.code, "Your" if kept else "The earlier")
        self._after(lambda: say(said.rstrip()))
        return kept

    def _after(self, speak: Callable[[], None]) -> None:
        """Speak once the screen has been given back."""
        self.screen.__exit__(None, None, None)
        speak()


RECEIPT_TEXT = (
    "Your answers have been handed in. With the receipt below you can withdraw them; it is shown "
    "only now, and nobody can find your answers without it."
)


def _how_to_resume(code: str, whose: str) -> str:
    return (
        f"{whose} answers are kept on this machine.\n"
        f"To go on: microcred resume   code: {show(code)}"
    )


# -- pieces ----------------------------------------------------------------------------------------


def reference(loaded: Loaded) -> QuestionnaireRef:
    """How a record names its questionnaire."""
    questionnaire = loaded.questionnaire
    return QuestionnaireRef(
        id=questionnaire.id, version=questionnaire.version, sha256=loaded.sha256
    )


def interview_of(draft: Draft, loaded: Loaded) -> Interview:
    """The interview that a draft holds, at its first open question.

    Raises:
        StoreError: no interview can have left this draft.
    """
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in draft.given.items()
    }
    interview = Interview(
        loaded.questionnaire,
        mode=draft.mode,
        language=draft.language,
        seed=draft.seed,
        given=given,
        texts=dict(draft.texts),
    )
    refuse_misfit(draft, interview)
    return interview.resumed()


def ask_code(drafts: Drafts, *, enter_takes_only: bool = True) -> str:
    """The resume code that a person types; Enter can take the only paused interview.

    Raises:
        UsageError: it is no resume code.
    """
    codes = drafts.codes()
    if not codes:
        raise StoreError(
            "No interview is paused on this machine.", mend="Begin one with: microcred respond"
        )
    takes_only = enter_takes_only and len(codes) == 1
    only = f" (Enter for {show(codes[0])})" if takes_only else ""
    typed = ask_line(f"Resume code{only}: ")
    if not typed and only:
        return codes[0]
    try:
        return parse(typed, RESUME_SYMBOLS)
    except InvalidAnswer as invalid:
        raise UsageError(invalid.message, mend=invalid.mend) from None


def _records(
    loaded: Loaded, finished: Finished, receipt: str, elapsed: float | None, seed: int | None
) -> tuple[Response, tuple[Text, ...]]:
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
    )


def _screen(choices: Choices, loaded: Loaded, fieldwork: Fieldwork) -> Screen:
    surroundings = Surroundings.real()
    background = written(loaded.questionnaire, fieldwork)
    languages = (loaded.questionnaire.language,)
    if is_plain(surroundings, choices.plain):
        from microcred_cli.terminal.plain import PlainAsker

        return PlainAsker(surroundings, background=background, languages=languages)
    from microcred_cli.terminal.rich_asker import RichAsker

    return RichAsker(background=background, languages=languages)


def _refuse_if_closed(fieldwork: Fieldwork) -> None:
    if fieldwork.closes and fieldwork.is_closed(today()):
        raise UsageError(
            f"The survey closed on {written_date(fieldwork.closes)}; no new interview can begin.",
            mend="Paused interviews can still be finished with: microcred resume",
        )


def _refuse_prompts_without_terminal(choices: Choices) -> None:
    if choices.plain is False and not Surroundings.real().is_terminal:
        raise UsageError(
            "Prompts need a terminal, and here is none.",
            where="--rich",
            mend="Leave --rich out; plain lines are then used.",
        )


def _begun_with(drafts: Drafts, draft: Draft) -> Loaded:
    """The questionnaire that a draft was begun with: its copy, or the one that is installed."""
    ref = draft.questionnaire
    try:
        return from_canonical(drafts.definition(draft), ref.sha256)
    except StoreError:
        with suppress(MicrocredError):
            installed = load(ref.id)
            if installed.sha256 == ref.sha256:
                drafts.keep_definition(installed.sha256, installed.source)
                return installed
        raise


def _language(wanted: str | None, loaded: Loaded, fieldwork: Fieldwork) -> str:
    offered = (loaded.questionnaire.language,)
    for code in (*fieldwork.languages, *((wanted,) if wanted else ())):
        if code not in offered:
            raise UsageError(
                f"The questionnaire does not speak {safe(code)!r}.",
                mend=f"It speaks: {', '.join(offered)}.",
            )
    return wanted or offered[0]


def _fieldwork_of(choices: Choices, draft: Draft) -> Fieldwork:
    from microcred_cli.fieldwork import Fieldwork, read_fieldwork

    if choices.fieldwork or draft.fieldwork is None:
        return choices.read_fieldwork()
    path = _path(draft.fieldwork)
    return read_fieldwork(path) if path.exists() else Fieldwork()


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


def _warn_without_privacy_statement(fieldwork: Fieldwork) -> None:
    if fieldwork.setting("privacy_statement") is None:
        say(
            "Note for staff: no privacy statement is set, so consent rests on nothing. "
            "Set privacy_statement in fieldwork.toml before real fieldwork."
        )


def _notice_removed(finished: Finished, texts: tuple[Text, ...]) -> None:
    typed: Mapping[str, str] = finished.interview.closed_texts()
    for text in texts:
        if "[removed: " in text.text and "[removed: " not in typed[text.item]:
            say(f"{text.item}: what could identify someone was taken out of its text.")

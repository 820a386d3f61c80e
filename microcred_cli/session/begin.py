"""The ways into an interview: a new one, a paused one, or a file of answers."""

from __future__ import annotations

import secrets
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.errors import (
    ExitCode,
    InvalidAnswer,
    MicrocredError,
    Paused,
    StoreError,
    UsageError,
)
from microcred_cli.fieldwork.background import read_aloud, written
from microcred_cli.fieldwork.settings import today, written_date
from microcred_cli.i18n import N_, NOTED, _
from microcred_cli.interview import Finished, Interview, Pause
from microcred_cli.questionnaire.loading import from_canonical, load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, RESUME_SYMBOLS, new_code, parse, show
from microcred_cli.records.shapes import Draft
from microcred_cli.session.draft_keeper import Kept, keep_texts
from microcred_cli.session.language import (
    choose_language,
    language_asked_for,
    languages_of,
    languages_to_go_on,
)
from microcred_cli.session.options import WITHOUT_PRIVACY, cipher_of, responses_folder
from microcred_cli.session.restore import SEEDS, fitting_marks
from microcred_cli.session.session import Session, interview_of, records_of, reference
from microcred_cli.session.sharing import cleared_after
from microcred_cli.store.drafts import Drafts, expires, is_key
from microcred_cli.store.folder import Responses
from microcred_cli.terminal.console import ask_line, say
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from microcred_cli.fieldwork.background import Paragraph
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Mode, Screen
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Text
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.session.options import Choices


CODE_IS_KEY = N_(
    "What is answered is kept encrypted. If the interview is cut off, it goes on with the command "
    "microcred resume and this code, and only with it: {code}. Please write it down now. "
    "Nobody can open the answers without it."
)


def respond_alone(choices: Choices) -> int:
    """A respondent's interview from the background to the receipt; the exit code."""
    return lead_new(choices, Beginning())


@dataclass(frozen=True, slots=True)
class Beginning:
    """How an interview is begun: by whom it is led, and the contact that leads to it."""

    mode: Mode = "self"
    contact: CaseContact | None = None


def lead_new(choices: Choices, beginning: Beginning) -> int:
    """A new interview from the background to the receipt; the exit code."""
    files.harden_process()
    _refuse_prompts_without_terminal(choices)
    fieldwork = choices.read_fieldwork()
    _refuse_if_closed(fieldwork)
    loaded = load(choices.questionnaire)
    offered = languages_of(loaded, fieldwork)
    asked_for = language_asked_for(choices.language, offered)
    _refuse_unproven(fieldwork)
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id, detail=fieldwork.detail)
    drafts = Drafts.here()
    drafts.prepare()
    drafts.delete_expired(today())
    _warn_without_privacy_statement(fieldwork)
    seed = secrets.randbelow(SEEDS)
    mode = beginning.mode
    with cleared_after(responses), ExitStack() as stack:
        screen = screen_for(choices, loaded, fieldwork, mode, offered)
        stack.enter_context(screen)
        language = asked_for or _chosen(screen, offered)
        if language is None:
            stack.close()
            say(_("Nothing had been answered, so nothing is kept."))
            return ExitCode.INTERRUPTED
        screen.speak(language)
        draft = Draft(
            code=new_code(LOCKED_SYMBOLS if fieldwork.recipients else RESUME_SYMBOLS),
            questionnaire=reference(loaded),
            begun=today().isoformat(),
            expires=(today() + timedelta(days=fieldwork.draft_days)).isoformat(),
            mode=mode,
            language=language,
            seed=seed,
            responses=str(responses.folder),
            detail=fieldwork.detail,
            fieldwork=str(fieldwork.path) if fieldwork.path else None,
            case=beginning.contact.label if beginning.contact else None,
            case_log=str(beginning.contact.log.path) if beginning.contact else None,
        )
        stack.enter_context(drafts.held(draft.code))
        stack.enter_context(files.space_set_aside(drafts.drafts, responses.folder))
        drafts.keep_definition(loaded.sha256, loaded.source)
        keep_texts(drafts, loaded, language)
        interview = Interview.begin(
            loaded.questionnaire,
            mode=mode,
            language=language,
            seed=seed,
            spoken=loaded.languages,
            detail=fieldwork.detail,
        )
        session = Session(
            drafts,
            draft,
            loaded,
            screen,
            stack,
            responses=responses,
            on_end=_on_end(beginning.contact, screen),
        )
        if fieldwork.is_late(today()) and fieldwork.respond_by:
            told = _("Answers were asked for by {day}. You can still take part.")
            screen.say(told.format(day=written_date(fieldwork.respond_by, language)))
        if beginning.contact is not None and not beginning.contact.begins(screen):
            stack.close()
            return beginning.contact.said()
        if isinstance(screen.read_background(), Pause):
            return session.paused(Paused(interrupted=True))
        if fieldwork.recipients and not _show_key(screen, show(draft.code)):
            return session.paused(Paused(interrupted=True))
        return session.lead(interview)


def _show_key(screen: Screen, code: str) -> bool:
    """Show the code that opens the draft until it is noted; False if they leave.

    In a pipe nobody notes it.
    """
    text = _(CODE_IS_KEY).format(code=code)
    if Surroundings.real().is_terminal:
        return screen.choose(text, [("noted", _(NOTED))]) is not None
    screen.say(text)
    return True


def _chosen(screen: Screen, offered: tuple[str, ...]) -> str | None:
    """The language that the person chooses, if there is one; else the first."""
    if not Surroundings.real().is_terminal:
        return offered[0]
    return choose_language(screen, offered)


def _record(contact: CaseContact | None, status: str) -> bool:
    """Record how an interview from a file ended, if it belongs to a case; whether that worked."""
    trouble = contact.ended(None, status) if contact is not None else ""
    if trouble:
        say(trouble)
    return not trouble


def _on_end(contact: CaseContact | None, screen: Screen) -> Callable[[str], str]:
    return partial(contact.ended, screen) if contact is not None else _unheard


def _unheard(status: str) -> str:  # noqa: ARG001 - nobody keeps a log of it
    return ""


def resume_paused(choices: Choices) -> int:
    """The rest of a paused interview; the exit code."""
    files.harden_process()
    _refuse_prompts_without_terminal(choices)
    return lead_paused(choices, ask_code(Drafts.here()))


def lead_paused(choices: Choices, code: str, came_by: CaseContact | None = None) -> int:
    """The rest of the paused interview with this code; the exit code.

    `came_by` is the contact that leads to it; without one, the person is there, and the case is
    taken by what the draft says.
    """
    drafts = Drafts.here()
    with ExitStack() as outside, ExitStack() as stack:
        stack.enter_context(drafts.held(code))
        draft = drafts.load(code)
        contact = came_by
        if contact is None and draft.case is not None:
            from microcred_cli.session.contact import contact_of_draft

            contact = stack.enter_context(contact_of_draft(draft, choices.case_log))
        fieldwork = _fieldwork_of(choices, draft)
        _refuse_other_terms(draft, fieldwork)
        if expires(draft) < today():
            drafts.delete(code)
            raise StoreError(
                f"That interview was kept until {expires(draft)}, and has been deleted since.",
                hint="Begin a new one with: microcred respond",
            )
        loaded = _begun_with(drafts, draft)
        folder = _path(choices.responses or draft.responses).absolute()
        responses = Responses(folder, cipher_of(fieldwork))
        if responses.terms_or_none() is None:
            _refuse_unproven(fieldwork)
        try:
            responses.prepare(draft.questionnaire.id, detail=fieldwork.detail)
            stack.enter_context(files.space_set_aside(drafts.drafts, responses.folder))
        except StoreError as error:
            hint = f"{error.hint} Or go on with another folder: microcred resume --responses DIR"
            raise StoreError(error.message, where=error.where, hint=hint) from None
        interview = interview_of(draft, loaded, fieldwork.detail)
        offered = languages_to_go_on(loaded, fieldwork, interview.language)
        outside.enter_context(cleared_after(responses))
        screen = screen_for(choices, loaded, fieldwork, draft.mode, offered)
        stack.enter_context(screen)
        screen.speak(interview.language)
        if interview.language != draft.language:
            told = _("The texts in this language are gone: {language}. It goes on in another.")
            screen.say(told.format(language=draft.language))
        session = Session(
            drafts,
            draft,
            loaded,
            screen,
            stack,
            responses=responses,
            kept=Kept.ALL,
            on_end=_on_end(contact, screen),
        )
        if draft.at is not None and draft.at == interview.at:
            screen.recall(draft.at, clean(draft.unsent), fitting_marks(draft, interview))
        if (
            came_by is not None
            and draft.closing is None
            and not came_by.begins(screen, paused=True)
        ):
            if came_by.is_closed:
                drafts.delete(code)
            stack.close()
            if came_by.is_closed:
                say(_("The case is closed, so its paused interview is deleted."))
            return came_by.said()
        if draft.closing is not None:
            return session.finish(Finished(interview, draft.closing))
        return session.lead(interview)


def respond_from_file(
    choices: Choices, source: str, mode: Mode = "self", contact: CaseContact | None = None
) -> int:
    """An interview whose answers stand in a file; the path of its response on standard output."""
    from microcred_cli.interview.script import walk_answers
    from microcred_cli.session.answers_file import read_answers

    files.harden_process()
    fieldwork = choices.read_fieldwork()
    _refuse_if_closed(fieldwork)
    loaded = load(choices.questionnaire)
    language = language_asked_for(choices.language, languages_of(loaded, fieldwork))
    answers, texts = read_answers(source)
    finished = walk_answers(
        loaded.questionnaire, answers, texts, mode=mode, detail=fieldwork.detail
    )
    if finished.status not in ("complete", "partial"):
        say("Nothing was stored: the answers end the interview before its questions.")
        recorded = _record(contact, finished.status)
        return ExitCode.DONE if recorded else ExitCode.STORAGE
    _refuse_unproven(fieldwork)
    responses = responses_folder(choices.responses, fieldwork)
    responses.prepare(loaded.questionnaire.id, detail=fieldwork.detail)
    receipt = new_code(RECEIPT_SYMBOLS)
    spoken = replace(finished.interview, language=language or loaded.questionnaire.language)
    finished = replace(finished, interview=spoken)
    response, detached = records_of(loaded, finished, receipt, None, None)
    _notice_removed(finished, detached)
    path = responses.store(response, detached)
    _record(contact, finished.status)
    say(f"Receipt: {show(receipt)}")
    try:
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
    except OSError:
        raise StoreError(
            "The response is stored, but its path could not be written to standard output.",
            where=path,
            hint="Do not send the answers again.",
        ) from None
    return ExitCode.DONE


def ask_code(drafts: Drafts, *, enter_takes_only: bool = True) -> str:
    """The resume code that a person types; Enter can take the only paused interview.

    Raises:
        UsageError: it is no resume code.
    """
    codes, locked = drafts.codes(), drafts.locked_names()
    if not codes and not locked:
        raise StoreError(
            "No interview is paused on this machine.", hint="Begin one with: microcred respond"
        )
    takes_only = (
        enter_takes_only and len(codes) == 1 and not locked and not drafts.is_shared(codes[0])
    )
    only = f" (Enter for {show(codes[0])})" if takes_only else ""
    typed = ask_line(f"Resume code{only}: ")
    if not typed and only:
        return codes[0]
    return parse_resume_code(typed, locked_only=not codes, has_locked=bool(locked))


def parse_resume_code(typed: str, *, locked_only: bool, has_locked: bool) -> str:
    """The bare resume code in what somebody typed.

    Raises:
        UsageError: it is none.
    """
    is_long = sum(letter.isalnum() for letter in typed) > RESUME_SYMBOLS + 1
    is_key = has_locked and (locked_only or is_long)
    try:
        return parse(typed, LOCKED_SYMBOLS if is_key else RESUME_SYMBOLS)
    except InvalidAnswer as invalid:
        raise UsageError(invalid.message, hint=invalid.hint) from None


def screen_for(
    choices: Choices,
    loaded: Loaded,
    fieldwork: Fieldwork,
    mode: Mode,
    languages: tuple[str, ...],
) -> Screen:
    """The screen for a person alone, or for an interviewer."""
    surroundings = Surroundings.real()

    def background(language: str) -> Sequence[Paragraph]:
        return written(loaded.languages[language], fieldwork, language)

    def spoken(language: str) -> Sequence[str]:
        return read_aloud(loaded.languages[language], fieldwork, language)

    plain = is_plain(surroundings, choices.plain)
    if mode != "self":
        if plain:
            from microcred_cli.terminal.plain_interviewer import PlainInterviewer

            return PlainInterviewer(
                surroundings, introduction=spoken, background=background, languages=languages
            )
        from microcred_cli.terminal.interviewer import InterviewerAsker

        return InterviewerAsker(introduction=spoken, background=background, languages=languages)
    if plain:
        from microcred_cli.terminal.plain_asker import PlainAsker

        return PlainAsker(surroundings, background=background, languages=languages)
    from microcred_cli.terminal.rich_asker import RichAsker

    return RichAsker(background=background, languages=languages)


def _refuse_unproven(fieldwork: Fieldwork) -> None:
    if fieldwork.recipients:
        from microcred_cli.crypto.canary import refuse_unproven
        from microcred_cli.session.options import warn_of_few

        warn_of_few(fieldwork)
        refuse_unproven(fieldwork.path, fieldwork.recipients)


def _refuse_if_closed(fieldwork: Fieldwork) -> None:
    if fieldwork.closes and fieldwork.is_closed(today()):
        raise UsageError(
            f"The survey closed on {written_date(fieldwork.closes)}; no new interview can begin.",
            hint="Paused interviews can still be finished with: microcred resume",
        )


def _refuse_prompts_without_terminal(choices: Choices) -> None:
    if choices.plain is False and not Surroundings.real().is_terminal:
        raise UsageError(
            "Prompts need a terminal, and here is none.",
            where="--rich",
            hint="Leave --rich out; plain lines are then used.",
        )


def _refuse_other_terms(draft: Draft, fieldwork: Fieldwork) -> None:
    """Refuse settings by which an interview would be kept otherwise than it was begun.

    Raises:
        UsageError: it was to be encrypted and would not be, or the reverse, or in another detail.
    """
    is_encrypted = is_key(draft.code)
    if is_encrypted == bool(fieldwork.recipients) and draft.detail == fieldwork.detail:
        return
    kept = "encrypted" if is_encrypted else "without encryption"
    raise UsageError(
        f"This interview was begun to be kept {kept}, in {draft.detail} detail, and the settings "
        "say otherwise.",
        where=fieldwork.path or draft.fieldwork or "",
        hint="Name the settings that it was begun with, by --fieldwork.",
    )


def _begun_with(drafts: Drafts, draft: Draft) -> Loaded:
    """The questionnaire that a draft was begun with: its copy, or the one that is installed."""
    ref = draft.questionnaire
    try:
        path = None
        with suppress(MicrocredError):
            installed = load(ref.id)
            path = installed.path if installed.sha256 == ref.sha256 else None
        return from_canonical(
            drafts.definition(draft), ref.sha256, drafts.kept_texts(ref.sha256), path
        )
    except StoreError:
        with suppress(MicrocredError):
            installed = load(ref.id)
            if installed.sha256 == ref.sha256:
                drafts.keep_definition(installed.sha256, installed.source)
                return installed
        raise


def _fieldwork_of(choices: Choices, draft: Draft) -> Fieldwork:
    """The settings that an interview was begun with; without them its background has no details."""
    from microcred_cli.fieldwork.settings import Fieldwork, read_fieldwork

    if choices.fieldwork or draft.fieldwork is None:
        return choices.read_fieldwork()
    path = _path(draft.fieldwork)
    return read_fieldwork(path) if path.exists() else Fieldwork()


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


def _warn_without_privacy_statement(fieldwork: Fieldwork) -> None:
    if fieldwork.setting("privacy_statement") is None:
        say(WITHOUT_PRIVACY)


def _notice_removed(finished: Finished, texts: tuple[Text, ...]) -> None:
    typed: Mapping[str, str] = finished.interview.closed_texts()
    for text in texts:
        if "[removed: " in text.text and "[removed: " not in typed[text.item]:
            say(f"{text.item}: what could identify someone was taken out of its text.")

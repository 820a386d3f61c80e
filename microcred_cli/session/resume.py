"""`resume_interview`: finds a paused interview, reopens it and conducts the rest."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import InvalidAnswer, MicrocredError, StoreError, UsageError
from microcred_cli.fieldwork.settings import DRAFT_DAYS, Fieldwork, read_fieldwork
from microcred_cli.i18n import _, speak
from microcred_cli.interview import Finished, Interview
from microcred_cli.questionnaire.loading import Loaded, from_canonical, load
from microcred_cli.session.begin import usual_language
from microcred_cli.session.codes import ask_code_of_case
from microcred_cli.session.draft_keeper import Kept
from microcred_cli.session.entry import EntryDesk, resume_entry
from microcred_cli.session.opening import (
    cleared_after,
    refuse_unproven,
    say_doubt,
    screen_for,
)
from microcred_cli.session.options import Choices, cipher_of, languages_of
from microcred_cli.session.paused import drafts_of_cases
from microcred_cli.session.restore import interview_of
from microcred_cli.session.session import Session
from microcred_cli.store.drafts import Drafts, is_key
from microcred_cli.store.folder import Responses
from microcred_cli.store.seen_days import expires
from microcred_cli.terminal.console import say
from microcred_cli.text import clean, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.records.shapes import Draft, LockedDraft
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.store.seen_days import Start


def resume_interview(choices: Choices, code: str, contact: CaseContact | None = None) -> int:
    """Conduct the rest of the paused interview with this code; returns the exit code.

    `contact` is the current contact with its case; without one, the respondent is assumed to be
    available, and the case is taken from the draft.
    """
    drafts = Drafts.here()
    now = drafts.start(zones.now(), DRAFT_DAYS)
    with ExitStack() as held:
        held.enter_context(drafts.held(code))
        draft = drafts.load(code)
        speak(draft.language)
        draft = draft.model_copy(update={"one_key": True} if choices.one_key else {})
        _refuse_expired(drafts, draft, now)
        _refuse_keyed(draft)
        loaded = _begun_with(drafts, draft)
        if draft.stored:
            return _show_receipt(choices, drafts, draft, loaded, held)
        own = _contact_of(draft, choices, held) if contact is None else contact
        fieldwork = _fieldwork_of(choices, draft)
        if own is not None:
            own.follow(fieldwork)
            own.own_language = own.own_language or _own_language(choices, loaded, fieldwork)
            draft = draft.model_copy(update={"last_contact": own.last_id})
        _refuse_other_terms(draft, fieldwork)
        fieldwork, draft = _agreeing_on_times(fieldwork, draft)
        responses = _responses_of(choices, draft, fieldwork)
        with _other_folder_named():
            responses.prepare(
                draft.questionnaire.id, detail=fieldwork.detail, synthetic=choices.training
            )
            held.enter_context(files.space_set_aside(drafts.drafts, responses.folder))
        interview = _at_edit(interview_of(draft, loaded, fieldwork.detail), draft)
        if draft.paper is not None:
            desk = EntryDesk(
                *(loaded, fieldwork, responses, drafts, now, interview.language, held),
                plain=choices.plain,
            )
            return resume_entry(draft, interview, desk)
        offered = _languages_to_go_on(loaded, fieldwork, interview.language)
        with cleared_after(responses), held:
            screen = held.enter_context(screen_for(choices, loaded, fieldwork, draft.mode, offered))
            screen.speak(interview.language)
            if interview.language != draft.language:
                gone = _(
                    "The translation into this language is no longer available: {language}. The "
                    "interview continues in another language."
                )
                screen.say(gone.format(language=safe(draft.language)))
            session = Session(
                *(drafts, draft, loaded, screen, held, Kept.ALL),
                responses=responses,
                contact=own,
                choices=choices,
            )
            if draft.at is not None and draft.at == interview.at:
                screen.recall(draft.at, clean(draft.unsent_remark))
            return _go_on(session, interview, contact)


def _agreeing_on_times(fieldwork: Fieldwork, draft: Draft) -> tuple[Fieldwork, Draft]:
    """The settings and the draft; pilot timings are removed unless both have them."""
    if fieldwork.times and draft.times is not None:
        return fieldwork, draft
    return fieldwork.having(times=False), draft.model_copy(update={"times": None})


@contextmanager
def _other_folder_named() -> Iterator[None]:
    """For errors of the responses folder, add a hint that another folder can be used."""
    try:
        yield
    except StoreError as error:
        hint = f"{error.hint} Or use another folder: microcred resume --responses DIR"
        raise StoreError(error.message, where=error.where, hint=hint) from None


def _at_edit(interview: Interview, draft: Draft) -> Interview:
    """Go back to the step where a text or a remark was being edited, so that the edit is kept."""
    is_edited = draft.at in draft.unfinished.texts or draft.unsent_remark
    if draft.at is not None and is_edited:
        with suppress(InvalidAnswer):
            return interview.jump(draft.at)
    return interview


def _show_receipt(
    choices: Choices,
    drafts: Drafts,
    draft: Draft,
    loaded: Loaded,
    held: ExitStack,
) -> int:
    """Show the receipt for a stored response again, because nobody has confirmed writing it down.

    The settings are not read: they may have been changed or deleted since the interview began.
    """
    responses, fieldwork = Responses(Path(draft.responses)), Fieldwork()
    language = (
        draft.language if draft.language in loaded.languages else loaded.questionnaire.language
    )
    with cleared_after(responses), held:
        screen = held.enter_context(screen_for(choices, loaded, fieldwork, draft.mode, (language,)))
        screen.speak(language)
        session = Session(
            *(drafts, draft, loaded, screen, held, Kept.ALL),
            responses=responses,
            choices=choices,
        )
        assert draft.receipt is not None
        return session.show_receipt(draft.receipt, loaded.languages[language])


def _go_on(session: Session, interview: Interview, contact: CaseContact | None) -> int:
    """Finish an interview that was already handed in, or ask about the contact and continue."""
    if session.draft.closing is not None:
        return session.finish(Finished(interview, session.draft.closing))
    if contact is None or contact.begins(session.screen, paused=True):
        return session.conduct(interview)
    if contact.is_closed:
        session.drafts.delete(session.draft.code)
    session.leave()
    if contact.is_closed:
        say(_("The case is closed, so its paused interview was deleted."))
    return contact.said()


def find_paused(contact: CaseContact, plain: bool | None) -> str | None:
    """The resume code of the paused interview of a case, if there is one on this machine."""
    drafts = Drafts.here()
    for known, draft in drafts_of_cases(drafts):
        if contact.is_of(draft.case, draft.case_log):
            return ask_code_of_case(drafts, known, plain) if _is_locked(draft) else known
    return None


def _is_locked(draft: Draft | LockedDraft) -> bool:
    return not hasattr(draft, "code")


def _contact_of(draft: Draft, choices: Choices, held: ExitStack) -> CaseContact | None:
    """The contact for a resumed interview; None without a case, or if the case is completed."""
    if draft.case is None:
        return None
    from microcred_cli.cases.log import CaseLog
    from microcred_cli.session.contact import contact_with

    named = draft.case_log if choices.case_log is None else choices.case_log
    log = CaseLog.named(named)
    mode: Mode = "in_person" if draft.mode == "in_person" else "phone"
    try:
        contact = held.enter_context(contact_with(log, draft.case, mode))
    except StoreError:
        # If the response was stored, but the draft was not deleted, the case may be completed.
        if draft.closing is None or not log.read().case(draft.case).is_completed:
            raise
        return None
    contact.is_unasked = True
    return contact


def _fieldwork_of(choices: Choices, draft: Draft) -> Fieldwork:
    """The settings used at the start of the interview, or defaults if their file is missing."""
    if choices.fieldwork or draft.fieldwork is None or choices.training:
        return choices.read_fieldwork()
    path = Path(draft.fieldwork)
    with files.faults_named(path):
        return read_fieldwork(path) if path.exists() else Fieldwork()


def _refuse_other_terms(draft: Draft, fieldwork: Fieldwork) -> None:
    """Refuse settings that differ in encryption or detail from those used at the start."""
    is_encrypted = is_key(draft.code)
    if is_encrypted == bool(fieldwork.recipients) and draft.detail == fieldwork.detail:
        return
    kept = "encrypted" if is_encrypted else "unencrypted"
    raise UsageError(
        f"This interview began with {kept} responses in {draft.detail} detail, but the current "
        "settings are different.",
        where=fieldwork.path or draft.fieldwork or "",
        hint="Use --fieldwork to specify the settings with which the interview began.",
    )


def _refuse_keyed(draft: Draft) -> None:
    """Refuse to resume the first keying of a paper questionnaire, which is complete."""
    if draft.keyed:
        raise UsageError(
            f"Paper questionnaire {safe(draft.paper)} has been keyed only once so far.",
            hint="To key the paper a second time: microcred enter --verify",
        )


def _refuse_expired(drafts: Drafts, draft: Draft, now: Start) -> None:
    """Refuse an expired interview, and delete it."""
    if now.is_doubtful(draft):
        say_doubt(now, 1)
    if now.is_expired(draft):
        drafts.delete(draft.code)
        day = date_in_words(expires(draft))
        gone = _("That interview was kept until {day}, and has now been deleted.")
        hint = _("Begin a new interview with: microcred respond")
        raise StoreError(gone.format(day=day), hint=hint)


def _begun_with(drafts: Drafts, draft: Draft) -> Loaded:
    """The questionnaire version of a draft: the stored copy, or the installed questionnaire."""
    ref = draft.questionnaire
    installed = None
    with suppress(MicrocredError):
        found = load(ref.id)
        installed = found if found.sha256 == ref.sha256 else None
    path = installed.path if installed is not None else None
    try:
        definition = drafts.definition(draft)
        return from_canonical(definition, ref.sha256, drafts.kept_texts(ref.sha256), path)
    except StoreError:
        if installed is None:
            raise
        with suppress(MicrocredError):
            drafts.keep_definition(installed.sha256, installed.source)
            return installed
        raise


def _own_language(choices: Choices, loaded: Loaded, fieldwork: Fieldwork) -> str:
    """The language of the pages for the interviewer."""
    return usual_language(languages_of(loaded, fieldwork), choices.language)


def _languages_to_go_on(loaded: Loaded, fieldwork: Fieldwork, language: str) -> tuple[str, ...]:
    """The languages in which a paused interview can continue, always including its own."""
    wanted = fieldwork.languages or tuple(loaded.languages)
    found = tuple(code for code in wanted if code in loaded.languages)
    return found if language in found else (language, *found)


def _responses_of(choices: Choices, draft: Draft, fieldwork: Fieldwork) -> Responses:
    """The responses folder from the option or, without one, from the draft."""
    folder = Path(choices.responses or draft.responses).absolute()
    responses = Responses(folder, cipher_of(fieldwork))
    if responses.terms_or_none() is None:
        refuse_unproven(fieldwork)
    return responses

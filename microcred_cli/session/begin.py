"""`begin_interview`: conducts a new interview, starting with the choice of language."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.clock.dates import date_in_words
from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.errors import ExitCode, Paused, WentBack
from microcred_cli.i18n import GROUPS, N_, NOTED, OWN_LANGUAGE, _, speak
from microcred_cli.interview import Back, Interview, Pause, Screen, Speak
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.loading import Loaded, load
from microcred_cli.records.formats import SEEDS
from microcred_cli.records.receipts import RESUME_SYMBOLS, new_code, show
from microcred_cli.records.shapes import Draft, Mode, reference
from microcred_cli.session.draft_keeper import keep_texts
from microcred_cli.session.opening import (
    cleared_after,
    open_fieldwork,
    prepared_responses,
    refuse_prompts_without_terminal,
    screen_for,
    start_on,
)
from microcred_cli.session.options import (
    Choices,
    language_asked_for,
    languages_of,
    notes_for_staff,
)
from microcred_cli.session.session import Session
from microcred_cli.store.drafts import Drafts
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.terminal.program_name import as_called

if TYPE_CHECKING:
    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interview import Reply
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.seen_days import Start

WHICH = "Language · Sprache · Langue · Idioma · Taal · Kieli · Język · Jezik"
"""The question asked before a language has been chosen."""

CODE_IS_KEY = N_(
    "The answers are stored encrypted. If the interview is interrupted, it can only "
    "be continued with the command microcred resume and this code: {code}. Please "
    "write it down now. Nobody can read the answers without it."
)


def prepare_to_ask(
    choices: Choices,
) -> tuple[Fieldwork, Loaded, tuple[str, ...], str | None]:
    """The settings, the questionnaire, the languages offered, and the requested language, if any.

    After this call, messages are in the requested language or, if there is none, in the usual
    language.
    """
    files.harden_process()
    refuse_prompts_without_terminal(choices)
    speak(usual_language(tuple(GROUPS), choices.language))
    fieldwork = open_fieldwork(choices)
    loaded = load(choices.questionnaire)
    offered = languages_of(loaded, fieldwork)
    asked_for = language_asked_for(choices.language, offered)
    speak(asked_for or usual_language(offered))
    return fieldwork, loaded, offered, asked_for


def begin_interview(
    choices: Choices, mode: Mode = "self", contact: CaseContact | None = None
) -> int:
    """Conduct a new interview, from the background to the receipt; returns the exit code.

    `contact` is the contact with a case, if the interview belongs to one.
    """
    fieldwork, loaded, offered, asked_for = prepare_to_ask(choices)
    responses = prepared_responses(choices, fieldwork, loaded)
    if files.is_drop(responses.folder):
        fieldwork = fieldwork.having(times=False)
    drafts = Drafts.here()
    drafts.prepare()
    now = start_on(drafts, fieldwork)
    own_language = asked_for or usual_language(offered)
    if contact is not None:
        contact.follow(fieldwork)
        contact.own_language = own_language = contact.own_language or own_language
    with cleared_after(responses), ExitStack() as stack:
        screen = screen_for(choices, loaded, fieldwork, mode, offered)
        if not choices.in_series:
            screen.warn(notes_for_staff(fieldwork, loaded.questionnaire))
        stack.enter_context(screen)
        screen.speak(own_language)
        screen.one_key = choices.one_key
        language = _language_of(screen, asked_for, offered, contact)
        if language is None:
            stack.close()
            return _left(contact)
        screen.speak(language)
        draft = _new_draft(loaded, fieldwork, responses, mode, language, contact, now)
        draft = draft.model_copy(update={"one_key": choices.one_key})
        stack.enter_context(drafts.held(draft.code))
        stack.enter_context(files.space_set_aside(drafts.drafts, responses.folder))
        drafts.keep_definition(loaded.sha256, loaded.source)
        keep_texts(drafts, loaded, language)
        session = Session(
            *(drafts, draft, loaded, screen, stack),
            responses=responses,
            contact=contact,
            choices=choices,
        )
        return _from_background(session, fieldwork, asked_for, offered)


def _left(contact: CaseContact | None) -> int:
    """Report that there was no interview; returns the exit code."""
    if contact is not None:
        return contact.said()
    say(_("No question was answered, so nothing was stored."))
    return ExitCode.INTERRUPTED


def _language_of(
    screen: Screen, asked_for: str | None, offered: tuple[str, ...], contact: CaseContact | None
) -> str | None:
    """The language of the interview; None if there is no interview.

    The language is chosen only when the respondent is available. The language of the case is
    preselected.
    """
    while contact is None or contact.begins(screen):
        if asked_for is not None:
            return asked_for
        first = contact.language if contact is not None else None
        if not Surroundings.real().is_terminal:
            return first if first in offered else offered[0]
        language = _choose_language(screen, offered, first, back=contact is not None)
        if language is not None or contact is None:
            return language
    return None


def usual_language(offered: tuple[str, ...], wanted: str | None = None) -> str:
    """The language used until one is chosen: the requested one, the locale's, or English."""
    own = wanted or _locale_language()
    return own if own in offered else OWN_LANGUAGE


def _choose_language(
    screen: Screen, offered: tuple[str, ...], first: str | None, *, back: bool
) -> str | None:
    """Ask for a language, preselecting `first` or the locale's; None if the user leaves."""
    first = first or _locale_language()
    languages = [(code, own_name(code)) for code in offered]
    return screen.choose(WHICH, languages, pointed=first, back=back)


def _locale_language() -> str | None:
    """The language of the POSIX locale: `LC_ALL`, else `LC_MESSAGES`, else `LANG`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            code = value.partition(".")[0].partition("_")[0].casefold()
            return None if code in ("c", "posix") else code
    return None


def _new_draft(
    loaded: Loaded,
    fieldwork: Fieldwork,
    responses: Responses,
    mode: Mode,
    language: str,
    contact: CaseContact | None,
    now: Start,
) -> Draft:
    begun = now.first_day(fieldwork.timezone)
    return Draft(
        seed=secrets.randbelow(SEEDS),
        code=new_code(LOCKED_SYMBOLS if fieldwork.recipients else RESUME_SYMBOLS),
        questionnaire=reference(loaded),
        begun=begun.isoformat(),
        expires=(begun + timedelta(days=fieldwork.draft_days)).isoformat(),
        mode=mode,
        language=language,
        responses=str(responses.folder),
        detail=fieldwork.detail,
        fieldwork=str(fieldwork.path) if fieldwork.path else None,
        case=contact.label if contact else None,
        case_log=str(contact.log.path) if contact else None,
        last_contact=contact.last_id if contact else None,
        timezone=fieldwork.timezone,
        is_undated=not now.is_plausible,
        times={} if fieldwork.times else None,
    )


def _from_background(
    session: Session, fieldwork: Fieldwork, asked_for: str | None, offered: tuple[str, ...]
) -> int:
    """Show the background and ask the questions; returns the exit code."""
    screen = session.screen
    if fieldwork.is_late(fieldwork.today()) and fieldwork.respond_by:
        late = _("Answers were requested by {day}. You can still take part.")
        screen.say(late.format(day=date_in_words(fieldwork.respond_by)))
    is_language_asked = asked_for is None and len(offered) > 1 and screen.watched
    goes_back = session.contact is not None or is_language_asked
    while True:
        reply = _begun(session, fieldwork, back=goes_back)
        if isinstance(reply, Pause):
            if session.is_over("interrupted"):
                return session.paused(Paused(interrupted=True))
            continue
        if not isinstance(reply, Back):
            try:
                return session.conduct(_first_state(session))
            except WentBack:
                session.forget_draft()
        language = _language_of(screen, asked_for, offered, session.contact)
        if language is None:
            session.leave()
            return _left(session.contact)
        session.speak(language)


def _first_state(session: Session) -> Interview:
    draft = session.draft
    return Interview.begin(
        session.loaded.questionnaire,
        mode=draft.mode,
        language=draft.language,
        seed=draft.seed,
        spoken=session.loaded.languages,
        detail=draft.detail,
    )


def _begun(session: Session, fieldwork: Fieldwork, *, back: bool) -> Reply | None:
    """Show the background and any secret code.

    Returns a `Pause` if the user leaves, and a `Back` if they go back to the preceding lists.
    """
    while isinstance(reply := session.screen.read_background(back=back), Speak):
        session.speak(reply.language)
    if reply is None and fieldwork.recipients and not _show_key(session):
        return Pause(interrupted=True)
    return reply


def _show_key(session: Session) -> bool:
    """Show the code that decrypts the draft; return False if the user does not confirm it."""
    text = as_called(session.same_way(_(CODE_IS_KEY))).format(code=show(session.draft.code))
    if Surroundings.real().is_terminal:
        return session.screen.choose(text, [("noted", _(NOTED))]) is not None
    session.screen.say(text)
    return True

"""An interview that an interviewer leads: the contact, the interview, and how the case stands."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.fieldwork.settings import today
from microcred_cli.i18n import _
from microcred_cli.session.begin import (
    Beginning,
    lead_new,
    lead_paused,
    parse_resume_code,
    respond_from_file,
)
from microcred_cli.store.drafts import Drafts, expires, place_of
from microcred_cli.terminal.console import ask_line
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.cases.dispositions import Mode
    from microcred_cli.session.contact import CaseContact
    from microcred_cli.session.options import Choices

MODES: dict[str, Mode] = {"phone": "phone", "in-person": "in_person"}


def lead_interview(
    choices: Choices, mode: str | None, case: str | None, case_log: str | None, answers: str | None
) -> int:
    """An interview on the phone or in person; the exit code."""
    if mode not in MODES:
        named = safe(mode or "")
        wrong = f"No mode is called {named!r}." if named else "How it is led is not said."
        raise UsageError(wrong, where="--mode", hint="Say --mode phone or --mode in-person.")
    led = MODES[mode]
    if case is None:
        if case_log is not None:
            raise UsageError(
                "A case log needs a case.", where="--case-log", hint="Name it with --case LABEL."
            )
        if answers is not None:
            return respond_from_file(choices, answers, led)
        return lead_new(choices, Beginning(led))
    from microcred_cli.cases.log import CaseLog
    from microcred_cli.session.contact import contact_with

    with ExitStack() as stack:
        contact = stack.enter_context(contact_with(CaseLog.named(case_log), case, led))
        if answers is not None:
            return respond_from_file(choices, answers, led, contact)
        code = _paused_of(contact)
        if code is not None:
            return lead_paused(choices, code, contact)
        return lead_new(choices, Beginning(led, contact))


def _paused_of(contact: CaseContact) -> str | None:
    """The resume code of a case's paused interview, if one is kept on this machine."""
    drafts = Drafts.here()
    with suppress(StoreError):
        for code in drafts.codes():
            with suppress(StoreError):
                draft = drafts.load(code)
                if contact.is_of(draft.case, draft.case_log) and expires(draft) >= today():
                    return code
    for name in drafts.locked_names():
        with suppress(StoreError):
            locked = drafts.locked(name)
            if contact.is_of(locked.case, locked.case_log) and expires(locked) >= today():
                return _code_of(drafts, name)
    return None


def _code_of(drafts: Drafts, name: str) -> str | None:
    """The resume code of an encrypted draft, from who wrote it down; None to begin anew.

    Raises:
        UsageError: it is not that draft's code.
    """
    typed = ask_line(_("Resume code of this case (Enter alone: begin anew): "))
    if not typed:
        return None
    code = parse_resume_code(typed, locked_only=True, has_locked=True)
    if place_of(code) != name or not drafts.has(code):
        raise UsageError(
            _("This is not the code of the case's paused interview."),
            hint=_("Look at what was written down when it was begun."),
        )
    return code

"""Reads the resume code of a paused interview from an argument, a list or typed input."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypeVar

from microcred_cli.clock.dates import date_in_words
from microcred_cli.crypto.keys import LOCKED_SYMBOLS
from microcred_cli.errors import InvalidAnswer, MicrocredError, StoreError, UsageError
from microcred_cli.i18n import _
from microcred_cli.records.receipts import RESUME_SYMBOLS, parse, show
from microcred_cli.records.shapes import Draft
from microcred_cli.store.drafts import place_of
from microcred_cli.store.seen_days import begun, is_receipt
from microcred_cli.terminal.console import ask_line, say
from microcred_cli.terminal.line_answers import number_in
from microcred_cli.terminal.mode import Surroundings, is_plain
from microcred_cli.text import safe

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.records.shapes import LockedDraft
    from microcred_cli.store.drafts import Drafts


def argument_code(drafts: Drafts, typed: str, command: str = "microcred resume") -> str:
    """Parse a code given as an argument of a command; codes that must stay secret are refused."""
    if _is_long(typed):
        raise _secret("The code of an encrypted interview decrypts the answers", command)
    code = _parsed(typed, RESUME_SYMBOLS)
    if drafts.is_shared(code):
        raise _secret("The code of an interview on a shared machine protects the answers", command)
    if not drafts.has(code):
        raise _unknown()
    return code


def deleted_code(drafts: Drafts, typed: str | None) -> str:
    """The code of the interview to delete, from the argument or, without one, from the prompt.

    An encrypted interview can also be specified by its name in the list, because its code may be
    lost. At a terminal, every deletion must be confirmed.
    """
    if typed is None:
        return ask_code(drafts, deletes=True)
    is_name = typed.lower() in drafts.locked_names()
    code = typed.lower() if is_name else argument_code(drafts, typed, "microcred drafts delete")
    return _surely_deleted(drafts, code, "To list the paused interviews: microcred drafts")


def _unknown() -> UsageError:
    return UsageError(
        "No paused interview on this machine has that code.",
        hint="To list the codes: microcred drafts",
    )


def _secret(reason: str, command: str) -> UsageError:
    return UsageError(
        f"{reason}, so it must not be an argument: other users can see arguments, and the shell "
        "stores them in its history.",
        where="CODE",
        hint=f"Run {command} and type the code when asked. Remove the command with the code "
        "from the shell history.",
    )


def ask_code(drafts: Drafts, *, deletes: bool = False, plain: bool | None = None) -> str:
    """Ask for the code of an interview or, at a terminal, its number in a list.

    If there is only one interview, Enter selects it, unless it is to be deleted. An encrypted
    interview to be deleted is listed too, and can be specified by its name. At a terminal, a code
    that is wrong or in use in another window can be corrected, and a deletion must be confirmed. A
    typed code is erased from the screen, unless plain lines are used.
    """
    codes, locked = drafts.codes(), drafts.locked_names()
    if not codes and not locked:
        raise UsageError(
            "There is no paused interview on this machine.",
            hint="Begin an interview with: microcred respond",
        )
    listed = [code for code in codes if not drafts.is_shared(code)]
    is_only = len(codes) == len(listed) == 1 and not locked
    only = listed[0] if is_only and not deletes else None
    listed += locked if deletes else []
    listed = listed if only is None and _is_watched() else []
    _show_list(drafts, listed)

    def chosen(typed: str) -> str:
        if only is not None and not typed:
            return only
        if listed and typed.isdecimal() and len(typed) < RESUME_SYMBOLS:
            return _numbered(listed, typed)
        if deletes and typed.lower() in locked:
            return typed.lower()
        is_key = bool(locked) and (not codes or _is_long(typed))
        code = _parsed(typed, LOCKED_SYMBOLS if is_key else RESUME_SYMBOLS)
        if not drafts.has(code):
            raise _unknown()
        return code

    def code_of(typed: str) -> str:
        code = chosen(typed)
        with drafts.held(code):
            # An interview that is open in another window is refused here, where the user can choose
            # another one.
            if deletes:
                how = "Type another number or code, or press Ctrl-C to leave."
                return _surely_deleted(drafts, code, how)
            return code

    prompt = "Number or resume code" if listed else "Resume code"
    enter = f" (Enter for {show(only)})" if only is not None else ""
    return _until_right(f"{prompt}{enter}: ", code_of, plain)


def _numbered(listed: list[str], typed: str) -> str:
    """The code with this number in the list."""
    number = number_in(typed, len(listed))
    if number is None:
        last = len(listed)
        raise UsageError(
            "There is no such number in the list.",
            hint=f"Type a number from 1 to {last}." if last > 1 else "Type 1, or a resume code.",
        )
    return listed[number - 1]


def _surely_deleted(drafts: Drafts, code: str, hint: str) -> str:
    """Ask a user at a terminal to confirm the deletion of an interview; return its code."""
    question = f"Delete {_shown(drafts, code)} permanently? Type yes or no: "
    if _is_watched() and ask_line(question).casefold() not in ("y", "yes"):
        raise UsageError("Nothing was deleted.", hint=hint)
    return code


def ask_code_of_case(drafts: Drafts, name: str, plain: bool | None) -> str | None:
    """Ask the interviewer for the resume code of an encrypted draft; None to start over."""

    def code_of(typed: str) -> str | None:
        if not typed:
            return None
        code = _parsed(typed, LOCKED_SYMBOLS)
        if place_of(code) != name or not drafts.has(code):
            raise UsageError(
                _("This is not the resume code of this case."),
                hint=_("Check the code that was written down at the start of the interview."),
            )
        return code

    prompt = _("Resume code of this case (Enter for a new interview): ")
    return _until_right(prompt, code_of, plain)


def _until_right(prompt: str, code_of: Callable[[str], T], plain: bool | None) -> T:
    """Read lines until one is valid; without a terminal, the first line must be valid."""
    erases = os.name == "posix" and _is_watched() and sys.stderr.isatty()
    erases = erases and not is_plain(Surroundings.real(), plain)
    while True:
        typed = ask_line(prompt, erases=erases)
        try:
            return code_of(typed)
        except MicrocredError as error:
            if not _is_watched():
                raise
            say(f"{safe(error.message)} {safe(error.hint)}")


def _show_list(drafts: Drafts, codes: list[str]) -> None:
    if codes:
        say("Paused interviews on this machine:")
    for number, code in enumerate(codes, 1):
        try:
            state = _state(drafts, code)
        except StoreError:
            state = "damaged: it cannot be read"
        say(f"{number:>3}. {_shown(drafts, code)}  {state}")


def _state(drafts: Drafts, code: str) -> str:
    if not _is_listed_code(code):
        locked = drafts.locked(code)
        return state_of(locked, str(locked.answered))
    draft = drafts.load(code)
    return state_of(draft, f"{draft.answered} of {draft.of}")


def _shown(drafts: Drafts, code: str) -> str:
    """A code in groups, or the name of an encrypted interview; a secret code is not repeated."""
    if code in drafts.locked_names():
        return code
    is_secret = not _is_listed_code(code) or drafts.is_shared(code)
    return "this interview" if is_secret else show(code)


def _is_listed_code(code: str) -> bool:
    return len(code) == RESUME_SYMBOLS


def state_of(draft: Draft | LockedDraft, answered: str) -> str:
    """The state of a paused interview for a list, without revealing an answer.

    For an interview that was handed in, the start date is omitted, because it would reveal more
    about the response.
    """
    if is_receipt(draft):
        return "handed in, receipt not confirmed"
    if draft.is_closing:
        return "handed in, not yet stored"
    return f"{_paper(draft)}begun {date_in_words(begun(draft))}  answered {answered}"


def _paper(draft: Draft | LockedDraft) -> str:
    """The entry status of a paper questionnaire; the number of an encrypted one is not shown."""
    number = draft.paper if isinstance(draft, Draft) else "" if draft.on_paper else None
    if number is None:
        return ""
    name = f"paper {safe(number)}" if number else "paper"
    if draft.keyed:
        return f"{name}, second keying missing  "
    return f"{name}, second keying paused  " if draft.second else f"{name}, paused  "


def _is_watched() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _is_long(typed: str) -> bool:
    """True if the text is longer than the code of an unencrypted interview."""
    return sum(letter.isalnum() for letter in typed) > RESUME_SYMBOLS + 1


def _parsed(typed: str, symbols: int) -> str:
    try:
        return parse(typed, symbols)
    except InvalidAnswer as invalid:
        raise UsageError(invalid.message, hint=invalid.hint) from None

"""Commands around the files: drafts and withdrawal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from microcred_cli.cli.key_files import staff_folder
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, InvalidAnswer, MicrocredError, StoreError, UsageError
from microcred_cli.fieldwork.settings import today
from microcred_cli.files import is_drop as is_drop_folder
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, RESUME_SYMBOLS, parse, show
from microcred_cli.session.begin import ask_code
from microcred_cli.store.drafts import Drafts, expires
from microcred_cli.store.judge import Judge
from microcred_cli.store.withdraw import take_back, withdraw
from microcred_cli.terminal.console import ask_line, say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from microcred_cli.store.folder import Responses


# -- drafts ----------------------------------------------------------------------------------------


def list_drafts() -> None:
    """Print a line for each paused interview: code, begun, progress, kept until."""
    drafts = Drafts.here()
    every, locked = drafts.codes(), drafts.locked_names()
    if not every and not locked:
        say("No interview is paused on this machine.")
        return
    codes = [code for code in every if not drafts.is_shared(code)]
    for code in codes:
        sys.stdout.write(f"{show(code)}  {_draft_line(drafts, code)}\n")
    for name in locked:
        sys.stdout.write(f"encrypted  {_locked_line(drafts, name)}\n")
    if locked:
        say("An encrypted one is opened by its code, which whoever began it wrote down.")
    if len(codes) < len(every):
        say("What is paused for a drop folder is not listed: only its own code leads to it.")
    say("Go on with one: microcred resume")


def _draft_line(drafts: Drafts, code: str) -> str:
    try:
        draft = drafts.load(code)
        until = expires(draft)
    except StoreError:
        return "damaged: it cannot be read; microcred drafts delete removes it"
    answered = f"{draft.answered} of {draft.of}"
    return _line_of(draft.begun, until, answered, is_closing=draft.closing is not None)


def _locked_line(drafts: Drafts, name: str) -> str:
    try:
        draft = drafts.locked(name)
        until = expires(draft)
    except StoreError as error:
        return f"damaged: it cannot be read; remove the file {safe(error.where or name)}"
    return _line_of(draft.begun, until, str(draft.answered), is_closing=draft.is_closing)


def _line_of(begun: str, until: date, answered: str, *, is_closing: bool) -> str:
    state = "handed in, to be finished" if is_closing else answered
    kept = f"kept until {until}" if until >= today() else "expired"
    return f"begun {safe(begun)}  answered {state}  {kept}"


def delete_draft() -> None:
    """Delete the draft whose code is typed."""
    drafts = Drafts.here()
    code = ask_code(drafts, enter_takes_only=False)
    if not drafts.has(code):
        raise StoreError(
            "No paused interview on this machine has that code.",
            hint="Look at the codes with: microcred drafts",
        )
    with drafts.held(code):
        drafts.delete(code)
    say("Deleted. Its answers are gone for good.")


def delete_expired() -> None:
    """Delete every draft that is past its day."""
    drafts = Drafts.here()
    deleted, left = drafts.delete_expired(today())
    for code in left:
        is_hidden = len(code) != RESUME_SYMBOLS or drafts.is_shared(code)
        called = f"An encrypted one ({code})" if len(code) != RESUME_SYMBOLS else "One"
        called = called if is_hidden else show(code)
        say(f"{called} was left alone: it is damaged or in use.")
    say(f"Deleted: {deleted}.")


# -- withdrawal ------------------------------------------------------------------------------------


_WITHDRAWN = "Withdrawn: the response and its texts are deleted."
_WITHDRAWN_UNSEEN = (
    "Withdrawn: what waited of the response is deleted. What is sealed of it, if anything, goes "
    "with the next microcred seal; to delete it now, withdraw with --identity FILE."
)
"""What is said where no key was given to look into what is sealed."""


def withdraw_response(
    responses: str | None, fieldwork_file: str | None, identities: Sequence[str] = ()
) -> int:
    """Delete the response of a typed receipt; the exit code."""
    folder = staff_folder(responses, fieldwork_file, identities)
    is_drop = is_drop_folder(folder.folder)
    if not is_drop:
        folder.names()
    receipt = _ask_receipt()
    if is_drop:
        return _take_back(folder, receipt)
    with shown("Withdrawing"):
        is_found = _withdraw(folder, receipt)
    if not is_found:
        say(f"No response in this folder belongs to that receipt: {safe(folder.folder)}")
        say("If it was kept in another folder, name that with --responses.")
        return ExitCode.FINDING
    say(_WITHDRAWN if folder.cipher.opens or folder.segments.is_empty else _WITHDRAWN_UNSEEN)
    return ExitCode.DONE


def _ask_receipt() -> str:
    """The receipt, bare; whoever types it is asked until it can be one.

    Raises:
        UsageError: what came without a person typing is no receipt, or the input ended.
    """
    while True:
        try:
            return parse(ask_line("Receipt: "), RECEIPT_SYMBOLS)
        except InvalidAnswer as invalid:
            if not sys.stdin.isatty():
                raise UsageError(invalid.message, hint=invalid.hint) from None
            say(f"{invalid.message} {invalid.hint}")


def _take_back(folder: Responses, receipt: str) -> int:
    """Take a response out of a drop folder again, and say whether it was still there.

    Nothing can be looked for there but by name; staff may be collecting it.
    """
    terms = folder.terms()
    assert terms is not None
    keys = Judge(load(terms.questionnaire), terms).text_keys()
    with shown("Withdrawing"):
        found = take_back(folder, receipt, keys)
    if found == "response":
        say(_WITHDRAWN)
        return ExitCode.DONE
    if found:
        say("The response was collected; the texts that were still here are deleted.")
        say("Ask staff to withdraw it by its receipt.")
    else:
        say(f"No response in this folder belongs to that receipt: {safe(folder.folder)}")
        say("It may have been collected: then staff can withdraw it by its receipt.")
    return ExitCode.FINDING


def _withdraw(folder: Responses, receipt: str) -> bool:
    """Withdraw, and take the response out of the counts if its questionnaire can be had."""
    try:
        terms = folder.terms()
        loaded = load(terms.questionnaire) if terms is not None else None
    except MicrocredError:
        terms = loaded = None
    if terms is None or loaded is None:
        return withdraw(folder, receipt)
    from microcred_cli.cli.counting import method_for

    judge = Judge(loaded, terms)
    return withdraw(folder, receipt, judge, method_for(judge, synthetic=terms.synthetic))

"""`microcred withdraw`: deletes the response that belongs to a receipt."""

from __future__ import annotations

import sys
from contextlib import suppress

import typer  # noqa: TC002 - the command reads this annotation when it is called

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.counting_engine import counting_engine
from microcred_cli.cli.key_files import staff_folder
from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import ExitCode, InvalidAnswer, MicrocredError, UsageError
from microcred_cli.evaluation.counting import judge_and_method
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.receipts import RECEIPT_SYMBOLS, parse
from microcred_cli.store.counts import Method
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.folder import Responses
from microcred_cli.store.judge import Judge
from microcred_cli.store.withdraw import take_back, withdraw
from microcred_cli.terminal.console import ask_line, say
from microcred_cli.text import safe

_WITHDRAWN = "Withdrawn: the response and its free-text answers are deleted."
_WITHDRAWN_UNSEEN = (
    "Withdrawn: the waiting records of the response are deleted. Any sealed records "
    "will be deleted by the next microcred seal; to delete them now, run microcred withdraw "
    "with --identity FILE."
)
"""Printed if the sealed responses could not be read because no key was given."""

app = options.new_app()


@app.command("withdraw", context_settings={"allow_extra_args": True})
def withdraw_response(
    context: typer.Context,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    identity: options.Identity = None,
) -> int:
    """Delete the response that belongs to a receipt.

    The free-text answers of the response are deleted too. The command asks for the receipt, or
    reads it from standard input. In an encrypted folder, sealed records are deleted immediately if
    a secret key is given, otherwise at the next seal.

    Example: microcred withdraw
    """
    if context.args:
        raise UsageError(
            "The receipt must not be an argument: other users can see arguments, and the shell "
            "stores them in its history.",
            hint="Run microcred withdraw without the receipt, and type the receipt when asked. "
            "Remove this command from the shell history, because it contains the receipt.",
        )
    folder = staff_folder(responses, fieldwork, identity)
    if files.is_drop(folder.folder):
        return _take_back(folder, _ask_receipt())
    folder.names()
    receipt = _ask_receipt()
    with shown("Withdrawing"):
        is_found = _withdraw(folder, receipt, fieldwork)
    if not is_found:
        say(f"No response in this folder belongs to that receipt: {safe(folder.folder)}")
        say("If the response is in another folder, specify that folder with --responses.")
        return ExitCode.FINDING
    Drafts.here().delete_receipt(receipt)
    say(_WITHDRAWN if folder.cipher.opens or folder.segments.is_empty else _WITHDRAWN_UNSEEN)
    return ExitCode.DONE


def _ask_receipt() -> str:
    """Ask for a receipt and return it without separators; on a terminal, ask until valid."""
    while True:
        try:
            return parse(ask_line("Receipt: "), RECEIPT_SYMBOLS)
        except InvalidAnswer as invalid:
            if not sys.stdin.isatty():
                raise UsageError(invalid.message, hint=invalid.hint) from None
            say(f"{invalid.message} {invalid.hint}")


def _take_back(folder: Responses, receipt: str) -> int:
    """Delete a response from a drop folder, unless it was collected.

    The user cannot list the folder, so files are opened by name; staff may be collecting the files
    at the same time.
    """
    terms = folder.terms()
    assert terms is not None
    keys = Judge(load(terms.questionnaire), terms).text_keys
    with shown("Withdrawing"):
        found = take_back(folder, receipt, keys)
    if found == "response":
        Drafts.here().delete_receipt(receipt)
        say(_WITHDRAWN)
        return ExitCode.DONE
    if found:
        say(
            "The response was collected earlier; its free-text answers that remained here have "
            "been deleted."
        )
        say("Ask staff to withdraw the response using the receipt.")
    else:
        say(f"No response in this folder belongs to that receipt: {safe(folder.folder)}")
        say("The response may have been collected; if so, staff can withdraw it using the receipt.")
    return ExitCode.FINDING


def _withdraw(folder: Responses, receipt: str, fieldwork: str | None) -> bool:
    """Withdraw a response; subtract it from the counts if its questionnaire is available."""
    counted: tuple[Judge, Method] | tuple[()] = ()
    with suppress(MicrocredError):
        if (terms := folder.terms()) is not None:
            engine = counting_engine(fieldwork, required=False)
            counted = judge_and_method(load(terms.questionnaire), terms, engine=engine)
    return withdraw(folder, receipt, *counted)

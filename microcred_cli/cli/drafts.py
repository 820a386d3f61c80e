"""`microcred drafts`: the paused interviews on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli.cli import options
from microcred_cli.errors import StoreError
from microcred_cli.fieldwork.settings import today
from microcred_cli.records.receipts import RESUME_SYMBOLS, show
from microcred_cli.session.resume import ask_code
from microcred_cli.store.drafts import Drafts, expires
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from datetime import date

app = options.new_app(name="drafts")


@app.callback(invoke_without_command=True)
def drafts(context: typer.Context) -> None:
    """List or delete paused interviews.

    The list has the code, start date and progress of each interview on this machine.

    Example: microcred drafts
    """
    if context.invoked_subcommand is None:
        _list(Drafts.here())


def _list(drafts: Drafts) -> None:
    every, locked = drafts.codes(), drafts.locked_names()
    if not every and not locked:
        say("There is no paused interview on this machine.")
        return
    codes = [code for code in every if not drafts.is_shared(code)]
    for code in codes:
        sys.stdout.write(f"{show(code)}  {_draft_line(drafts, code)}\n")
    for name in locked:
        sys.stdout.write(f"encrypted  {_locked_line(drafts, name)}\n")
    if locked:
        say(
            "An encrypted interview can be resumed only with the code that was written down "
            "at its start."
        )
    if len(codes) < len(every):
        say(
            "Interviews for a drop folder are not listed: each can be resumed only with its "
            "own code."
        )
    say("To continue one: microcred resume")


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


@app.command()
def delete(
    expired: Annotated[
        bool, typer.Option("--expired", help="Delete all expired interviews.")
    ] = False,
) -> None:
    """Permanently delete a paused interview.

    Asks for its code, or reads it from standard input.

    Example: microcred drafts delete --expired
    """
    drafts = Drafts.here()
    if expired:
        _delete_expired(drafts)
        return
    code = ask_code(drafts, enter_takes_only=False)
    if not drafts.has(code):
        raise StoreError(
            "No paused interview on this machine has that code.",
            hint="To list the codes: microcred drafts",
        )
    with drafts.held(code):
        drafts.delete(code)
    say("Deleted. The answers cannot be recovered.")


def _delete_expired(drafts: Drafts) -> None:
    deleted, left = drafts.delete_expired(today())
    for code in left:
        is_key = len(code) != RESUME_SYMBOLS
        name = show(code)
        if is_key or drafts.is_shared(code):
            name = f"An encrypted interview ({code})" if is_key else "An interview"
        say(f"{name} was not deleted: it is damaged or in use.")
    say(f"Deleted: {deleted}.")

"""`microcred drafts`: lists and deletes the paused interviews on this machine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli.cli import options
from microcred_cli.cli.output import show_lines
from microcred_cli.clock import zones
from microcred_cli.clock.dates import date_in_words
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.fieldwork.settings import DRAFT_DAYS
from microcred_cli.records.receipts import RESUME_SYMBOLS, show
from microcred_cli.session.codes import deleted_code, state_of
from microcred_cli.session.opening import say_doubt
from microcred_cli.store.drafts import Drafts
from microcred_cli.store.seen_days import expires, is_receipt
from microcred_cli.terminal.console import say
from microcred_cli.terminal.program_name import as_called

if TYPE_CHECKING:
    from microcred_cli.records.shapes import Draft, LockedDraft
    from microcred_cli.store.seen_days import Start

_INDENT = 11 * " "
"""The indent of continuation lines in the list: the width of a code and two spaces."""
_DAMAGED = "damaged: it cannot be read; to delete it, run: microcred drafts delete"

app = options.new_app(name="drafts")


@app.callback(invoke_without_command=True)
def drafts(context: typer.Context) -> None:
    """List or delete paused interviews.

    The list shows the code, start date and progress of each interview on this machine.

    Example: microcred drafts
    """
    if context.invoked_subcommand is None:
        _list(Drafts.here())


def _list(drafts: Drafts) -> None:
    every, locked = drafts.codes(), drafts.locked_names()
    if not every and not locked:
        say("There are no paused interviews on this machine.")
        return
    listed = _Listed(drafts, _started(drafts))
    codes = [code for code in every if not drafts.is_shared(code)]
    for code in codes:
        show_lines(f"{show(code)}  {listed.draft(code)}", rest=_INDENT)
    for name in locked:
        show_lines(f"{name}  {listed.locked(name)}", rest=_INDENT)
    if listed.doubtful:
        say_doubt(listed.start, listed.doubtful)
    if locked:
        say(
            "Names of 20 characters belong to encrypted interviews. An interview can be resumed "
            "only with the code that was shown at its start, and a paper questionnaire that is "
            "entered twice only with the entry code and the number of the paper. To delete one "
            "without its code: microcred drafts delete NAME"
        )
    if len(codes) < len(every):
        say(
            "Interviews for a drop folder are not listed: each can be resumed only with its "
            "own code."
        )
    if listed.can_continue or len(codes) < len(every):
        say("To continue an interview, run: microcred resume")
    if listed.has_receipt:
        say("To show a receipt again, run: microcred resume")


def _started(drafts: Drafts) -> Start:
    return drafts.start(zones.now(), DRAFT_DAYS)


@dataclass
class _Listed:
    """Formats the lines of the list.

    `doubtful` is the number of drafts that would have expired if the date were certain.
    `can_continue` is True if an interview can be resumed; `has_receipt` is True if a draft is kept
    only to show a receipt.
    """

    drafts: Drafts
    start: Start
    doubtful: int = 0
    can_continue: bool = False
    has_receipt: bool = False

    def draft(self, code: str) -> str:
        try:
            draft = self.drafts.load(code)
            return self._line(draft, f"{draft.answered} of {draft.of}")
        except StoreError:
            return as_called(_DAMAGED)

    def locked(self, name: str) -> str:
        try:
            draft = self.drafts.locked(name)
            return self._line(draft, str(draft.answered))
        except StoreError:
            return as_called(_DAMAGED)

    def _line(self, draft: Draft | LockedDraft, answered: str) -> str:
        last = date_in_words(expires(draft))
        self.doubtful += self.start.is_doubtful(draft)
        self.has_receipt |= is_receipt(draft)
        self.can_continue |= not is_receipt(draft) and not draft.keyed
        kept = "expired" if self.start.is_expired(draft) else f"kept until {last}"
        return f"{state_of(draft, answered)}  {kept}"


@app.command()
def delete(
    code: Annotated[
        str | None,
        options.argument("CODE", "Name in the list, or a resume code that is not secret."),
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Delete all expired interviews.")
    ] = False,
) -> None:
    """Permanently delete a paused interview.

    Without a code, the command asks for one, or for a number in the list; without a terminal, it
    reads a code from standard input. At a terminal, the deletion must be confirmed. The code of an
    encrypted interview, or of one on a shared machine, is secret and must not be given as an
    argument.

    Example: microcred drafts delete --expired
    """
    drafts = Drafts.here()
    if expired and code is not None:
        raise UsageError(
            "--expired deletes all expired interviews, so it cannot be combined with a code.",
            where="CODE",
            hint="Use either --expired or a code.",
        )
    if expired:
        _delete_expired(drafts)
        return
    code = deleted_code(drafts, code)
    with drafts.held(code):
        is_stored = False
        with suppress(StoreError):
            is_stored = drafts.load(code).stored
        drafts.delete(code)
    if is_stored:
        say(
            "Deleted. The response is kept, unless it was withdrawn; without its receipt, it "
            "cannot be withdrawn."
        )
    else:
        say("Deleted. The answers cannot be recovered.")


def _delete_expired(drafts: Drafts) -> None:
    start = _started(drafts)
    expired = drafts.delete_expired(start)
    for code in expired.left:
        is_key = len(code) != RESUME_SYMBOLS
        name = show(code)
        if is_key or drafts.is_shared(code):
            name = f"An encrypted interview ({code})" if is_key else "An interview"
        say(f"{name} was not deleted: it is damaged or in use.")
    say(f"Deleted: {expired.deleted}.")
    if expired.doubtful:
        say_doubt(start, expired.doubtful)

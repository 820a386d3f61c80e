"""The figures for `microcred summary`, from the last seal or from a first seal made now."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

from microcred_cli.cli.progress_bar import shown
from microcred_cli.errors import DisclosureError, StoreError
from microcred_cli.evaluation.last_figures import figures_in
from microcred_cli.files import InUseError
from microcred_cli.store.batches import SMALLEST_BATCH, batch_of
from microcred_cli.store.drop import refuse_drop
from microcred_cli.store.folder import terms_of
from microcred_cli.store.layout import REMOVED, LeftOut, as_sentence, is_record
from microcred_cli.store.publication import Outcome, figures_at_rest, is_unsealed, kept_for
from microcred_cli.summary.rule import RULE_SHA256
from microcred_cli.terminal.console import say
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.records.shapes import Folder
    from microcred_cli.store.folder import Responses
    from microcred_cli.summary.figures import Figures

MAKING = "Computing figures"

FIRST = (
    "No responses had been sealed before, so the waiting ones were sealed now. "
    "To seal more, run microcred seal."
)
"""Printed if a summary sealed the first responses automatically."""

NOT_WRITTEN = "No new responses were sealed; the figures are those of the last seal."

LOCKED = "New responses were not read: they are encrypted, and no key was given (--identity FILE)."
"""Printed with figures repeated from an earlier summary."""


def figures_of(folder: Responses, loaded: Loaded, fieldwork: str | None = None) -> Figures:
    """The figures of the last seal; figures without counts if too few responses are sealed.

    If nothing has been sealed yet, the function seals first. Prints excluded files with the
    reasons, and the number of responses, to standard error.

    Raises:
        DisclosureError: the figures are lost, were computed under another rule, or need a key.
    """
    refuse_drop(folder.folder)
    folder.names()
    terms, wrong = terms_of(folder, loaded)
    # Repeating an earlier summary must be fast, so the sealing code is imported only when needed.
    outcome = figures_at_rest(folder, loaded.sha256, RULE_SHA256)
    if outcome is None and not folder.cipher.opens:
        waiting = sum(map(is_record, folder.names()))
        outcome = kept_for(folder, loaded.sha256, RULE_SHA256, waiting=waiting)
        if outcome.figures is None and not outcome.held_back:
            hint = "Specify your secret key file with --identity."
            raise DisclosureError(LOCKED, hint=hint)
        say(LOCKED)
    outcome = outcome or _sealed(folder, loaded, terms, fieldwork)
    tell_left_out((*wrong, *outcome.left_out))
    if outcome.taken:
        say(FIRST)
    tell_standing(outcome)
    return figures_in(outcome, folder, loaded)


def _sealed(
    folder: Responses, loaded: Loaded, terms: Folder | None, fieldwork: str | None
) -> Outcome:
    # Sealing creates garbage, so the garbage collector is switched on again (see `fast_start`).
    gc.freeze()
    gc.enable()
    from microcred_cli.cli.counting_engine import counting_engine
    from microcred_cli.evaluation.counting import judge_and_method
    from microcred_cli.store.seal import figures_kept, seal

    take, engine = is_unsealed(folder), counting_engine(fieldwork)
    with shown("Sealing" if take else "Reading") as progress:
        judge, method = judge_and_method(loaded, terms, partial(progress.stage, MAKING), engine)
        try:
            return seal(folder, judge, method, take=take, progress=progress)
        except InUseError:
            raise
        except StoreError as error:
            place = f" [{safe(error.where)}]" if error.where else ""
            say(f"microcred: {error.message} {NOT_WRITTEN}{place}")
            return figures_kept(folder, judge, method.rule)


def tell_standing(outcome: Outcome) -> None:
    """Print the exact numbers of received, counted and waiting responses, for staff."""
    if outcome.returned:
        went_back = "response, chosen at random, is"
        if outcome.returned > 1:
            went_back = "responses, chosen at random, are"
        say(
            f"{outcome.returned} sealed {went_back} unsealed again, so that the number of sealed "
            "responses remains a multiple of five."
        )
    waiting = outcome.waiting
    line = (
        f"{outcome.sealed + waiting} received, {outcome.counted} counted{_since(outcome)}, "
        f"{waiting} waiting"
    )
    lacking = SMALLEST_BATCH - waiting
    if lacking > 0:
        say(f"{line}; responses are sealed 10, 15, 20 … at a time: {lacking} more needed.")
    else:
        say(f"{line}; microcred seal will seal {batch_of(waiting)} of them.")


def _since(outcome: Outcome) -> str:
    """A note in brackets on any difference between sealed and counted responses."""
    more = outcome.sealed - outcome.counted
    if more > 0:
        return f" in the figures ({more} more sealed; a later seal will count them)"
    if not more:
        return ""
    is_damaged = any(name.startswith("sealed/") for name, _ in outcome.left_out)
    gone = "withdrawn or damaged" if is_damaged else "withdrawn"
    them = "it" if more == -1 else "them"
    return f" in the figures ({-more} of them {gone} since; the next seal will exclude {them})"


def tell_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print each excluded file with its error, and the number of such files."""
    for part in sorted(left_out):
        say(as_sentence(part))
    removed = sum(wrong == REMOVED for _, wrong in left_out)
    if left_out:
        say(f"Files with errors: {len(left_out)}")
    if len(left_out) > removed:
        which = "The other files" if removed else "These files"
        say(f"{which} were not moved and are not counted. Repair them, or move them away.")

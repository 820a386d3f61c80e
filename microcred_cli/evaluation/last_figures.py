"""The figures of a folder's last seal, or the reason why none can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.errors import DisclosureError
from microcred_cli.records.recoding import stored
from microcred_cli.store.publication import read_figures
from microcred_cli.summary.figures import Figures
from microcred_cli.summary.rule import RULE_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.store.folder import Responses
    from microcred_cli.store.publication import HeldBack, Outcome

HELD_BACK: Mapping[HeldBack, tuple[str, str]] = {
    "lost": (
        "The figures cannot be recalculated yet: too little has changed since the last "
        "calculation. Two summaries of nearly the same responses would reveal individual answers.",
        "Try again after ten more responses have been sealed.",
    ),
    "rule": (
        "The last figures were computed by another version of the program, under another "
        "publication rule. Figures of the same responses under two rules could reveal individual "
        "answers.",
        "Until ten more responses are sealed, use the last printed summary, or the version of "
        "the program that computed the last figures.",
    ),
}
"""Messages and hints for lost figures, and for figures that were computed under another rule."""


def figures_in(outcome: Outcome, folder: Responses, loaded: Loaded) -> Figures:
    """The figures of a seal; figures without counts if too few responses are sealed.

    Raises:
        DisclosureError: the figures are lost, or were computed under a different rule.
    """
    if outcome.held_back:
        message, hint = HELD_BACK[outcome.held_back]
        raise DisclosureError(message, hint=hint)
    if outcome.figures is None:
        return figures_of_nobody(folder, loaded)
    return Figures.known(outcome.figures)


def kept_figures(folder: Responses, sha256: str) -> Figures | None:
    """The stored figures of the last seal; None if there are none under the current rule."""
    kept = read_figures(folder.folder).get(sha256)
    if kept is None or kept.rule != RULE_SHA256:
        return None
    return Figures.known(kept.figures)


def figures_of_nobody(folder: Responses, loaded: Loaded) -> Figures:
    """Figures without responses: only the list of possible tables."""
    from microcred_cli.summary.counts import Counter
    from microcred_cli.summary.protection import Protection

    terms = folder.terms()
    protection = Protection(
        loaded.questionnaire,
        sha256=loaded.sha256,
        synthetic=terms is not None and terms.synthetic,
    )
    return protection.figures(Counter(stored(loaded.questionnaire)).counts)

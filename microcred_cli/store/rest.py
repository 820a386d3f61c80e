"""A sealed set at rest: its figures as they are, without a look at any response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.store.sealed import Sealed

if TYPE_CHECKING:
    from microcred_cli.store.responses import Responses

LeftOut = tuple[str, str]
"""The safe name of a file, or of a line in it, with what is wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a seal came to.

    `taken` is how many responses were taken in. `figures` is what the method made of all that is
    sealed, at this seal or at the last one; None if nothing is.
    """

    taken: int
    left_out: tuple[LeftOut, ...]
    figures: object | None


def figures_at_rest(responses: Responses, sha256: str, rule: str) -> Outcome | None:
    """The last seal's figures if nothing waits and nothing changed since; else None.

    Args:
        responses: the folder.
        sha256: the hash of the questionnaire's definition.
        rule: that of the figures.
    """
    if responses.names() or responses.text_names():
        return None
    sealed = Sealed(responses.folder)
    kept = sealed.figures().get(sha256)
    if kept is None or kept.rule != rule:
        return None
    sizes, foreign = sealed.sizes()
    _, among_pools = sealed.pools()
    if kept.state != sealed.state(sizes):
        return None
    return Outcome(0, (*kept.left_out, *foreign, *among_pools), kept.figures)

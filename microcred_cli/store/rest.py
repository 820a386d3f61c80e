"""A sealed set at rest: its figures as they are, without a look at any response."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microcred_cli.store.responses import FOLDER_FILE
from microcred_cli.store.sealed import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """The last seal's figures if nothing changed since; else None.

    Args:
        responses: the folder.
        sha256: the hash of the questionnaire's definition.
        rule: that of the figures.
    """
    sealed = Sealed(responses.folder)
    kept = sealed.figures().get(sha256)
    if kept is None or kept.rule != rule:
        return None
    if kept.state != state_of(responses, responses.names(), responses.text_names()):
        return None
    return Outcome(0, kept.left_out, kept.figures)


def state_of(responses: Responses, names: Iterable[str], text_names: Iterable[str]) -> str:
    """What stays the same as long as all that is sealed, and these files that wait, do.

    It is a hash, and tells nothing of what waits.
    """
    sealed = Sealed(responses.folder)
    listed = []
    for sizes, foreign in (sealed.sizes(), sealed.pools()):
        listed += [f"{name} {size}" for name, size in (*sorted(sizes.items()), *foreign)]
    for folder, waiting in (
        (responses.folder, (FOLDER_FILE, *sorted(names))),
        (responses.texts, sorted(text_names)),
    ):
        for name in waiting:
            with contextlib.suppress(OSError):
                status = os.lstat(f"{folder}{os.sep}{name}")
                listed.append(f"{name} {status.st_size} {status.st_ino} {status.st_ctime_ns}")
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogateescape")).hexdigest()

"""A sealed set at rest: its figures as they are, without a look at any response."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from microcred_cli.store.last_seal import LastSeals
from microcred_cli.store.layout import FOLDER_FILE, is_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from microcred_cli.store.folder import Responses
    from microcred_cli.store.last_seal import LeftOut

Held = Literal["", "lost", "rule"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a seal came to.

    `taken` is how many responses were taken in. `figures` is what the method made of all that is
    sealed, at this seal or at the last one; None if nothing is. They are None and `held_back` where
    they were lost, and would now be of nearly the same people, or where the last ones were made by
    another rule. `counted` is how many responses they count, `sealed` how many of those that are
    sealed can be used now, `waiting` how many could be taken in, and `returned` how many that were
    sealed wait again; all are for staff alone.
    """

    taken: int
    left_out: tuple[LeftOut, ...]
    figures: object | None
    held_back: Held = ""
    counted: int = 0
    waiting: int = 0
    sealed: int = 0
    returned: int = 0


def figures_at_rest(responses: Responses, sha256: str, rule: str) -> Outcome | None:
    """The last seal's figures if nothing changed since; else None.

    Args:
        responses: the folder.
        sha256: the hash of the questionnaire's definition.
        rule: that of the figures.
    """
    kept = responses.sealed.figures().get(sha256)
    if kept is None or kept.rule != rule:
        return None
    last = LastSeals.read(responses.folder).seals.get(sha256)
    if last is None:
        return None
    if last.state != state_of(responses, responses.names(), responses.text_names()):
        return None
    return Outcome(
        *(0, last.left_out, kept.figures),
        counted=last.crowd.fewest,
        waiting=last.waiting,
        sealed=last.sealed,
    )


def figures_kept_locked(responses: Responses, sha256: str, rule: str) -> Outcome:
    """The last seal's figures, where nothing that is encrypted can be looked into."""
    waiting = sum(map(is_record, responses.names()))
    return kept_for(responses, sha256, rule, left_out=(), waiting=waiting)


def kept_for(
    responses: Responses, sha256: str, rule: str, *, left_out: tuple[LeftOut, ...], waiting: int
) -> Outcome:
    """The last seal's figures as an outcome, if they are of this rule."""
    kept = responses.sealed.figures().get(sha256)
    last = LastSeals.read(responses.folder).seals.get(sha256)
    counted, now = (last.crowd.fewest, last.sealed) if last is not None else (0, 0)
    if kept is None or kept.rule == rule:
        figures = None if kept is None else kept.figures
        return Outcome(0, left_out, figures, "", counted, waiting, now)
    return Outcome(0, left_out, None, "rule", counted, waiting, now)


def is_unsealed(responses: Responses) -> bool:
    """Whether nothing was ever sealed in a folder, as far as it shows."""
    sealed = responses.sealed
    return not (sealed.sizes()[0] or sealed.figures() or LastSeals.read(responses.folder).seals)


def is_begun(responses: Responses) -> bool:
    """Whether this is a folder of responses, or any other, in which nothing is to be written.

    Raises:
        StoreError: it cannot be read.
    """
    sealed = responses.sealed
    return (
        os.path.lexists(responses.folder / FOLDER_FILE)
        or any(map(is_record, (*responses.names(), *responses.text_names())))
        or any((sealed.sizes()[0], sealed.pools()[0]))
    )


def state_of(responses: Responses, names: Iterable[str], text_names: Iterable[str]) -> str:
    """What stays the same as long as all that is sealed, and these files that wait, do.

    It is a hash, and tells nothing of what waits.
    """
    sealed = responses.sealed
    listed = []
    for sizes, foreign in (sealed.sizes(), sealed.pools()):
        listed += [f"{name} {size}" for name, size in (*sorted(sizes.items()), *foreign)]
    listed += [f"{name} {told}" for name, told in sealed.telling()]
    for folder, waiting in (
        (responses.folder, (FOLDER_FILE, *sorted(names))),
        (responses.texts, sorted(text_names)),
    ):
        for name in waiting:
            with contextlib.suppress(OSError):
                status = os.lstat(f"{folder}{os.sep}{name}")
                listed.append(f"{name} {status.st_size} {status.st_ino} {status.st_ctime_ns}")
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogateescape")).hexdigest()

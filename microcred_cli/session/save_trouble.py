"""Choices of a person whose answers the disk does not take; nothing is done unasked."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError
from microcred_cli.i18n import N_, _
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.interview import Screen

_LONGEST_PATH = 1000


class Way(Enum):
    """A way on; its value is what the person reads."""

    GO_ON = N_("Go on; saving is tried again with the next answer")
    AGAIN = N_("Try again")
    ELSEWHERE = N_("Save in another folder")
    LATER = N_("Stop here, and hand them in later")
    LOSE = N_("Stop here, and lose what is not saved")


def chosen_way(screen: Screen, problem: str, *ways: Way) -> Way | None:
    """The way that a person chooses; None if they leave."""
    chosen = screen.choose(
        problem, tuple((way.name, _(way.value)) for way in ways), unexpected=True
    )
    return None if chosen is None else Way[chosen]


def in_another_folder(screen: Screen, take: Callable[[Path], None]) -> bool:
    """True if a person named a folder that `take` took; they may try several.

    Where `take` raises StoreError, the person hears why.
    """
    problem = ""
    while True:
        typed = screen.type_in(
            _("Which folder? Type its whole path, or nothing to go back."),
            _("Folder:"),
            problem,
            most=_LONGEST_PATH,
        )
        if not typed:
            return False
        try:
            take(_path(typed))
        except StoreError as error:
            problem = reason(error)
        else:
            return True


def reason(error: StoreError) -> str:
    """The message and the hint of an error, safe to show."""
    return f"{safe(error.message)} {safe(error.hint)}"


def _path(typed: str) -> Path:
    try:
        path = Path(typed).expanduser()
    except RuntimeError:
        path = Path(typed)
    if not path.is_absolute():
        raise StoreError(
            _("This is no whole path."), hint=_("Begin it at the root of the disk, or with ~.")
        )
    return path

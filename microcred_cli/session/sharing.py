"""A machine that respondents share: what one leaves on the screen, the next one must not read."""

from __future__ import annotations

import os
import select
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.store.folder import Responses

_LONGEST_LOOK = 60.0
_MOST_TYPED = 4096
_CLEARED = "\x1b[H\x1b[2J\x1b[3J"
"""Clears the screen and, where the terminal can, what was scrolled off it."""


@contextmanager
def cleared_after(responses: Responses) -> Iterator[None]:
    """Clear the terminal after an interview that is handed in to a drop folder."""
    try:
        yield
    finally:
        if files.is_drop(responses.folder) and sys.stderr.isatty() and sys.stdin.isatty():
            _clear()


def _clear() -> None:
    sys.stderr.write(
        _(
            "Note what you still need. Enter clears the screen for the next person; after a minute "
            "it is cleared in any case."
        )
        + "\n"
    )
    sys.stderr.flush()
    with suppress(KeyboardInterrupt, OSError, ValueError):
        if select.select([sys.stdin], [], [], _LONGEST_LOOK)[0]:
            # What was typed goes to nobody, not to the next program either.
            os.read(sys.stdin.fileno(), _MOST_TYPED)
    sys.stderr.write(_CLEARED)
    sys.stderr.flush()

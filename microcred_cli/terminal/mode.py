"""The choice between prompts on a screen and plain lines, made once, in one place."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

DUMB_TERMINALS = ("dumb", "unknown")
ACCESSIBLE = "ACCESSIBLE"


@dataclass(frozen=True)
class Surroundings:
    """The streams and environment that the program runs in; tests hand in their own."""

    stdin: TextIO
    stdout: TextIO
    environment: Mapping[str, str]

    @classmethod
    def real(cls) -> Surroundings:
        """Those of this process."""
        return cls(sys.stdin, sys.stdout, os.environ)

    @property
    def is_terminal(self) -> bool:
        """A person reads and types."""
        return _is_terminal(self.stdin) and _is_terminal(self.stdout)

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None where the output is none."""
        return shutil.get_terminal_size().columns if _is_terminal(self.stdout) else None


def is_plain(surroundings: Surroundings, asked: bool | None) -> bool:
    """Choose plain lines (True) or prompts.

    `asked` is what `--plain` (True) or `--rich` (False) said. Else plain where `ACCESSIBLE` is set
    (to anything but 0, false or nothing), the terminal is dumb, or there is none.
    """
    if asked is not None:
        return asked
    if wishes_plain(surroundings):
        return True
    dumb = surroundings.environment.get("TERM", "").casefold() in DUMB_TERMINALS
    return dumb or not surroundings.is_terminal


def wishes_plain(surroundings: Surroundings) -> bool:
    """True where `ACCESSIBLE` is set, to anything but 0, false or nothing."""
    wish = surroundings.environment.get(ACCESSIBLE, "").strip().casefold()
    return wish not in ("", "0", "false")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False

"""The choice between prompts and plain lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from microcred_cli.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

DUMB_TERMINALS = ("dumb", "unknown")
ACCESSIBLE = "ACCESSIBLE"


class Surroundings(Frozen):
    """Standard streams and environment variables, which tests can replace."""

    stdin: TextIO
    stdout: TextIO
    environment: Mapping[str, str]

    @classmethod
    def real(cls) -> Surroundings:
        """The streams and environment of this process."""
        return cls(sys.stdin, sys.stdout, os.environ)

    @property
    def is_terminal(self) -> bool:
        """True if both input and output are terminals."""
        return _is_terminal(self.stdin) and _is_terminal(self.stdout)

    @property
    def width(self) -> int | None:
        """The terminal width in columns; None if the output is not a terminal."""
        return _size().columns if _is_terminal(self.stdout) else None

    @property
    def height(self) -> int | None:
        """The terminal height in rows; None without a terminal."""
        return _size().lines if self.is_terminal else None


def is_plain(surroundings: Surroundings, asked: bool | None) -> bool:
    """True for plain lines, False for prompts.

    `asked` is True for `--plain`, False for `--rich`, otherwise None. By default, the result is
    True if `ACCESSIBLE` is set (to anything but 0, false or the empty string), the terminal is
    dumb, or there is no terminal.
    """
    if asked is not None:
        return asked
    if wishes_plain(surroundings):
        return True
    dumb = surroundings.environment.get("TERM", "").casefold() in DUMB_TERMINALS
    return dumb or not surroundings.is_terminal


def wishes_plain(surroundings: Surroundings) -> bool:
    """True if `ACCESSIBLE` is set to anything but 0, false or the empty string."""
    wish = surroundings.environment.get(ACCESSIBLE, "").strip().casefold()
    return wish not in ("", "0", "false")


def _size() -> os.terminal_size:
    import shutil

    return shutil.get_terminal_size()


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False

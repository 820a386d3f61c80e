"""Lines on two streams: written once, folded to the width of the terminal, and read one by one."""

from __future__ import annotations

import textwrap
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from microcred_cli.errors import Paused

if TYPE_CHECKING:
    from microcred_cli.terminal.mode import Surroundings

UNREADABLE = "\udcff"
"""In place of a line that is not a text: what a terminal makes of an invalid byte."""
_LONGEST_LINE = 100_000
_GONE = (OSError, ValueError)
"""Raised by a stream that nobody reads any more, or that was closed."""


class LineStream:
    """The lines of a conversation.

    `watched` where a person types them, `on_screen` where they are written to a terminal. Whatever
    ends the conversation (the end of the input, Ctrl-C, a stream that is gone) is a pause; to a
    stream that is gone nothing is written again.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._in, self._out = surroundings.stdin, surroundings.stdout
        self._width = surroundings.width
        self.watched = surroundings.is_terminal
        self.on_screen = self._width is not None
        self._gone = False

    def write(self, text: str, hanging: int = 0) -> None:
        """Write a text, its further lines indented by so much."""
        if self._width is not None:
            text = textwrap.fill(
                text,
                max(20, self._width - 1),
                subsequent_indent=" " * hanging,
                break_on_hyphens=False,
            )
        self._send(f"{text}\n")

    def say(self, text: str) -> None:
        """Write a text with an empty line before it."""
        self.write("")
        self.write(text)

    def write_item(self, sign: object, text: str) -> None:
        """Write a line of a list, its further lines indented behind its number or letter."""
        mark = f"{sign}. "
        self.write(f"{mark}{text}", hanging=len(mark))

    def read_line(self, prompt: str) -> str:
        """One typed line."""
        self._send(prompt)
        try:
            line = self._line()
        except UnicodeDecodeError:
            line = f"{UNREADABLE}\n"
        except KeyboardInterrupt:
            self._end()
        except _GONE:
            self._gone = True
            raise Paused(interrupted=True) from None
        if not line:
            self._end()
        if not self.watched:
            self._send("\n")
        return line.rstrip("\r\n")

    def _line(self) -> str:
        line = rest = self._in.readline(_LONGEST_LINE)
        while len(rest) >= _LONGEST_LINE and not rest.endswith("\n"):
            # The rest of an endless line is not a line of its own.
            rest = self._in.readline(_LONGEST_LINE)
        return line

    def _end(self) -> NoReturn:
        with suppress(Paused):
            self._send("\n")
        raise Paused(interrupted=True) from None

    def _send(self, text: str) -> None:
        if not self._gone:
            try:
                self._out.write(text)
                self._out.flush()
            except _GONE:
                self._gone = True
        if self._gone:
            raise Paused(interrupted=True)

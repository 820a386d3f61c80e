"""Keeps the unfinished line if Ctrl-C interrupts a terminal that is read line by line.

At Ctrl-C, a terminal discards the typed line, unless NOFLSH is set. With NOFLSH, the line must not
reach the shell: this module reads the line, and discards it if the process is stopped or killed.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

if sys.platform != "win32":
    import termios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LFLAG, _CHARACTERS = 3, 6
"""Indexes of the local modes and of the special characters in the list of terminal attributes."""

_MOST_BYTES = 4096


@contextmanager
def kept(stream: TextIO) -> Iterator[Callable[[], str]]:
    """Keep the unfinished line at Ctrl-C; yields a function that reads it.

    The line is empty if the stream is not a terminal, and always on Windows.
    """
    if sys.platform == "win32":
        yield lambda: ""
        return
    try:
        descriptor = stream.fileno()
        before = termios.tcgetattr(descriptor)
    except (OSError, ValueError, termios.error):
        yield lambda: ""
        return
    with ExitStack() as stack:
        stack.callback(_set, descriptor, before)
        for number in (signal.SIGTSTP, signal.SIGQUIT):
            stack.enter_context(_discarded_at(number, descriptor, before))
        _set(descriptor, _changed(before, on=termios.NOFLSH))
        yield lambda: _rest(descriptor, before)


if sys.platform != "win32":

    @contextmanager
    def _discarded_at(number: int, descriptor: int, before: list[Any]) -> Iterator[None]:
        """Discard the typed line before a signal stops or kills the process."""

        def discard(_number: int, _frame: object) -> None:
            with suppress(termios.error):
                termios.tcflush(descriptor, termios.TCIFLUSH)
            _set(descriptor, before)
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            # A stopped process continues here.
            signal.signal(number, discard)
            _set(descriptor, _changed(before, on=termios.NOFLSH))

        usual = signal.getsignal(number)
        if usual is not signal.SIG_DFL:
            yield
            return
        try:
            signal.signal(number, discard)
        except ValueError:  # only the main thread can handle signals
            yield
            return
        try:
            yield
        finally:
            signal.signal(number, usual)

    def _changed(before: list[Any], *, on: int = 0, off: int = 0) -> list[Any]:
        """The attributes with some local modes on and others off, for reading without waiting."""
        changed = [*before]
        changed[_LFLAG] = (before[_LFLAG] | on) & ~off
        return changed

    def _set(descriptor: int, attributes: list[Any]) -> None:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)

    def _rest(descriptor: int, before: list[Any]) -> str:
        """The unfinished line; all other pending input is discarded."""
        at_once = _changed(before, off=termios.ICANON)
        characters = [*before[_CHARACTERS]]
        characters[termios.VMIN] = characters[termios.VTIME] = 0
        at_once[_CHARACTERS] = characters
        typed = b""
        _set(descriptor, at_once)
        with suppress(OSError, termios.error):
            while len(typed) < _MOST_BYTES and (more := os.read(descriptor, _MOST_BYTES)):
                typed += more
            termios.tcflush(descriptor, termios.TCIFLUSH)
        _set(descriptor, before)
        return typed.decode("utf-8", "replace").rpartition("\n")[2]

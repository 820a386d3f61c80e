"""Messages for people on standard error, and lines typed outside an interview."""

from __future__ import annotations

import sys
from contextlib import suppress

from microcred_cli.errors import UsageError
from microcred_cli.terminal.key_sequences import typed_text


def for_people(text: str) -> str:
    """A message for standard error, wrapped between words on a terminal."""
    if not sys.stderr.isatty():
        return text
    import shutil

    from microcred_cli.terminal.wrapping import wrap

    return "\n".join(wrap(text, max(20, shutil.get_terminal_size().columns - 1)))


def say(text: str) -> None:
    """Write a message to standard error, wrapped between words on a terminal."""
    sys.stderr.write(for_people(text) + "\n")
    sys.stderr.flush()


def ask_line(prompt: str) -> str:
    """Read a line from the person or a pipe; the input must not have ended."""
    line = ""
    if sys.stdin is not None:
        if sys.stdin.isatty():
            sys.stderr.write(prompt)
            sys.stderr.flush()
        with suppress(UnicodeDecodeError):
            line = sys.stdin.readline(1000)
    if not line:
        raise UsageError(
            "Nothing was typed.",
            hint="Type the code, or send it on standard input, alone on a line.",
        )
    return typed_text(line.rstrip("\r\n")).strip()

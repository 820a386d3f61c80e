"""Messages for people on standard error, and lines typed outside an interview."""

from __future__ import annotations

import sys

from microcred_cli.errors import UsageError


def for_people(text: str) -> str:
    """A message as it goes to standard error: on a terminal its lines break between words."""
    if not sys.stderr.isatty():
        return text
    import shutil

    from microcred_cli.terminal.wrapping import wrap

    return "\n".join(wrap(text, max(20, shutil.get_terminal_size().columns - 1)))


def say(text: str) -> None:
    """Write a message for people on standard error, on a terminal without breaking a word."""
    sys.stderr.write(for_people(text) + "\n")
    sys.stderr.flush()


def ask_line(prompt: str) -> str:
    """One line from the person, or from standard input where nobody types.

    Raises:
        UsageError: the input ended.
    """
    if sys.stdin is None:
        raise _no_input()
    if sys.stdin.isatty():
        sys.stderr.write(prompt)
        sys.stderr.flush()
    try:
        line = sys.stdin.readline(1000)
    except UnicodeDecodeError:
        line = ""
    if not line:
        raise _no_input()
    return line.strip()


def _no_input() -> UsageError:
    return UsageError(
        "Nothing was typed.", hint="Type the code, or send it on standard input, alone on a line."
    )

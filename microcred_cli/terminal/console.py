"""Messages on standard error, and input typed outside an interview."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError
from microcred_cli.terminal.key_sequences import typed_text
from microcred_cli.terminal.program_name import as_called
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from microcred_cli.errors import Fault


def for_people(text: str, stream: TextIO | None = None, *, rest: str = "") -> str:
    """Wrap text at word boundaries if it goes to a terminal, by default on standard error.

    `rest` is put before all lines except the first.
    """
    if not (stream or sys.stderr).isatty():
        return text
    import shutil

    from microcred_cli.terminal.wrapping import wrap

    return "\n".join(wrap(text, max(20, shutil.get_terminal_size().columns - 1), rest=rest))


def say(text: str) -> None:
    """Write a message to standard error, wrapped at word boundaries on a terminal.

    Commands in the text are adapted by `as_called`.
    """
    sys.stderr.write(for_people(as_called(text)) + "\n")
    sys.stderr.flush()


@contextmanager
def line_ended() -> Iterator[None]:
    """End the line of a prompt if Ctrl-C or Ctrl-D is pressed; Ctrl-D has no other effect."""
    try:
        yield
    except (KeyboardInterrupt, EOFError) as error:
        if sys.stdin.isatty():
            sys.stderr.write("\n")
            sys.stderr.flush()
        if isinstance(error, KeyboardInterrupt):
            raise


def fault_lines(faults: Iterable[Fault]) -> Iterator[str]:
    """Two lines for each fault or warning: its code, place and message, then its hint."""
    for fault in faults:
        yield f"  {fault.code} {safe(fault.place)}: {safe(fault.message)}"
        yield f"       {safe(fault.hint)}"


def ask_line(prompt: str, *, erases: bool = False) -> str:
    """Read a line from standard input; raises `UsageError` at end of input.

    If `erases` is set, the line is secret, so the prompt and the line are removed from the
    terminal.
    """
    line = ""
    if sys.stdin is not None:
        if sys.stdin.isatty():
            sys.stderr.write(prompt)
            sys.stderr.flush()
        with line_ended(), suppress(UnicodeDecodeError):
            line = sys.stdin.readline(1000)
            if not line:
                raise EOFError
    if erases:
        _erase(prompt + line.rstrip("\r\n"))
    if not line:
        raise UsageError(
            "Nothing was typed.",
            hint="Type the code, or pipe it to standard input on a line by itself.",
        )
    # A line that contains only control sequences must not count as empty, because an empty line
    # accepts a default.
    return typed_text(line.rstrip("\r\n")).strip() or line.strip()


def _erase(line: str) -> None:
    """Erase a line above the cursor, with all rows of the terminal that it takes up."""
    import shutil

    rows = max(1, -(-len(line) // shutil.get_terminal_size().columns))
    sys.stderr.write(f"\x1b[{rows}A\r\x1b[J")
    sys.stderr.flush()

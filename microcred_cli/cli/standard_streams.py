"""Handling of standard streams that are closed, cannot encode a character, or fail to write."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputError(OSError):
    """Standard output cannot be written."""


class _Output(io.FileIO):
    """The file behind standard output."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from None


def watch() -> None:
    """Let standard output raise `OutputError` if it cannot be written; a closed one never can."""
    out = getattr(sys, "stdout", None)
    if out is None:
        # The next file opened must not get the descriptor of standard output, and so its data.
        closed = os.open(os.devnull, os.O_RDONLY)
        raw = _Output(closed, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")
    elif isinstance(out, io.TextIOWrapper):
        is_buffered = isinstance(out.buffer, io.BufferedWriter)
        if type(getattr(out.buffer, "raw", out.buffer)) is not io.FileIO:
            # Some systems write to the console in a different way.
            return
        raw = _Output(out.fileno(), "w", closefd=False)
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw) if is_buffered else raw,
            encoding=out.encoding,
            errors=out.errors,
            line_buffering=out.line_buffering,
            write_through=out.write_through,
        )


def give_up() -> None:
    """Discard pending standard output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def settle() -> None:
    """Keep closed streams and unencodable characters from ending a command in a traceback."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - as long as we run
            setattr(sys, name, stream)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An invalid byte spoils one line only. Piped input is read like edited files: UTF-8, with
        # or without a byte order mark.
        encoding = None if sys.stdin.isatty() else "utf-8-sig"
        sys.stdin.reconfigure(encoding=encoding, errors="surrogateescape")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Paths keep their bytes; a character that cannot be encoded becomes a question mark.
            is_unicode = stream.encoding.casefold().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_unicode else "replace")

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
    """Writing to standard output failed."""


class _Output(io.FileIO):
    """The file object underlying standard output."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.errno, error.strerror) from None


def watch() -> None:
    """Make standard output raise `OutputError` if a write fails or it is closed."""
    out = getattr(sys, "stdout", None)
    if out is None:
        # Occupy the descriptor, so that output cannot end up in the next file opened.
        closed = os.open(os.devnull, os.O_RDONLY)
        raw = _Output(closed, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")
    elif isinstance(out, io.TextIOWrapper):
        is_buffered = isinstance(out.buffer, io.BufferedWriter)
        if type(getattr(out.buffer, "raw", out.buffer)) is not io.FileIO:
            # Some systems use another class for console output.
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
    """Prevent tracebacks caused by closed streams and unencodable characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - never closed
            setattr(sys, name, stream)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # An invalid byte must affect only its own line. Piped input is read like edited files:
        # UTF-8, with or without a byte order mark.
        encoding = None if sys.stdin.isatty() else "utf-8-sig"
        sys.stdin.reconfigure(encoding=encoding, errors="surrogateescape")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Paths keep their bytes; a character that cannot be encoded becomes a question mark.
            is_unicode = stream.encoding.casefold().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_unicode else "replace")

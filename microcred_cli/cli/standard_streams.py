"""Handling of standard streams that are closed, cannot encode a character, or fail to write."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_PIPED = "microcred-piped"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class OutputError(OSError):
    """Writing to standard output failed."""


class _Output(io.FileIO):
    """The raw file object of standard output; `failure` is the last write error."""

    failure: OutputError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            # If the error had an error number, typer would handle it.
            raise BrokenPipeError from None
        except OSError as error:
            if os.name == "nt" and error.errno == errno.EINVAL:
                # Windows reports a pipe without a reader in this way.
                raise BrokenPipeError from None
            self.failure = OutputError(error.errno, error.strerror)
            raise self.failure from None


class _Messages(io.FileIO):
    """The raw file object of standard error; messages that cannot be written are dropped."""

    def write(self, data: ReadableBuffer, /) -> int:
        with suppress(OSError):
            return super().write(data)
        return memoryview(data).nbytes


def watch() -> None:
    """Make standard output raise `OutputError` if it is closed or a write fails.

    Messages that cannot be written to standard error are dropped, and the command continues.
    """
    _watch_messages()
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


def _watch_messages() -> None:
    err = getattr(sys, "stderr", None)
    buffer = getattr(err, "buffer", None)
    if isinstance(err, io.TextIOWrapper) and type(getattr(buffer, "raw", buffer)) is io.FileIO:
        raw = _Messages(err.fileno(), "w", closefd=False)
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=err.encoding, errors=err.errors, write_through=True
        )


def give_up() -> None:
    """Discard output that has not been written yet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def flush() -> None:
    """Flush standard output; discard the rest if the reader has closed the pipe."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up()


def lost() -> OutputError | None:
    """The last error in writing standard output, if a command ignored it; otherwise None."""
    buffer = getattr(sys.stdout, "buffer", None)
    return getattr(getattr(buffer, "raw", buffer), "failure", None)


def _not_utf_8(error: UnicodeError) -> tuple[str | bytes, int]:
    """Keep an invalid byte as a surrogate; raise an error if the input begins with a UTF-16 BOM."""
    if isinstance(error, UnicodeDecodeError) and error.object.startswith(_UTF_16):
        raise UsageError(
            "The input is UTF-16, not UTF-8.",
            where="standard input",
            hint="Convert the input to UTF-8, and run the command again.",
        )
    return codecs.lookup_error("surrogateescape")(error)


def settle() -> None:
    """Prevent tracebacks caused by closed streams and unencodable characters."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - never closed
            setattr(sys, name, stream)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # One invalid byte must not affect other lines. Piped input is read like edited files:
        # UTF-8, with or without a byte order mark.
        codecs.register_error(_PIPED, _not_utf_8)
        if sys.stdin.isatty():
            sys.stdin.reconfigure(errors="surrogateescape")
        else:
            sys.stdin.reconfigure(encoding="utf-8-sig", errors=_PIPED)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Undecodable bytes in paths are preserved; a character that cannot be encoded becomes a
            # question mark.
            is_unicode = stream.encoding.casefold().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_unicode else "replace")

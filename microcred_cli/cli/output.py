"""Where results go, in which format; a refused standard output, told from other refusals."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.errors import StoreError, UsageError
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Collection

    from _typeshed import ReadableBuffer


TABLE = "table"
TO_OUTPUT = "-"
SUFFIXES = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}


def format_for(chosen: str | None, output: str | None, known: Collection[str]) -> str:
    """The format that was named, or else the one that the file's name stands for.

    A file of text (`.txt`) may hold any format that was named.

    Args:
        chosen: what `--format` said.
        output: where it goes.
        known: the formats that there are.

    Raises:
        UsageError: there is no such format; or the file's name ends as those of another one do;
            or none was named, and no format has such an ending.
    """
    if chosen is not None and chosen not in known:
        raise UsageError(
            f"There is no format {safe(chosen)!r}.",
            where="--format",
            hint=f"Use one of: {', '.join(known)}.",
        )
    if output is None or output == TO_OUTPUT:
        return chosen or TABLE
    suffix = Path(output).suffix.casefold()
    meant = SUFFIXES.get(suffix)
    if chosen is not None:
        if meant not in (None, TABLE, chosen):
            raise UsageError(
                f"The format is {chosen}, but a file that ends in {safe(suffix)} is {meant}.",
                where="--output",
                hint=f"Name a file of another ending, or leave --format {chosen} out.",
            )
        return chosen
    if meant is None or meant not in known:
        endings = [ending for ending, name in SUFFIXES.items() if name in known]
        ends = f"that ends in {safe(suffix)}" if suffix else "without an ending"
        raise UsageError(
            f"No format is known for a file {ends}.",
            where="--output",
            hint=f"Let it end in one of: {', '.join(endings)}; or name a --format.",
        )
    return meant


class OutputError(OSError):
    """Standard output that cannot be written."""


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
    """Let standard output say so if it cannot be written; a closed one never can."""
    out = getattr(sys, "stdout", None)
    if out is None:
        # What is opened next must not get the number of standard output, and with it the output.
        closed = os.open(os.devnull, os.O_RDONLY)
        raw = _Output(closed, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8")
    elif isinstance(out, io.TextIOWrapper):
        is_buffered = isinstance(out.buffer, io.BufferedWriter)
        if type(getattr(out.buffer, "raw", out.buffer)) is not io.FileIO:
            # The console of some systems has a way of its own to be written.
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
    """Let what is still to be written to standard output go nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refused(error: OutputError) -> StoreError:
    """What is wrong with standard output, for people."""
    is_closed = error.errno == errno.EBADF
    return StoreError(
        f"Standard output could not be written: {'it is closed' if is_closed else error.strerror}.",
        hint="Send it somewhere else, or make room there, then try again.",
    )

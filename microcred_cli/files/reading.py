"""Reading files that anyone may have put there: with a size limit, and never blocking.

Files from programs are read as they are (`read_file`, `read_lines`). Files and input from people
may have what editors add, which is removed (`read_edited`, `read_piped`, then `as_text`).

A file that does not exist is a `MissingError`, one that is not as described a `DamagedError`, and
one longer than its limit a `TooLongError`.
"""

import codecs
import contextlib
import os
import stat
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, BinaryIO, NoReturn

from microcred_cli.errors import StoreError
from microcred_cli.files.metadata import findings, has_one_name
from microcred_cli.files.open_folder import OpenFolder
from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import NO_LINK, TO_READ, is_own, let_go, open_file

LIMIT = 1_048_576
"""The most bytes that a file may have by default."""

_PIECE = 65_536
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STDIN = Path("standard input")
_MOVE = "Move it out of the folder; the other files are not touched by it."
_NAME_ANOTHER = "Name another file."


class DamagedError(StoreError):
    """A file with the wrong content; the reason quotes nothing from it."""


class TooLongError(DamagedError):
    """A file that is longer than its limit."""


class NotTextError(DamagedError):
    """Edited or piped input that is not text in UTF-8; `line` counts from 1."""

    def __init__(self, message: str, *, line: int, hint: str = "Save it as UTF-8.") -> None:
        super().__init__(message, hint=hint)
        self.line = line


def read_edited(path: Path, limit: int = LIMIT) -> bytes:
    """All bytes of a regular file that a person named and may have edited, whoever owns it.

    A symbolic link is followed.
    """
    with faults_named(path):
        descriptor = open_file(path, TO_READ & ~NO_LINK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DamagedError("This is not a regular file.", where=path, hint=_NAME_ANOTHER)
            return _all_of(descriptor, path, limit, _NAME_ANOTHER)
        finally:
            let_go(descriptor)


def read_piped(limit: int = LIMIT) -> bytes:
    """All bytes of standard input, up to `limit`; a longer one is an error."""
    with faults_named(_STDIN):
        data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise _too_long(_STDIN, limit, _NAME_ANOTHER)
    return data


def as_text(data: bytes) -> str:
    r"""The text of something that a person edited or piped.

    A byte order mark is removed, and every line ends in `\n`.

    Raises:
        NotTextError: it is not UTF-8, or contains a NUL.
    """
    if data.startswith(_UTF_16):
        raise NotTextError("This is UTF-16, not UTF-8.", line=1)
    try:
        text = data.decode("utf-8")
        wrong, reason, hint = data.find(0), "is NUL", "Save it as plain text."
    except UnicodeDecodeError as error:
        text, wrong, reason, hint = "", error.start, "is not UTF-8", "Save it as UTF-8."
    if wrong >= 0:
        line = data.count(b"\n", 0, wrong) + 1
        message = f"Byte {wrong + 1}, on line {line}, {reason}."
        raise NotTextError(message, line=line, hint=hint)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_file(
    path: Path, *, limit: int = LIMIT, own: bool = True, within: OpenFolder | None = None
) -> bytes:
    """All bytes of a regular file that is not longer than `limit`.

    Args:
        path: the file; a symbolic link is refused.
        limit: the most bytes it may have.
        own: whether to refuse another user's file, and one with a hard link elsewhere. False for
            a file that a person named.
        within: somebody else's open folder in which to look up the file's name; use it with
            `own=False`.
    """
    with opened(path, limit=limit, own=own, within=within) as file:
        return _all_of(file.fileno(), path, limit, _MOVE)


def read_quickly(path: str) -> bytes | None:
    """All bytes of a regular file of our own; None if a closer look is needed.

    For very many files: it returns None wherever `read_file` would fail, or where permissions or
    time reveal something, and never says why.
    """
    try:
        descriptor = os.open(path, TO_READ)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        is_plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and is_own(status)
        if not is_plain or status.st_size > LIMIT or findings(status):
            return None
        data = os.read(descriptor, status.st_size + 1)
        return data if len(data) == status.st_size else None
    except OSError:
        return None
    finally:
        let_go(descriptor)


def read_lines(
    path: Path, *, own: bool = True, within: OpenFolder | None = None
) -> Generator[bytes, None, None]:
    """The lines of a file of any length, without their ends; arguments as in `read_file`.

    A line longer than `LIMIT`, or a last line without an end, counts as damage. The file is open
    until the last line was read, or the generator is closed.
    """
    with opened(path, limit=None, own=own, within=within, buffering=_PIECE) as file:
        yield from lines_in(file, path)


def lines_in(
    file: IO[bytes], path: Path, settle: Callable[[], None] = lambda: None
) -> Iterator[bytes]:
    """The lines of an open file that comes from `path`; like `read_lines`.

    `settle` is called at the end of the file; it raises the error that ended it early.
    """
    while line := file.readline(LIMIT + 1):
        if len(line) > LIMIT:
            _refuse(f"A line is longer than {LIMIT:,} bytes.", path)
        if not line.endswith(b"\n"):
            settle()
            _refuse("The last line is not whole.", path)
        yield line[:-1]
    settle()


@contextlib.contextmanager
def opened(
    path: Path,
    *,
    limit: int | None,
    own: bool = True,
    within: OpenFolder | None = None,
    buffering: int = 0,
) -> Iterator[BinaryIO]:
    """A regular file, opened for reading; like `read_file`, of any length if `limit` is None."""
    with faults_named(path):
        descriptor = open_file(path, TO_READ) if within is None else within.open_to_read(path.name)
    try:
        with faults_named(path):
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                _refuse("This is not a regular file.", path)
            if limit is not None and status.st_size > limit:
                raise _too_long(path, limit, _MOVE)
            if within is None and own and not is_own(status):
                _refuse("This file belongs to another user.", path)
            if status.st_nlink > 1 and not _is_only_here(descriptor, path, own, within):
                _refuse("This file also has a name elsewhere (a hard link).", path)
            yield os.fdopen(descriptor, "rb", buffering, closefd=False)
    finally:
        let_go(descriptor)


def _is_only_here(descriptor: int, path: Path, own: bool, within: OpenFolder | None) -> bool:
    """True if a file has no hard link that could expose what others may not see.

    Somebody else's folder may be a copy made with hard links: there, only a read as administrator
    could expose anything.
    """
    if within is not None:
        is_administrator = sys.platform != "win32" and os.geteuid() == 0
        return not is_administrator or within.has_one_name(descriptor, path.name)
    return not own or has_one_name(descriptor, path)


def _all_of(descriptor: int, path: Path, limit: int, hint: str) -> bytes:
    """All bytes of an open file, which may grow meanwhile, or report a size of zero."""
    size = os.fstat(descriptor).st_size
    if size > limit:
        raise _too_long(path, limit, hint)
    pieces = bytearray()
    while piece := os.read(descriptor, max(_PIECE, size + 1)):
        pieces += piece
        if len(pieces) > limit:
            raise _too_long(path, limit, hint)
    return bytes(pieces)


def _too_long(path: Path, limit: int, hint: str) -> TooLongError:
    return TooLongError(f"This file is longer than {limit:,} bytes.", where=path, hint=hint)


def _refuse(message: str, path: Path) -> NoReturn:
    raise DamagedError(message, where=path, hint=_MOVE)

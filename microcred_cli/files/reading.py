"""Reading of untrusted files, with a size limit and without blocking.

Files written by programs are read as they are (`read_file`, `read_lines`). Files and input from
people are read with `read_edited` or `read_piped`, and then decoded by `as_text`, which removes
artefacts of editors, such as a byte order mark.

A missing file raises `MissingError`, a file with invalid content raises `DamagedError`, and a file
over its size limit raises `TooLongError`.
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
"""The default size limit of a file in bytes."""

_PIECE = 65_536
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_STDIN = Path("standard input")
_MOVE = "Move the file out of the folder; the other files are not affected."
_NAME_ANOTHER = "Choose another file."


class DamagedError(StoreError):
    """Raised if a file has invalid content; the message quotes nothing from the file."""


class TooLongError(DamagedError):
    """Raised if a file is longer than its limit."""


class NotTextError(DamagedError):
    """Raised if edited or piped input is not UTF-8 text; `line` counts from 1."""

    def __init__(self, message: str, *, line: int, hint: str = "Save the file as UTF-8.") -> None:
        super().__init__(message, hint=hint)
        self.line = line


def read_edited(path: Path, limit: int = LIMIT) -> bytes:
    """Read a regular file that a person specified and may have edited, regardless of its owner.

    Symbolic links are followed.
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
    """Read standard input; raise an error if there are more than `limit` bytes."""
    with faults_named(_STDIN):
        data = sys.stdin.buffer.read(limit + 1)
    if len(data) > limit:
        raise _too_long(_STDIN, limit, _NAME_ANOTHER)
    return data


def as_text(data: bytes) -> str:
    r"""Decode text from a file that a user edited, or from standard input.

    A byte order mark is removed, and line ends become `\n`.

    Raises:
        NotTextError: the data is not UTF-8, or contains a NUL.
    """
    if data.startswith(_UTF_16):
        raise NotTextError("This is UTF-16, not UTF-8.", line=1)
    try:
        text = data.decode("utf-8")
        wrong, reason, hint = data.find(0), "is NUL", "Save the file as plain text."
    except UnicodeDecodeError as error:
        text, wrong, reason, hint = "", error.start, "is not UTF-8", "Save the file as UTF-8."
    if wrong >= 0:
        line = data.count(b"\n", 0, wrong) + 1
        message = f"Byte {wrong + 1}, on line {line}, {reason}."
        raise NotTextError(message, line=line, hint=hint)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_file(
    path: Path, *, limit: int = LIMIT, own: bool = True, within: OpenFolder | None = None
) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Args:
        path: the file; a symbolic link is refused.
        limit: the maximum size in bytes.
        own: if true, refuse files of other users, and files with hard links elsewhere; must be
            false for a file that the user specified.
        within: another user's open folder that contains the file; use it with `own=False`.
    """
    with opened(path, limit=limit, own=own, within=within) as file:
        return _all_of(file.fileno(), path, limit, _MOVE)


def read_quickly(path: str) -> bytes | None:
    """Read a regular file of this user; return None if the file needs further checks.

    The function is a fast path for very large numbers of files: the result is None if `read_file`
    would fail, or if the permissions or times of the file reveal something.
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
    """Read the lines of a file of any size, without line ends; see `read_file` for arguments.

    A line longer than `LIMIT`, or a last line without a line end, raises `DamagedError`. The file
    stays open until the last line has been read or the generator is closed.
    """
    with opened(path, limit=None, own=own, within=within, buffering=_PIECE) as file:
        yield from lines_in(file, path)


def lines_in(
    file: IO[bytes], path: Path, settle: Callable[[], None] = lambda: None
) -> Iterator[bytes]:
    """Read the lines of an open file, like `read_lines`; errors name `path`.

    `settle` is called at the end of the file, to raise any error that left the file incomplete.
    """
    while line := file.readline(LIMIT + 1):
        if len(line) > LIMIT:
            _refuse(f"A line is longer than {LIMIT:,} bytes.", path)
        if not line.endswith(b"\n"):
            settle()
            _refuse("The last line is incomplete.", path)
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
    """Open a regular file for reading, like `read_file`; a `limit` of None allows any size."""
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
                _refuse("This file has a hard link elsewhere.", path)
            yield os.fdopen(descriptor, "rb", buffering, closefd=False)
    finally:
        let_go(descriptor)


def _is_only_here(descriptor: int, path: Path, own: bool, within: OpenFolder | None) -> bool:
    """True if a file has no hard link that could expose other data.

    Another user's folder may be a copy made with hard links, which can expose data only if the
    folder is read as administrator.
    """
    if within is not None:
        is_administrator = sys.platform != "win32" and os.geteuid() == 0
        return not is_administrator or within.has_one_name(descriptor, path.name)
    return not own or has_one_name(descriptor, path)


def _all_of(descriptor: int, path: Path, limit: int, hint: str) -> bytes:
    """Read an open file completely, even if it is growing or reports a size of zero."""
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

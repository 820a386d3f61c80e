"""Errors of the operating system, converted to readable messages."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from microcred_cli.errors import StoreError
from microcred_cli.text import safe

_IMPOSSIBLE = (
    "No file or folder can have this name.",
    "Choose a name that consists of letters, digits and hyphens.",
)
_TRY_ELSEWHERE = "Choose a folder on another disk, and check this disk for errors."
_NOT_ALLOWED = (
    "You do not have permission to read or write this file or folder.",
    "Ask the owner for access, or choose another folder.",
)
_SHARING_VIOLATIONS = (32, 33)
_IN_USE = ("Another program is using this file.", "Close the file in that program, then try again.")
_FULL = ("The disk is full.", "Free some space, then try again.")
_TOO_MANY = ("Too many files are open.", "Close other programs, then try again.")
_SAID = {
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: ("This disk is read-only.", "Choose a folder on a writable disk."),
    errno.ENOSPC: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): (
        "Your disk quota is used up.",
        "Delete some of your own files, then try again.",
    ),
    errno.EFBIG: ("The file would be larger than the system allows.", _TRY_ELSEWHERE),
    errno.EIO: ("The disk reported an error.", _TRY_ELSEWHERE),
    errno.EMFILE: _TOO_MANY,
    errno.ENFILE: _TOO_MANY,
    errno.ENAMETOOLONG: ("The name is too long.", "Choose a folder with a shorter path."),
    errno.ELOOP: (
        "This is a symbolic link, which is not accepted here.",
        "Specify the file or folder that the link points to.",
    ),
    errno.ENOTDIR: ("There is a file where a folder is needed.", "Choose another folder."),
    errno.EISDIR: ("There is a folder where a file is needed.", "Choose another name."),
    errno.ENOENT: ("There is no such file or folder.", "Check the path."),
    # Windows reports this for a name with one of its reserved characters.
    **({errno.EINVAL: _IMPOSSIBLE} if sys.platform == "win32" else {}),
}


class MissingError(StoreError):
    """Raised if a file or folder does not exist."""


class InUseError(StoreError):
    """Raised if another process or thread holds a lock."""


def as_store_error(error: OSError, path: Path) -> StoreError:
    """Convert an operating system error to a message with a hint."""
    kind = MissingError if error.errno == errno.ENOENT else StoreError
    unknown = (
        f"The system reported an error: {safe(error.strerror)}.",
        "Try again, or choose another folder.",
    )
    said, hint = _SAID.get(error.errno or 0, unknown)
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        said, hint = _IN_USE
    return kind(said, where=path, hint=hint)


@contextlib.contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Convert operating system errors raised in the block to a `StoreError` about `path`."""
    if not _is_nameable(path):
        said, hint = _IMPOSSIBLE
        raise StoreError(said, where=path, hint=hint)
    try:
        yield
    except OSError as error:
        raise as_store_error(error, path) from error


def _is_nameable(path: Path) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False

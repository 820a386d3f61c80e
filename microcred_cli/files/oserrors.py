"""Errors of the operating system as sentences for people."""

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
    "Choose a name of letters, digits and hyphens.",
)
_TRY_ELSEWHERE = "Choose a folder on another disk, and have this one checked."
_NOT_ALLOWED = (
    "Your user may not read or write this.",
    "Ask whoever owns it for access, or choose another folder.",
)
_FULL = ("The disk is full.", "Free some space, then try again.")
_TOO_MANY = ("Too many files are open.", "Close other programs, then try again.")
_SAID = {
    errno.EACCES: _NOT_ALLOWED,
    errno.EPERM: _NOT_ALLOWED,
    errno.EROFS: ("This disk can only be read.", "Choose a folder on a disk that can be written."),
    errno.ENOSPC: _FULL,
    getattr(errno, "EDQUOT", errno.ENOSPC): (
        "Your share of the disk is used up.",
        "Remove files of your own, then try again.",
    ),
    errno.EFBIG: ("The file would grow larger than the system allows.", _TRY_ELSEWHERE),
    errno.EIO: ("The disk reports a fault.", _TRY_ELSEWHERE),
    errno.EMFILE: _TOO_MANY,
    errno.ENFILE: _TOO_MANY,
    errno.ENAMETOOLONG: ("The name is too long.", "Choose a folder with a shorter path."),
    errno.ELOOP: (
        "This is a symbolic link, and only a real file or folder is trusted.",
        "Name the file or folder that it leads to.",
    ),
    errno.ENOTDIR: ("There is a file where a folder is needed.", "Choose another folder."),
    errno.EISDIR: ("There is a folder where a file is needed.", "Choose another name."),
    errno.ENOENT: ("There is no such file or folder.", "Look at the path again."),
    # Windows says this of a name with one of its reserved characters.
    **({errno.EINVAL: _IMPOSSIBLE} if sys.platform == "win32" else {}),
}


class MissingError(StoreError):
    """A file or folder that is not there."""


class InUseError(StoreError):
    """A lock that somebody else holds."""


def as_store_error(error: OSError, path: Path) -> StoreError:
    """An error of the system as a sentence with a hint."""
    kind = MissingError if error.errno == errno.ENOENT else StoreError
    said, hint = _SAID.get(
        error.errno or 0,
        (f"The system refused: {safe(error.strerror)}.", "Try again, or choose another folder."),
    )
    return kind(said, where=path, hint=hint)


@contextlib.contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Turn system errors raised inside into a StoreError about `path`."""
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

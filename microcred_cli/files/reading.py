"""Reading files that anyone may have put there: never without end, never waiting for anybody.

What only one system can do on opening a file to read stands here; all else of it in `files`.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path

LIMIT = 1_048_576
"""The most bytes that a file may have, where nothing else is said."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
TO_READ = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | _NO_LINK
)
"""How a file is opened to be read: itself, and without waiting for anything."""

_PIECE = 65_536


class NotAFileError(OSError):
    """A folder, a pipe, a device: something else than a regular file."""


class TooLongError(OSError):
    """A file that is longer than its limit."""


def open_to_read(path: Path, *, follow: bool = False) -> int:
    """A descriptor to read from; nothing is waited for.

    Args:
        path: what to open, of whatever kind.
        follow: whether a symbolic link is followed, as where a person named the file.

    Raises:
        OSError: what the system refused.
    """
    try:
        return os.open(path, TO_READ & ~_NO_LINK if follow else TO_READ)
    except ValueError:
        raise OSError(errno.EINVAL, "its name is not possible") from None


def read_whole(descriptor: int, limit: int = LIMIT) -> bytes:
    """All bytes of an open file from where it stands.

    Raises:
        TooLongError: it has more than `limit` bytes, or grew beyond them while it was read.
        OSError: what the system refused.
    """
    pieces = bytearray()
    while piece := os.read(descriptor, max(_PIECE, os.fstat(descriptor).st_size + 1)):
        pieces += piece
        if len(pieces) > limit:
            raise TooLongError(errno.EFBIG, f"it is longer than {limit:,} bytes")
    return bytes(pieces)


def read_file(path: Path, limit: int = LIMIT) -> bytes:
    """All bytes of a regular file that a person named; a symbolic link is followed.

    Raises:
        NotAFileError: it is something else than a regular file.
        TooLongError: it has more than `limit` bytes.
        OSError: what the system refused.
    """
    descriptor = open_to_read(path, follow=True)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFileError(errno.EINVAL, "it is not a regular file")
        if status.st_size > limit:
            raise TooLongError(errno.EFBIG, f"it is longer than {limit:,} bytes")
        return read_whole(descriptor, limit)
    finally:
        let_go(descriptor)


def let_go(descriptor: int) -> None:
    """Close a file that nothing was written to: it is closed even where a fault is reported."""
    with contextlib.suppress(OSError):
        os.close(descriptor)

"""Sets the error number for a held lock, which wine does not set. Runs at every start of Python."""

import errno
import msvcrt
import os

_locking = msvcrt.locking  # type: ignore[attr-defined,unused-ignore]


def locking(descriptor: int, mode: int, length: int) -> None:
    """Lock a part of a file, as `msvcrt.locking` does."""
    try:
        _locking(descriptor, mode, length)
    except OSError as error:
        if error.errno:
            raise
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


msvcrt.locking = locking  # type: ignore[attr-defined,unused-ignore]

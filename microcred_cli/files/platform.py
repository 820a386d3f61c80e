"""Calls that only one system has, and the properties of a system that others rely on."""

import contextlib
import errno
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

NEUTRAL_TIME = 946_684_800
"""2000-01-01T00:00:00Z: the time of every file that must not reveal when it was written."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_AS_IT_IS = getattr(os, "O_BINARY", 0) | _CLOSED_ON_EXEC | NO_LINK
TO_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_IT_IS
TO_REFILL = os.O_WRONLY | _AS_IT_IS
TO_SYNC = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOSED_ON_EXEC
TO_SYNC_FILE = os.O_RDWR | _AS_IT_IS
TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _AS_IT_IS
"""Opens the file itself, never the target of a link, and never blocks."""
TO_LOCK = os.O_RDWR | os.O_CREAT | _CLOSED_ON_EXEC | NO_LINK
DROP_MODE = 0o1730
"""The owner may do anything, members of the group may only create files, others nothing."""

_SCANNER_HOLDS_IT = (5, 32, 33)
_PAUSES = (0.08, 0.16, 0.32, 0.64, 1.28)


@dataclass(slots=True)
class _System:
    """Properties of the system and its disk; a test chooses others."""

    links: bool
    """Hard links can be made, and making one fails if its name is taken."""

    syncs_folders: bool
    """A folder can be opened and synced like a file."""

    modes: bool
    """Owner and permissions of a file have the meaning of POSIX."""


_IS_POSIX = sys.platform != "win32"
HERE = _System(links=_IS_POSIX, syncs_folders=_IS_POSIX, modes=_IS_POSIX)


def patiently(action: Callable[[], object], *, pauses: Sequence[float] = _PAUSES) -> None:
    """Call it, and again after each pause while a virus scanner holds the file (Windows only)."""
    for pause in pauses:
        try:
            action()
        except OSError as error:
            if getattr(error, "winerror", None) not in _SCANNER_HOLDS_IT:
                raise
            time.sleep(pause)
        else:
            return
    action()


def is_own(status: os.stat_result) -> bool:
    """True if a file belongs to this user, on systems that have users."""
    return sys.platform == "win32" or not HERE.modes or status.st_uid == os.geteuid()


def sync(descriptor: int) -> None:
    """Write an open file or folder through to the disk itself."""
    if sys.platform == "darwin":
        # fsync leaves the data in the drive's own cache there.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def take(descriptor: int) -> bool:
    """Lock an open file; False, without waiting, if somebody else holds the lock."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK):
            return False
        raise
    return True


def let_go(descriptor: int) -> None:
    """Close a file that was not written to: it is closed even if the system reports an error."""
    with contextlib.suppress(OSError):
        os.close(descriptor)


def is_drop(path: Path) -> bool:
    """True for a drop folder, by its permissions alone, whoever owns it."""
    if not HERE.modes:
        return False
    with contextlib.suppress(OSError, ValueError):
        return is_drop_mode(path.lstat())
    return False


def is_drop_mode(status: os.stat_result) -> bool:
    """True for the status of a drop folder."""
    return stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o1077 == 0o1030


def harden_process() -> None:
    """Make files of this process private to its user, and keep its memory out of core dumps.

    SIGTERM pauses an interview as Ctrl-C does, so that the screen is restored, and SIGHUP does so
    if the terminal is still there.
    """
    os.umask(0o077)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform != "win32":
        with contextlib.suppress(ValueError):
            if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
                signal.signal(signal.SIGHUP, _hang_up)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hang_up(number: int, _frame: object) -> None:
    """Interrupt as Ctrl-C does, once, if there is still a terminal to restore; else end."""
    if not any(map(os.isatty, range(3))):
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt

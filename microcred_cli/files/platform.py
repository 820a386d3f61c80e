"""Platform-specific calls, and the properties of the operating system that other modules use."""

import contextlib
import errno
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TypeVar

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

NEUTRAL_TIME = 946_684_800
"""2000-01-01T00:00:00Z, the modification time of files whose real time must not be revealed."""

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_AS_IT_IS = getattr(os, "O_BINARY", 0) | _CLOSED_ON_EXEC | NO_LINK
TO_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_IT_IS
TO_REFILL = os.O_WRONLY | _AS_IT_IS
TO_SYNC = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOSED_ON_EXEC
TO_SYNC_FILE = os.O_RDWR | _AS_IT_IS
TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _AS_IT_IS
"""Flags to open a file without blocking and without following a symbolic link."""
TO_LOCK = os.O_RDWR | os.O_CREAT | _CLOSED_ON_EXEC | NO_LINK
DROP_MODE = 0o1730
"""The owner has full access, group members may only create files, and others have no access."""

_Result = TypeVar("_Result")
_IN_USE = (5, 32, 33)
_PAUSES = (0.08, 0.16, 0.32, 0.64, 1.28)
_SHORT_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)


_IS_POSIX = sys.platform != "win32"


class _System:
    """Properties of the operating system and the disk, which tests can override."""

    links = _IS_POSIX
    """Hard links are supported, and creating one fails if the name already exists."""

    syncs_folders = _IS_POSIX
    """A folder can be opened and synced like a file."""

    modes = _IS_POSIX
    """File owners and permissions have POSIX semantics."""

    removes_open = _IS_POSIX
    """A file can be removed or replaced while it is open, and its name can be reused
    immediately."""


HERE = _System()


def patiently(action: Callable[[], _Result], *, pauses: Sequence[float] = _PAUSES) -> _Result:
    """Run an action; on Windows, retry while the file is in use.

    A virus scanner may have locked the file, or another process may be removing or replacing it.
    """
    for pause in pauses:
        try:
            return action()
        except OSError as error:
            if not _is_in_use(error):
                raise
            time.sleep(pause)
    return action()


def _is_in_use(error: OSError) -> bool:
    """True if Windows may have refused access only because the file is in use."""
    number = getattr(error, "winerror", None)
    if number is None:
        # Any refusal to open a file is reported as this error, without a Windows error
        # number.
        return not HERE.removes_open and error.errno == errno.EACCES
    return number in _IN_USE


def open_file(path: Path | str, how: int, *, within: int | None = None) -> int:
    """Open a file; on Windows, retry while another process is removing or replacing the file.

    `within` is the descriptor of an open folder in which to look up the name.
    """
    return patiently(lambda: os.open(path, how, 0o600, dir_fd=within), pauses=_SHORT_PAUSES)


def open_to_write(path: Path, mode: str, how: int, buffering: int = -1) -> IO[bytes]:
    """Open a file with these flags. A new file is private. After an error, nothing stays open."""
    file: IO[bytes] = open(  # noqa: SIM115 - the caller closes it; a path has no opener
        path, mode, buffering, opener=lambda name, _: os.open(name, how, 0o600)
    )
    return file


def is_own(status: os.stat_result) -> bool:
    """True if a file belongs to the current user, or the system has no POSIX file owners."""
    return sys.platform == "win32" or not HERE.modes or status.st_uid == os.geteuid()


def sync(descriptor: int) -> None:
    """Flush an open file or folder to the physical disk."""
    if sys.platform == "darwin":
        # On macOS, fsync leaves the data in the cache of the drive.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def take(descriptor: int) -> bool:
    """Lock an open file without waiting; return False if the lock is held elsewhere."""
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
    """Close a file that was not written to, ignoring errors."""
    try:  # noqa: SIM105 - `suppress` takes longer, and there can be very many files
        os.close(descriptor)
    except OSError:
        pass


def is_drop(path: Path) -> bool:
    """True if a path is a drop folder according to its permissions, regardless of the owner."""
    if not HERE.modes:
        return False
    with contextlib.suppress(OSError, ValueError):
        return is_drop_mode(path.lstat())
    return False


def is_drop_mode(status: os.stat_result) -> bool:
    """True if a status (as returned by `stat`) describes a drop folder."""
    return stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o1077 == 0o1030


def harden_process() -> None:
    """Make new files private to the user, and disable core dumps.

    SIGTERM and SIGHUP pause an interview like Ctrl-C, so that the screen is restored. Even if the
    terminal no longer exists, the outcome of a contact can still be recorded.
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


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C until the end of the block."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # only the main thread can handle signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


@contextlib.contextmanager
def stopped_in_order() -> Iterator[None]:
    """Convert signals that end a process to a `KeyboardInterrupt`, to allow cleaning up.

    Signals that end a process include the SIGHUP that is sent when a terminal closes. After the
    first signal, further signals are ignored until the end of the block.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before: dict[int, object] = {}

    def stop(_number: int, _frame: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    try:
        with contextlib.suppress(ValueError):  # only the main thread can handle signals
            for number in [getattr(signal, name) for name in names if hasattr(signal, name)]:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    before[number] = signal.getsignal(number)
                    signal.signal(number, stop)
        yield
    finally:
        with contextlib.suppress(ValueError):
            for number, handler in before.items():
                signal.signal(number, handler or signal.SIG_DFL)  # type: ignore[arg-type]


def _hang_up(number: int, _frame: object) -> None:
    """Interrupt once, like Ctrl-C; a closing terminal can send the signal more than once."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt

"""Durable, private files: the one module that knows what only one system can do.

Every way that a system may lack has another way beside it, and `System` says which one holds.
A write is there or it is not: a crash, a full disk or a fault at any point leaves the old file,
and a leftover of ours at most (`remove_leftovers`).
"""

import contextlib
import errno
import functools
import os
import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.text import safe

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

Content = bytes | Iterable[bytes]
"""What a file will hold, at once or in pieces."""

STILL = 946_684_800
"""2000-01-01T00:00:00Z: the time of every file that must not tell when it was written."""

DAY = 86_400.0

_TO_MAKE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
_TO_SYNC = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_DIRECTORY", 0)
_TO_LOCK = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_LEFTOVER = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.part", re.DOTALL)
_HAS_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_SCANNER_HOLDS_IT = (5, 32, 33)
_PAUSES = (0.08, 0.16, 0.32, 0.64, 1.28)
_BETWEEN_TRIES = 0.02
_LONGEST_NAMING = 10.0
_LONGEST_CHANGE = 1.0
_PROBED = 65_536
_BUFFER = 262_144


@dataclass(frozen=True, slots=True)
class System:
    """What can be relied on under the program; a test chooses the other ways."""

    links: bool
    """A file can get a second name, which fails if that name is taken."""

    syncs_folders: bool
    """A folder can be opened and synced like a file."""

    modes: bool
    """Owner and permissions of a file mean what POSIX says."""


HERE = System(
    links=sys.platform != "win32",
    syncs_folders=sys.platform != "win32",
    modes=sys.platform != "win32",
)


class MissingError(StoreError):
    """A file or folder that is not there."""


class InUseError(StoreError):
    """A lock that somebody else holds."""


# Faults, in words

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
    errno.ENOTDIR: ("A file stands where a folder is needed.", "Choose another folder."),
    errno.EISDIR: ("A folder stands where a file is needed.", "Choose another name."),
    errno.ENOENT: ("There is no such file or folder.", "Look at the path again."),
}


def as_store_error(error: OSError, path: Path) -> StoreError:
    """What the system refused, as a sentence for people with its mend."""
    kind = MissingError if error.errno == errno.ENOENT else StoreError
    said, mend = _SAID.get(
        error.errno or 0,
        (f"The system refused: {safe(error.strerror)}.", "Try again, or choose another folder."),
    )
    return kind(said, where=safe(path), mend=mend)


@contextlib.contextmanager
def faults_named(path: Path) -> Iterator[None]:
    """Turn what the system refuses inside into a StoreError about `path`."""
    if not _is_nameable(path):
        raise StoreError(
            "No file or folder can have this name.",
            where=safe(path),
            mend="Choose a name of letters, digits and hyphens.",
        )
    try:
        yield
    except OSError as error:
        raise as_store_error(error, path) from error


def _is_nameable(path: Path) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


# Writing


def replace_durably(
    path: Path, data: Content, *, still: bool = False, system: System = HERE
) -> None:
    """Write a file, over the old one if there is one.

    The old file stays as it was until the new one is whole and on the disk. When the last step,
    syncing the folder, fails, the new one is in place without a promise that it lasts.

    Args:
        path: the file.
        data: all it will hold.
        still: whether file and folder get the time `STILL`.
        system: what can be relied on.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        temporary = _write_beside(path, data, still=still)
        try:
            patiently(lambda: temporary.replace(path))
        except BaseException:
            _drop(temporary)
            raise
        _sync_folder(path.parent, still=still, system=system)


def create_durably(
    path: Path, data: Content, *, still: bool = False, system: System = HERE
) -> bool:
    """Write a new file; False, and nothing written, if its name is taken.

    A file of that name is always whole and on the disk, also one that was there before: what
    returns at all can be relied on. Arguments as in `replace_durably`.

    Raises:
        StoreError: what the system refused; then the name is as free as before.
    """
    with faults_named(path):
        temporary = _write_beside(path, data, still=still)
        try:
            made = _name_if_free(temporary, path, system)
        finally:
            _drop(temporary)
        try:
            _sync_folder(path.parent, still=still, system=system)
        except BaseException:
            if made:
                _drop(path)
            raise
        return made


def write_quickly(path: Path, data: bytes) -> None:
    """Write a file that can be made again: no promise that it lasts before `settle`.

    The same again changes nothing, and mends what a crash left half-written.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        descriptor = os.open(path, _TO_MAKE & ~os.O_EXCL | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
        _set_still(path)


def settle(*folders: Path) -> None:
    """Bring all files that were written quickly to the disk, and give their folders `STILL`.

    Raises:
        StoreError: what the system refused.
    """
    if sys.platform != "win32":
        os.sync()
    for folder in folders:
        with faults_named(folder):
            _sync_folder(folder, still=True, system=HERE)


def remove_durably(*paths: Path, still: bool = False, system: System = HERE) -> None:
    """Remove files, what a crash left of writing them too; a missing one is fine.

    Each folder is synced once. `still` as in `replace_durably`, for the folders.

    Raises:
        StoreError: what the system refused; files before that one may be gone.
    """
    names: dict[Path, set[str]] = {}
    for path in paths:
        with faults_named(path):
            patiently(functools.partial(path.unlink, missing_ok=True))
        names.setdefault(path.parent, set()).add(path.name)
    for folder, gone in names.items():
        with contextlib.suppress(MissingError):
            _remove_matching(
                folder,
                lambda name, _, gone=gone: name in gone,  # type: ignore[misc]
            )
        with contextlib.suppress(MissingError), faults_named(folder):
            _sync_folder(folder, still=still, system=system)


def remove_named(
    folder: Path, names: Collection[str], *, still: bool = False, system: System = HERE
) -> None:
    """Remove very many files of one folder as `remove_durably` does.

    Raises:
        StoreError: what the system refused; some files may be gone.
    """
    if not names:
        return
    with faults_named(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                patiently(functools.partial(os.unlink, f"{folder}{os.sep}{name}"))
    gone = set(names)
    _remove_matching(folder, lambda name, _: name in gone)
    with faults_named(folder):
        _sync_folder(folder, still=still, system=system)


@contextlib.contextmanager
def for_a_while(folder: Path) -> Iterator[IO[bytes]]:
    """A file that is written, read, and gone at the end; a crash leaves a leftover.

    Raises:
        StoreError: what the system refused.
    """
    path = folder / f".spool.{os.urandom(8).hex()}.part"
    with faults_named(path):
        descriptor = os.open(path, _TO_MAKE & ~os.O_WRONLY | os.O_RDWR, 0o600)
    try:
        with os.fdopen(descriptor, "w+b", buffering=_BUFFER) as file:
            _set_still(path)
            yield file
    finally:
        _drop(path)


def remove_leftovers(
    folder: Path, *, older_than: float = DAY, still: bool = False, system: System = HERE
) -> int:
    """Remove what crashes left of writing files in a folder, and count it.

    That is what has been put in place under its real name, and anything else of ours that is
    `older_than` seconds old: a younger one may be about to get its name from another process.

    Raises:
        StoreError: what the system refused.
    """
    until = time.time() - older_than
    count = _remove_matching(
        folder, lambda _, status: status.st_nlink > 1 or status.st_ctime < until
    )
    if count:
        with faults_named(folder):
            _sync_folder(folder, still=still, system=system)
    return count


def still_time(path: Path) -> None:
    """Give a file and then its folder the time `STILL`.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        _set_still(path)
        _set_still(path.parent)


def patiently(action: Callable[[], object], *, pauses: Sequence[float] = _PAUSES) -> None:
    """Do it, and again after each pause while a scanner holds the file (Windows only)."""
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


def _write_beside(path: Path, data: Content, *, still: bool) -> Path:
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    descriptor = os.open(temporary, _TO_MAKE, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            if still:
                _set_still(temporary)
            # A failed sync is never tried again on the same file: the system may have dropped
            # what it could not write, and the second time says that all is well.
            _sync(descriptor)
        if still and sys.platform == "win32":
            # Closing sets the time there.
            _set_still(temporary)
    except BaseException:
        _drop(temporary)
        raise
    return temporary


def _name_if_free(temporary: Path, path: Path, system: System) -> bool:
    if system.links:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _HAS_NO_LINKS:
                raise
        else:
            return True
    with lock(path.with_name(".names.lock"), wait=_LONGEST_NAMING, still=True):
        if os.path.lexists(path):
            return False
        patiently(lambda: temporary.rename(path))
    return True


def _remove_matching(folder: Path, is_left: Callable[[str, os.stat_result], bool]) -> int:
    count = 0
    with faults_named(folder), os.scandir(folder) as entries:
        for entry in entries:
            match = _LEFTOVER.fullmatch(entry.name)
            if match is None or not entry.is_file(follow_symlinks=False):
                continue
            # Another process may be removing it, too.
            with contextlib.suppress(FileNotFoundError):
                if is_left(match["name"], entry.stat(follow_symlinks=False)):
                    Path(entry).unlink()
                    count += 1
    return count


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _set_still(path: Path) -> None:
    os.utime(path, (STILL, STILL))


def _sync_folder(folder: Path, *, still: bool = False, system: System) -> None:
    if still:
        _set_still(folder)
    if not system.syncs_folders:
        return
    descriptor = os.open(folder, _TO_SYNC)
    try:
        _sync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems cannot sync a folder, and say so.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        # fsync leaves the data in the drive's own memory there.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


# Reading


def open_to_read(path: Path) -> int:
    """A descriptor of the file itself: a symbolic link is refused, nothing is waited for.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        return files.open_to_read(path)


def tells_of_itself(path: Path, *, system: System = HERE) -> tuple[str, ...]:
    """What a file or folder shows beside its content, in words; nothing if it is as we write it.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        status = path.lstat()
    return tells(status, system=system)


def tells(status: os.stat_result, *, system: System = HERE) -> tuple[str, ...]:
    """What the status of a file or folder tells, in words; nothing if it is as we set it."""
    if status.st_mtime == STILL and not (system.modes and status.st_mode & 0o077):
        return ()
    told = []
    if system.modes and status.st_mode & 0o077:
        told.append("other users have rights to it")
    if status.st_mtime != STILL:
        told.append("its time tells when it was written")
    return tuple(told)


def is_own(status: os.stat_result, *, system: System = HERE) -> bool:
    """Whether a file belongs to this user, as far as the system knows users."""
    return not system.modes or status.st_uid == _user()


def has_one_name(descriptor: int, path: Path) -> bool:
    """Whether an open file has no other name than `path`, but for one that `create_durably` left.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        status = os.fstat(descriptor)
        if status.st_nlink <= 1:
            return True
        ours = sum(
            1
            for other in path.parent.iterdir()
            if (match := _LEFTOVER.fullmatch(other.name))
            and match["name"] == path.name
            and _is_same(other, status)
        )
        # The other name may have gone meanwhile: then its writer was at work.
        return os.fstat(descriptor).st_nlink <= 1 + ours


def _is_same(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), status)
    except FileNotFoundError:
        return False


def _user() -> int:
    if sys.platform == "win32":
        return -1
    return os.geteuid()


# Folders


def make_private_folder(path: Path, *, system: System = HERE) -> None:
    """Make a folder that only this user can enter, with the folders above it; it may be there.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        missing = []
        folder = path
        while not os.path.lexists(folder):
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            # Another window may be making it too.
            with contextlib.suppress(FileExistsError):
                folder.mkdir(0o700)
            _sync_folder(folder.parent, system=system)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")


def check_private_folder(path: Path, *, system: System = HERE) -> None:
    """Refuse a folder whose files somebody else could exchange.

    Raises:
        MissingError: there is no such folder.
        StoreError: a symbolic link, not a folder, another user's, or one that others may write in.
    """
    with faults_named(path):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, "a symbolic link")
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    if not is_own(status, system=system):
        raise StoreError(
            "This folder belongs to another user.",
            where=safe(path),
            mend="Choose a folder of your own.",
        )
    if system.modes and stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreError(
            "Other users may write in this folder.",
            where=safe(path),
            mend="Take that right away (chmod 700), or choose another folder.",
        )


def probe_writable(folder: Path, *, still: bool = False, system: System = HERE) -> None:
    """Find out, by writing as much as an interview needs, whether a folder takes files.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(folder):
        # Random, because some disks keep a run of equal bytes in no space at all.
        temporary = _write_beside(folder / "probe", os.urandom(_PROBED), still=False)
        temporary.unlink()
        _sync_folder(folder, still=still, system=system)


# One at a time


@contextlib.contextmanager
def lock(
    path: Path, *, wait: float = 0.0, still: bool = False, remove: bool = False
) -> Iterator[None]:
    """Hold a lock file, which nobody else can hold meanwhile, in this process or another.

    The system frees it when the process ends in whatever way. It does not hold on every network
    share: nothing may be lost or doubled where it fails.

    Args:
        path: the lock file; it stays behind, empty.
        wait: how many seconds to wait for it.
        still: whether the lock file and its folder get the time `STILL`.
        remove: whether the lock file goes with the lock.

    Raises:
        InUseError: somebody else holds it.
        StoreError: what the system refused.
    """
    descriptor = _hold(path, until=time.monotonic() + wait)
    try:
        if still:
            still_time(path)
        yield
    finally:
        # Where an open file cannot be removed, it goes a moment later, unless it is held again.
        if remove:
            _drop(path)
        os.close(descriptor)
        if remove and sys.platform == "win32":
            _drop(path)
        if remove and still:
            with faults_named(path):
                _set_still(path.parent)


def _hold(path: Path, *, until: float) -> int:
    while True:
        with faults_named(path):
            descriptor = os.open(path, _TO_LOCK, 0o600)
            try:
                held = _take(descriptor)
                # Whoever held it before may have removed the file that was opened here.
                if held and _is_same(path, os.fstat(descriptor)):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
        # One that changed hands is tried again even by those who do not wait, but not for ever.
        if time.monotonic() >= until + _LONGEST_CHANGE * held:
            raise InUseError(
                "This is in use in another window.",
                where=safe(path),
                mend="Finish there, or close that window, then try again.",
            )
        time.sleep(0 if held else _BETWEEN_TRIES)


def _take(descriptor: int) -> bool:
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


def harden_process() -> None:
    """Keep what this process writes to its user, and its memory out of core dumps.

    A request to end it (SIGTERM) pauses as Ctrl-C does, so that the screen is given back.
    """
    os.umask(0o077)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

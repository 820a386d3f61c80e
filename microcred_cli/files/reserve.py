"""Disk space that is reserved during an interview, in case the disk fills up.

There are two kinds of reserve files, because neither kind is sufficient on every system. A plain
file is removed when the disk is full, so that new files can use its space. The plain file is large
because XFS cannot create files if less than about 200 KiB are free. Another program may use the
freed space first, so pending files with allocated space also exist. Instead of creating a new file,
the program fills and renames a pending file.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from microcred_cli.files.durability import drop, set_neutral
from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import TO_MAKE, is_drop, open_to_write

FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
"""The error numbers for a full disk."""

_PLAIN = 262_144
_PENDING = 65_536
_PENDING_FILES = 3
_CANNOT_ALLOCATE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


class _Reserve:
    """The space reserved on one disk."""

    def __init__(self, folder: Path, device: int) -> None:
        self.folder = folder
        self.device = device
        self.plain: list[Path] = []
        self.pending: list[Path] = []

    def set_aside(self) -> None:
        for _ in range(_PENDING_FILES):
            self.pending.append(self._made(_PENDING, random=False))
        # Random bytes, because some file systems use no space for repeated bytes.
        self.plain.append(self._made(_PLAIN, random=True))

    def give_back(self) -> None:
        for path in (*self.plain, *self.pending):
            drop(path)
        self.be_still()

    def _made(self, size: int, *, random: bool) -> Path:
        path = self.folder / f".reserve.{os.urandom(8).hex()}.part"
        try:
            # The file need not survive a crash, so it is not synced to disk.
            with open_to_write(path, "wb", TO_MAKE) as file:
                if random or not _is_allocated(file.fileno(), size):
                    file.write(os.urandom(size))
            set_neutral(path)
        except BaseException:
            drop(path)
            raise
        return path

    def be_still(self) -> None:
        with contextlib.suppress(OSError):
            set_neutral(self.folder)


_RESERVES: list[_Reserve] = []


@contextlib.contextmanager
def space_set_aside(*folders: Path) -> Iterator[None]:
    """Reserve space on the disks of these folders for files that this process writes there.

    The reserve files are removed at the end of the block; after a crash, they are leftovers. The
    modification time of these files and their folder is set to `NEUTRAL_TIME`. No space is reserved
    in a drop folder, where only the owner could remove leftovers.
    """
    begun: list[_Reserve] = []
    try:
        for folder in folders:
            if is_drop(folder):
                continue
            with faults_named(folder):
                device = folder.stat().st_dev
                if all(device != other.device for other in begun):
                    reserve = _Reserve(folder, device)
                    begun.append(reserve)
                    reserve.set_aside()
                    set_neutral(folder)
        _RESERVES.extend(begun)
        yield
    finally:
        for reserve in begun:
            reserve.give_back()
            if reserve in _RESERVES:
                _RESERVES.remove(reserve)


def make_room(folder: Path) -> bool:
    """Release reserved space on the disk of a folder; return False if none is left."""
    for reserve in _reserves_of(folder):
        if reserve.plain:
            drop(reserve.plain.pop())
            reserve.be_still()
            return True
    return False


def hand_over(path: Path) -> bool:
    """Rename a pending file to `path`; return False if that disk has no pending file."""
    for reserve in _reserves_of(path.parent):
        while reserve.pending:
            with contextlib.suppress(OSError):
                reserve.pending.pop().rename(path)
                reserve.be_still()
                return True
    return False


def _reserves_of(folder: Path) -> Iterator[_Reserve]:
    with contextlib.suppress(OSError):
        device = folder.stat().st_dev
        yield from [reserve for reserve in _RESERVES if reserve.device == device]


def _is_allocated(descriptor: int, size: int) -> bool:
    if not hasattr(os, "posix_fallocate"):
        return False
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in _CANNOT_ALLOCATE:
            raise
        return False
    return True

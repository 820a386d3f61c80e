"""Folders of other users, accessed by descriptor so that they cannot be replaced during use."""

import contextlib
import errno
import functools
import os
import stat
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Self

from microcred_cli.files.atomic import DAY
from microcred_cli.files.metadata import LEFTOVER, has_one_name
from microcred_cli.files.oserrors import InUseError, faults_named
from microcred_cli.files.platform import (
    HERE,
    NEUTRAL_TIME,
    NO_LINK,
    TO_READ,
    TO_SYNC,
    is_drop_mode,
    let_go,
    open_file,
    patiently,
    sync,
    take,
)
from microcred_cli.frozen import Frozen

_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
"""True if names can be looked up relative to an open folder; otherwise, paths are used."""


class FolderEntry(Frozen):
    """An entry of a folder; a symbolic link is neither a file nor a folder here."""

    name: str
    is_file: bool
    is_folder: bool


class OpenFolder(Frozen):
    """A folder that another user may change during use, or even replace with a symbolic link.

    `path` is used in messages, and on systems that cannot look up names relative to an open folder.
    """

    path: Path
    _descriptor: int | None

    @classmethod
    @contextlib.contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Open a folder that the user specified, following symbolic links."""
        with faults_named(path):
            folder = cls(path, os.open(path, TO_SYNC) if _BY_DESCRIPTOR else None)
            if not path.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "not a folder")
        with contextlib.closing(folder):
            yield folder

    @contextlib.contextmanager
    def below(self, name: str) -> Iterator[Self]:
        """Open a subfolder, refusing symbolic links."""
        path = self.path / name
        with faults_named(path):
            descriptor = None
            if self._descriptor is not None:
                descriptor = os.open(name, TO_SYNC | NO_LINK, dir_fd=self._descriptor)
            elif not stat.S_ISDIR(path.lstat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "not a folder")
            folder = type(self)(path, descriptor)
        with contextlib.closing(folder):
            yield folder

    def close(self) -> None:
        """Close the folder."""
        if self._descriptor is not None:
            let_go(self._descriptor)

    def entries(self) -> list[FolderEntry]:
        """The entries of the folder, except hidden ones."""
        with faults_named(self.path), os.scandir(self._place) as found:
            return [
                FolderEntry(
                    entry.name,
                    entry.is_file(follow_symlinks=False),
                    entry.is_dir(follow_symlinks=False),
                )
                for entry in found
                if not entry.name.startswith(".")
            ]

    def open_to_read(self, name: str) -> int:
        """Open a file without blocking, refusing symbolic links; return its descriptor."""
        with faults_named(self.path / name):
            return open_file(self._named(name), TO_READ, within=self._descriptor)

    def has_one_name(self, descriptor: int, name: str) -> bool:
        """True if an open file has no unexpected hard links (see `metadata.has_one_name`)."""
        return has_one_name(descriptor, self.path / name, self._descriptor)

    def hold(self) -> None:
        """Lock the folder until it is closed; raise `InUseError` if another process holds it."""
        with faults_named(self.path):
            if self._descriptor is not None and not take(self._descriptor):
                raise InUseError(
                    "Somebody else is collecting from this folder.",
                    where=self.path,
                    hint="Wait until the other collection has finished, then try again.",
                )

    def remove(self, name: str) -> None:
        """Remove a file."""
        with faults_named(self.path / name):
            patiently(functools.partial(os.unlink, self._named(name), dir_fd=self._descriptor))

    def settle(self, removed: Collection[str]) -> None:
        """Finish the removal of these files: remove their leftovers and sync the folder.

        The folder's modification time is set to the neutral time if possible. Errors are ignored: a
        file that reappears after a crash has already been collected.
        """
        # In a drop folder, users cannot list the folder to remove their own leftovers.
        until = time.time() - DAY if self.is_drop else 0.0
        with contextlib.suppress(OSError), os.scandir(self._place) as found:
            for entry in found:
                match = LEFTOVER.fullmatch(entry.name)
                is_old = entry.stat(follow_symlinks=False).st_ctime < until
                if match and (is_old or match["name"] in removed):
                    os.unlink(self._named(entry.name), dir_fd=self._descriptor)
        with contextlib.suppress(OSError):
            os.utime(self._place, (NEUTRAL_TIME, NEUTRAL_TIME))
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                sync(self._descriptor)

    @property
    def identity(self) -> tuple[int, int]:
        """The device and inode, which are the same for every path to this folder."""
        with faults_named(self.path):
            status = self._status()
        return status.st_dev, status.st_ino

    @property
    def is_drop(self) -> bool:
        """True if this is a drop folder."""
        with faults_named(self.path):
            return HERE.modes and is_drop_mode(self._status())

    def is_there(self) -> bool:
        """False if the folder can no longer be read, for example after removal of a USB stick."""
        try:
            with os.scandir(self._place) as found:
                next(found, None)
            status = self._status()
        except OSError:
            return False
        # A deleted folder that is still open is readable, but empty.
        return status.st_nlink > 0

    def _status(self) -> os.stat_result:
        return self.path.stat() if self._descriptor is None else os.fstat(self._descriptor)

    @property
    def _place(self) -> int | Path:
        return self.path if self._descriptor is None else self._descriptor

    def _named(self, name: str) -> str | Path:
        return self.path / name if self._descriptor is None else name

"""Simulates files as on Windows: open files cannot be removed, and folder entries contain less."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.files import HERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROPERTIES = ("links", "syncs_folders", "modes", "removes_open")

needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lists the open files of a process"
)


class InUseByAnotherError(PermissionError):
    """The error of Windows for a file that is in use."""

    winerror = 32

    def __init__(self, path: object = "") -> None:
        super().__init__(errno.EACCES, "used by another process", path)


def _open_files() -> set[str]:
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        # The descriptor used for this listing is already closed.
        with contextlib.suppress(OSError):
            found.add(str(link.readlink()))
    return found


def _refusing(real: Callable[..., Any]) -> Callable[..., Any]:
    def act(*paths: Any, **how: Any) -> Any:
        opened = _open_files()
        for path in paths:
            if os.path.realpath(path) in opened:
                raise InUseByAnotherError(path)
        return real(*paths, **how)

    return act


class _Entry:
    """A folder entry without device, inode number and number of hard links, as on Windows."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self._entry = entry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)

    def __fspath__(self) -> str:
        return self._entry.path

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        known = self._entry.stat(follow_symlinks=follow_symlinks)
        return os.stat_result((known.st_mode, 0, 0, 0, *known[4:]))


class _Entries:
    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self._entries.close()

    def __iter__(self) -> Iterator[_Entry]:
        return map(_Entry, self._entries)

    def __next__(self) -> _Entry:
        return _Entry(next(self._entries))


def like_windows(patch: pytest.MonkeyPatch) -> None:
    """Make replacing and removing open files fail, and make folder entries contain less."""
    for name in PROPERTIES:
        patch.setattr(HERE, name, False)
    for name in ("replace", "rename", "unlink", "remove"):
        patch.setattr(os, name, _refusing(getattr(os, name)))
    scandir = os.scandir
    patch.setattr(os, "scandir", lambda path=".": _Entries(scandir(path)))

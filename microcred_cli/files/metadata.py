"""Permissions, times and hard links of files, which can reveal information."""

import os
import re
from pathlib import Path

from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import HERE, NEUTRAL_TIME

LEFTOVER = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.part", re.DOTALL)


def findings_on(path: Path) -> tuple[str, ...]:
    """Problems with the file or folder at this path (see `findings`)."""
    with faults_named(path):
        status = path.lstat()
    return findings(status)


def findings(status: os.stat_result) -> tuple[str, ...]:
    """Messages about permissions and times that reveal something; none for our own files."""
    found = []
    if HERE.modes and status.st_mode & 0o077:
        found.append("other users have access to it")
    if status.st_mtime != NEUTRAL_TIME:
        found.append("its modification time reveals when it was written")
    return tuple(found)


def has_one_name(descriptor: int, path: Path, folder: int | None = None) -> bool:
    """True if an open file has no hard links other than `path` and its leftovers.

    If `folder`, the descriptor of an open folder, is given, names are looked up in it.
    """
    with faults_named(path):
        status = os.fstat(descriptor)
        if status.st_nlink <= 1:
            return True
        place = path.parent if folder is None else folder
        ours = 0
        for name in os.listdir(place):  # noqa: PTH208 - it can be a descriptor
            if (match := LEFTOVER.fullmatch(name)) and match["name"] == path.name:
                ours += is_same(path.with_name(name) if folder is None else name, status, folder)
        # If the other name no longer exists, it was a temporary name during writing.
        return os.fstat(descriptor).st_nlink <= 1 + ours


def is_same(path: Path | str, status: os.stat_result, folder: int | None = None) -> bool:
    """True if a path still refers to the file with this status."""
    try:
        return os.path.samestat(os.stat(path, dir_fd=folder, follow_symlinks=False), status)
    except FileNotFoundError:
        return False
    except PermissionError:
        if HERE.removes_open:
            raise
        # The file is being removed.
        return False

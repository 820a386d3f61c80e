"""Syncing files and folders, and their neutral time."""

import contextlib
import errno
import os
import sys
from pathlib import Path

from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import HERE, NEUTRAL_TIME, TO_SYNC, is_drop, sync


def neutralise_time(path: Path) -> None:
    """Give a file and then its folder the time `NEUTRAL_TIME`."""
    with faults_named(path):
        set_neutral(path)
        set_neutral(path.parent)


def settle(*folders: Path) -> None:
    """Bring all files that were written quickly, and their names in folders, to the disk."""
    if sys.platform != "win32":
        os.sync()
    keep_names(*folders)


def keep_names(*folders: Path) -> None:
    """Bring the names in folders to the disk; the files themselves are there already."""
    for folder in folders:
        with faults_named(folder):
            sync_folder(folder, still=True)


def drop(path: Path) -> None:
    """Remove a file if that is possible."""
    with contextlib.suppress(OSError):
        path.unlink()


def set_neutral(path: Path) -> None:
    """Give a file or folder the time `NEUTRAL_TIME`; another's drop folder may refuse it."""
    try:
        os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
    except PermissionError:
        if not is_drop(path):
            raise


def sync_folder(folder: Path, *, still: bool = False) -> None:
    """Bring the names in a folder to the disk, where a folder can be synced."""
    if still:
        set_neutral(folder)
    if not HERE.syncs_folders:
        return
    try:
        descriptor = os.open(folder, TO_SYNC)
    except PermissionError:
        if not is_drop(folder):
            raise
        # Without the right to list it, it cannot be opened: then everything is synced.
        if sys.platform != "win32":
            os.sync()
        return
    try:
        sync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems cannot sync a folder, and say so.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)

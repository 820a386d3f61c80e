"""Functions that sync files and folders to disk, and set their neutral time."""

import contextlib
import errno
import os
import sys
from pathlib import Path

from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import HERE, NEUTRAL_TIME, TO_SYNC, is_drop, sync


def neutralise_time(path: Path) -> None:
    """Set the modification time of a file, and then of its folder, to `NEUTRAL_TIME`."""
    with faults_named(path):
        set_neutral(path)
        set_neutral(path.parent)


def settle(*folders: Path) -> None:
    """Sync all files written by `write_quickly`, and the directory entries of the given folders."""
    if sys.platform != "win32":
        os.sync()
    keep_names(*folders)


def keep_names(*folders: Path) -> None:
    """Sync the directory entries of these folders; the files have already been synced."""
    for folder in folders:
        with faults_named(folder):
            sync_folder(folder, still=True)


def drop(path: Path) -> None:
    """Remove a file, ignoring errors."""
    with contextlib.suppress(OSError):
        path.unlink()


def set_neutral(path: Path) -> None:
    """Set the time of a file or folder to `NEUTRAL_TIME`, except for another user's drop folder."""
    try:
        os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
    except PermissionError:
        if not is_drop(path):
            raise


def sync_folder(folder: Path, *, still: bool = False) -> None:
    """Sync the directory entries of a folder, on systems that support syncing folders."""
    if still:
        set_neutral(folder)
    if not HERE.syncs_folders:
        return
    try:
        descriptor = os.open(folder, TO_SYNC)
    except PermissionError:
        if not is_drop(folder):
            raise
        # A folder without read permission cannot be opened, so the whole disk is synced instead.
        if sys.platform != "win32":
            os.sync()
        return
    try:
        sync(descriptor)
    except OSError as error:
        # Some network and FUSE file systems return these errors because they cannot sync a folder.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)

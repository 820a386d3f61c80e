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
    """Sync all files that were written quickly, and their names in folders."""
    if sys.platform != "win32":
        os.sync()
    keep_names(*folders)


def keep_names(*folders: Path) -> None:
    """Sync the names in folders; the files themselves are synced already."""
    for folder in folders:
        with faults_named(folder):
            sync_folder(folder, still=True)


def drop(path: Path) -> None:
    """Remove a file if possible."""
    with contextlib.suppress(OSError):
        path.unlink()


def set_neutral(path: Path) -> None:
    """Give a file or folder the time `NEUTRAL_TIME`; it fails silently on another's drop folder."""
    try:
        os.utime(path, (NEUTRAL_TIME, NEUTRAL_TIME))
    except PermissionError:
        if not is_drop(path):
            raise


def sync_folder(folder: Path, *, still: bool = False) -> None:
    """Sync the names in a folder, where the system can sync a folder."""
    if still:
        set_neutral(folder)
    if not HERE.syncs_folders:
        return
    try:
        descriptor = os.open(folder, TO_SYNC)
    except PermissionError:
        if not is_drop(folder):
            raise
        # Without permission to list it, it cannot be opened: then everything is synced.
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

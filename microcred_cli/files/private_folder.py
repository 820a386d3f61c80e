"""Folders that only the owner can change."""

import contextlib
import errno
import functools
import os
import stat
from pathlib import Path

from microcred_cli.errors import StoreError
from microcred_cli.files.atomic import PROBE, write_beside
from microcred_cli.files.durability import sync_folder
from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import HERE, is_own, patiently

_PROBED = 65_536


def make_private_folder(path: Path) -> None:
    """Create a folder (and its parents) that only this user can enter, unless it exists."""
    with faults_named(path):
        missing = []
        folder = path
        while not os.path.lexists(folder):
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            # Another process may be creating the same folder.
            with contextlib.suppress(FileExistsError):
                folder.mkdir(0o700)
            sync_folder(folder.parent)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")


def check_private_folder(path: Path) -> None:
    """Refuse a folder whose files another user could replace.

    Symbolic links, folders of other users, and folders that others can write to are refused.
    """
    with faults_named(path):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, "a symbolic link")
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder")
    if not is_own(status):
        raise StoreError(
            "This folder belongs to another user.",
            where=path,
            hint="Choose a folder of your own.",
        )
    if HERE.modes and stat.S_IMODE(status.st_mode) & 0o022:
        raise StoreError(
            "Other users can write to this folder.",
            where=path,
            hint="Change its permissions (chmod 700), or choose another folder.",
        )


def probe_writable(folder: Path, *, still: bool = False) -> None:
    """Test if a folder is writable by writing a file of the size that an interview needs."""
    with faults_named(folder):
        # Random bytes, because some file systems use no space for repeated bytes.
        temporary = write_beside(folder / PROBE, os.urandom(_PROBED), still=False)
        # Another process that is starting may remove the file as a leftover.
        patiently(functools.partial(temporary.unlink, missing_ok=True))
        sync_folder(folder, still=still)


def own_folder(path: Path, *, begun: bool = True) -> None:
    """Create a private folder, or make an existing folder private, since file names are sensitive.

    A folder that the user's group can write to, such as a checkout under umask 002, is made private
    only if it is not yet in use (`begun` is false). A folder in use is refused, because others may
    have changed its files.
    """
    make_private_folder(path)
    if not begun:
        _close(path, to=0o022)
    check_private_folder(path)
    _close(path, to=0o077)


def _close(path: Path, *, to: int) -> None:
    """Make this user's folder private if others have permissions in `to`, unless all may write."""
    # Some file systems do not support permissions.
    with contextlib.suppress(OSError):
        status = path.lstat()
        rights = stat.S_IMODE(status.st_mode)
        is_ours = stat.S_ISDIR(status.st_mode) and is_own(status)
        if is_ours and rights & to and not rights & 0o002:
            path.chmod(0o700)

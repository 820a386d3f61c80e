"""Folders that only their user can look into."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING

from microcred_cli.store import disk

if TYPE_CHECKING:
    from pathlib import Path


def own_folder(path: Path, *, begun: bool = True) -> None:
    """Make a private folder, or make one that is there private: its names tell something, too.

    One that the user's group may write in, as a checkout makes it where the umask is 002, is closed
    while nothing has `begun` in it; later it is refused, because others may have been at work.

    Raises:
        StoreError: it cannot be made, or somebody else could exchange what is in it.
    """
    disk.make_private_folder(path)
    if not begun:
        _close(path, to=0o022)
    disk.check_private_folder(path)
    _close(path, to=0o077)


def _close(path: Path, *, to: int) -> None:
    """Take rights away from others, in a folder of this user that not everyone may write in."""
    # Some file systems have no permissions to set.
    with contextlib.suppress(OSError):
        status = path.lstat()
        rights = stat.S_IMODE(status.st_mode)
        is_ours = stat.S_ISDIR(status.st_mode) and disk.is_own(status)
        if is_ours and rights & to and not rights & 0o002:
            path.chmod(0o700)

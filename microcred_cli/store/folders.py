"""Folders that only their user can look into."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING

from microcred_cli.store import disk

if TYPE_CHECKING:
    from pathlib import Path


def own_folder(path: Path) -> None:
    """Make a private folder, or make one that is there private: its names tell something, too.

    Raises:
        StoreError: it cannot be made, or somebody else could exchange what is in it.
    """
    disk.make_private_folder(path)
    disk.check_private_folder(path)
    # Some file systems have no permissions to set.
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.lstat().st_mode) & 0o077:
            path.chmod(0o700)

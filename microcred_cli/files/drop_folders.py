"""Drop folders: one may hand in, and neither list, nor read, nor replace what others handed in."""

import contextlib
import os
import stat
from pathlib import Path

from microcred_cli.files.platform import HERE, System

DROP_MODE = 0o1730
"""Its owner may do anything, a member of its group may make files, and nobody else is let in."""


def is_drop(path: Path, *, system: System = HERE) -> bool:
    """Whether this is a drop folder, by its rights alone, whoever it belongs to."""
    if not system.modes:
        return False
    with contextlib.suppress(OSError, ValueError):
        return is_drop_mode(path.lstat())
    return False


def is_drop_mode(status: os.stat_result) -> bool:
    """Whether a status is that of a drop folder."""
    return stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) & 0o1077 == 0o1030

"""Looking at files that are there, and at what they show beside their content."""

import os
import re
from pathlib import Path

from microcred_cli.files import reading
from microcred_cli.files.oserrors import faults_named
from microcred_cli.files.platform import HERE, NEUTRAL_TIME, System

LEFTOVER = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.part", re.DOTALL)


def open_to_read(path: Path) -> int:
    """A descriptor of the file itself: a symbolic link is refused, nothing is waited for.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        return reading.open_to_read(path)


def tells_of_itself(path: Path, *, system: System = HERE) -> tuple[str, ...]:
    """What a file or folder shows beside its content, in words; nothing if it is as we write it.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        status = path.lstat()
    return tells(status, system=system)


def tells(status: os.stat_result, *, system: System = HERE) -> tuple[str, ...]:
    """What the status of a file or folder tells, in words; nothing if it is as we set it."""
    if status.st_mtime == NEUTRAL_TIME and not (system.modes and status.st_mode & 0o077):
        return ()
    told = []
    if system.modes and status.st_mode & 0o077:
        told.append("other users have rights to it")
    if status.st_mtime != NEUTRAL_TIME:
        told.append("its time tells when it was written")
    return tuple(told)


def has_one_name(descriptor: int, path: Path) -> bool:
    """Whether an open file has no other name than `path`, but for one that `create_durably` left.

    Raises:
        StoreError: what the system refused.
    """
    with faults_named(path):
        status = os.fstat(descriptor)
        if status.st_nlink <= 1:
            return True
        ours = sum(
            1
            for other in path.parent.iterdir()
            if (match := LEFTOVER.fullmatch(other.name))
            and match["name"] == path.name
            and is_same(other, status)
        )
        # The other name may have gone meanwhile: then its writer was at work.
        return os.fstat(descriptor).st_nlink <= 1 + ours


def is_same(path: Path, status: os.stat_result) -> bool:
    """Whether a path still leads to the file that has this status."""
    try:
        return os.path.samestat(path.lstat(), status)
    except FileNotFoundError:
        return False

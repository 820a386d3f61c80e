"""File ownership: files written as administrator must belong to the owner of their folder."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from microcred_cli.files.oserrors import faults_named
from microcred_cli.frozen import Frozen


class Owner(Frozen):
    """The user and group that own a folder."""

    user: int
    group: int


def owner_of(path: Path) -> Owner | None:
    """The non-root owner of a folder or its nearest existing parent; None unless run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    while not os.path.lexists(path):
        path = path.parent
    with faults_named(path):
        status = path.lstat()
    return Owner(status.st_uid, status.st_gid) if status.st_uid != 0 else None


@contextlib.contextmanager
def acting_as(owner: Owner | None) -> Iterator[None]:
    """Run the block with only the permissions of `owner`, or unchanged if `owner` is None."""
    if owner is None or sys.platform == "win32":
        yield
        return
    groups, group, user = os.getgroups(), os.getegid(), os.geteuid()
    try:
        os.setgroups(_groups_of(owner))
        os.setegid(owner.group)
        os.seteuid(owner.user)
        yield
    finally:
        os.seteuid(user)
        os.setegid(group)
        os.setgroups(groups)


def _groups_of(owner: Owner) -> list[int]:
    if sys.platform != "win32":
        import pwd

        with contextlib.suppress(KeyError):
            return os.getgrouplist(pwd.getpwuid(owner.user).pw_name, owner.group)
    return [owner.group]

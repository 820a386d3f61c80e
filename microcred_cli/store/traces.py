"""What a file tells beside its record: by its bytes, its rights and its time."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.errors import StoreError
from microcred_cli.files.reading import read_file
from microcred_cli.records.shapes import serialise

if TYPE_CHECKING:
    from pathlib import Path

    from microcred_cli.records.shapes import Folder, Response, Text


REWRITTEN = "it says nothing wrong, but its keys or its layout are not as the program writes them"
"""What is wrong with a record in another layout."""


def check_name(name: str, record_id: str) -> None:
    """Refuse a record that stands under another name than its id.

    Raises:
        StoreError: it does.
    """
    if name != f"{record_id}.json":
        raise StoreError(
            "The file's name is not its id.",
            where=name,
            hint="Give it back its name, or set it apart.",
        )


def rewritten(path: Path, record: Response | Text | Folder) -> str:
    """How the bytes of a file are not those that the program writes; nothing if they are.

    The order of keys, a number's form and a layout of somebody's own can single a record out.

    Raises:
        StoreError: it cannot be read.
    """
    if read_file(path) == serialise(record):
        return ""
    return REWRITTEN


def telling(path: Path) -> str:
    """What the rights and the time of a file tell; nothing if they are as the program sets them.

    Raises:
        StoreError: it cannot be looked at.
    """
    return "; ".join(files.tells_of_itself(path))


def take_back(path: Path) -> None:
    """Give a file rights and a time that tell nothing, if it is a plain one of this user's."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and files.is_own(status):
            path.chmod(0o600)
            os.utime(path, (files.NEUTRAL_TIME, files.NEUTRAL_TIME))

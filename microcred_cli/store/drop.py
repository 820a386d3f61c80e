"""Drop folders, where users of a shared machine submit without seeing each other's responses.

Staff create the folder. Respondents do not have permission to list the folder, so they can open a
file only if they know its name. Each new file gets an unguessable name and never replaces another
file.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.reading import DamagedError, read_file
from microcred_cli.files.strict_json import parse_json
from microcred_cli.records.shapes import Folder, from_object, serialise
from microcred_cli.store.layout import FOLDER_FILE
from microcred_cli.text import safe

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_TERMS: Final = 65_536
_MEND: Final = "Ask the administrator of this machine to run microcred drop again."


def terms_of_drop(folder: Path) -> Folder:
    """The terms of a drop folder, accepted only if nobody but the owner can have written them."""
    path = folder / FOLDER_FILE
    with files.faults_named(path):
        owner = folder.lstat().st_uid
        try:
            status = path.lstat()
        except FileNotFoundError:
            raise StoreError(
                f"This drop folder has no {FOLDER_FILE}.", where=folder, hint=_MEND
            ) from None
    is_theirs = (
        stat.S_ISREG(status.st_mode)
        and status.st_uid == owner
        and status.st_nlink == 1
        and not status.st_mode & 0o022
    )
    if not is_theirs:
        raise DamagedError(
            "Users other than the owner of the drop folder could have written this file.",
            where=path,
            hint=_MEND,
        )
    data = read_file(path, limit=_LARGEST_TERMS, own=False)
    return from_object(Folder, parse_json(data, where=path), safe(path))


def prepare_drop(folder: Path) -> None:
    """Raise a StoreError if a drop folder is unusable, or other users could replace its files."""
    texts = folder / "texts"
    with files.faults_named(texts):
        above, below = folder.lstat(), texts.lstat()
    if not files.is_drop(texts) or below.st_uid != above.st_uid:
        raise StoreError(
            "The folder for texts is not a drop folder with the same owner.",
            where=texts,
            hint=_MEND,
        )
    for each in (folder, texts):
        files.probe_writable(each, still=True)


def refuse_drop(folder: Path) -> None:
    """Raise a StoreError if the folder is a drop folder, which can only be used for submissions."""
    if files.is_drop(folder):
        raise StoreError(
            "This is a drop folder, which can only be used to submit responses.",
            where=folder,
            hint="Collect the responses into a folder that you own: sudo microcred collect --move "
            f"{safe(folder)}",
        )


def make_drop(folder: Path, group: str, terms: Folder) -> None:
    """Create a drop folder for a user group, or reset the permissions of an existing one."""
    number = _group(group)
    _refuse_exchangeable(folder)
    if os.path.lexists(folder) and not files.is_drop(folder):
        with files.faults_named(folder):
            if not folder.is_dir() or any(folder.iterdir()):
                raise StoreError(
                    "This is not an empty folder.",
                    where=folder,
                    hint="Choose a folder that does not exist yet or is empty.",
                )
    with files.faults_named(folder):
        missing = [above for above in folder.parents if not os.path.lexists(above)]
        for above in reversed(missing):
            above.mkdir()
            # All users need to be able to traverse the parent folders.
            above.chmod(0o755)
    for each in (folder, folder / "texts"):
        files.make_private_folder(each)
        with files.faults_named(each):
            status = each.lstat()
        if not stat.S_ISDIR(status.st_mode) or not files.is_own(status):
            raise StoreError(
                "This is a symbolic link, or another user's folder.",
                where=each,
                hint="Choose a folder that does not exist yet.",
            )
        with files.faults_named(each):
            os.chown(each, -1, number)
            each.chmod(files.DROP_MODE)
    path = folder / FOLDER_FILE
    if not os.path.lexists(path):
        files.create_durably(path, serialise(terms), still=True)
    with files.faults_named(path):
        status = path.lstat()
        # A hard link can lead to any other file, so such a file is left unchanged and rejected
        # below.
        if stat.S_ISREG(status.st_mode) and files.is_own(status) and status.st_nlink == 1:
            path.chmod(0o644)
    held = terms_of_drop(folder)
    if held != terms:
        raise StoreError(
            f"The drop folder was created with different settings, for {safe(held.questionnaire)}.",
            where=path,
            hint="Collect the responses from this folder and remove it, or choose another folder.",
        )
    files.neutralise_time(path)
    files.neutralise_time(folder / "texts")


def _group(name: str) -> int:
    if sys.platform == "win32":
        raise UsageError(
            "Drop folders are not supported on Windows.",
            hint="Give each respondent a separate user account.",
        )
    import grp

    try:
        return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid
    except (KeyError, OverflowError):
        raise UsageError(
            f"There is no group {safe(name)!r} on this machine.",
            where="--group",
            hint=f"Create the group first: groupadd {safe(name)}",
        ) from None


def _refuse_exchangeable(folder: Path) -> None:
    """Raise a StoreError if another user could replace the folder with a different one.

    The owner of a parent folder can replace the folder regardless of current permissions, and so
    can the owner of a folder that contains a symbolic link used in the path.
    """
    for above in {**dict.fromkeys(folder.parents), **dict.fromkeys(folder.resolve().parents)}:
        if not above.exists():
            continue
        with files.faults_named(above):
            status = above.stat()
        is_open = status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX
        if is_open or not (status.st_uid == 0 or files.is_own(status)):
            raise StoreError(
                "Other users can write to the parent folder and could replace the drop folder.",
                where=above,
                hint="Choose a location such as /srv, where only the administrator can write.",
            )

"""A drop folder: respondents who share a machine hand in here, and see nothing of each other.

Staff make it. Others have no permission to list it, so its terms are read by name, and nothing is
searched for; each file gets a name that nobody can guess, and never replaces another.
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
_MEND: Final = "Ask whoever set up this machine to run microcred drop again."


def terms_of_drop(folder: Path) -> Folder:
    """The terms of a drop folder, accepted only if its owner alone can have written them."""
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
            "Someone other than the owner of the drop folder could have written this.",
            where=path,
            hint=_MEND,
        )
    data = read_file(path, limit=_LARGEST_TERMS, own=False)
    return from_object(Folder, parse_json(data, where=path), safe(path))


def prepare_drop(folder: Path) -> None:
    """Refuse a drop folder where one cannot hand in, or where somebody could replace the files."""
    texts = folder / "texts"
    with files.faults_named(texts):
        above, below = folder.lstat(), texts.lstat()
    if not files.is_drop(texts) or below.st_uid != above.st_uid:
        raise StoreError(
            "The folder for texts is not a drop folder of the same owner.",
            where=texts,
            hint=_MEND,
        )
    for each in (folder, texts):
        files.probe_writable(each, still=True)


def refuse_drop(folder: Path) -> None:
    """Refuse a drop folder where staff's own folder is needed."""
    if files.is_drop(folder):
        raise StoreError(
            "This is a drop folder: responses are only handed in here.",
            where=folder,
            hint="Collect them into a folder of your own: sudo microcred collect --move "
            f"{safe(folder)}",
        )


def make_drop(folder: Path, group: str, terms: Folder) -> None:
    """Make a drop folder for the members of a group; an existing one gets its permissions back."""
    number = _group(group)
    _refuse_exchangeable(folder)
    if os.path.lexists(folder) and not files.is_drop(folder):
        with files.faults_named(folder):
            if not folder.is_dir() or any(folder.iterdir()):
                raise StoreError(
                    "There is something else here.",
                    where=folder,
                    hint="Name a folder that is empty, or does not exist yet.",
                )
    with files.faults_named(folder):
        missing = [above for above in folder.parents if not os.path.lexists(above)]
        for above in reversed(missing):
            above.mkdir()
            # Everybody may pass through.
            above.chmod(0o755)
    for each in (folder, folder / "texts"):
        files.make_private_folder(each)
        with files.faults_named(each):
            status = each.lstat()
        if not stat.S_ISDIR(status.st_mode) or not files.is_own(status):
            raise StoreError(
                "This is a symbolic link, or another user's folder.",
                where=each,
                hint="Name a folder that does not exist yet.",
            )
        with files.faults_named(each):
            os.chown(each, -1, number)
            each.chmod(files.DROP_MODE)
    path = folder / FOLDER_FILE
    if not os.path.lexists(path):
        files.create_durably(path, serialise(terms), still=True)
    with files.faults_named(path):
        status = path.lstat()
        # A file with further hard links may be anything: it is refused below, unchanged.
        if stat.S_ISREG(status.st_mode) and files.is_own(status) and status.st_nlink == 1:
            path.chmod(0o644)
    held = terms_of_drop(folder)
    if held != terms:
        raise StoreError(
            f"The drop folder was created for something else: {safe(held.questionnaire)}.",
            where=path,
            hint="Collect from it and remove it, or name another one.",
        )
    files.neutralise_time(path)
    files.neutralise_time(folder / "texts")


def _group(name: str) -> int:
    if sys.platform == "win32":
        raise UsageError(
            "Windows has no drop folders.", hint="Give each respondent an account of their own."
        )
    import grp

    try:
        return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid
    except (KeyError, OverflowError):
        raise UsageError(
            f"There is no group {safe(name)!r} on this machine.",
            where="--group",
            hint=f"Make it first: groupadd {safe(name)}",
        ) from None


def _refuse_exchangeable(folder: Path) -> None:
    """Refuse a place where others could rename the folder and put their own there.

    The owner of a parent folder can, whatever its permissions are now. So can the owner of a
    folder that contains a symbolic link to it.
    """
    for above in {**dict.fromkeys(folder.parents), **dict.fromkeys(folder.resolve().parents)}:
        if not above.exists():
            continue
        with files.faults_named(above):
            status = above.stat()
        is_open = status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX
        if is_open or not (status.st_uid == 0 or files.is_own(status)):
            raise StoreError(
                "Other users can write to a parent of this folder, so they could replace it.",
                where=above,
                hint="Choose a place such as /srv, which only the administrator can change.",
            )

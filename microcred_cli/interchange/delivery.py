"""Creation of a folder that gets its final name only after all its files have been written."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from microcred_cli import files
from microcred_cli.errors import StoreError, UsageError
from microcred_cli.files.durability import sync_folder
from microcred_cli.store.layout import FOLDER_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNFINISHED: Final = re.compile(r"\.(.+)\.[0-9a-f]{16}\.part")


def refuse_unsuitable(directory: str, responses: Path) -> Path:
    """The absolute path of a folder to create; an existing folder must be empty.

    Raises:
        UsageError: the path is not a folder, contains files, or is inside a responses folder.
    """
    path = Path(os.path.abspath(directory))  # noqa: PTH100 - `resolve` would follow links
    with files.faults_named(path):
        if path.is_symlink() or (os.path.lexists(path) and not path.is_dir()):
            raise UsageError(
                "There is a file or a link with this name.", where=path, hint="Choose another name."
            )
        if path.is_dir() and any(path.iterdir()):
            raise UsageError(
                "This folder is not empty.",
                where=path,
                hint="Choose a folder that does not exist yet; it will be created.",
            )
        real = path.resolve()
        is_inside = real.is_relative_to(responses.resolve()) or any(
            (each / FOLDER_FILE).is_file() for each in (real, *real.parents)
        )
    if is_inside:
        raise UsageError(
            "An export must not be inside a responses folder.",
            where=path,
            hint="Choose a folder outside the responses folder.",
        )
    return path


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a private temporary folder, and rename it to `path` at the end of the block.

    After an error or a signal, the folder is removed. Unfinished folders left by earlier crashes
    are removed as well.
    """
    with files.faults_named(path):
        if not path.parent.is_dir():
            raise StoreError(
                "The parent folder does not exist.",
                where=path.parent,
                hint="Create the parent folder first, or choose another folder.",
            )
        for each in list(path.parent.iterdir()):
            found = _UNFINISHED.fullmatch(each.name)
            if found and found[1] == path.name and each.is_dir() and not each.is_symlink():
                shutil.rmtree(each, ignore_errors=True)
    unfinished = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
    with files.stopped_in_order():
        try:
            with files.faults_named(path):
                unfinished.mkdir(0o700)
            with files.faults_named(path):
                yield unfinished
            with files.faults_named(path):
                _put_in_place(unfinished, path)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _put_in_place(unfinished: Path, path: Path) -> None:
    """Sync all files of a folder to disk, then rename the folder to its final name."""
    for file in unfinished.iterdir():
        file.chmod(0o600)
        with file.open("rb+") as written:
            os.fsync(written.fileno())
    sync_folder(unfinished)
    if path.is_dir():
        path.rmdir()
    unfinished.rename(path)
    sync_folder(path.parent)

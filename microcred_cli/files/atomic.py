"""Atomic writing and removal of files: after a crash, a file is either the old or the new one."""

import contextlib
import errno
import functools
import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from microcred_cli.files.durability import drop, set_neutral, sync_folder
from microcred_cli.files.locking import lock
from microcred_cli.files.metadata import LEFTOVER
from microcred_cli.files.oserrors import MissingError, faults_named
from microcred_cli.files.platform import (
    HERE,
    TO_MAKE,
    TO_REFILL,
    TO_SYNC_FILE,
    is_drop,
    open_file,
    open_to_write,
    patiently,
    sync,
)
from microcred_cli.files.reserve import FULL, hand_over, make_room

Content = bytes | Iterable[bytes]
"""The content of a new file, in one piece or in chunks."""

DAY = 86_400.0
PROBE = "probe"
"""The name of a file that is written only to test if a folder is writable."""
_HAS_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_LONGEST_NAMING = 10.0
_BUFFER = 262_144
_MANY = 16


def replace_durably(path: Path, data: Content, *, still: bool = False) -> None:
    """Write a file, replacing any existing file.

    The old file stays unchanged until the new file is complete and synced to disk. If the last
    step, syncing the folder, fails, the new file is in place but may not survive a power failure.
    If `still` is true, the modification time of the file and its folder is set to `NEUTRAL_TIME`.
    """
    with faults_named(path):
        temporary = write_beside(path, data, still=still)
        try:
            patiently(lambda: temporary.replace(path))
        except BaseException:
            drop(temporary)
            raise
        sync_folder(path.parent, still=still)


def create_durably(path: Path, data: Content, *, still: bool = False) -> bool:
    """Write a new file; return False without writing if the name is already in use.

    On return, the file with that name is complete and synced to disk, even if it already existed.
    If an error is raised, no new file with that name exists.
    """
    with faults_named(path):
        temporary = write_beside(path, data, still=still)
        try:
            made = _name_if_free(temporary, path)
        finally:
            drop(temporary)
        try:
            sync_folder(path.parent, still=still)
        except BaseException:
            if made:
                drop(path)
            raise
        return made


def create_together(files: Sequence[tuple[Path, bytes]]) -> list[bool]:
    """Write many new files with `NEUTRAL_TIME`; return True for each file whose name was free.

    Each file is either complete or absent, as with `create_durably`, but the disk is synced only
    once or twice. After an error, some of the files may exist, but may not survive a power failure.
    """
    temporaries: list[Path] = []
    made: list[bool] = []
    try:
        for path, data in files:
            with faults_named(path):
                temporary = _passing_name(path)
                _fill(temporary, data, TO_MAKE, still=True, last=False)
                temporaries.append(temporary)
        _bring_to_disk(temporaries)
        for (path, _), temporary in zip(files, temporaries, strict=True):
            with faults_named(path):
                made.append(_name_if_free(temporary, path))
    finally:
        for temporary in temporaries:
            drop(temporary)
    for folder in {path.parent for path, _ in files}:
        with faults_named(folder):
            sync_folder(folder, still=True)
    return made


def _bring_to_disk(files: Sequence[Path]) -> None:
    if len(files) >= _MANY and sys.platform != "win32":
        # This syncs all files but reports no errors, so each file is synced again below.
        os.sync()
    for file in files:
        with faults_named(file):
            descriptor = os.open(file, TO_SYNC_FILE)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)


def write_quickly(path: Path, data: bytes) -> None:
    """Write a file that can be recreated; it survives a power failure only after `settle`.

    Writing the same content again is harmless, and repairs a file that a crash left incomplete.
    """
    with faults_named(path):
        descriptor = open_file(path, TO_MAKE & ~os.O_EXCL | os.O_TRUNC)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
        set_neutral(path)


def remove_durably(*paths: Path, still: bool = False) -> None:
    """Remove files and their leftovers, ignoring missing files.

    Each folder is synced once. If `still` is true, the modification time of the folders is set to
    `NEUTRAL_TIME`.
    """
    names: dict[Path, set[str]] = {}
    for path in paths:
        with faults_named(path):
            patiently(functools.partial(path.unlink, missing_ok=True))
        names.setdefault(path.parent, set()).add(path.name)
    for folder, gone in names.items():
        with contextlib.suppress(MissingError):
            _remove_leftovers(folder, _is_of(gone), still=still, removed=len(gone))


def remove_named(folder: Path, names: Collection[str], *, still: bool = False) -> None:
    """Remove files from a folder like `remove_durably`, but faster for very many files."""
    if not names:
        return
    with faults_named(folder):
        for name in names:
            path = f"{folder}{os.sep}{name}"
            try:
                os.unlink(path)  # noqa: PTH108 - there can be very many
            except FileNotFoundError:
                pass
            except OSError:
                patiently(functools.partial(os.unlink, path))
    _remove_leftovers(folder, _is_of(set(names)), still=still, removed=len(names))


@contextlib.contextmanager
def for_a_while(folder: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file, and delete it at the end of the block, but not after a crash."""
    path = folder / f".spool.{os.urandom(8).hex()}.part"
    try:
        how = TO_MAKE & ~os.O_WRONLY | os.O_RDWR
        with faults_named(path), open_to_write(path, "w+b", how, _BUFFER) as file:
            set_neutral(path)
            yield file
    finally:
        drop(path)
        with contextlib.suppress(OSError):
            set_neutral(folder)


def remove_leftovers_of(folder: Path, names: Collection[str], *, still: bool = False) -> None:
    """Remove the leftovers of these files; no other process may be writing the files."""
    _remove_leftovers(folder, _is_of(names), still=still)


def remove_leftovers(folder: Path, *, older_than: float = DAY, still: bool = False) -> int:
    """Remove leftovers from a folder; return the number removed.

    A leftover is removed if the file also exists with its final name, was written only to test the
    folder, or is at least `older_than` seconds old. A more recent leftover may belong to another
    process that is about to rename it.
    """
    until = time.time() - older_than
    return _remove_leftovers(
        folder,
        lambda name, status: name == PROBE or status.st_nlink > 1 or status.st_ctime < until,
        still=still,
    )


def write_beside(path: Path, data: Content, *, still: bool) -> Path:
    """Write a file with a temporary name next to `path`, and sync it to disk.

    If the disk is full, the space reserved on that disk is used (see `reserve`).
    """
    temporary = _passing_name(path)
    try:
        _fill(temporary, data, TO_MAKE, still=still)
    except OSError as error:
        if error.errno not in FULL or not isinstance(data, bytes):
            raise
        if not _fill_what_was_set_aside(temporary, data, still=still):
            raise
    return temporary


def _passing_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")


def _fill_what_was_set_aside(temporary: Path, data: bytes, *, still: bool) -> bool:
    if make_room(temporary.parent):
        try:
            _fill(temporary, data, TO_MAKE, still=still)
        except OSError as error:
            if error.errno not in FULL:
                raise
        else:
            return True
    if not hand_over(temporary):
        return False
    _fill(temporary, data, TO_REFILL, still=still)
    return True


def _fill(temporary: Path, data: Content, how: int, *, still: bool, last: bool = True) -> None:
    try:
        with open_to_write(temporary, "wb", how) as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            if how == TO_REFILL:
                file.truncate()
            if still:
                set_neutral(temporary)
            # A failed sync is never retried on the same file: the system may have discarded the
            # unwritten data, and the second sync would report success.
            if last:
                sync(file.fileno())
        if still and sys.platform == "win32":
            # On Windows, closing a file changes its modification time.
            set_neutral(temporary)
    except BaseException:
        drop(temporary)
        raise


def _name_if_free(temporary: Path, path: Path) -> bool:
    if HERE.links:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _HAS_NO_LINKS:
                raise
        else:
            return True
    with lock(path.with_name(".names.lock"), wait=_LONGEST_NAMING, still=True):
        if os.path.lexists(path):
            return False
        patiently(lambda: temporary.rename(path))
    return True


def _is_of(names: Collection[str]) -> Callable[[str, os.stat_result], bool]:
    return lambda name, _: name in names


def _remove_leftovers(
    folder: Path,
    is_meant: Callable[[str, os.stat_result], bool],
    *,
    still: bool,
    removed: int = 0,
) -> int:
    """Remove the leftovers selected by `is_meant`; sync the folder if any file was removed."""
    with faults_named(folder):
        # In a drop folder, only users with permission to list the folder can find leftovers.
        is_listed = not is_drop(folder) or os.access(folder, os.R_OK)
        with os.scandir(folder) if is_listed else contextlib.nullcontext(()) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    continue
                match = LEFTOVER.fullmatch(entry.name)
                if match is None or not entry.is_file(follow_symlinks=False):
                    continue
                # Another process may be removing the same leftovers.
                with contextlib.suppress(FileNotFoundError):
                    # On Windows, a directory entry does not include the number of hard links.
                    if is_meant(match["name"], os.lstat(entry)):
                        patiently(Path(entry).unlink)
                        removed += 1
        if removed:
            sync_folder(folder, still=still)
    return removed

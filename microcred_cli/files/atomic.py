"""Writing and removing files: each is there or it is not, whatever happens."""

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
    patiently,
    sync,
)
from microcred_cli.files.reserve import FULL, hand_over, make_room

Content = bytes | Iterable[bytes]
"""The content of a new file, at once or in pieces."""

DAY = 86_400.0
PROBE = "probe"
"""The name of a file that is written only to find out whether it can be."""
_HAS_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
_LONGEST_NAMING = 10.0
_BUFFER = 262_144
_MANY = 16


def replace_durably(path: Path, data: Content, *, still: bool = False) -> None:
    """Write a file, over the old one if there is one.

    The old file stays as it was until the new one is whole and on the disk. When the last step,
    syncing the folder, fails, the new one is in place without a promise that it lasts.

    Args:
        path: the file.
        data: all it will hold.
        still: whether file and folder get the time `NEUTRAL_TIME`.
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
    """Write a new file; False, and nothing written, if its name is taken.

    A file of that name is always whole and on the disk, also one that was there before: what
    returns at all can be relied on. Arguments as in `replace_durably`.

    Raises:
        StoreError: what the system refused; then the name is as free as before.
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
    """Write many new files with `NEUTRAL_TIME`; which of them were made (see `create_durably`).

    Each is whole under its name or not there at all, but the disk is waited for only once or twice.

    Raises:
        StoreError: what the system refused; some may be there, without a promise that they last.
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
        # Everything in one go, which reports no error: each file is asked for it afterwards.
        os.sync()
    for file in files:
        with faults_named(file):
            descriptor = os.open(file, TO_SYNC_FILE)
            try:
                sync(descriptor)
            finally:
                os.close(descriptor)


def write_quickly(path: Path, data: bytes) -> None:
    """Write a file that can be made again: no promise that it lasts before `settle`.

    The same content again changes nothing, and completes what a crash left half-written.
    """
    with faults_named(path):
        descriptor = os.open(path, TO_MAKE & ~os.O_EXCL | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
        set_neutral(path)


def remove_durably(*paths: Path, still: bool = False) -> None:
    """Remove files, what a crash left of writing them too; a missing one is fine.

    Each folder is synced once. `still` as in `replace_durably`, for the folders.
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
    """Remove very many files of one folder as `remove_durably` does."""
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
    """A file that is written, read, and gone at the end; a crash leaves a leftover."""
    path = folder / f".spool.{os.urandom(8).hex()}.part"
    try:
        with faults_named(path):
            descriptor = os.open(path, TO_MAKE & ~os.O_WRONLY | os.O_RDWR, 0o600)
            with os.fdopen(descriptor, "w+b", buffering=_BUFFER) as file:
                set_neutral(path)
                yield file
    finally:
        drop(path)
        with contextlib.suppress(OSError):
            set_neutral(folder)


def remove_leftovers_of(folder: Path, names: Collection[str], *, still: bool = False) -> None:
    """Remove what crashes left of writing these files, which nobody else writes now."""
    _remove_leftovers(folder, _is_of(names), still=still)


def remove_leftovers(folder: Path, *, older_than: float = DAY, still: bool = False) -> int:
    """Remove what crashes left of writing files in a folder, and count it.

    That is what has been put in place under its real name, a file that was only written to try it,
    and anything else of ours that is `older_than` seconds old: a younger one may be about to get
    its name from another process.
    """
    until = time.time() - older_than
    return _remove_leftovers(
        folder,
        lambda name, status: name == PROBE or status.st_nlink > 1 or status.st_ctime < until,
        still=still,
    )


def write_beside(path: Path, data: Content, *, still: bool) -> Path:
    """Write a file under a passing name beside `path`, and bring it to the disk.

    Where the disk is full, it goes into the space that was set aside on it.
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
    descriptor = os.open(temporary, how, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            if how == TO_REFILL:
                file.truncate()
            if still:
                set_neutral(temporary)
            # A failed sync is never tried again on the same file: the system may have dropped
            # what it could not write, and the second time says that all is well.
            if last:
                sync(descriptor)
        if still and sys.platform == "win32":
            # Closing sets the time there.
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
    """Remove leftovers by name and status; sync the folder if anything is `removed` from it."""
    with faults_named(folder):
        # What a crash left in a drop folder is found by whoever may look.
        is_listed = not is_drop(folder) or os.access(folder, os.R_OK)
        with os.scandir(folder) if is_listed else contextlib.nullcontext(()) as entries:
            for entry in entries:
                match = LEFTOVER.fullmatch(entry.name)
                if match is None or not entry.is_file(follow_symlinks=False):
                    continue
                # Another process may be removing it, too.
                with contextlib.suppress(FileNotFoundError):
                    if is_meant(match["name"], entry.stat(follow_symlinks=False)):
                        Path(entry).unlink()
                        removed += 1
        if removed:
            sync_folder(folder, still=still)
    return removed

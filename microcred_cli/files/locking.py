"""File locks that exclude other processes and threads; released when the process ends."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from microcred_cli.files.durability import drop, neutralise_time, set_neutral
from microcred_cli.files.metadata import is_same
from microcred_cli.files.oserrors import InUseError, faults_named
from microcred_cli.files.platform import HERE, TO_LOCK, let_go, open_file, take

_BETWEEN_TRIES = 0.02
_LONGEST_CHANGE = 1.0


@contextlib.contextmanager
def lock(
    path: Path, *, wait: float = 0.0, still: bool = False, remove: bool = False
) -> Iterator[None]:
    """Hold an exclusive lock on a file, excluding other processes and other threads.

    The operating system releases the lock when the process ends, even after a crash. Locks do not
    work on every network share, so callers must not lose or duplicate data if locking has no
    effect.

    The empty lock file is kept unless `remove` is true. If `still` is true, the modification time
    of the file and its folder is set to `NEUTRAL_TIME`.

    Raises:
        InUseError: another process or thread still holds the lock after `wait` seconds.
    """
    descriptor = _hold(path, until=time.monotonic() + wait)
    try:
        if still:
            neutralise_time(path)
        yield
    finally:
        if remove and HERE.removes_open:
            drop(path)
        let_go(descriptor)
        # Files that cannot be removed while open are removed now, unless locked again.
        if remove and not HERE.removes_open:
            drop(path)
        if remove and still:
            with faults_named(path):
                set_neutral(path.parent)


def _hold(path: Path, *, until: float) -> int:
    while True:
        with faults_named(path):
            # On Windows, a lock file that is being removed cannot be opened for a moment.
            descriptor = open_file(path, TO_LOCK)
            try:
                held = take(descriptor)
                # The previous holder may have removed this file after this process opened it.
                if held and is_same(path, os.fstat(descriptor)):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            let_go(descriptor)
        # If the file was replaced, try again even without `wait`, but not forever.
        if time.monotonic() >= until + _LONGEST_CHANGE * held:
            raise InUseError(
                "This file is in use in another window.",
                where=path,
                hint="Finish your work in that window or close it, then try again.",
            )
        time.sleep(0 if held else _BETWEEN_TRIES)

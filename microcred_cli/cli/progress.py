"""A progress bar on standard error, for work that a person at a terminal waits for."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress

_WORTH_SHOWING = 1.0


@contextmanager
def shown(what: str) -> Iterator[Callable[[int, int], None]]:
    """Something to tell how much is done of how much; a bar shows it after a second.

    Nothing is drawn where standard error is no terminal.
    """
    bar = _Bar(what) if sys.stderr.isatty() else None
    try:
        yield bar.show if bar is not None else _nothing
    finally:
        if bar is not None:
            bar.close()


def _nothing(_done: int, _of: int) -> None:
    pass


class _Bar:
    def __init__(self, what: str) -> None:
        self._what = what
        self._begun = time.monotonic()
        self._progress: Progress | None = None

    def show(self, done: int, of: int) -> None:
        if self._progress is None:
            if time.monotonic() - self._begun < _WORTH_SHOWING:
                return
            self._progress = _begin()
            self._progress.add_task(self._what, total=of)
        self._progress.update(self._progress.task_ids[0], completed=done, total=of)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()


def _begin() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress

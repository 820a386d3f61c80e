"""A progress bar on standard error, for work that a person at a terminal waits for."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from threading import RLock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress

_WORTH_SHOWING = 1.0


@contextmanager
def shown(what: str) -> Iterator[Work]:
    """Work that a bar shows if it takes more than a second.

    Nothing is drawn where standard error is not a terminal.
    """
    work = Work(what, drawn=sys.stderr.isatty())
    try:
        yield work
    finally:
        work.close()


class Work:
    """Some work, called with how much is done of how much."""

    def __init__(self, what: str, *, drawn: bool) -> None:
        self._drawn = drawn
        self._said = what, 0, 0
        self._begun = time.monotonic()
        self._progress: Progress | None = None
        self._lock = RLock()
        self._timer = Timer(_WORTH_SHOWING, self._show)
        if drawn:
            self._timer.daemon = True
            self._timer.start()

    def __call__(self, done: int, of: int) -> None:
        """Show how much is done of how much."""
        self._tell(self._said[0], done, of)

    def stage(self, what: str) -> None:
        """Begin a part of the work that has a name of its own."""
        self._tell(what, 0, 0)

    def close(self) -> None:
        """Take the bar away."""
        self._timer.cancel()
        with self._lock:
            self._drawn = False
            if self._progress is not None:
                self._progress.stop()

    def _tell(self, what: str, done: int, of: int) -> None:
        with self._lock:
            self._said = what, done, of
            if self._drawn and time.monotonic() - self._begun >= _WORTH_SHOWING:
                self._show()

    def _show(self) -> None:
        with self._lock:
            if not self._drawn:
                return
            what, done, of = self._said
            if self._progress is None:
                self._progress = _begin()
                self._progress.add_task(what, total=None)
            self._progress.update(self._progress.task_ids[0], description=what, completed=done)
            # After the last file something else is going on, and nobody knows how much of it.
            self._progress.tasks[0].total = of if done < of else None


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

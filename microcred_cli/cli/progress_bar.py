"""A progress bar on standard error, if it is a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from threading import RLock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_WORTH_SHOWING = 1.0


def shown(what: str) -> closing[Work]:
    """Context manager that shows a progress bar for work that takes more than a second.

    Nothing is drawn if standard error is not a terminal.
    """
    return closing(Work(what))


class Work:
    """The progress of a task; call it with the amount done and the total."""

    def __init__(self, what: str) -> None:
        self._drawn = sys.stderr.isatty()
        self._said = what, 0, 0
        self._begun = time.monotonic()
        self._progress: Progress | None = None
        self._lock = RLock()
        self._timer = Timer(_WORTH_SHOWING, self._show)
        if self._drawn:
            self._timer.daemon = True
            self._timer.start()

    def __call__(self, done: int, of: int) -> None:
        """Update the amount done and the total."""
        self._tell(self._said[0], done, of)

    def stage(self, what: str) -> None:
        """Start a named stage of the work."""
        self._tell(what, 0, 0)

    def close(self) -> None:
        """Remove the bar."""
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
                from rich.console import Console
                from rich.progress import Progress

                self._progress = Progress(console=Console(stderr=True), transient=True)
                self._progress.start()
                self._progress.add_task(what, total=None)
            self._progress.update(self._progress.task_ids[0], description=what, completed=done)
            # The time for the work after the last file is unknown, so the bar has no total.
            self._progress.tasks[0].total = of if done < of else None

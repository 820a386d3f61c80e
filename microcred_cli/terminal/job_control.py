"""Signals that stop and continue a process: the terminal is the shell's meanwhile."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def handled(step_aside: Callable[[], None], step_back: Callable[[], None]) -> Iterator[None]:
    """Step aside before the process is stopped, and step back when it is continued.

    A process that is stopped without asking (SIGSTOP) only steps back.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop() -> None:
        step_aside()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, on_stop)
        step_back()

    def on_stop(_signal: int, _frame: object) -> None:
        _soon(stop)

    def on_continue(_signal: int, _frame: object) -> None:
        _soon(step_back)

    before = {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, on_stop),
        signal.SIGCONT: signal.signal(signal.SIGCONT, on_continue),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _soon(action: Callable[[], None]) -> None:
    """Act between two steps of the page that is shown, or directly if there is none."""
    app = get_app_or_none()
    if app is not None and app.is_running and app.loop is not None:
        app.loop.call_soon_threadsafe(action)
    else:
        action()

"""Handles the signals that stop and continue a process, to return the terminal to the shell."""

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
    """Call `step_aside` before the process is stopped, and `step_back` when it continues.

    SIGSTOP cannot be handled, so only `step_back` is called in that case.
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
    """Run an action in the event loop of the current page, or directly if there is no page."""
    app = get_app_or_none()
    if app is not None and app.is_running and app.loop is not None:
        app.loop.call_soon_threadsafe(action)
    else:
        action()

"""On Windows, a test that needs something of another system is skipped where it needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LACKING = {
    "chown": "Windows gives no file to another user",
    "fork": "Windows cannot fork",
    "mkfifo": "Windows has no named pipes among its files",
    "sync": "Windows cannot write everything to its disks",
}
not_on_wine = pytest.mark.skipif(
    sys.platform == "win32" and "WINEPREFIX" in os.environ,
    reason="wine sets neither times of creation nor of access",
)

posix_modes = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no permissions of groups and others"
)

NO_LINKS = "a symbolic link needs a permission on Windows"


def skip_what_windows_lacks() -> None:
    """Have calls that Windows lacks skip the test that makes them."""
    for name, reason in LACKING.items():
        if not hasattr(os, name):
            setattr(os, name, _skipping(reason))
    if not hasattr(os, "geteuid"):
        # Nobody is root there.
        os.geteuid = lambda: 1
    really = Path.symlink_to

    def symlink_to(self: Path, target: Path | str, target_is_directory: bool = False) -> None:
        is_test = sys._getframe(1).f_globals["__name__"].startswith("tests.")
        try:
            really(self, target, target_is_directory)
        except OSError:
            # pytest tries to make one, too, and does without.
            if not is_test:
                raise
        # Wine reports success and makes none.
        if is_test and not self.is_symlink():
            pytest.skip(NO_LINKS)

    Path.symlink_to = symlink_to  # type: ignore[assignment]


def _skipping(reason: str) -> Callable[..., NoReturn]:
    def skip(*_: Any, **__: Any) -> NoReturn:
        pytest.skip(reason)

    return skip

"""On Windows, skips tests at the first call that Windows does not support."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LACKING = {
    "chown": "Windows cannot give a file to another user",
    "fork": "Windows cannot fork",
    "mkfifo": "Windows has no named pipes in the file system",
    "sync": "Windows cannot sync all disks",
}
not_on_wine = pytest.mark.skipif(
    sys.platform == "win32" and "WINEPREFIX" in os.environ,
    reason="wine sets neither creation times nor access times",
)

posix_modes = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no permissions of groups and others"
)

NO_LINKS = "a symbolic link needs a permission on Windows"


def skip_what_windows_lacks() -> None:
    """Make calls that Windows does not support skip the current test."""
    for name, reason in LACKING.items():
        if not hasattr(os, name):
            setattr(os, name, _skipping(reason))
    if not hasattr(os, "geteuid"):
        # There is no root user on Windows.
        os.geteuid = lambda: 1
    really = Path.symlink_to

    def symlink_to(self: Path, target: Path | str, target_is_directory: bool = False) -> None:
        is_test = sys._getframe(1).f_globals["__name__"].startswith("tests.")
        try:
            really(self, target, target_is_directory)
        except OSError:
            # pytest also tries to create a symbolic link, but does not need it.
            if not is_test:
                raise
        # Wine reports success, but creates no link.
        if is_test and not self.is_symlink():
            pytest.skip(NO_LINKS)

    Path.symlink_to = symlink_to  # type: ignore[assignment]


def _skipping(reason: str) -> Callable[..., NoReturn]:
    def skip(*_: Any, **__: Any) -> NoReturn:
        pytest.skip(reason)

    return skip

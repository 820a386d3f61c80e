"""Set up Windows, and run either the walk through the program or the tests there."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from platformdirs import user_cache_path

from tests.windows.setting import CHECKOUT, UnavailableError, windows_in
from tests.windows.suite import run_tests
from tests.windows.walk import walk

PASSED, FAILED, UNAVAILABLE = 0, 1, 77
"""The exit codes; 77 is the code that test harnesses use for a skipped test."""


def main() -> int:
    """Parse the options and run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.windows", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        default=user_cache_path("microcred-windows", appauthor=False),
        help="where Windows is set up, 400 MB; used again if it is complete (default: %(default)s)",
    )
    parser.add_argument("--tests", action="store_true", help="run the tests instead of the walk")
    parser.add_argument("pytest", nargs="*", help="with --tests: what pytest is given, after --")
    chosen = parser.parse_args()
    folder = chosen.folder.absolute()
    if folder.is_relative_to(CHECKOUT):
        parser.error("choose a --folder outside the checkout")
    begun = time.monotonic()
    try:
        machine = windows_in(folder)
    except (UnavailableError, OSError) as error:
        sys.stdout.write(f"Windows was not run: {error}\n")
        return UNAVAILABLE
    sys.stdout.write(f"Windows is set up in {folder} ({time.monotonic() - begun:.0f} s)\n")
    sys.stdout.flush()
    try:
        if chosen.tests:
            return run_tests(machine, chosen.pytest)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as above:
            place = Path(above) / "Zoë's survey"
            place.mkdir()
            return FAILED if walk(machine, place) else PASSED
    finally:
        machine.end()


if __name__ == "__main__":
    sys.exit(main())

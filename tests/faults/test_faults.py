"""Faults of every kind; by default, only a sample of most kinds is tested (see `FAULTS`)."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.faults.disks import install
from tests.faults.figures import FIGURES, NOT_BY_DEFAULT

WANTED: Final = os.environ.get("FAULTS", "")
"""Empty, `some` (a sample of each kind), or `all`."""


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_lost_and_nothing_is_said_that_does_not_hold(name: str) -> None:
    if not WANTED and any(word in name for word in NOT_BY_DEFAULT):
        pytest.skip("set FAULTS=some or FAULTS=all to run this test")
    everything = WANTED == "all"
    if everything:
        install()
    # In memory if possible, because durability is tested only on separate test disks.
    fast = Path("/dev/shm")
    with TemporaryDirectory(dir=fast if os.access(fast, os.W_OK) else None) as folder:
        figure = FIGURES[name](Path(folder), everything=everything)
    if figure.skipped:
        pytest.skip(figure.skipped)
    print(f"{name}: {figure}")  # noqa: T201 - read by a person
    assert figure.wrong == ()
    assert figure.of > 0

"""Temporary folders for the program under test, without the user's settings."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from microcred_cli.__main__ import DEBUG_VARIABLE
from microcred_cli.i18n import OWN_LANGUAGE, speak
from tests.cli.program import Place
from tests.places import checked, load_once
from tests.windows.skips import skip_what_windows_lacks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Slow responses of a busy machine are not failures.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

if sys.platform == "win32":
    skip_what_windows_lacks()


def pytest_xdist_auto_num_workers() -> int:
    """One more worker than there are cores, because terminal tests spend their time waiting."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """Reset the language after each test."""
    yield
    speak(OWN_LANGUAGE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A working folder with its own state and responses folders."""
    mask = os.umask(0o022)
    here = Place(tmp_path)
    for name in list(os.environ):
        if name.startswith("MICROCRED") or name in ("ACCESSIBLE", "NO_COLOR"):
            monkeypatch.delenv(name)
    # An internal error of the program must fail a test instead of being reported as expected.
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    monkeypatch.setenv("MICROCRED_STATE", str(here.state))
    monkeypatch.setenv("MICROCRED_RESPONSES", str(here.responses))
    # Durability is tested with the file functions; here, syncing would only cost time.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    load_once(monkeypatch)
    checked(here.state)
    monkeypatch.chdir(tmp_path)
    yield here
    os.umask(mask)

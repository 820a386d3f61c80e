"""The places where a test lets the program work: its own folders, nobody's settings."""

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


# A busy machine is slow: that is not a failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

if sys.platform == "win32":
    skip_what_windows_lacks()


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """What a test speaks, the next one does not."""
    yield
    speak(OWN_LANGUAGE)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A working folder with a state and a responses folder of its own."""
    mask = os.umask(0o022)
    here = Place(tmp_path)
    for name in list(os.environ):
        if name.startswith("MICROCRED") or name in ("ACCESSIBLE", "NO_COLOR"):
            monkeypatch.delenv(name)
    # A fault of the program itself must fail a test, and not pass for one that was foreseen.
    monkeypatch.setenv(DEBUG_VARIABLE, "1")
    monkeypatch.setenv("MICROCRED_STATE", str(here.state))
    monkeypatch.setenv("MICROCRED_RESPONSES", str(here.responses))
    # What the disk keeps is tested where files are written; here its sync would only take time.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    load_once(monkeypatch)
    checked(here.state)
    monkeypatch.chdir(tmp_path)
    yield here
    os.umask(mask)

"""The places where a test lets the program work: its own folders, nobody's settings."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from microcred_cli.__main__ import DEBUG_VARIABLE
from microcred_cli.i18n import OWN_LANGUAGE, speak
from microcred_cli.questionnaire import loading
from tests.cli.program import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded


# A machine that does much at once takes its time: that is no fault.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


_REALLY_LOAD = loading.load


@cache
def _built_in() -> Loaded:
    return _REALLY_LOAD("mc_employers")


def _load(source: str | Path, **how: Any) -> Loaded:
    """The built-in questionnaire is read once, any other as always."""
    return _built_in() if source == "mc_employers" and not how else _REALLY_LOAD(source, **how)


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """What a test speaks, the next one does not."""
    yield
    speak(OWN_LANGUAGE)


_CHECKED: list[bytes] = []
"""The built-in questionnaire as it is kept once checked, so that not each test checks it."""


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
    for name, module in list(sys.modules.items()):
        if name.startswith("microcred_cli.") and getattr(module, "load", None) is _REALLY_LOAD:
            monkeypatch.setattr(module, "load", _load)
    monkeypatch.chdir(tmp_path)
    kept = loading._kept_file(loading.find("mc_employers").read_bytes())
    assert kept is not None
    kept.parent.mkdir(parents=True)
    if _CHECKED:
        kept.write_bytes(_CHECKED[0])
    yield here
    if not _CHECKED and kept.exists():
        _CHECKED.append(kept.read_bytes())
    os.umask(mask)

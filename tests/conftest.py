"""The places where a test lets the program work: its own folders, nobody's settings."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from microcred_cli.__main__ import DEBUG_VARIABLE
from microcred_cli.i18n import OWN_LANGUAGE, speak
from microcred_cli.questionnaire.loading import Loaded, load
from tests.cli.program import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# A machine that does much at once takes its time: that is no fault.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@cache
def _built_in() -> Loaded:
    return load("mc_employers")


def _load(source: str) -> Loaded:
    """The built-in questionnaire is read once, any other as always."""
    return _built_in() if source == "mc_employers" else load(source)


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """What a test speaks, the next one does not."""
    yield
    speak(OWN_LANGUAGE)


_LOADING = (
    "session.begin",
    "session.answers_file",
    *(f"cli.{command}" for command in ("check", "collect", "drop", "seal", "simulate", "withdraw")),
)
"""The modules that load a questionnaire in most tests."""

_CHECKED: set[str] = set()
"""Marks that the questionnaire was checked, so that it is not checked anew for each test."""


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
    for module in _LOADING:
        monkeypatch.setattr(f"microcred_cli.{module}.load", _load)
    monkeypatch.chdir(tmp_path)
    marks = here.state / "cache" / "checked"
    marks.mkdir(parents=True)
    for name in _CHECKED:
        (marks / name).touch()
    yield here
    if marks.is_dir():
        _CHECKED.update(path.name for path in marks.iterdir())
    os.umask(mask)

"""Commands in messages, as the person can type them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from microcred_cli.cli.app import COMMANDS
from microcred_cli.terminal.program_name import as_called

if TYPE_CHECKING:
    from pathlib import Path


def called(monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """A command as it is shown if the program was called with these words."""
    monkeypatch.setattr(sys, "orig_argv", ["python3", *words])
    monkeypatch.setattr(sys, "argv", [words[-1]])
    return as_called("To go on: microcred resume   code: A")


def test_a_module_is_called_by_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = called(monkeypatch, "-m", "/somewhere/microcred_cli/__main__.py")
    assert shown == "To go on: python3 -m microcred_cli resume   code: A"


@pytest.mark.parametrize("is_quoted", [False, True])
def test_a_script_off_the_search_path_is_called_by_its_path(
    is_quoted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    script = "my tools/microcred" if is_quoted else ".venv/bin/microcred"
    shown = f"'{script}'" if is_quoted else script
    assert called(monkeypatch, script) == f"To go on: {shown} resume   code: A"


def test_a_script_on_the_search_path_is_called_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "microcred"
    script.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert called(monkeypatch, str(script)) == "To go on: microcred resume   code: A"


@pytest.mark.parametrize("script", ["microcred", "/usr/bin/pytest"])
def test_another_program_shows_the_usual_name(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert called(monkeypatch, script) == "To go on: microcred resume   code: A"


def test_an_extra_is_installed_for_the_running_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python3"
    python.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_called("python -m pip install x") == "python3 -m pip install x"
    monkeypatch.setenv("PATH", "")
    assert as_called("python -m pip install x") == f"{python} -m pip install x"


def test_every_command_is_recognised_and_prose_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python3"])
    monkeypatch.setattr(sys, "argv", ["__main__.py"])
    for name in COMMANDS:
        assert as_called(f"Run: microcred {name}") == f"Run: python3 -m microcred_cli {name}"
    assert as_called("This microcred is new; microcred checks it.").count("python3") == 0

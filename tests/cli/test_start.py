"""A start loads nothing that its first page does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.places import checked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place

AT_THE_FIRST_PAGE = """
import gc, json, os, sys

def tell():
    names = sorted(sys.modules)
    print(json.dumps(names), file=sys.stderr, flush=True)
    os._exit(0)

gc.freeze = tell
sys.argv = ["microcred", *sys.argv[1:]]
from microcred_cli.__main__ import main
main()
"""
"""Starts the program, and prints the imported modules where pydantic would be loaded."""

LATER = {
    *("pydantic", "pydantic_core", "typer", "ruamel.yaml", "jinja2", "babel", "rich"),
    *("importlib.metadata", "ssl", "tomllib", "http", "email", "decimal", "multiprocessing"),
    *("microcred_cli.cases.base_record", "microcred_cli.cli.options", "microcred_cli.summary"),
}
"""Modules that the first page does not need, on any screen."""

LATER_IN_LINES = {
    *("dataclasses", "inspect", "asyncio", "questionary", "prompt_toolkit", "logging"),
    *("shutil", "textwrap", "threading", "select"),
}
"""Modules that only the full screen needs."""


def imported(folder: Path, *arguments: str, terminal: bool) -> set[str]:
    """The modules that are imported when the first page is on the screen."""
    state = folder / "state"
    checked(state)
    places = {"MICROCRED_STATE": str(state), "MICROCRED_RESPONSES": str(folder / "responses")}
    controller, end = os.openpty() if terminal else os.pipe()[::-1]
    command = [sys.executable, "-c", AT_THE_FIRST_PAGE, *arguments]
    with subprocess.Popen(
        command,
        stdin=end,
        stdout=end if terminal else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **places},
    ) as program:
        assert program.stderr is not None
        said = program.stderr.read().decode()
    os.close(controller)
    os.close(end)
    return set(json.loads(said.splitlines()[-1]))


def test_plain_lines_load_neither_pydantic_nor_typer_nor_dataclasses(tmp_path: Path) -> None:
    found = imported(tmp_path, "respond", "--plain", terminal=False)
    assert found & (LATER | LATER_IN_LINES) == set()
    assert "microcred_cli.terminal.plain_asker" in found


def test_an_interviewer_waits_for_neither_pydantic_nor_typer(tmp_path: Path) -> None:
    found = imported(tmp_path, "interview", "--mode", "phone", "--plain", terminal=False)
    assert found & LATER == set()


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_the_full_screen_loads_neither_pydantic_nor_typer_nor_ssl(tmp_path: Path) -> None:
    found = imported(tmp_path, "respond", "--language", "en", terminal=True)
    assert found & LATER == set()
    assert "microcred_cli.terminal.rich_asker" in found


@pytest.mark.parametrize("arguments", ["--help", "respond --help"])
def test_help_loads_no_command(arguments: str) -> None:
    program = (
        "import sys\n"
        "from microcred_cli.__main__ import run\n"
        f"sys.argv = ['microcred', *{arguments.split()!r}]\n"
        "run()\n"
        "print(sorted({'typer', 'pydantic', 'microcred_cli.cli.respond'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_same_summary_again_loads_neither_pydantic_nor_typer(place: Place) -> None:
    assert place.simulate(12).code == 0
    first = place.run("summary")
    checked(place.state)
    program = (
        "import sys\n"
        "from microcred_cli.__main__ import run\n"
        "sys.argv = ['microcred', 'summary']\n"
        "run()\n"
        "later = {'pydantic', 'pydantic_core', 'typer', 'dataclasses', 'wcwidth'}\n"
        "print(sorted(later & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=place.folder
    )
    assert done.stderr.decode().splitlines()[-1] == "[]"
    assert done.stdout.decode() == first.out

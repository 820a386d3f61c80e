"""The table of commands matches the commands, which are imported only when they are run."""

import subprocess
import sys

import pytest

from microcred_cli.__main__ import run
from microcred_cli.cli.app import COMMANDS, command, first_steps


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_the_table_is_the_first_of_the_commands_help(name: str) -> None:
    assert " ".join(command(name).help.split("\n\n")[0].split()) == COMMANDS[name]
    assert command(name).name == name


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["no-such-command"]])
def test_what_runs_no_command_imports_none(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from microcred_cli.__main__ import run\n"
        f"sys.argv = ['microcred', *{arguments!r}]\n"
        "run()\n"
        f"commands = {{f'microcred_cli.cli.{{name}}' for name in {[*COMMANDS]!r}}}\n"
        "print(sorted((commands | {'rich', 'prompt_toolkit'}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["frobnicate"], "my/microcred --help"),
        (["--bad"], "my/microcred --help"),
        (["summary", "--by"], "my/microcred summary --help"),
        (["cases", "load", "--case-log"], "my/microcred cases load --help"),
    ],
)
def test_an_error_refers_to_the_help_of_the_command_as_it_was_called(
    arguments: list[str],
    wanted: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["my/microcred", *arguments])
    assert run() == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"For help, run: {wanted}"


def test_the_overview_is_wrapped_between_words_and_shows_the_program_as_it_was_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["my/microcred"])
    whole = first_steps()
    assert "Help: my/microcred COMMAND --help" in whole
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    narrow = first_steps()
    assert narrow.split() == whole.split()
    assert max(map(len, narrow.splitlines())) <= 60


@pytest.mark.parametrize(
    "started_as", [".venv/bin/microcred", "surveys/employers/second-round/.venv/bin/microcred"]
)
def test_the_overview_fits_in_20_lines_of_80_columns(
    started_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [started_as])
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = first_steps()
    assert f"{started_as} COMMAND --help" in shown
    assert len(shown.splitlines()) <= 20

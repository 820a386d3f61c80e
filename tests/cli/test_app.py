"""The table of commands matches the commands, which are imported only when they are run."""

import subprocess
import sys

import pytest

from microcred_cli.cli.app import COMMANDS, command


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

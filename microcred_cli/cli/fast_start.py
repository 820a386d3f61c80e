"""Start of the frequent commands without loading typer.

`__main__` passes the arguments to `run_without_typer`, which looks them up in a table of the
options of the frequent commands; `docs/fast_start.py` generates this table from typer's
definitions. If every argument is in the table, `run_without_typer` calls the function of the
command; typer (`app`) handles all other commands, invalid arguments, and help for an unusual width.
The function of a frequent command reads settings, folders and a cached definition without pydantic;
a new or edited definition is first validated by pydantic, and then cached. While the user reads the
first page, pydantic is loaded in the background. The garbage collector is off until the first page
is shown, a summary seals responses, or the command ends, because imported objects never become
garbage.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.cli.fast_start_table import ARGUMENTS, HELP, OPTIONS
from microcred_cli.cli.standard_streams import settle
from microcred_cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH_OF_HELP = 80
_EXPANDED = frozenset("*?[]~$%")
"""Characters in wildcards, home folders and variables, all of which typer expands on Windows."""


def run_without_typer(arguments: list[str]) -> int | None:
    """Run a frequent command, or print its help; returns the exit code.

    The result is None if typer has to handle the arguments.
    """
    if _is_expanded(arguments):
        return None
    if arguments[-1:] in (["--help"], ["-h"]):
        return _help(" ".join(arguments[:-1]))
    name = arguments[0] if arguments else ""
    if name not in OPTIONS or (given := parse(name, arguments[1:])) is None:
        return None
    gc.disable()
    try:
        command = getattr(import_module(f"microcred_cli.cli.{name}"), name)
        settle()
        return command(**given) or ExitCode.DONE
    finally:
        gc.enable()


def parse(name: str, arguments: list[str]) -> dict[str, object] | None:
    """The parameters of a frequent command; None if typer must parse or refuse them."""
    given: dict[str, object] = {}
    left = iter(arguments)
    for each in left:
        parameter, value = _parameter(name, each, left)
        if not parameter:
            return None
        if isinstance(value, list) and isinstance(earlier := given.get(parameter), list):
            earlier += value
        elif parameter in given:
            return None
        else:
            given[parameter] = value
    return given


def _parameter(name: str, argument: str, left: Iterator[str]) -> tuple[str, object]:
    """The parameter set by an argument, and its value, which can be the next argument in `left`.

    The parameter is None if the argument is not in the table, or if its value looks like an option.
    """
    if not argument.startswith("-"):
        return ARGUMENTS.get(name, "") if argument else "", argument
    written, equals, value = argument.partition("=")
    parameter, kind = OPTIONS[name].get(written, ("", ""))
    if kind in ("yes", "no"):
        return "" if equals else parameter, kind == "yes"
    value = value if equals else next(left, "")
    if not value or (value.startswith("-") and value != "-"):
        return "", value
    return parameter, [value] if kind == "values" else value


def _help(command: str) -> int | None:
    """Print the same help as typer; return None if the help for this width is not stored.

    Typer uses at most 80 columns, and shows the program name as it was typed.
    """
    import shutil

    text = HELP.get(command)
    if text is None or shutil.get_terminal_size().columns < _WIDTH_OF_HELP:
        return None
    settle()
    sys.stdout.write(text.replace("Usage: microcred", f"Usage: {_program()}", 1))
    return ExitCode.DONE


def _program() -> str:
    """The name of the program in typer's messages."""
    path = Path(sys.argv[0])
    return "python -m microcred_cli" if path.name == "__main__.py" else path.name


def _is_expanded(arguments: list[str]) -> bool:
    return os.name == "nt" and any(_EXPANDED.intersection(each) for each in arguments)

"""Writes the options and the help of the frequent commands, as typer has them, for a fast start.

    python docs/fast_start.py

A test compares the file with typer, so it is written again after a change to these options.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microcred_cli.cli.app import FREQUENT, command
from microcred_cli.cli.app import app as program

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).parent.parent / "microcred_cli" / "cli" / "fast_start_table.py"

HEAD = '''"""The options and the help of the frequent commands, written by `docs/fast_start.py`.

An option sets a parameter of the command's function to true (`yes`), to false (`no`), to a value,
or to one of several values. A positional argument sets a parameter directly.
"""

from typing import Final
'''


def options_of(found: Any) -> dict[str, tuple[str, str]]:
    """Each option of a typer command, with its parameter and the kind of value that it sets."""
    options: dict[str, tuple[str, str]] = {}
    for each in found.params:
        if each.param_type_name == "option" and not each.is_flag:
            kind = "values" if each.multiple else "value"
            options |= dict.fromkeys(each.opts, (each.name, kind))
        elif each.param_type_name == "option":
            options |= dict.fromkeys(each.opts, (each.name, "yes"))
            options |= dict.fromkeys(each.secondary_opts, (each.name, "no"))
    return options


def argument_of(found: Any) -> str | None:
    """The parameter that a typer command takes without an option, if there is one."""
    return next((each.name for each in found.params if each.param_type_name == "argument"), None)


def help_of(*arguments: str) -> str:
    """The help that typer prints for the program or for one of its commands at 80 columns."""
    import io
    from contextlib import redirect_stdout

    os.environ["COLUMNS"] = "80"
    with redirect_stdout(io.StringIO()) as out:
        program([*arguments, "--help"], standalone_mode=False, prog_name="microcred")
    return out.getvalue()


def table() -> Iterator[str]:
    """The lines of the file."""
    found = {name: command(name) for name in FREQUENT}
    yield from (HEAD, "OPTIONS: Final = {")
    for name, each in found.items():
        yield f'    "{name}": {{'
        for option, (parameter, kind) in options_of(each).items():
            yield f'        "{option}": ("{parameter}", "{kind}"),'
        yield "    },"
    yield from ("}", "", "ARGUMENTS: Final = {")
    for name, each in found.items():
        if argument := argument_of(each):
            yield f'    "{name}": "{argument}",'
    yield from ("}", "", "HELP: Final = {")
    for name in ("", *FREQUENT):
        yield f'    "{name}": """\\\n{help_of(*filter(None, [name]))}""",'
    yield "}"


if __name__ == "__main__":
    FILE.write_text("\n".join(table()) + "\n", encoding="utf-8")

"""The entry point of the command line, and the table of commands, which are imported on demand."""

from __future__ import annotations

import re
import shutil
import sys
from importlib import import_module
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from microcred_cli.cli.options import app_of
from microcred_cli.cli.standard_streams import settle
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.terminal.program_name import PROGRAM, as_called
from microcred_cli.terminal.wrapping import wrap

_NOT_A_NUMBER: Final = re.compile(r"Input should be a valid (integer|number).*")

COMMANDS = {
    "respond": "Answer the questionnaire without an interviewer.",
    "resume": "Continue a paused interview.",
    "drafts": "List or delete paused interviews.",
    "withdraw": "Delete the response that belongs to a receipt.",
    "interview": "Conduct an interview by phone or in person.",
    "enter": "Enter paper questionnaires, one after the other.",
    "cases": "List the cases to call; load, share and join them.",
    "progress": "Show the progress of fieldwork by stratum and week.",
    "outcomes": "Show contact outcomes and response rates.",
    "fieldwork": "Check the settings of a survey round.",
    "check": "Check the validity, anonymity and quality of responses.",
    "seal": "Seal waiting responses for the next summary.",
    "summary": "Show aggregated results that are safe to publish.",
    "texts": "Read free-text answers, for staff only.",
    "export": "Write the data and a codebook for other programs.",
    "collect": "Collect responses from other folders into one.",
    "drop": "Create a folder for responses on a shared machine.",
    "keys": "Create and check encryption keys.",
    "simulate": "Generate synthetic responses for testing.",
    "questionnaire": "Create, check, translate and export questionnaires.",
}
"""The help line of each command; the command name is also the name of its module."""

FREQUENT = ("respond", "resume", "interview", "summary")
"""Commands that are started without typer if they have only known options (`fast_start`)."""

FIRST_OF = {
    "respond": "Respondents",
    "interview": "Interviewers",
    "enter": "Staff",
    "questionnaire": "Authors",
}
"""The first command listed for each type of user."""


PAIRS = {
    "check, seal": "Check the responses; seal them for a summary.",
    "collect, drop": "Collect responses from other folders or people.",
}
"""Pairs of commands that share a line in the overview, which must fit in 20 lines."""


def first_steps() -> str:
    """The text shown without a command: all commands, grouped by type of user."""
    is_shown = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_shown else sys.maxsize
    pairs = {pair.partition(", ")[0]: pair for pair in PAIRS}
    seconds = {pair.partition(", ")[2] for pair in PAIRS}
    lines = [
        "Cedefop's survey on micro-credentials. For screen readers: respond --plain",
        as_called("Help: microcred COMMAND --help"),
    ]
    lines = [part for line in lines for part in wrap(line, width)]
    for name, line in COMMANDS.items():
        if name not in seconds:
            shown = pairs.get(name, name)
            names = f"{FIRST_OF.get(name, ''):<14}{shown:<15}"
            lines += wrap(PAIRS.get(shown, line), width, first=names, rest=" " * len(names))
    return "\n".join(lines) + "\n"


def command(name: str) -> Any:
    """Import the command with this name."""
    module = import_module(f"microcred_cli.cli.{name}")
    app = app_of(getattr(module, name)) if name in FREQUENT else module.app
    return typer.main.get_command(app)


class _Table(TyperGroup):
    """A group that lists commands by name and help line, and imports only the chosen one."""

    def __init__(self, **settings: Any) -> None:
        listed = [TyperCommand(name, help=line) for name, line in COMMANDS.items()]
        super().__init__(**settings | {"commands": listed})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command named by the first argument, imported, and the remaining arguments."""
        name, found, left = super().resolve_command(ctx, args)
        return name, None if found is None else command(str(found.name)), left


app = typer.Typer(
    name="microcred",
    cls=_Table,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Take part in a survey on micro-credentials, offline and in a terminal.\n\n"
    "Example: microcred respond",
)


def start() -> int:
    """Run the command line; return the exit code.

    Typer's error messages quote arguments, which can contain terminal control characters; a
    `UsageError` is raised instead, because it is printed safely.
    """
    try:
        code: object = app(standalone_mode=False)
    except typer.TyperException as error:
        path = getattr(getattr(error, "ctx", None), "command_path", "") or _path_typed()
        message = " ".join(error.format_message().split())
        raise UsageError(
            _NOT_A_NUMBER.sub(r"it must be a valid \1.", message),
            where=path if " " in path else None,
            hint=f"For help, run: {path} --help",
        ) from None
    return code if isinstance(code, int) else ExitCode.DONE


def _path_typed() -> str:
    """The program and the command in the arguments, for errors without a context."""
    path, names = [PROGRAM], [*COMMANDS]
    for word in sys.argv[1:]:
        if word not in names:
            break
        path.append(word)
        names = [*getattr(command(path[1]), "commands", {})] if len(path) == 2 else []
    return " ".join(path)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    settle()
    if version:
        from microcred_cli import __version__

        typer.echo(f"microcred {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(first_steps(), nl=False)

"""The command line: a table of commands, imported on demand, and the entry point."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from microcred_cli.cli.standard_streams import settle
from microcred_cli.errors import ExitCode, UsageError

COMMANDS = {
    "respond": "Answer the questionnaire: background, consent, questions, review, receipt.",
    "interview": "Conduct an interview by phone or in person, reading the questions aloud.",
    "resume": "Continue a paused interview at the first unanswered question.",
    "withdraw": "Delete the response that belongs to a receipt, including its texts.",
    "summary": "Show aggregated results as of the last seal, safe to publish.",
    "check": "Check that responses are readable, valid and unique, and how anonymous they are.",
    "seal": "Add 10, 15, 20 … waiting responses to the sealed set that summaries are based on.",
    "collect": "Collect responses from other folders, verified, without duplicates or overwriting.",
    "drop": "Create a drop folder, so that people who share a machine cannot see each "
    "other's answers.",
    "outcomes": "Show contact outcomes and AAPOR outcome rates: exact figures, for staff only.",
    "fieldwork": "For staff: check the settings of a survey round before it begins.",
    "simulate": "Generate synthetic responses for testing, in a separate folder.",
    "drafts": "List the paused interviews on this machine: code, start date and progress.",
    "keys": "For staff: create the keys that responses are encrypted to, and prove them.",
    "questionnaire": "For authors: create, check, show and translate a questionnaire; its schema.",
}
"""The help line of each command; the command name is also the name of its module."""

FIRST_STEPS = """\
microcred: Cedefop's survey of employers on micro-credentials, in this terminal.

  microcred respond               read the background and answer the survey
  microcred respond --plain       the same in plain lines, for screen readers
  microcred interview             conduct an interview by phone or in person
  microcred resume                continue a paused interview
  microcred drafts                list the paused interviews on this machine
  microcred withdraw              delete the response of your receipt
  microcred check                 staff: is every response readable and valid?
  microcred summary               staff: aggregated results, safe to publish
  microcred questionnaire show    authors: show a questionnaire with its routes
  microcred COMMAND --help        every option, with an example
"""


def command(name: str) -> Any:
    """Import the command with this name."""
    return typer.main.get_command(import_module(f"microcred_cli.cli.{name}").app)


class _Table(TyperGroup):
    """A group that lists commands by name and help line, and imports only the chosen one."""

    def __init__(self, **settings: Any) -> None:
        listed = [TyperCommand(name, help=line) for name, line in COMMANDS.items()]
        super().__init__(**settings | {"commands": listed})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command that `args` begin with, and the remaining arguments."""
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
    help="Take part in a survey on micro-credentials, in a terminal and without a network.\n\n"
    "Example: microcred respond",
)


def start() -> int:
    """Run the command line; return the exit code.

    Typed text can contain terminal control characters, so errors of the library are converted to a
    `UsageError`, which is printed safely.
    """
    try:
        code: object = app(standalone_mode=False)
    except typer.TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", "microcred")
        raise UsageError(
            " ".join(error.format_message().split()),
            where=where,
            hint=f"For help, run: {where} --help",
        ) from None
    return code if isinstance(code, int) else ExitCode.DONE


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
        typer.echo(FIRST_STEPS, nl=False)

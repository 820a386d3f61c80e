"""Options with the same meaning in every command, and all options of the frequent commands.

The frequent commands (`fast_start`) are plain functions, which can be called without typer. Their
annotations refer only to options in this module; `app_of` turns the function into a typer command.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand

from microcred_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


class OneSide(TyperCommand):
    """A command that rejects repeated single-value options, and `--plain` with `--rich`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; reject a repeated option instead of using its last value."""
        left = super().parse_args(ctx, list(args))
        given = self.make_parser(ctx).parse_args(args=list(args))[2]
        for option in self.params:
            is_repeatable = getattr(option, "multiple", False) or getattr(option, "is_flag", False)
            if given.count(option) > 1 and not is_repeatable:
                raise UsageError(
                    f"{option.opts[0]} was given more than once.",
                    where=ctx.command_path,
                    hint="Use the option once, or run the command separately for each value.",
                )
            names = {*option.opts}, {*option.secondary_opts}
            if given.count(option) > 1 and all(side.intersection(args) for side in names):
                both = f"{option.opts[0]} and {option.secondary_opts[0]}"
                raise UsageError(
                    f"{both} cannot be combined.",
                    where=ctx.command_path,
                    hint="Use one of the options, or neither.",
                )
        return left


class _App(typer.Typer):
    """A typer app whose commands reject repeated single-value options."""

    def command(self, *names: Any, **settings: Any) -> Any:
        """A decorator for a command."""
        return super().command(*names, **{"cls": OneSide} | settings)


def new_app(**settings: Any) -> typer.Typer:
    """Create a typer app for one command, or for a named group of commands with its own help."""
    return _App(add_completion=False, rich_markup_mode=None, **settings)


def app_of(function: Callable[..., int | None]) -> typer.Typer:
    """The typer app of a frequent command; its annotations refer only to this module."""
    here = {"options": sys.modules[__name__]}
    function.__annotations__ = get_type_hints(function, localns=here, include_extras=True)
    app = new_app()
    app.command()(function)
    return app


def option(name: str, metavar: str, help_line: str) -> Any:
    """An option that takes a value."""
    return typer.Option(name, metavar=metavar, help=help_line)


def argument(metavar: str, help_line: str) -> Any:
    """A positional argument, whose default is not shown in the help."""
    return typer.Argument(metavar=metavar, help=help_line, show_default=False)


Questionnaire = Annotated[
    str, option("--questionnaire", "ID_OR_FILE", "Questionnaire ID, or definition file.")
]
Language = Annotated[str | None, option("--language", "CODE", "Language code, such as en.")]
LabelLanguage = Annotated[
    str | None,
    option(
        "--language",
        "CODE",
        "Language of labels and notes, such as de. Default: that of the questionnaire.",
    ),
]
TextLanguage = Annotated[
    str | None,
    option(
        "--language",
        "CODE",
        "Language of the texts, such as de. Default: that of the questionnaire.",
    ),
]
Responses = Annotated[
    str | None,
    option(
        "--responses",
        "DIR",
        "Responses folder. Default: MICROCRED_RESPONSES, the settings, or responses.",
    ),
]
FieldworkFile = Annotated[
    str | None,
    option("--fieldwork", "FILE", "Fieldwork settings. Default: fieldwork.toml, if present."),
]
Plain = Annotated[
    bool | None,
    typer.Option(
        "--plain/--rich", help="Plain text or full screen. Default: depends on the terminal."
    ),
]
OneKey = Annotated[
    bool, typer.Option("--one-key", help="Answer lists with a single key, without Enter.")
]
CaseLogFile = Annotated[
    str | None,
    option("--case-log", "FILE", "Case log. Default: MICROCRED_CASE_LOG, or case-log.json."),
]
Identity = Annotated[
    list[str] | None,
    option("--identity", "FILE", "Secret key file for an encrypted folder; repeatable."),
]
Answers = Annotated[
    str | None,
    option("--answers", "FILE", "Read the answers from a JSON file, or - for standard input."),
]
Output = Annotated[
    str | None, option("--output", "FILE", "Write to a file, replacing its content.")
]
Format = Annotated[str, option("--format", "FORMAT", "Output format: table or json.")]
ListFormat = Annotated[
    str | None,
    option("--format", "FORMAT", "table, json or csv. Default: from the file extension, or table."),
]
Source = Annotated[str | None, argument("ID_OR_FILE", "Questionnaire ID, or definition file.")]

Mode = Annotated[str | None, option("--mode", "phone|in-person", "The mode of the interview.")]
Case = Annotated[
    str | None, option("--case", "LABEL", "The label of the case; never a person's name.")
]
Next = Annotated[
    bool, typer.Option("--next", help="Offer the cases that are due, one after the other.")
]
Training = Annotated[
    bool,
    typer.Option(
        "--training", help="Practise with invented cases; all data is deleted at the end."
    ),
]
ResumeCode = Annotated[
    str | None, argument("CODE", "Resume code; not accepted for encrypted interviews.")
]
OtherResponses = Annotated[
    str | None,
    option("--responses", "DIR", "Responses folder, if different from the original one."),
]
Question = Annotated[
    list[str] | None, option("--question", "ID", "Show only this question; repeatable.")
]
By = Annotated[
    str | None,
    option(
        "--by",
        "ID",
        "Break down by this item. Built-in questionnaire: org_role, country, "
        "sector_main, size_class or relation; for others, see questionnaire show.",
    ),
]
Group = Annotated[str | None, option("--group", "CODE", "Show only this group of the breakdown.")]
ReportFormat = Annotated[
    str | None,
    option(
        "--format",
        "FORMAT",
        "table, json, csv, markdown, html (a report) or xlsx. Default: from the file "
        "extension, or table.",
    ),
]
TableLook = Annotated[
    bool | None,
    typer.Option("--plain/--rich", help="Table layout: one figure per line, or bars and grids."),
]

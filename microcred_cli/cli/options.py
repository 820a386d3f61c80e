"""The options that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

Questionnaire = Annotated[
    str, typer.Option("--questionnaire", metavar="ID_OR_FILE", help="Which questionnaire.")
]
Language = Annotated[
    str | None, typer.Option("--language", metavar="CODE", help="The language, such as en.")
]
Responses = Annotated[
    str | None,
    typer.Option(
        "--responses",
        metavar="DIR",
        help="The folder of the responses. Else MICROCRED_RESPONSES, the fieldwork's, responses.",
    ),
]
FieldworkFile = Annotated[
    str | None,
    typer.Option("--fieldwork", metavar="FILE", help="Settings. Else fieldwork.toml, if here."),
]
Plain = Annotated[
    bool | None,
    typer.Option("--plain/--rich", help="Plain lines, or prompts. Else what fits the terminal."),
]
CaseLogFile = Annotated[
    str | None,
    typer.Option(
        "--case-log", metavar="FILE", help="The case log. Else MICROCRED_CASE_LOG, case-log.json."
    ),
]
Identity = Annotated[
    list[str] | None,
    typer.Option(
        "--identity", metavar="FILE", help="A secret key, for an encrypted folder; repeatable."
    ),
]
Answers = Annotated[
    str | None,
    typer.Option(
        "--answers", metavar="FILE", help="Take the answers from a JSON file, or - for input."
    ),
]
ReportFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="table, json, csv, markdown or html (a report). Else by the end of the file's "
        "name, or table.",
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="Write to a file, over what it held."),
]
Format = Annotated[str, typer.Option("--format", metavar="FORMAT", help="table or json.")]
Source = Annotated[
    str | None,
    typer.Argument(metavar="[ID_OR_FILE]", help="Which questionnaire.", show_default=False),
]

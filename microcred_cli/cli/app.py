"""The command line. Heavy modules are imported inside the commands, so that help comes at once."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from microcred_cli.cli.options import (
    Answers,
    CaseLogFile,
    FieldworkFile,
    Format,
    Identity,
    Language,
    OneSide,
    Output,
    Plain,
    Questionnaire,
    ReportFormat,
    Responses,
    Source,
)
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.questionnaire import BUILT_IN

app = typer.Typer(
    name="microcred",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Take part in a survey on micro-credentials, in a terminal and without a network.\n\n"
    "Example: microcred respond",
)
drafts_app = typer.Typer(rich_markup_mode=None)
questionnaire_app = typer.Typer(
    rich_markup_mode=None,
    help="For authors: check a questionnaire, read it, export its schema.\n\n"
    "Example: microcred questionnaire show",
)
keys_app = typer.Typer(
    rich_markup_mode=None,
    help="For staff: make the keys that responses are encrypted to, and prove them.\n\n"
    "Example: microcred keys new analyst.key",
)
app.add_typer(drafts_app, name="drafts")
app.add_typer(keys_app, name="keys")
app.add_typer(questionnaire_app, name="questionnaire")

FIRST_STEPS = """\
microcred: Cedefop's survey of employers on micro-credentials, in this terminal.

  microcred respond               read the background and answer the survey
  microcred respond --plain       the same in plain lines, for screen readers
  microcred interview             lead the interview on the phone or in person
  microcred resume                go on with a paused interview
  microcred drafts                the paused interviews on this machine
  microcred withdraw              delete the response of your receipt
  microcred check                 staff: is every response readable and valid?
  microcred summary               staff: aggregated results, safe to publish
  microcred questionnaire show    authors: the questionnaire with its routes
  microcred COMMAND --help        every option, with an example
"""


def start() -> int:
    """Run the command that was typed; what to tell the shell.

    Raises:
        UsageError: there is no such command or option. What was typed may act on a terminal, so
            the library does not print it.
    """
    try:
        code: object = app(standalone_mode=False)
    except typer.TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", "microcred")
        raise UsageError(
            " ".join(error.format_message().split()),
            where=where,
            hint=f"Look up what there is: {where} --help",
        ) from None
    return code if isinstance(code, int) else ExitCode.DONE


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    _settle_streams()
    if version:
        from microcred_cli import __version__

        typer.echo(f"microcred {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(FIRST_STEPS, nl=False)


def _settle_streams() -> None:
    """Let no stream that is closed, or of few characters, end a command in a traceback."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - as long as we run
            setattr(sys, name, stream)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # A byte that is no text spoils one line, and not all that follow. What is piped is read as
        # what people edit: UTF-8, with or without a byte order mark.
        encoding = None if sys.stdin.isatty() else "utf-8-sig"
        sys.stdin.reconfigure(encoding=encoding, errors="surrogateescape")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A path keeps its own bytes; a character that cannot be shown becomes a question mark.
            is_unicode = stream.encoding.casefold().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if is_unicode else "replace")


@app.command(cls=OneSide)
def respond(
    questionnaire: Questionnaire = BUILT_IN,
    language: Language = None,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    plain: Plain = None,
    answers: Answers = None,
) -> None:
    """Answer the questionnaire: background, consent, questions, review, receipt.

    Every answer is saved at once; Ctrl-C pauses, and microcred resume goes on.

    Example: microcred respond --plain
    """
    from microcred_cli.session.begin import respond_alone, respond_from_file
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    raise typer.Exit(
        respond_alone(choices) if answers is None else respond_from_file(choices, answers)
    )


@app.command(cls=OneSide)
def interview(
    mode: Annotated[
        str | None,
        typer.Option("--mode", metavar="phone|in-person", help="How the interview is led."),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            "--case", metavar="LABEL", help="The study's label of the case; never a name."
        ),
    ] = None,
    case_log: CaseLogFile = None,
    questionnaire: Questionnaire = BUILT_IN,
    language: Language = None,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    plain: Plain = None,
    answers: Answers = None,
) -> None:
    """Lead the interview on the phone or in person, and read it aloud.

    With a case, it asks how the contact went, and the case log keeps how it ended.

    Example: microcred interview --mode phone --case DE-0042
    """
    from microcred_cli.cli.interview import lead_interview
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    raise typer.Exit(lead_interview(choices, mode, case, case_log, answers))


@app.command(cls=OneSide)
def resume(
    responses: Annotated[
        str | None,
        typer.Option(
            "--responses", metavar="DIR", help="Another folder than the one it was begun for."
        ),
    ] = None,
    fieldwork: FieldworkFile = None,
    plain: Plain = None,
    case_log: CaseLogFile = None,
) -> None:
    """Go on with a paused interview at the first open question.

    Asks for the resume code, or reads it from standard input.

    Example: microcred resume
    """
    from microcred_cli.session.begin import resume_paused
    from microcred_cli.session.options import Choices

    raise typer.Exit(
        resume_paused(
            Choices(responses=responses, fieldwork=fieldwork, plain=plain, case_log=case_log)
        )
    )


@drafts_app.callback(invoke_without_command=True)
def drafts(context: typer.Context) -> None:
    """List the paused interviews on this machine: code, begun, progress; never an answer.

    Example: microcred drafts
    """
    if context.invoked_subcommand is None:
        from microcred_cli.cli.staff import list_drafts

        list_drafts()


@drafts_app.command("delete")
def drafts_delete(
    expired: Annotated[
        bool, typer.Option("--expired", help="Delete all that are past their days.")
    ] = False,
) -> None:
    """Delete one paused interview for good; asks for its code, or reads it from standard input.

    Example: microcred drafts delete --expired
    """
    from microcred_cli.cli.staff import delete_draft, delete_expired

    if expired:
        delete_expired()
    else:
        delete_draft()


@app.command()
def withdraw(
    responses: Responses = None, fieldwork: FieldworkFile = None, identity: Identity = None
) -> None:
    """Delete the one response that belongs to a receipt, with its texts.

    Asks for the receipt, or reads it from standard input. In an encrypted folder, what is sealed
    already goes at once with a secret key, or else with the next seal.

    Example: microcred withdraw
    """
    from microcred_cli.cli.staff import withdraw_response

    raise typer.Exit(withdraw_response(responses, fieldwork, identity or ()))


@app.command(cls=OneSide)
def summary(
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    question: Annotated[
        list[str] | None,
        typer.Option("--question", metavar="ID", help="Show this question; may be repeated."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="ID",
            help="Break down by one of the breakdowns. The built-in questionnaire has org_role, "
            "country, sector_main, size_class, relation; of others, questionnaire show names them.",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="CODE", help="Show this group of the breakdown only."),
    ] = None,
    output_format: ReportFormat = None,
    output: Output = None,
    plain: Annotated[
        bool | None,
        typer.Option("--plain/--rich", help="The table: one figure to a line, or bars and grids."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            metavar="CODE",
            help="The language of labels and notes, such as de. Else the questionnaire's own.",
        ),
    ] = None,
    identity: Identity = None,
) -> None:
    """Show aggregated results that are safe to publish, those of the last seal.

    Where nothing was ever sealed, it seals first.

    The whole is long: read it with | less -R, or write it to a file with --output.

    Exits with 5 if nothing safe can be shown.

    Example: microcred summary --by org_role --format html --output report.html
    """
    from microcred_cli.cli.summary import Wanted, summarise
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    wanted = Wanted(tuple(question or ()), by, group, output_format, output, tuple(identity or ()))
    raise typer.Exit(summarise(choices, wanted))


@app.command()
def check(
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    output: Format = "table",
    identity: Identity = None,
) -> None:
    """Check the responses: every file readable, valid, unique, and how anonymous they are.

    Exits with 1 if something is wrong.

    Example: microcred check --responses collected
    """
    from microcred_cli.cli.check import check_responses

    raise typer.Exit(check_responses(questionnaire, responses, fieldwork, output, identity or ()))


@app.command()
def seal(
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    identity: Identity = None,
) -> None:
    """Take 10, 15, 20 … of the waiting responses into the sealed set that summaries count.

    Who must wait is drawn by lot. All are merged in random order, so that nothing tells any more
    who came when.

    Example: microcred seal
    """
    from microcred_cli.cli.seal import seal_responses

    raise typer.Exit(seal_responses(questionnaire, responses, fieldwork, identity or ()))


@app.command()
def collect(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Responses folders, or a folder with some directly below.",
            show_default=False,
        ),
    ],
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
    identity: Identity = None,
    move: Annotated[
        bool, typer.Option("--move", help="Remove from a source what is safe in the folder.")
    ] = False,
    output: Format = "table",
) -> None:
    """Bring responses from other folders together: each once, verified, nothing overwritten.

    What is damaged is set apart and named; stopped at any moment, it can be run again. Exits with
    1 if something was set apart, or left in its source.

    Example: microcred collect /media/stick
    """
    from microcred_cli.cli.collect import collect_responses
    from microcred_cli.session.options import Choices

    choices = Choices(questionnaire, None, responses, fieldwork)
    raise typer.Exit(collect_responses(sources, choices, identity or (), move=move, output=output))


@app.command()
def drop(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="The folder to make.", show_default=False)
    ],
    group: Annotated[
        str, typer.Option("--group", metavar="GROUP", help="Whose members hand in there.")
    ],
    questionnaire: Questionnaire = BUILT_IN,
    fieldwork: FieldworkFile = None,
) -> None:
    """Make a drop folder: respondents who share a machine hand in, and see nothing of each other.

    Run as the administrator. Made once more, it gets its rights again.

    Example: microcred drop /srv/drop --group kiosk
    """
    from microcred_cli.cli.drop import make_drop_folder
    from microcred_cli.session.options import Choices

    raise typer.Exit(make_drop_folder(folder, group, Choices(questionnaire, fieldwork=fieldwork)))


@app.command()
def outcomes(
    case_log: CaseLogFile = None,
    e: Annotated[
        str | None,
        typer.Option(
            "--e",
            metavar="NUMBER",
            help="The share of unknown cases that belong, 0 to 1. Else it is estimated.",
        ),
    ] = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="table, json or csv. Else by the end of the file's name, or table.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="FILE", help="Write to a file, over what it held."),
    ] = None,
) -> None:
    """Show how contacts ended, with AAPOR's outcome rates: exact figures, for staff only.

    Example: microcred outcomes --case-log round-2.json --e 0.5
    """
    from microcred_cli.cli.outcomes import print_outcomes

    raise typer.Exit(print_outcomes(case_log, e, output_format, output))


# A negative number is no option: the command says what is wrong with it.
@app.command(context_settings={"ignore_unknown_options": True})
def simulate(
    count: Annotated[
        int, typer.Argument(metavar="N", help="How many, up to 10,000,000.", show_default=False)
    ],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same number, the same responses.")
    ],
    questionnaire: Questionnaire = BUILT_IN,
    responses: Responses = None,
    fieldwork: FieldworkFile = None,
) -> None:
    """Write synthetic responses, which nobody gave, into a folder of their own.

    They follow the routes, are marked synthetic, and never stand beside real ones.

    Example: microcred simulate 200 --seed 1 --responses trial
    """
    from microcred_cli.cli.simulate import simulate_responses

    raise typer.Exit(simulate_responses(count, seed, questionnaire, responses, fieldwork))


@keys_app.command("new")
def keys_new(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where the secret key goes.")
    ] = "microcred.key",
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase/--no-passphrase", help="Whether a passphrase opens the file."),
    ] = True,
) -> None:
    """Make a pair of keys: the secret one in a file, the public one on standard output.

    Asks for a passphrase, or reads it from standard input; the age program opens the file too.

    Example: microcred keys new analyst.key
    """
    from microcred_cli.cli.keys import new_key

    raise typer.Exit(new_key(file, with_passphrase=passphrase))


@keys_app.command("check")
def keys_check(fieldwork: FieldworkFile = None, identity: Identity = None) -> None:
    """Prove, before the first interview, that every key opens what is encrypted to it.

    Each holder runs it with their key file; the proof is written beside the settings. Exits with 1
    while a key is not proven.

    Example: microcred keys check --identity analyst.key
    """
    from microcred_cli.cli.keys import check_keys

    raise typer.Exit(check_keys(fieldwork, identity or ()))


@questionnaire_app.command("check")
def questionnaire_check(
    source: Source = None, questionnaire: Questionnaire = BUILT_IN, fieldwork: FieldworkFile = None
) -> None:
    """Check a questionnaire's definition; all faults at once, each with place and mend.

    Example: microcred questionnaire check my_survey.yaml
    """
    from microcred_cli.cli.authors import check_definition

    raise typer.Exit(check_definition(source or questionnaire, fieldwork))


@questionnaire_app.command("show")
def questionnaire_show(source: Source = None, questionnaire: Questionnaire = BUILT_IN) -> None:
    """Read a questionnaire: every question with its options, codes and route.

    Example: microcred questionnaire show
    """
    from microcred_cli.cli.authors import show_questionnaire

    show_questionnaire(source or questionnaire)


@questionnaire_app.command("schema")
def questionnaire_schema(
    source: Source = None, questionnaire: Questionnaire = BUILT_IN, fieldwork: FieldworkFile = None
) -> None:
    """Print the JSON Schema (2020-12) of a response to a questionnaire, its routes included.

    Where the settings want full detail, it is that of responses with the fine codes.

    Example: microcred questionnaire schema
    """
    from microcred_cli.cli.authors import print_schema

    print_schema(source or questionnaire, fieldwork)


@questionnaire_app.command("translate")
def questionnaire_translate(
    language: Annotated[
        str, typer.Argument(metavar="LANG", help="The language, such as de.", show_default=False)
    ],
    source: Source = None,
    questionnaire: Questionnaire = BUILT_IN,
) -> None:
    """Make a translation's file, or bring it up to date: the source beside each text.

    Marks what has changed in the source since; names of countries come from CLDR.

    Example: microcred questionnaire translate de my_survey.yaml
    """
    from microcred_cli.cli.translate import translate

    raise typer.Exit(translate(language, source or questionnaire))

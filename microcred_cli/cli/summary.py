"""`microcred summary`: aggregated results, safe to publish."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from microcred_cli import files
from microcred_cli.cli import options
from microcred_cli.cli.key_files import staff_folder
from microcred_cli.cli.output import (
    TABLE,
    deliver,
    file_of,
    format_for,
    refuse_other_than_file,
)
from microcred_cli.cli.seal import figures_of
from microcred_cli.cli.streams import give_up
from microcred_cli.errors import DisclosureError, ExitCode, StoreError, UsageError
from microcred_cli.evaluation.last_figures import Nothing, figures_of_nobody
from microcred_cli.i18n import speaking
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.session.language import language_asked_for
from microcred_cli.session.options import Choices
from microcred_cli.summary.figures import nothing, summary_of
from microcred_cli.summary.formats import FORMATS, Dates, format_named
from microcred_cli.summary.formats.words import NEVER_BROKEN_DOWN
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.folder import Responses
    from microcred_cli.summary.figures import Figures, Summary

app = options.new_app()


Question = Annotated[
    list[str] | None,
    typer.Option("--question", metavar="ID", help="Show this question; may be repeated."),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="ID",
        help="Break down by one of the breakdowns. The built-in questionnaire has org_role, "
        "country, sector_main, size_class, relation; of others, questionnaire show names them.",
    ),
]
Group = Annotated[
    str | None,
    typer.Option("--group", metavar="CODE", help="Show this group of the breakdown only."),
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
TableLook = Annotated[
    bool | None,
    typer.Option("--plain/--rich", help="The table: one figure to a line, or bars and grids."),
]
LabelLanguage = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="The language of labels and notes, such as de. Else the questionnaire's own.",
    ),
]


@app.command(cls=options.OneSide)
def summary(
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    question: Question = None,
    by: By = None,
    group: Group = None,
    output_format: ReportFormat = None,
    output: options.Output = None,
    plain: TableLook = None,
    language: LabelLanguage = None,
    identity: options.Identity = None,
) -> int:
    """Show aggregated results that are safe to publish, those of the last seal.

    Where nothing was ever sealed, it seals first.

    The whole is long: read it with | less -R, or write it to a file with --output.

    Exits with 5 if nothing safe can be shown.

    Example: microcred summary --by org_role --format html --output report.html
    """
    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    to = _Delivery(choices, format_for(output_format, output, (TABLE, *FORMATS)), file_of(output))
    wanted = _Wanted(tuple(question or ()), by, group)
    folder = staff_folder(responses, fieldwork, identity)
    to.check(folder)
    loaded = load(questionnaire)
    if language is not None:
        # An unknown language is refused before anything is sealed.
        language_asked_for(language, tuple(loaded.languages))
    found = figures_of(folder, loaded)
    # What does not exist is refused in any case.
    figures = figures_of_nobody(folder, loaded) if isinstance(found, Nothing) else found
    shown = wanted.of(figures)
    if isinstance(found, Nothing):
        shown = found
    if isinstance(shown, Nothing):
        if to.format == "json":
            to.write(nothing(figures, by), loaded)
        raise shown.reason
    if by and (whole := wanted.without_groups(shown)):
        say(f"Not broken down: {', '.join(whole)}. {NEVER_BROKEN_DOWN}")
    to.write(shown, loaded)
    return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The tables that are asked for."""

    questions: tuple[str, ...]
    by: str | None
    group: str | None

    def of(self, figures: Figures) -> Summary | Nothing:
        """These tables, or the reason why there are none."""
        try:
            found = summary_of(figures, by=self.by, questions=self.questions, group=self.group)
        except DisclosureError as error:
            return Nothing(error)
        if found.tables:
            return found
        return Nothing(
            DisclosureError(
                f"There is no group to show. {NEVER_BROKEN_DOWN}",
                where="--group",
                hint="Leave --group out, or name another question.",
            )
        )

    def without_groups(self, summary: Summary) -> list[str]:
        """The questions that were asked for, but have no table of a group."""
        grouped = {table.item for table in summary.tables if table.group is not None}
        return [question for question in self.questions if question not in grouped]


@dataclass(frozen=True, slots=True)
class _Delivery:
    """The format of a summary and the file that it goes to; None for standard output."""

    choices: Choices
    format: str
    path: Path | None

    def check(self, folder: Responses) -> None:
        """Refuse a file that the summary cannot go to."""
        if self.path is not None:
            _check_path(self.path, folder)
        if self.choices.plain is not None and self.format != TABLE:
            option = "--plain" if self.choices.plain else "--rich"
            say(f"{option} changes the table only: {self.format} is as it always is.")

    def write(self, summary: Summary, loaded: Loaded) -> None:
        """Write a summary in the language that was asked for."""
        language = self.choices.language or loaded.questionnaire.language
        recorded = stored(loaded.languages[language])
        fieldwork = self.choices.read_fieldwork()
        dates = Dates(fieldwork.respond_by, fieldwork.closes)
        with speaking(language), _readers_may_leave():
            if self.format == TABLE:
                text = self._table(summary, recorded, dates)
            else:
                text = format_named(self.format).render(summary, recorded, dates)
            if text is not None:
                deliver(text.encode("utf-8", "replace"), self.path)

    def _table(self, summary: Summary, recorded: Questionnaire, dates: Dates) -> str | None:
        """The table for a file; to standard output it is written here, as suits who reads it."""
        from microcred_cli.summary.formats.layout import report_of
        from microcred_cli.terminal.report_lines import USUAL_WIDTH, Look, look_for
        from microcred_cli.terminal.report_view import write

        look, colour = look_for(Surroundings.real(), self.choices.plain)
        out = sys.stdout
        if self.path is not None:
            look, colour = Look(USUAL_WIDTH, spoken=bool(self.choices.plain)), False
            out = io.StringIO()
        write(report_of(summary, recorded, dates, aloud=look.spoken), out, look, colour=colour)
        if isinstance(out, io.StringIO):
            return out.getvalue()
        out.flush()
        return None


def _check_path(path: Path, folder: Responses) -> None:
    with files.faults_named(path):
        is_inside = path.resolve().is_relative_to(folder.folder.resolve())
        has_folder = path.parent.is_dir()
    if is_inside:
        raise UsageError(
            "The folder of the responses is for responses alone.",
            where="--output",
            hint="Name a file in another folder.",
        )
    refuse_other_than_file(path)
    if not has_folder:
        raise StoreError(
            "The folder for this file does not exist.",
            where=path.parent,
            hint="Make the folder first, or name a file in another one with --output.",
        )


@contextlib.contextmanager
def _readers_may_leave() -> Iterator[None]:
    """Whoever reads only the beginning, as `head` does, has what they wanted: no failure."""
    try:
        yield
    except BrokenPipeError:
        give_up()

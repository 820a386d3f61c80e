"""`microcred summary`: prints aggregated results that are safe to publish."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from microcred_cli.cli.output import (
    TABLE,
    WORKBOOK,
    check_output_file,
    command_with,
    deliver,
    file_of,
    format_for,
)
from microcred_cli.errors import DisclosureError, UsageError
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.terminal.console import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from microcred_cli.cli import options
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.session.options import Choices
    from microcred_cli.store.folder import Responses
    from microcred_cli.summary.figures import Figures, Summary
    from microcred_cli.summary.formats import Dates


def summary(
    questionnaire: options.Questionnaire = BUILT_IN,
    responses: options.Responses = None,
    fieldwork: options.FieldworkFile = None,
    question: options.Question = None,
    by: options.By = None,
    group: options.Group = None,
    output_format: options.ReportFormat = None,
    output: options.Output = None,
    plain: options.TableLook = None,
    language: options.LabelLanguage = None,
    identity: options.Identity = None,
) -> None:
    """Show aggregated results that are safe to publish.

    The results are those of the last seal. If nothing has been sealed yet, waiting responses are
    sealed first.

    The full summary is long: pipe it to less -R, or write it to a file with --output.

    Exits with 5 if nothing safe can be shown.

    Example: microcred summary --by org_role --format html --output report.html
    """
    from microcred_cli.cli.key_files import staff_folder
    from microcred_cli.cli.sealed_figures import figures_of
    from microcred_cli.evaluation.last_figures import figures_of_nobody
    from microcred_cli.questionnaire.loading import load
    from microcred_cli.session.options import Choices, language_asked_for
    from microcred_cli.summary.figures import nothing
    from microcred_cli.summary.formats import FORMATS

    choices = Choices(questionnaire, language, responses, fieldwork, plain)
    written_as = format_for(output_format, output, (TABLE, *FORMATS, WORKBOOK))
    _check_workbook(written_as, output)
    path = file_of(output)
    folder = staff_folder(responses, fieldwork, identity)
    _check_delivery(written_as, path, folder, plain)
    loaded = load(questionnaire)
    if language is not None:
        # Refuse an unknown language before anything is sealed.
        language_asked_for(language, tuple(loaded.languages))
    _point_to_texts(loaded, question or (), choices, identity)
    reason = None
    try:
        figures = figures_of(folder, loaded, fieldwork)
    except DisclosureError as error:
        # Refuse unknown names even if there are no figures.
        figures, reason = figures_of_nobody(folder, loaded), error
    try:
        shown = _tables(figures, question or (), by, group)
    except DisclosureError as error:
        shown, reason = nothing(figures, by), reason or error
    if reason is not None:
        if written_as == "json":
            _write(nothing(figures, by), loaded, choices, written_as, path)
        raise reason
    if by:
        _tell_whole(shown, question or ())
    _write(shown, loaded, choices, written_as, path)


def _check_workbook(written_as: str, output: str | None) -> None:
    """Reject the format xlsx without an output file, or without the package that writes it."""
    if written_as != WORKBOOK:
        return
    from microcred_cli.interchange.extras import refuse_without

    refuse_without("xlsxwriter", "export")
    if output is None:
        raise UsageError(
            "A workbook can only be written to a file.",
            where="--format",
            hint="Specify the file with --output, such as --output report.xlsx.",
        )


def _check_delivery(
    written_as: str, path: Path | None, folder: Responses, plain: bool | None
) -> None:
    """Reject an unsuitable output file; warn about an option that has no effect."""
    check_output_file(path, folder)
    if plain is not None and written_as != TABLE:
        look = "--plain" if plain else "--rich"
        say(f"{look} applies only to the table format and has no effect on {written_as}.")


def _point_to_texts(
    loaded: Loaded, questions: Sequence[str], choices: Choices, identity: Sequence[str] | None
) -> None:
    """Reject open questions, because their answers are not counted."""
    from microcred_cli.questionnaire.models import Open

    given = {
        "questionnaire": choices.questionnaire,
        "responses": choices.responses,
        "fieldwork": choices.fieldwork,
        "identity": identity,
    }
    for item in loaded.questionnaire.items:
        if isinstance(item, Open) and item.id in questions:
            raise UsageError(
                f"The answers to {item.id} are free text, so there are no figures.",
                where="--question",
                hint="To read the free text, staff run: "
                + command_with(f"microcred texts --item {item.id}", given),
            )


def _tables(
    figures: Figures, questions: Sequence[str], by: str | None, group: str | None
) -> Summary:
    """Select the requested tables; raise an error if there are none."""
    from microcred_cli.summary.figures import summary_of
    from microcred_cli.summary.formats.words import NEVER_BROKEN_DOWN

    found = summary_of(figures, by=by, questions=questions, group=group)
    if not found.tables:
        raise DisclosureError(
            f"There is no group to show. {NEVER_BROKEN_DOWN}",
            where="--group",
            hint="Omit --group, or choose another question.",
        )
    return found


def _tell_whole(shown: Summary, questions: Sequence[str]) -> None:
    """Print a message that lists the requested questions that are not broken down."""
    from microcred_cli.summary.formats.words import NEVER_BROKEN_DOWN

    grouped = {table.item for table in shown.tables if table.group is not None}
    if whole := [each for each in questions if each not in grouped]:
        say(f"Not broken down: {', '.join(whole)}. {NEVER_BROKEN_DOWN}")


def _write(
    summary: Summary, loaded: Loaded, choices: Choices, written_as: str, path: Path | None
) -> None:
    """Write a summary in the requested language."""
    from microcred_cli.i18n import speaking
    from microcred_cli.records.recoding import stored
    from microcred_cli.summary.formats import Dates, format_named

    language = choices.language or loaded.questionnaire.language
    recorded = stored(loaded.languages[language])
    fieldwork = choices.read_fieldwork()
    dates = Dates(fieldwork.respond_by, fieldwork.closes)
    with speaking(language):
        if written_as == WORKBOOK:
            from microcred_cli.summary.formats.xlsx import workbook

            deliver(workbook(summary, recorded, dates), path)
            return
        if written_as == TABLE:
            text = _table(summary, recorded, dates, choices.plain, path)
        else:
            text = format_named(written_as).render(summary, recorded, dates)
        if text is not None:
            deliver(text.encode("utf-8", "replace"), path)


def _table(
    summary: Summary, recorded: Questionnaire, dates: Dates, plain: bool | None, path: Path | None
) -> str | None:
    """The table as text for a file; without a file, prints the table and returns None."""
    from microcred_cli.summary.formats.layout import report_of
    from microcred_cli.terminal.mode import Surroundings
    from microcred_cli.terminal.report_lines import USUAL_WIDTH, Look, look_for
    from microcred_cli.terminal.report_view import write

    look, colour = look_for(Surroundings.real(), plain)
    out = sys.stdout
    if path is not None:
        look, colour = Look(USUAL_WIDTH, spoken=bool(plain)), False
        out = io.StringIO()
    write(report_of(summary, recorded, dates, aloud=look.spoken), out, look, colour=colour)
    if isinstance(out, io.StringIO):
        return out.getvalue()
    out.flush()
    return None

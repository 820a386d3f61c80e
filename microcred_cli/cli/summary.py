"""Aggregated results from the command line."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli.cli.seal import MAY_WAIT, seal_if_possible
from microcred_cli.cli.wiring import Choices, responses_folder, say
from microcred_cli.errors import DisclosureError, ExitCode, UsageError
from microcred_cli.questionnaire.loading import load
from microcred_cli.recoding import stored
from microcred_cli.store import disk
from microcred_cli.summary.figures import nothing, summary_of
from microcred_cli.summary.formats import FORMATS, format_named
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.store.responses import Responses
    from microcred_cli.summary.figures import Figures, Summary

TABLE = "table"
TO_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown, in which format, and where it is to go (None: standard output)."""

    questions: tuple[str, ...] = ()
    by: str | None = None
    group: str | None = None
    format: str = TABLE
    output: str | None = None


def summarise(choices: Choices, wanted: Wanted) -> int:
    """Seal what can be sealed, then print what may be published; the exit code.

    Raises:
        DisclosureError: nothing of what is wanted can be shown. JSON says so too, without figures.
    """
    if wanted.format not in (TABLE, *FORMATS):
        raise UsageError(
            f"There is no format {safe(wanted.format)!r}.",
            where="--format",
            mend=f"Use one of: {', '.join((TABLE, *FORMATS))}.",
        )
    folder = responses_folder(choices.responses, choices.read_fieldwork())
    _check_output(wanted.output, folder)
    loaded = load(choices.questionnaire)
    recorded = stored(loaded.questionnaire)
    figures = None
    try:
        figures = seal_if_possible(folder, loaded) or _none(loaded, folder)
        say(MAY_WAIT)
        summary = summary_of(figures, by=wanted.by, questions=wanted.questions, group=wanted.group)
    except DisclosureError:
        if figures is None:
            figures = _none(loaded, folder)
            # Something that does not exist is said all the same.
            with contextlib.suppress(DisclosureError):
                summary_of(figures, by=wanted.by, questions=wanted.questions, group=wanted.group)
        if wanted.format == "json":
            _deliver(nothing(figures, wanted.by), recorded, wanted, choices)
        raise
    _deliver(summary, recorded, wanted, choices)
    return ExitCode.DONE


def _none(loaded: Loaded, folder: Responses) -> Figures:
    """The figures of nobody: what could be asked for is known, and nothing else."""
    from microcred_cli.summary.counts import Counter
    from microcred_cli.summary.protection import protect

    terms = folder.terms()
    return protect(
        loaded.questionnaire,
        Counter(stored(loaded.questionnaire)).counts,
        sha256=loaded.sha256,
        synthetic=terms is not None and terms.synthetic,
    )


def _check_output(output: str | None, folder: Responses) -> None:
    if output in (None, TO_OUTPUT):
        return
    path = Path(output or "")
    with disk.faults_named(path):
        is_inside = path.resolve().is_relative_to(folder.folder.resolve())
        is_other = path.exists() and not path.is_file()
    if is_inside:
        raise UsageError(
            "The folder of the responses is for responses alone.",
            where="--output",
            mend="Name a file in another folder.",
        )
    if is_other:
        raise UsageError(
            "Something else than a file stands there.",
            where="--output",
            mend="Name a file, or leave --output out and redirect standard output.",
        )


def _deliver(summary: Summary, recorded: Questionnaire, wanted: Wanted, choices: Choices) -> None:
    to_file = wanted.output not in (None, TO_OUTPUT)
    if wanted.format == TABLE:
        text = _table(summary, recorded, choices, to_file=to_file)
    else:
        text = format_named(wanted.format).render(summary, recorded)
    if text is None:
        return
    data = text.encode("utf-8", "replace")
    if to_file:
        path = Path(wanted.output or "")
        disk.replace_durably(path, data)
        say(f"Written: {safe(path)}")
        return
    sys.stdout.flush()
    # The bytes are the format's, whatever the terminal's encoding and line ends are.
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _table(
    summary: Summary, recorded: Questionnaire, choices: Choices, *, to_file: bool
) -> str | None:
    """The table for a file; to standard output it is written here, as suits who reads it."""
    import io

    from microcred_cli.summary.formats.report import report_of
    from microcred_cli.terminal.summary_lines import USUAL_WIDTH, Look, look_for
    from microcred_cli.terminal.summary_view import write

    report = report_of(summary, recorded)
    if to_file:
        out = io.StringIO()
        write(report, out, Look(USUAL_WIDTH, spoken=bool(choices.plain)), colour=False)
        return out.getvalue()
    look, colour = look_for(Surroundings.real(), choices.plain)
    write(report, sys.stdout, look, colour=colour)
    return None

"""Aggregated results from the command line."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microcred_cli import files
from microcred_cli.cli.key_files import staff_folder
from microcred_cli.cli.output import TABLE, TO_OUTPUT, format_for, give_up
from microcred_cli.cli.seal import figures_of
from microcred_cli.errors import DisclosureError, ExitCode, StoreError, UsageError
from microcred_cli.i18n import speaking
from microcred_cli.questionnaire.loading import load
from microcred_cli.records.recoding import stored
from microcred_cli.session.language import language_asked_for
from microcred_cli.summary.figures import nothing, summary_of
from microcred_cli.summary.formats import FORMATS, Dates, format_named
from microcred_cli.summary.formats.words import NEVER_BROKEN_DOWN
from microcred_cli.terminal.console import say
from microcred_cli.terminal.mode import Surroundings
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from microcred_cli.questionnaire.loading import Loaded
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.session.options import Choices
    from microcred_cli.store.folder import Responses
    from microcred_cli.summary.figures import Figures, Summary


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown, in which format, and where it is to go (None: standard output).

    Without a format, the name of the file says which. `identities` are files of secret keys.
    """

    questions: tuple[str, ...] = ()
    by: str | None = None
    group: str | None = None
    format: str | None = None
    output: str | None = None
    identities: tuple[str, ...] = ()

    @property
    def to_file(self) -> bool:
        """Whether it goes to a file."""
        return self.output not in (None, TO_OUTPUT)

    @property
    def written_as(self) -> str:
        """The format: the one that was named, or the one that the file's name stands for."""
        return format_for(self.format, self.output, (TABLE, *FORMATS))


def summarise(choices: Choices, wanted: Wanted) -> int:
    """Print what may be published, sealed first where nothing ever was; the exit code.

    Raises:
        DisclosureError: nothing of what is wanted can be shown. JSON says so too, without figures.
    """
    written_as = wanted.written_as
    folder = staff_folder(choices.responses, choices.fieldwork, wanted.identities)
    if wanted.to_file:
        _check_output(Path(wanted.output or ""), folder)
    if choices.plain is not None and written_as != TABLE:
        option = "--plain" if choices.plain else "--rich"
        say(f"{option} changes the table only: {written_as} is as it always is.")
    loaded = load(choices.questionnaire)
    if choices.language is not None:
        # One that there is not is said before anything is sealed.
        language_asked_for(choices.language, tuple(loaded.languages))
    figures = None
    try:
        figures = figures_of(folder, loaded) or _none(loaded, folder)
        summary = _summary(figures, wanted)
    except DisclosureError:
        if figures is None:
            figures = _none(loaded, folder)
            # Something that does not exist is said all the same.
            with contextlib.suppress(DisclosureError):
                _summary(figures, wanted)
        if wanted.written_as == "json":
            _deliver(nothing(figures, wanted.by), loaded, wanted, choices)
        raise
    if wanted.by and (whole := _without_groups(summary, wanted)):
        say(f"Not broken down: {', '.join(whole)}. {NEVER_BROKEN_DOWN}")
    _deliver(summary, loaded, wanted, choices)
    return ExitCode.DONE


def _summary(figures: Figures, wanted: Wanted) -> Summary:
    summary = summary_of(figures, by=wanted.by, questions=wanted.questions, group=wanted.group)
    if not summary.tables:
        raise DisclosureError(
            f"There is no group to show. {NEVER_BROKEN_DOWN}",
            where="--group",
            hint="Leave --group out, or name another question.",
        )
    return summary


def _without_groups(summary: Summary, wanted: Wanted) -> list[str]:
    """The questions that were asked for, but have no table of a group."""
    grouped = {table.item for table in summary.tables if table.group is not None}
    return [question for question in wanted.questions if question not in grouped]


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


def _check_output(path: Path, folder: Responses) -> None:
    with files.faults_named(path):
        is_inside = path.resolve().is_relative_to(folder.folder.resolve())
        is_other = path.exists() and not path.is_file()
        has_folder = path.parent.is_dir()
    if is_inside:
        raise UsageError(
            "The folder of the responses is for responses alone.",
            where="--output",
            hint="Name a file in another folder.",
        )
    if is_other:
        raise UsageError(
            "Something else than a file stands there.",
            where="--output",
            hint="Name a file, or leave --output out and redirect standard output.",
        )
    if not has_folder:
        raise StoreError(
            "The folder that the file is to stand in does not exist.",
            where=path.parent,
            hint="Make the folder first, or name a file in another one with --output.",
        )


def _deliver(summary: Summary, loaded: Loaded, wanted: Wanted, choices: Choices) -> None:
    """Write a summary where it is to go, in the language that was asked for."""
    language = choices.language or loaded.questionnaire.language
    recorded = stored(loaded.languages[language])
    fieldwork = choices.read_fieldwork()
    dates = Dates(fieldwork.respond_by, fieldwork.closes)
    with speaking(language), _readers_may_leave():
        if wanted.written_as == TABLE:
            text = _table(summary, recorded, dates, choices, to_file=wanted.to_file)
        else:
            text = format_named(wanted.written_as).render(summary, recorded, dates)
        if text is None:
            return
        data = text.encode("utf-8", "replace")
        if wanted.to_file:
            path = Path(wanted.output or "")
            files.replace_durably(path, data)
            say(f"Written: {safe(path)}")
            return
        sys.stdout.flush()
        # The bytes are the format's, whatever the terminal's encoding and line ends are.
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def _readers_may_leave() -> Iterator[None]:
    """Whoever reads only the beginning, as `head` does, has what they wanted: no failure."""
    try:
        yield
    except BrokenPipeError:
        give_up()


def _table(
    summary: Summary, recorded: Questionnaire, dates: Dates, choices: Choices, *, to_file: bool
) -> str | None:
    """The table for a file; to standard output it is written here, as suits who reads it."""
    import io

    from microcred_cli.summary.formats.layout import report_of
    from microcred_cli.terminal.report_lines import USUAL_WIDTH, Look, look_for
    from microcred_cli.terminal.report_view import write

    look, colour = look_for(Surroundings.real(), choices.plain)
    if to_file:
        look = Look(USUAL_WIDTH, spoken=bool(choices.plain))
    report = report_of(summary, recorded, dates, aloud=look.spoken)
    if to_file:
        out = io.StringIO()
        write(report, out, look, colour=False)
        return out.getvalue()
    write(report, sys.stdout, look, colour=colour)
    sys.stdout.flush()
    return None

"""`microcred fieldwork`: checks the settings, and shows the sentences that depend on them."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from microcred_cli.cli import options
from microcred_cli.cli.case_logs import counted
from microcred_cli.cli.output import show
from microcred_cli.errors import ExitCode, UsageError
from microcred_cli.fieldwork.background import (
    minutes_spoken,
    minutes_written,
    notices_below,
    pilot_notice,
    read_aloud,
    read_on_request,
    shown_sentences,
    spoken_sentence,
    written_sentence,
)
from microcred_cli.fieldwork.consistency import (
    Finding,
    find_inconsistencies,
    first_contact_sentences,
)
from microcred_cli.i18n import speaking
from microcred_cli.questionnaire import BUILT_IN
from microcred_cli.questionnaire.languages import own_name
from microcred_cli.questionnaire.loading import load
from microcred_cli.session.options import Choices, language_asked_for, languages_of
from microcred_cli.terminal.wrapping import wrap
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.questionnaire.loading import Loaded

_WIDTH = 80

app = options.new_app(
    name="fieldwork",
    help="Check the settings of a survey round.\n\nExample: microcred fieldwork check",
)


@app.callback()
def _group() -> None:
    """Make typer treat `check` as a subcommand, although it is the only one."""


@app.command("check")
def check_fieldwork(
    questionnaire: options.Questionnaire = BUILT_IN,
    fieldwork: options.FieldworkFile = None,
    language: options.Language = None,
    case_log: options.CaseLogFile = None,
) -> int:
    """Show the sentences that depend on the settings, and any problems.

    The output contains the sentences that the settings add to the page, and all sentences that are
    read out. The sentences are shown in every language of the survey, or only in the language given
    with --language. Exits with 1 if a setting is missing, out of date or contradictory, or if there
    is a target for a stratum without cases in the case log.

    Example: microcred fieldwork check --language de
    """
    loaded, settings = load(questionnaire), Choices(fieldwork=fieldwork).read_fieldwork()
    offered = languages_of(loaded, settings)
    chosen = language_asked_for(language, offered)
    day = settings.today()
    _write("", f"Settings: {safe(settings.path) if settings.path else 'none'}")
    for code in (chosen,) if chosen else offered:
        with speaking(code):
            _show(loaded, settings, code, day)
    below = list(notices_below(settings))
    if below:
        _heading("Printed below the page, in every language")
        for paragraph in below:
            if paragraph.kind == "list":
                _write("    ", f"- {paragraph.text}")
            for line in paragraph.text.split("\n") if paragraph.kind != "list" else ():
                _write("  " if paragraph.kind == "heading" else "    ", line)
    languages = {code: loaded.languages[code] for code in loaded.languages if code in offered}
    source = {loaded.questionnaire.language: loaded.questionnaire}
    found = find_inconsistencies(source | languages, settings, day, only=language)
    cases = (*_targets(settings, case_log), *_case_languages(offered, case_log))
    return _conclude([*found, *cases, *_keys(settings), *_engine(settings)])


def _targets(settings: Fieldwork, case_log: str | None) -> Iterator[Finding]:
    """Report strata that have a target but no cases."""
    if settings.calling is None or not settings.calling.targets:
        return
    from microcred_cli.cases.log import CaseLog
    from microcred_cli.cases.progress import unknown_targets

    log = CaseLog.named(case_log)
    unknown = unknown_targets(log.read(), settings.calling) if log.is_there else ()
    if unknown:
        message = f"The case log has no cases in the stratum {safe(', '.join(unknown))}."
        hint = "Correct the name of the stratum, or load the cases: microcred cases load"
        yield Finding("targets", message, hint)


def _case_languages(offered: Sequence[str], case_log: str | None) -> Iterator[Finding]:
    """Report languages of cases that are not offered."""
    from microcred_cli.cases.log import CaseLog
    from microcred_cli.cases.sample import missing_languages

    log = CaseLog.named(case_log)
    missing = missing_languages(log.read().cases if log.is_there else (), offered)
    if missing:
        message = f"The case log has cases in languages that are not offered: {counted(missing)}."
        hint = "Add the languages, or let interviewers choose another language for these cases."
        yield Finding("languages", message, hint)


def _keys(settings: Fieldwork) -> Iterator[Finding]:
    """Report recipients whose secret keys have not been shown to work."""
    if settings.recipients:
        from microcred_cli.session.opening import refuse_unproven

        try:
            refuse_unproven(settings)
        except UsageError as error:
            yield Finding("recipients", error.message, error.hint)


def _engine(settings: Fieldwork) -> Iterator[Finding]:
    """Report a counting engine that is not installed."""
    if settings.engine is not None and (lacks := settings.engine.lacks()):
        yield Finding("engine", *lacks)


def _show(loaded: Loaded, settings: Fieldwork, language: str, day: date) -> None:
    """Show, in one language, the sentences that depend on the settings or are read out."""
    translated = loaded.languages[language]
    name = f"{own_name(language)} ({safe(language)})"
    _heading(f"{name}, on the page")
    minutes = (each.text for each in minutes_written(loaded.questionnaire, translated))
    for text in (*minutes, *pilot_notice(settings)):
        _write("  ", text)
    for block in translated.background.written:
        for sentence in shown_sentences(block.sentences, settings, day, language):
            if sentence.needs:
                _write("  ", written_sentence(sentence, settings, language))
    _heading(f"{name}, read out by phone or in person")
    introduction = read_aloud(translated, settings, language, day=day)
    spoken = minutes_spoken(loaded.questionnaire, translated)
    for text in (*introduction, *spoken, *pilot_notice(settings)):
        _write("  ", text)
    more = read_on_request(translated, settings, language, day=day)[1:]
    if more:
        _heading(f"{name}, read out only if the respondent asks for more")
    for paragraph in more:
        _write("  ", paragraph.text)
    first = [each for each in first_contact_sentences(translated) if each.needs]
    shown = list(shown_sentences(first, settings, day, language))
    if shown:
        _heading(f"{name}, opening words and replies to objections")
    for sentence in dict.fromkeys(shown):
        _write("  ", spoken_sentence(sentence, settings, language))


def _conclude(findings: list[Finding]) -> int:
    """Show the findings; return the exit code."""
    if not findings:
        _heading("Nothing is missing or contradictory.")
        return ExitCode.DONE
    _heading("1 finding" if len(findings) == 1 else f"{len(findings)} findings")
    for finding in findings:
        _write("  ", f"{finding.setting}: {finding.message}")
        _write("      ", finding.hint)
    return ExitCode.FINDING


def _heading(text: str) -> None:
    show("\n")
    _write("", text)


def _write(indent: str, text: str) -> None:
    """Write text wrapped to the terminal width, or to 80 columns, with a hanging indent."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
    lines = wrap(text, min(max(40, width), 100) - 1, first=indent, rest=indent + "  ")
    show("".join(f"{line}\n" for line in lines))

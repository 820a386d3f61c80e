"""Export of the questionnaire: on paper, or as a file for another survey tool."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from microcred_cli.errors import UsageError
from microcred_cli.i18n import speaking
from microcred_cli.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from microcred_cli.fieldwork.settings import Fieldwork
    from microcred_cli.interchange.paper import Sheet
    from microcred_cli.questionnaire.loading import Loaded


def _sheet(loaded: Loaded, fieldwork: Fieldwork, language: str, *, cards: bool) -> Sheet:
    from microcred_cli.fieldwork.background import minutes_written, written
    from microcred_cli.interchange.paper import sheet_of

    with speaking(language):
        questionnaire = loaded.languages[language]
        background = (
            *written(questionnaire, fieldwork, language),
            *minutes_written(loaded.questionnaire, questionnaire),
        )
        return sheet_of(questionnaire, background, cards=cards)


def _html(sheet: Sheet) -> bytes:
    from microcred_cli.summary.formats.pages import in_css, page

    return page("interchange/paper.html.jinja").render(sheet=sheet, in_css=in_css).encode()


def _pdf(sheet: Sheet) -> bytes:
    from microcred_cli.interchange.pdf import as_pdf

    return as_pdf(sheet)


def _xlsform(loaded: Loaded, _fieldwork: Fieldwork, language: str) -> bytes:
    from microcred_cli.interchange.xlsform import as_xlsform

    return as_xlsform(loaded, language)


def _surveyjs(loaded: Loaded, _fieldwork: Fieldwork, language: str) -> bytes:
    from microcred_cli.interchange.surveyjs import as_surveyjs

    return as_surveyjs(loaded, language)


def _limesurvey(loaded: Loaded, _fieldwork: Fieldwork, language: str) -> bytes:
    from microcred_cli.interchange.limesurvey import as_limesurvey

    return as_limesurvey(loaded, language)


def _ddi(loaded: Loaded, fieldwork: Fieldwork, _language: str) -> bytes:
    from microcred_cli.interchange.ddi import ddi

    return ddi(loaded, fieldwork.detail)


def code_table(loaded: Loaded) -> bytes:
    """The short codes used in a LimeSurvey file, as a CSV table."""
    from microcred_cli.interchange.limesurvey import Codes

    return Codes(loaded.questionnaire).table()


ON_PAPER: Final[Mapping[str, Callable[[Sheet], bytes]]] = {"html": _html, "pdf": _pdf}

_FOR_TOOLS: Final[Mapping[str, Callable[[Loaded, Fieldwork, str], bytes]]] = {
    "xlsform": _xlsform,
    "surveyjs": _surveyjs,
    "limesurvey": _limesurvey,
    "ddi": _ddi,
}

SUFFIXES: Final = {
    "html": (".html", ".htm"),
    "pdf": (".pdf",),
    "xlsform": (".xlsx",),
    "surveyjs": (".json",),
    "limesurvey": (".txt", ".tsv"),
    "ddi": (".xml",),
}
"""The file extensions of each format."""


def written_as(
    form: str, loaded: Loaded, fieldwork: Fieldwork, language: str, *, cards: bool
) -> bytes:
    """The questionnaire in this format; only the paper questionnaire has show `cards`."""
    if form in ON_PAPER:
        return ON_PAPER[form](_sheet(loaded, fieldwork, language, cards=cards))
    return _FOR_TOOLS[form](loaded, fieldwork, language)


def refuse_other_suffix(form: str, output: str) -> None:
    """Raise a UsageError if the format is unknown or does not match the file extension."""
    if form not in SUFFIXES:
        raise UsageError(
            f"Unknown format {safe(form)!r}.",
            where="--to",
            hint=f"Use one of: {', '.join(SUFFIXES)}.",
        )
    suffix = PurePath(output).suffix.casefold()
    if output != "-" and suffix not in SUFFIXES[form]:
        raise UsageError(
            f"The file extension {safe(suffix)!r} does not match the format {form}.",
            where="--output",
            hint=f"Use the extension {' or '.join(SUFFIXES[form])}.",
        )

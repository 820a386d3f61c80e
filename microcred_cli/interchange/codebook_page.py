"""The codebook as a self-contained HTML page without scripts, fonts or network access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from microcred_cli.i18n import N_, _, labelled, speaking
from microcred_cli.summary.formats.pages import page
from microcred_cli.summary.formats.words import SYNTHETIC
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.interchange.codebook import Codebook

_WORDS: Final = {
    "title": N_("Codebook"),
    "about": N_(
        "This codebook describes the variables of the data set in all file formats. CSV, Parquet "
        "and Excel files contain codes. SPSS and Stata files contain numbers with labels; in "
        "Stata, missing values are letters."
    ),
    "variables": N_("Variables"),
    "variable": N_("Variable"),
    "code": N_("Code"),
    "label": N_("Label"),
    "missing": N_("missing value"),
    "frequency": N_("Count"),
    "base": N_("Base"),
    "note": N_("For interviewers:"),
    "route": N_("Asked if {condition}."),
    "limits": N_("A whole number from {least} to {most}."),
    "recoding": N_("Answers recoded to each code"),
    "identifies": N_("Quasi-identifier: some values may be suppressed."),
}
_FIGURES: Final = N_(
    "Counts are the protected figures of the last seal: rounded to multiples of 5 or 10, and "
    "shown as <8 if they are below 8, including zero."
)
_MAY: Final = N_("These figures may be published; the data must not be.")


def render(book: Codebook) -> str:
    """The HTML page of a codebook."""
    which = book.questionnaire
    with speaking(book.language):
        words = {name: _(text) for name, text in _WORDS.items()}
        figures = _(_FIGURES) if book.synthetic else f"{_(_FIGURES)} {_(_MAY)}"
        words["figures"] = figures if any(e.counted for e in book.entries) else ""
        words["synthetic"] = _(SYNTHETIC) if book.synthetic else ""
        return page("interchange/codebook.html.jinja").render(
            book=book,
            words=words,
            labelled=labelled,
            title=safe(which.title),
            id=which.id,
            version=safe(which.version),
        )

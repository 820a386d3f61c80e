"""Output formats of a summary: one module per format, returning the text of a file."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from microcred_cli.summary.formats.layout import NO_DATES, Dates

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary

FORMATS = {"json": "json_format", "csv": "csv_format", "markdown": "markdown", "html": "html"}
"""The module of each format, imported only when needed."""


class Format(Protocol):
    """A module that writes a summary as the text of a file."""

    def render(self, summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES, /) -> str:
        """The complete text, with a final newline.

        `recorded` is the questionnaire of the stored records in the current language; it provides
        texts that are not in the summary. All numbers are computed from the summary's protected
        figures.
        """
        ...


def format_named(name: str) -> Format:
    """The format with this name, one of `FORMATS`."""
    return cast("Format", import_module(f"microcred_cli.summary.formats.{FORMATS[name]}"))


__all__ = ["FORMATS", "Dates", "Format", "format_named"]

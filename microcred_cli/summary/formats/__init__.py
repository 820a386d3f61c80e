"""The formats of aggregated results: each turns a summary into the text of a file."""

from microcred_cli.summary.formats.interface import FORMATS, Format, format_named
from microcred_cli.summary.formats.layout import Dates

__all__ = ["FORMATS", "Dates", "Format", "format_named"]

"""A summary as a self-contained HTML page, without network access, scripts or fonts.

Charts are SVG in the colours of the page, each with a table of the same figures. The template
engine escapes all text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from microcred_cli.i18n import _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.charts import chart_of
from microcred_cli.summary.formats.layout import NO_DATES, Dates, report_of
from microcred_cli.summary.formats.report import percent

if TYPE_CHECKING:
    from jinja2 import Template

    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary


def render(summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES) -> str:
    """The whole page."""
    report = report_of(summary, recorded, dates)
    return _template().render(
        report=report, words=words, percent=percent, chart_of=chart_of, said=_, in_css=_in_css
    )


def _in_css(text: str) -> str:
    """Escape a text for a quoted string in CSS, except for letters and digits."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("microcred_cli.summary.formats", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html.jinja")

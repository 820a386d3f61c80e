"""A summary as a self-contained HTML page without scripts, fonts or network access.

Charts are SVG drawings in the colours of the page, each with a table of the same figures. The
template engine escapes all text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from microcred_cli.i18n import _
from microcred_cli.summary.formats import words
from microcred_cli.summary.formats.charts import chart_of
from microcred_cli.summary.formats.layout import NO_DATES, Dates, report_of
from microcred_cli.summary.formats.pages import in_css, page
from microcred_cli.summary.formats.report import percent

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary


def render(summary: Summary, recorded: Questionnaire, dates: Dates = NO_DATES) -> str:
    """The complete page."""
    report = report_of(summary, recorded, dates)
    return page("summary/formats/page.html.jinja").render(
        report=report, words=words, percent=percent, chart_of=chart_of, said=_, in_css=in_css
    )

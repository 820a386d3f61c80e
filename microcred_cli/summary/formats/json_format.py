"""A summary as JSON, with labels in the current language."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from microcred_cli.summary.formats.layout import NO_DATES, Dates
from microcred_cli.summary.labels import in_words
from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary

_NOT_PLAIN = re.compile("[^\n -~]")


def render(summary: Summary, recorded: Questionnaire, _: Dates = NO_DATES) -> str:
    """The summary as JSON, with control and invisible characters escaped."""
    shape = in_words(summary, recorded).model_dump()
    text = json.dumps(shape, ensure_ascii=False, indent=2)
    return _NOT_PLAIN.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    """Escape a character if it is not safe to display."""
    return found[0] if safe(found[0]) == found[0] else json.dumps(found[0])[1:-1]

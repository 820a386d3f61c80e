"""A summary as JSON: exactly what a program reads back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from microcred_cli.text import safe

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary

_NOT_PLAIN = re.compile("[^\n -~]")


def render(summary: Summary, recorded: Questionnaire) -> str:  # noqa: ARG001 - as every format
    """The summary's own shape; characters that would act on a screen stand as escapes."""
    text = json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2)
    return _NOT_PLAIN.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    """The character itself, or its number where a screen would not show it as it is."""
    return found[0] if safe(found[0]) == found[0] else json.dumps(found[0])[1:-1]

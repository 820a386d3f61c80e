"""A summary as JSON: exactly what a program reads back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microcred_cli.questionnaire.models import Questionnaire
    from microcred_cli.summary.figures import Summary

# Controls, bidi controls, zero-width characters, tags: what acts on a screen instead of showing.
_ACTING = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)


def render(summary: Summary, recorded: Questionnaire) -> str:  # noqa: ARG001 - as every format
    """The summary's own shape; characters that would act on a screen stand as escapes."""
    text = json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2)
    return _ACTING.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]

"""The page on definitions lists every fault and warning that the lint can find."""

import re
from pathlib import Path

from microcred_cli.questionnaire.faults import CODES, WARNINGS

PAGE = Path(__file__).parents[2] / "docs" / "definition.md"


def test_the_page_lists_every_fault_and_warning_by_its_code_and_name() -> None:
    rows = re.findall(
        r"^\| ([QW]\d{3}) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert dict(rows) == {**CODES, **WARNINGS}

"""The page on definitions lists every fault that the lint can find."""

import re
from pathlib import Path

from microcred_cli.questionnaire.faults import CODES

PAGE = Path(__file__).parents[2] / "docs" / "definition.md"


def test_the_page_lists_every_fault_by_its_code_and_name() -> None:
    rows = re.findall(r"^\| (Q\d{3}) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == dict(CODES)

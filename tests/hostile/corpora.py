"""The public corpora of bad input, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

import pytest

VARIABLE = "MICROCRED_CORPORA"
"""Names the folder of the corpora; else it is looked for beside the checkout."""

TWICE_ON_PURPOSE = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
"""What every JSON reader may accept, and ours refuses: a key that stands twice."""

T = TypeVar("T")
_CHECKOUT = Path(__file__).parents[2]


def folder() -> Path:
    """Where the corpora would be."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _CHECKOUT.parent / "shared" / "corpora"


def json_files(kind: str = "?") -> list[Path]:
    """The files of JSONTestSuite of a kind (`y`, `n`, `i` or all); none where it is missing."""
    return sorted((folder() / "json" / "test_parsing").glob(f"{kind}_*.json"))


def strings() -> list[str]:
    """The strings of the big list of naughty strings; none where it is missing."""
    path = folder() / "strings" / "blns.json"
    return [str(each) for each in json.loads(path.read_bytes())] if path.exists() else []


def needed(found: list[T], least: int) -> list[T]:
    """What a test was to find; the test is skipped where there is nothing."""
    if not found:
        pytest.skip(f"the public corpora are not beside the project ({VARIABLE} names them)")
    assert len(found) >= least
    return found

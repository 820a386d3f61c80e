"""Public corpora of bad input, if available."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

import pytest

VARIABLE = "MICROCRED_CORPORA"
"""The environment variable that contains the folder of the corpora."""

TWICE_ON_PURPOSE = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
"""Valid JSON files that our reader refuses on purpose, because of duplicate keys."""

T = TypeVar("T")
_CHECKOUT = Path(__file__).parents[2]


def folder() -> Path:
    """The folder where the corpora are expected."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _CHECKOUT.parent / "shared" / "corpora"


def json_files(kind: str = "?") -> list[Path]:
    """The files of JSONTestSuite of one kind (`y`, `n` or `i`) or all; empty without the corpus."""
    return sorted((folder() / "json" / "test_parsing").glob(f"{kind}_*.json"))


def strings() -> list[str]:
    """The strings of the Big List of Naughty Strings; empty if the corpus is missing."""
    path = folder() / "strings" / "blns.json"
    return [str(each) for each in json.loads(path.read_bytes())] if path.exists() else []


def needed(found: list[T], least: int) -> list[T]:
    """The input of a test, which is skipped if there is none."""
    if not found:
        pytest.skip(f"the public corpora were not found ({VARIABLE})")
    assert len(found) >= least
    return found

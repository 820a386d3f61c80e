"""Random bytes at the real prompts: a sample of each mode; with HOSTILE=all, a million bytes."""

from __future__ import annotations

import os

import pytest

from tests.hostile.random_keys import MODES, play, reports, run_at
from tests.hostile.working import IS_WHOLE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

SIZE = 2048
PATIENCE = 20.0
"""Seconds; long, because other tests may keep the machine busy."""

MILLION = 1_000_000
PROCESSES = 2


@pytest.mark.parametrize("number", [0, 1, 4 * len(MODES) + 2])
def test_random_bytes_break_nothing_and_lose_nothing(number: int) -> None:
    report = play(run_at(number, SIZE), patience=PATIENCE)
    assert report.troubles == ()
    assert report.sent > 0


@pytest.mark.skipif(not IS_WHOLE, reason="takes minutes; set HOSTILE=all")
@pytest.mark.parametrize("first", range(PROCESSES))
def test_a_million_random_bytes_break_nothing_and_lose_nothing(first: int) -> None:
    played = list(reports(MILLION // PROCESSES, 4 * SIZE, first=1000 + first, step=PROCESSES))
    assert [report for report in played if report.troubles] == []
    assert sum(report.changed for report in played) > 100

"""A shared machine: nothing of an interview remains on its screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.harness import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place


@pytest.mark.skipif(os.name != "posix", reason="this system has no drop folders")
def test_after_an_interview_the_screen_is_cleared_for_the_next(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "outer").mkdir(mode=0o700)
    drop = tmp_path / "outer" / "drop"
    assert place.run("drop", str(drop), "--group", str(os.getgid())).code == 0
    arguments = ("respond", "--plain", "--responses", str(drop))
    with Terminal(*arguments, folder=tmp_path) as terminal:
        turned = 0
        while "Question 1 of" not in terminal.text:
            terminal.until(
                lambda t, b=turned: (
                    "Question 1 of" in t.text  # type: ignore[misc]
                    or t.raw.count(b"read on:") > b
                )
            )
            if "Question 1 of" not in terminal.text:
                turned += 1
                terminal.press("enter")
        terminal.until("Question 1 of").press("1\r").until("Question 2 of").press(":pause\r")
        terminal.until("To go on:").until("Press Enter to clear").press("enter")
        assert terminal.finish() == 0
        assert terminal.raw.endswith(b"\x1b[H\x1b[2J\x1b[3J")
        assert terminal.flat == ""

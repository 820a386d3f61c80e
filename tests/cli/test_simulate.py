"""`microcred simulate`: the number of responses, the folder, and interrupted runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from microcred_cli import files
from microcred_cli.cli.simulate import ONLY_SYNTHETIC
from tests.cli.program import sheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place


@pytest.mark.parametrize("count", ["0", "-5", "10000001", "99999999999999999999"])
def test_a_number_that_cannot_be_is_refused_with_what_can(place: Place, count: str) -> None:
    ran = place.run("simulate", count, "--seed", "1")
    assert ran.code == 2
    assert "Use a number from 1 to 10,000,000." in ran.err
    assert not place.responses.exists()


@pytest.mark.parametrize("arguments", [("--hat", "5"), ("5", "--hat"), ("five",), ()])
def test_what_is_no_number_is_refused(place: Place, arguments: tuple[str, ...]) -> None:
    ran = place.run("simulate", *arguments, "--seed", "1")
    assert ran.code == 2
    assert not place.responses.exists()


def test_a_folder_that_nobody_named_is_said_to_be_synthetic_now(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MICROCRED_RESPONSES", raising=False)
    for _ in range(2):
        ran = place.run("simulate", "3", "--seed", "1")
        assert ran.code == 0
        assert ONLY_SYNTHETIC in ran.err
        assert str(place.responses) in ran.err
    assert ONLY_SYNTHETIC not in place.run(
        "simulate", "3", "--seed", "1", "--responses", "trial"
    ).err  # fmt: skip
    monkeypatch.setenv("MICROCRED_RESPONSES", "another")
    assert ONLY_SYNTHETIC not in place.run("simulate", "3", "--seed", "1").err


def test_real_responses_get_no_synthetic_ones_beside_them(place: Place) -> None:
    place.answer(sheet())
    before = sorted(path.name for path in place.responses.rglob("*"))
    ran = place.run("simulate", "3", "--seed", "1")
    assert ran.code == 4
    assert "--responses" in ran.err
    assert sorted(path.name for path in place.responses.rglob("*")) == before


@pytest.mark.parametrize("calls", [1, 2, 9, 20])
def test_stopped_it_says_what_stands_there_and_can_be_gone_on_with(
    place: Place, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """Ctrl-C is pressed while a file is being written."""
    write, left = files.write_quickly, [calls]

    def interrupted(path: Path, data: bytes) -> None:
        left[0] -= 1
        if not left[0]:
            write(path, data[:20])
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(files, "write_quickly", interrupted)
    ran = place.run("simulate", "30", "--seed", "1", "--responses", str(place.responses))
    assert ran.code == 130
    standing = len(place.files)
    assert 1 <= standing < 30
    assert f"Stopped: {standing} of 30 synthetic responses are in {place.responses}." in ran.err
    for path in (*place.files, *place.texts):
        json.loads(path.read_bytes())
    assert place.run("check").code == 0
    assert place.run("simulate", "30", "--seed", "1").code == 0
    assert len(place.files) == 30

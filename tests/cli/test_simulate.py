"""`microcred simulate`: the number of responses, the folder, and interrupted runs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from microcred_cli import files
from tests.cli.program import sheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place


@pytest.mark.parametrize("count", ["0", "-5", "10000001", "99999999999999999999"])
def test_a_number_that_cannot_be_is_refused_with_what_can(place: Place, count: str) -> None:
    ran = place.run("simulate", count, "--responses", str(place.responses))
    assert ran.code == 2
    assert "Use a number from 1 to 10,000,000." in ran.err
    assert not place.responses.exists()


@pytest.mark.parametrize("arguments", [("--hat", "5"), ("5", "--hat"), ("five",), ()])
def test_what_is_no_number_is_refused(place: Place, arguments: tuple[str, ...]) -> None:
    ran = place.run("simulate", *arguments, "--responses", str(place.responses))
    assert ran.code == 2
    assert not place.responses.exists()


def test_the_usual_folder_is_used_only_if_it_is_named(place: Place) -> None:
    ran = place.run("simulate", "3")
    assert ran.code == 2
    assert "--responses" in ran.err
    assert not place.responses.exists()


def test_responses_that_the_folder_has_are_counted_apart(place: Place) -> None:
    assert "seed 1: 12 added. Folder: " in place.simulate(12).err
    assert "seed 1: 3 added, 12 already existed. Folder: " in place.simulate(15).err
    assert place.run("seal").code == 0
    assert "seed 1: 0 added, 15 already existed. Folder: " in place.simulate(15).err
    assert "15 sealed, 0 waiting" in place.run("check").out


def test_without_a_seed_one_is_drawn_and_shown(place: Place) -> None:
    ran = place.run("simulate", "3", "--responses", "trial")
    seed = re.search(r"seed ([0-9]+): 3 added", ran.err)
    assert seed is not None
    again = place.run("simulate", "3", "--responses", "trial", "--seed", seed[1])
    assert "0 added, 3 already existed" in again.err


def test_real_responses_get_no_synthetic_ones_beside_them(place: Place) -> None:
    place.answer(sheet())
    before = sorted(path.name for path in place.responses.rglob("*"))
    ran = place.simulate(3)
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
    assert place.simulate(30).code == 0
    assert len(place.files) == 30

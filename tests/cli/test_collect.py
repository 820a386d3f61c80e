"""`microcred collect`: its output, its exit codes, and interruption at any moment."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.store import collect
from microcred_cli.store.folder import Responses
from tests.cli.program import sheet
from tests.store.collecting import brought_together, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Place

THOROUGH = os.environ.get("COLLECT") == "all"


def source(place: Place, name: str, count: int = 2) -> Path:
    """A folder with `count` responses."""
    folder = place.folder / "stick" / name
    for _ in range(count):
        assert place.answer(sheet(), "--responses", str(folder)).code == 0
    return folder


def report(place: Place, *arguments: str) -> tuple[int, dict[str, Any]]:
    ran = place.run("collect", *arguments, "--format", "json")
    return ran.code, json.loads(ran.out)


def test_responses_of_two_folders_stand_in_one(place: Place) -> None:
    source(place, "anna", 3)
    source(place, "ben", 2)
    ran = place.run("collect", "stick")
    assert ran.code == 0
    rows = [line.rsplit(maxsplit=5) for line in ran.out.splitlines()[1:] if "texts" not in line]
    assert rows == [
        [os.path.join("stick", "anna"), "3", "0", "0", "0", "0"],  # noqa: PTH118 - as shown
        [os.path.join("stick", "ben"), "2", "0", "0", "0", "0"],  # noqa: PTH118
        ["all responses", "5", "0", "0", "0", "0"],
    ]
    assert len(place.files) == 5
    assert place.run("check").code == 0
    assert json.loads((place.responses / "folder.json").read_bytes())["synthetic"] is False


def test_again_it_says_that_nothing_is_new(place: Place) -> None:
    folder = source(place, "anna")
    place.run("collect", str(folder))
    before = snapshot(place.responses)
    ran = place.run("collect", str(folder))
    assert ran.code == 0
    assert "Nothing new" in ran.err
    assert snapshot(place.responses) == before


def test_what_is_set_apart_is_named_and_a_finding(place: Place) -> None:
    folder = source(place, "anna")
    bad = folder / ("0" * 32 + ".json")
    bad.write_bytes(b"broken")
    code, shown = report(place, str(folder))
    assert code == 1
    (part,) = shown["sources"]
    assert part["responses"] == {"taken": 2, "already_there": 0, "withdrawn": 0}
    assert [each["file"] for each in part["set_apart"]] == [bad.name]
    err = place.run("collect", str(folder)).err
    assert f"quarantined: {bad.name}: " in err
    assert str(place.responses / "set-apart") in err
    check = place.run("check")
    assert (check.code, "unique responses: 2" in check.out) == (0, True)
    assert place.run("seal").code == 0


def test_move_leaves_the_terms_only(place: Place) -> None:
    folder = source(place, "anna")
    code, shown = report(place, str(folder), "--move")
    assert (code, shown["moved"], shown["sources"][0]["removed"]) == (0, True, True)
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert left - {".names.lock"} == {"folder.json"}
    assert len(place.files) == 2


def test_sources_that_disagree_are_refused_by_name(place: Place) -> None:
    source(place, "anna")
    other = place.folder / "stick" / "ben"
    place.run("simulate", "2", "--seed", "1", "--responses", str(other))
    ran = place.run("collect", "stick")
    assert ran.code == 4
    for name in ("anna", "ben"):
        assert os.path.join("stick", name) in ran.err  # noqa: PTH118 - as it was typed
    assert "synthetic" in ran.err
    assert not place.responses.exists()
    source(place, "cleo")
    place.run("collect", str(place.folder / "stick" / "cleo"))
    ran = place.run("collect", str(other))
    assert (ran.code, len(place.files)) == (4, 2)


def test_a_new_folder_takes_the_terms_of_its_sources(place: Place) -> None:
    place.run("simulate", "2", "--seed", "1", "--responses", "made")
    assert place.run("collect", "made").code == 0
    assert Responses(place.responses).terms() == Responses(place.folder / "made").terms()


def test_without_terms_anywhere_nothing_is_taken(place: Place) -> None:
    folder = source(place, "anna")
    (folder / "folder.json").unlink()
    ran = place.run("collect", str(folder))
    assert (ran.code, "folder.json" in ran.err) == (4, True)
    assert place.run("collect", str(source(place, "ben"))).code == 0
    assert place.run("collect", str(folder)).code == 0
    assert len(place.files) == 4


def test_terms_that_are_damaged_are_named(place: Place) -> None:
    folder = source(place, "anna")
    place.run("collect", str(folder))
    (folder / "folder.json").write_bytes(b"{}")
    ran = place.run("collect", str(folder))
    assert (ran.code, "folder.json" in ran.err) == (1, True)


def test_another_questionnaire_is_refused(place: Place) -> None:
    folder = source(place, "anna")
    terms = json.loads((folder / "folder.json").read_bytes())
    (folder / "folder.json").write_text(json.dumps({**terms, "questionnaire": "cafe"}))
    ran = place.run("collect", str(folder))
    assert (ran.code, "--questionnaire" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing"], 4),
        (["."], 2),
        (["responses"], 2),
        (["responses/texts"], 2),
        (["stick/anna", "--format", "csv"], 2),
        (["stick/anna/folder.json"], 4),
        (["state"], 4),
    ],
)
def test_a_wrong_source_is_refused(place: Place, arguments: list[str], code: int) -> None:
    source(place, "anna")
    place.answer(sheet())
    before = snapshot(place.responses)
    ran = place.run("collect", *arguments)
    assert ran.code == code
    assert len(ran.err.splitlines()) >= 2
    assert snapshot(place.responses) == before


def test_a_stop_keeps_what_was_taken_and_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = source(place, "anna", 4)
    monkeypatch.setattr(collect, "_BATCH", 2)
    real = collect.Collection._settle

    def stop(collection: collect.Collection, pieces: Any) -> None:
        real(collection, pieces)
        if place.files:
            raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(collect.Collection, "_settle", stop)
        ran = place.run("collect", str(folder))
    assert (ran.code, len(place.files)) == (130, 2)
    assert "To collect the rest, run the same command again" in ran.err
    assert place.run("collect", str(folder)).code == 0
    assert len(place.files) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
@pytest.mark.parametrize("move", [False, True], ids=["copied", "moved"])
def test_killed_anywhere_each_good_response_is_there_once(
    place: Place, monkeypatch: pytest.MonkeyPatch, *, move: bool
) -> None:
    monkeypatch.delenv("MICROCRED_RESPONSES")
    each, kills, batch = (1000, 12, 256) if THOROUGH else (20, 1, 16)
    reached, of = brought_together(
        place.folder / "many", each=each, kills=kills, batch=batch, move=move
    )
    assert reached == of == kills + 1
